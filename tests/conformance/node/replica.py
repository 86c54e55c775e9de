"""What a node holds: admitted items, the set of each scope, and its feed (sections 7 and 9.3).

All of it is in memory. A node that starts again has lost its store, so it takes a new
incarnation and a new epoch each time, as sections 2 and 9.3 ask, and begins with its grant.
"""

import secrets
import time
from collections import defaultdict
from typing import NamedTuple

from counts import COUNTS
from names import Scope, contains, scope_of
from of_bytes.admitting import ACCEPTED, Admission
from of_bytes.cbor import Malformed, encode, read
from of_bytes.envelopes import item
from of_bytes.statements import scope_of_statement
from of_bytes.sums import sum_of
from of_bytes.world import World
from records import Pins, ReadQuestion


class Entry(NamedTuple):
    """A place in the feed; places are numbered from 1."""

    scope: Scope
    id: bytes


class _Admission(Admission):
    """Admission at a node that waits for letters, too (section 8, What a node holds)."""

    def __init__(self, world, node, writing):
        super().__init__(world, node)
        self._writing = writing

    def holds(self, scope):
        return super().holds(scope) or scope.compartment == 0 and any(
            contains(scope.unit, party) for party in self._writing)


class Replica:
    """One node's items; `key` is the node's own."""

    def __init__(self, grant, key):
        self.key, self.grant = key, grant
        self.network = grant.genesis.id
        self.pins = Pins(grant.unit, grant.lineage, (), {}, {})
        self.world = World(grant.genesis, self.pins)
        self.incarnation = secrets.token_bytes(16)
        self.epoch = secrets.token_bytes(16)
        self.feed = []                        # Entries, in the order in which they came into sets
        self.bytes = {}                       # id -> the item
        self.scopes = {}                      # id -> its scope
        self.cursors = {}                     # (peer, scope) -> (epoch, seq): what was taken
        self.met = {}                         # peer -> what `Peer` remembers of the last session
        self.refused = []                     # (code, id) of what was refused
        self.writing = set()                  # the units of letters that are here or wait
        self.listeners = set()                # called when the feed grows
        self._admission = _Admission(self.world, key.public, self.writing)
        self._in_feed = set()
        self._sets = defaultdict(list)        # scope -> ids that are in its set, in feed's order
        self._statements = []                 # kept statements as bytes, in order
        self.verdicts = None
        self.take_all([encode([1, read(one)]) for one in grant.chain])
        if grant.delegation.id not in self.world.kept.by_id:
            raise ValueError("the grant does not show its own delegation")

    # Taking

    def take(self, data, scope=None):
        """The outcome of one item; `settle` must follow once all are taken."""
        try:
            one = item(data)
        except Malformed:
            one = None
        if one is not None and one.carried is not None:
            self._note_letter(scope_of(one.carried.envelope.document))
        outcome = self._admission.take(data, scope)
        if outcome == ACCEPTED:
            self.bytes[one.id] = data
            self.scopes[one.id] = self.scope_of(one)
            if one.statement:
                self._statements.append(encode(read(data)[1]))
        elif outcome not in ("duplicate", "waits"):
            self.refused.append((outcome, one and one.id))
        return outcome

    def _note_letter(self, scope):
        if scope.compartment == 3:
            self.writing.update((scope.unit, scope.other))

    def correspond(self, unit):
        """A letter to the unit waits to be written: its card, and what shows it, is wanted."""
        self.writing.add(unit)
        self._tell()

    def take_up(self, peer_unit, units):
        """Section 9.3: what a peer of this unit, or of one below it, cares for is wished for."""
        own = self.grant.unit
        if not contains(own, peer_unit):
            return
        wished = {unit for unit in units
                  if not any(contains(unit, other) for other in units if other != unit)
                  and not contains(own, unit) and not contains(unit, own)} - self.writing
        if wished:
            self.writing |= wished
            self._tell()

    def scope_of(self, one):
        if one.statement:
            return scope_of_statement(one.statement, self.grant.genesis.unit)
        return scope_of(one.carried.envelope.document)

    def take_all(self, items):
        """Takes items of this node's own; each must be admitted."""
        for data in items:
            outcome = self.take(data)
            if outcome not in (ACCEPTED, "duplicate"):
                raise ValueError("not admitted: " + outcome)
        self.settle()

    def settle(self):
        """Judges anew, and numbers what came into the sets."""
        self.verdicts = self.world.judge()
        aside = {*self.verdicts.aside.envelopes, *self.verdicts.aside.statements}
        self._sets = defaultdict(list)
        # What left a set may come back; its first place in the feed is the one it keeps.
        self.feed += [Entry(self.scopes[id_], id_) for id_ in self.bytes
                      if id_ not in self._in_feed and id_ not in aside]
        for entry in self.feed:
            self._in_feed.add(entry.id)
            if entry.id not in aside:
                self._sets[entry.scope].append(entry.id)
        self._tell()

    def _tell(self):
        for listener in list(self.listeners):
            listener()

    def with_statements(self, some):
        """Another world: what is kept here, and then these, each of which must be kept."""
        world = World(self.grant.genesis, self.pins)
        world.take_statements(self._statements)
        for data in some:
            s, code = world.rule_1(data)
            verdict = code or world.verdict(s)
            if verdict != "k":
                raise ValueError("a chain with a statement that is not kept: " + verdict)
        return world

    # Asking

    def ids(self, scope):
        """The set of a scope, statements first, then envelopes, each in the feed's order."""
        found = self._sets.get(scope, [])
        return sorted(found, key=lambda id_: id_ in self.world.admitted)

    def has(self, id_):
        return id_ in self.bytes

    def filled_scopes(self):
        return [scope for scope, ids in self._sets.items() if ids]

    def sum(self, *scopes):
        return sum_of(id_ for scope in scopes for id_ in self._sets.get(scope, ()))

    def head_of(self, scope):
        """The position of the scope's last item."""
        return max((n for n, e in enumerate(self.feed, 1) if e.scope == scope), default=0)

    def first_of(self, scope):
        """The position of the scope's first item."""
        return next(n for n, e in enumerate(self.feed, 1) if e.scope == scope)

    def may_hold(self, key, scope):
        return self.verdicts.reading.may_hold(ReadQuestion(key, now(), scope))

    def holds(self, scope):
        """Whether this node holds the scope, and may."""
        return self._admission.holds(scope) and self.may_hold(self.key.public, scope)

    def interests(self, peer):
        """Section 9.3: units of correspondents that neither side's own unit leads to."""
        own, found = self.grant.unit, set()
        for party in self.writing:
            codes = party.split("/")
            for n in range(1, len(codes) + 1):
                unit = "/".join(codes[:n])
                if not contains(unit, own) and not contains(own, unit) \
                        and self.may_hold(peer, Scope(unit, 0)):
                    found.add(unit)
        return sorted(found)

    def carried(self, id_):
        """The admitted envelope with this id, as it came."""
        return self._admission.carried[id_]

    def statement(self, id_):
        """The kept statement with this id, with all its fields; KeyError if there is none."""
        return item(self.bytes[id_]).statement

    def change_of(self, id_):
        """The change that an admitted envelope carries."""
        return self._admission.known[id_].change

    def known_changes(self):
        """The admitted envelopes that carry changes, by id."""
        return self._admission.known

    def counts(self, id_):
        """Whether an admitted envelope counts."""
        return self.verdicts.counting.verdicts[id_] == COUNTS


def now():
    return int(time.time() * 1000)
