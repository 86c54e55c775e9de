"""One bit flipped anywhere in what is signed or hashed must be found.

Of every record that a vector shows as whole, bits are flipped one by one: in what is signed
(the id changes and the signature fails), in the signature, in the content, in a frame that was
packed. What was flipped must be refused. Of the kinds that are one hash or one seal, a bit of
every field is flipped, and the vector must not agree any more.
"""

import json
import random

from kinds import Differs, whole
from kinds.context import Context
from kinds.encodings import read_equivocation, read_item, read_statement
from kinds.table import KINDS
from of_bytes import envelopes, statements
from of_bytes.cbor import Malformed
from of_bytes.stream import BadFrame, frames_of

FLIPS = 16
_LONGEST = 20000                     # of longer records fewer flips are made


def flipped(data, bit):
    some = bytearray(data)
    some[bit // 8] ^= 1 << bit % 8
    return bytes(some)


def _is_taken(reader, data):
    """The id under which the bytes are taken, or None if they are refused."""
    try:
        id_, code = reader(data)
    except Malformed:
        return None
    return id_ if code is None else None


def _missed(reader, data, bits):
    """The bits whose flip leaves the record taken, under whatever id."""
    return [bit for bit in bits if _is_taken(reader, flipped(data, bit)) is not None]


_READERS = {
    "statement": lambda data: read_statement(statements.statement.__wrapped__(data)),
    "item": lambda data: read_item(envelopes.item(data)),
    "equivocation": read_equivocation,
}


def _bits(data, rng):
    """A sample of all bits, and always some of the last 64 bytes, where signatures are."""
    count = FLIPS if len(data) < _LONGEST else 4
    total = 8 * len(data)
    return sorted({rng.randrange(total) for _ in range(count)}
                  | {total - 1 - rng.randrange(min(total, 512)) for _ in range(count // 4)})


def _records(found):
    """(name, reader, bytes) of every whole record, each once."""
    seen = set()
    for vector in found["vectors"]:
        for what, data in _shown(vector):
            if (what, data) not in seen:
                seen.add((what, data))
                yield vector["name"], what, data


def _shown(vector):
    """What a vector shows as records; what is refused there is passed over later."""
    if vector["kind"] == "encoding" and vector["refuse"] is None and vector["what"] in _READERS:
        yield vector["what"], whole(vector)
    if vector["kind"] == "equivocation" and vector["refuse"] is None:
        yield "equivocation", whole(vector)
    for data in vector.get("statements", ()):
        yield "statement", bytes.fromhex(data)
    for data in vector.get("envelopes", ()):
        yield "item", bytes.fromhex(data)
    for step in vector.get("steps", ()):
        yield "item", bytes.fromhex(step["bytes"])


def _check_records(found, rng):
    for name, what, data in _records(found):
        reader = _READERS[what]
        if _is_taken(reader, data) is not None:
            yield name, _missed(reader, data, _bits(data, rng))


def _check_genesis(found, rng):
    """A genesis is not signed: its id must change."""
    for vector in found["vectors"]:
        if vector["kind"] == "encoding" and vector["what"] == "genesis" and not vector["refuse"]:
            data = whole(vector)
            yield vector["name"], [
                bit for bit in range(8 * len(data))
                if statements.genesis_id(flipped(data, bit)).hex() == vector["id"]]


def _check_streams(found, rng):
    """A bit of a stream that is packed changes what is checked, or ends the session."""
    for vector in found["vectors"]:
        if vector["kind"] == "session" and not vector["refuse"]:
            data = whole(vector)
            before = list(frames_of(data))
            if before:
                yield vector["name"], [bit for bit in _bits(data, rng)
                                       if _same_frames(flipped(data, bit), before)
                                       and not _is_unlooked(data, bit)]


def _same_frames(data, before):
    try:
        return list(frames_of(data)) == before
    except BadFrame:
        return False


def _is_unlooked(data, bit):
    """Whether the bit is of the low half of a last token, at which nobody looks."""
    return bit % 8 < 4 and _same_frames(flipped(data, bit ^ 1), list(frames_of(data)))


# Of several keys one may serve nothing; five bits of an X25519 secret have no effect.
_NOT_FLIPPED = {"keys", "secret"}
# Fields that say nothing of what is hashed or sealed.
_SAYS_NOTHING = {"name", "kind", "refuse"}
_UNBOUND = {("letter", "content"): 35, ("copy", "content"): 35}     # bytes up to the card's end: payload_hash alone binds it
HASHED = {"actor", "commitment", "person-commitment", "sum", "shared", "salted", "name", "event-id",
          "digest", "box-subject", "sources", "rules", "sealed", "letter", "copy", "change"}


def _leaves(value, path=()):
    """The paths to everything in a vector that is text or a number."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in parts:
        if isinstance(part, (dict, list)):
            yield from _leaves(part, path + (name,))
        elif path or name not in _SAYS_NOTHING:
            if part not in (None, ""):
                yield path + (name,)


def _flip_leaf(vector, path, rng):
    """The vector with one bit of one field flipped."""
    copy = json.loads(json.dumps(vector))
    place = copy
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = _flip_value(place[path[-1]], rng, _UNBOUND.get((vector["kind"], path[0]), 0))
    return copy


def _flip_value(value, rng, behind):
    """The text or number with a bit flipped; of hex, one that lies behind so many bytes."""
    if isinstance(value, int):
        return value ^ 1
    if len(value) % 2 == 0 and set(value) <= set("0123456789abcdef"):
        some = bytes.fromhex(value)
        return flipped(some, rng.randrange(8 * behind, 8 * len(some))).hex()
    at = rng.randrange(len(value))
    return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1:]


def _agrees(vector, context):
    try:
        return KINDS[vector["kind"]](vector, context) == vector["refuse"]
    except (Differs, ValueError, KeyError):
        return False


def _check_hashed(found, rng):
    context = Context(found)
    for vector in found["vectors"]:
        if vector["kind"] in HASHED and not vector["refuse"]:
            yield vector["name"], [path for path in _leaves(vector) if path[0] not in _NOT_FLIPPED
                                   and _agrees(_flip_leaf(vector, path, rng), context)]


CHECKS = (_check_records, _check_genesis, _check_streams, _check_hashed)


def check_all(found, out):
    """Flips bits of everything; how many records there were, and of how many a flip was missed."""
    rng = random.Random(3)
    total = failed = 0
    for check in CHECKS:
        for name, missed in check(found, rng):
            total += 1
            failed += bool(missed)
            out.write("%s %s%s\n" % ("FAIL" if missed else "ok", name,
                                     ": not found: %s" % missed if missed else ""))
    return total, failed
