"""Section 10.1, Admission (step 13): the rules of a change, in their order."""

import re
from collections import Counter
from hashlib import sha256
from typing import NamedTuple

from of_bytes.cbor import encode
from of_bytes.changes import BYTES, SCALARS, Change, change
from of_bytes.envelopes import actor_id
from of_bytes.leb import BadBytes
from records import Envelope

GREATEST_COUNTER = 1 << 30
_RECORD_KEY = re.compile(r"[a-z0-9-]{1,32}/[A-Za-z0-9_.:-]{1,96}/[a-z0-9.-]{1,32}")
_EVENT_KEY = re.compile(r"!([a-z0-9-]{1,32})/([A-Za-z0-9_.:-]{1,96})/([0-9a-f]{32})")


class Known(NamedTuple):
    """An admitted envelope with the change that it carries."""

    envelope: Envelope
    change: Change


def is_record_key(key):
    """Section 10.2: kind "/" record "/" field."""
    return _RECORD_KEY.fullmatch(key) is not None


def event_key(key):
    """Section 10.3: the kind, entity and event of an event's key, or None."""
    match = _EVENT_KEY.fullmatch(key)
    return match and match.groups()


def event_id(author, kind, entity, value):
    """An event's id: author ‖ CBOR of [kind, entity, value], hashed."""
    return sha256(b"gongzhi/event/3" + author + encode([kind, entity, value])).digest()[:16]


def past_of(e, known):
    """Ids of the backlink and the dependencies, and of theirs, and so on."""
    found, waiting = set(), [id_ for id_ in (e.backlink, *e.dependencies) if id_]
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            one = known[id_].envelope
            waiting += [i for i in (one.backlink, *one.dependencies) if i]
    return found


def values(changes, key):
    """The values of a key, of changes that count: puts that no operation names; by id."""
    named = {before for c in changes for put in c.puts for before in put.predecessors}
    found = [put for c in changes for put in c.puts if put.key == key and put.id not in named]
    return sorted(found, key=lambda put: put.id)


def step_13(e, content, known):
    """None, or the code of the first rule that does not hold; `known` has the past by id."""
    try:
        c = change(content)
    except BadBytes:
        return "change-malformed"
    past = [known[id_] for id_ in past_of(e, known)]
    rules = (("change-actor", lambda: c.actor == actor_id(e.author, e.incarnation, e.document)),
             ("change-seq", lambda: c.seq == e.seq),
             ("change-dependency", lambda: _dependencies(c, e, known)),
             ("change-dependency", lambda: _one_at_each_place(past)),
             ("change-start", lambda: _start(c, past)),
             ("change-shape", lambda: all(put.type in SCALARS for put in c.puts)),
             ("change-key", lambda: all(is_record_key(put.key) or event_key(put.key)
                                        for put in c.puts)),
             ("change-reference", lambda: _references(c, past)),
             ("change-event", lambda: all(_event(put, e.author) for put in c.puts)))
    return next((code for code, holds in rules if not holds()), None)


def _dependencies(c, e, known):
    """The changes of all dependencies and, unless it lies in the past of one, of the backlink."""
    wanted = {known[id_].change.hash for id_ in e.dependencies}
    if e.backlink is not None:
        behind = set()
        for id_ in e.dependencies:
            behind |= past_of(known[id_].envelope, known)
        if e.backlink not in behind:
            wanted.add(known[e.backlink].change.hash)
    return list(c.deps) == sorted(wanted)


def _one_at_each_place(past):
    places = Counter((one.envelope.log, one.envelope.seq) for one in past)
    return all(count == 1 for count in places.values())


def _start(c, past):
    greatest = max((put.id.counter for one in past for put in one.change.puts), default=0)
    return (c.start_op == greatest + 1
            and c.start_op + len(c.puts) - 1 <= GREATEST_COUNTER)


def _references(c, past):
    """Predecessors are at the same key, in the past or earlier in this change; at one key
    there are at most two puts, and the second names the first.
    """
    keys = {put.id: put.key for one in past for put in one.change.puts}
    here = {}
    for put in c.puts:
        if any(keys.get(before) != put.key for before in put.predecessors):
            return False
        mine = here.setdefault(put.key, [])
        if len(mine) == 2 or (mine and mine[0] not in put.predecessors):
            return False
        mine.append(put.id)
        keys[put.id] = put.key
    return True


def _event(put, author):
    """At an event's key no predecessor, bytes, and the event's id."""
    parts = event_key(put.key)
    if parts is None:
        return True
    kind, entity, named = parts
    return (not put.predecessors and put.type == BYTES
            and event_id(author, kind, entity, put.bytes).hex() == named)
