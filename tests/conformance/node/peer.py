"""Sections 8 and 9.3: who the peer is, and which scopes are shared with it."""

from typing import NamedTuple

from names import contains
from node.replica import now
from of_bytes.cbor import encode, read
from of_bytes.sums import Side, interests_hash, shared
from paths import READERS, Question
from records import READ_BITS, Delegation

LEVEL = 3


class NoDelegation(Exception):
    """The chain does not show a member."""


class Met(NamedTuple):
    """What a node remembers of a peer, for the digest of the next session."""

    unit: str
    lineage: bytes
    interests: frozenset
    told: frozenset
    shared: bytes
    known: tuple                   # cursor in the peer's feed: all that is shared is here up to it


class Peer:
    """The other node of a session: its membership, once it is accepted, and its interests."""

    def __init__(self, replica, key):
        self._replica = replica
        self.key = key
        self.unit = self.lineage = None
        self.epoch = self.digest = None          # None: the membership is not accepted yet
        self.head = None
        self.interests = set()
        self.told = None                         # the interests that the peer was told of
        self.shared = None                       # of this session; later interests do not change it
        self.sent_digest = None
        self._chain = []
        self._met = replica.met.get(key)

    # Membership

    def take_membership(self, unit, lineage, chain, more, epoch, head, digest):
        """One frame of the chain, its statements as bytes; after the last one, the verdict."""
        self._chain += chain
        if more:
            return
        self.unit, self.lineage = unit, lineage
        if not self._is_member():
            raise NoDelegation
        for one in self._chain:                  # an honest chain is the path and nothing else
            self._replica.take(encode([1, read(one)]))
        self.epoch, self.head, self.digest = epoch, head, digest
        self._replica.settle()

    def _is_member(self):
        """By the last statement of the chain, in a world of its own."""
        try:
            world = self._replica.with_statements(self._chain)
            last = world.rule_1(self._chain[-1])[0].record
        except (ValueError, IndexError):
            return False
        return (type(last) is Delegation and last.subject == self.key
                and last.unit == self.unit and world.kept.lineage[last.id] == self.lineage
                and _bits(world.judge().standing, last) != (None, None))

    # Interests

    def new_interests(self):
        """What the peer is to be told of, if it was not told yet; else None."""
        units = set(self._replica.interests(self.key))
        if self.told is None and self._was_told(units):
            self.told = units
        if self.told is not None and units <= self.told:
            return None
        self.told = units | (self.told or set())
        return sorted(self.told)

    def _was_told(self, units):
        """Whether the digest that was sent has their hash, and the peer had the list before."""
        return (self.sent_digest is not None and self.digest is not None
                and self._met.told == units and self.sent_digest[3] == interests_hash(units))

    def remembered_interests(self):
        """Whether the peer's digest has the hash of the list that it sent before."""
        if self._met and self.digest and self.digest[3] == interests_hash(self._met.interests):
            self.interests |= self._met.interests
            return True
        return False

    # Digests

    def digest_to_send(self):
        """What this side expects of the session, if it has met the peer and nothing changed."""
        if self._met is None:
            return None
        met, replica = self._met, self._replica
        self.unit, self.lineage = met.unit, met.lineage
        self.interests, self.told = set(met.interests), set(replica.interests(self.key))
        if self.shared_hash() == met.shared:
            scopes = [scope for scope in replica.filled_scopes() if self.shares(scope)]
            self.sent_digest = [met.shared, replica.sum(*scopes), list(met.known),
                                interests_hash(self.told)]
        self.unit = self.lineage = self.told = None
        self.interests = set()
        return self.sent_digest

    def remember(self):
        """All that is shared was taken, up to the head that the peer's membership gave."""
        self._replica.met[self.key] = Met(
            self.unit, self.lineage, frozenset(self.interests), frozenset(self.told),
            self.shared, (self.epoch, self.head))

    # What is shared

    def shares(self, scope):
        """Section 9.3, What two nodes share."""
        replica = self._replica
        if not (replica.holds(scope) and replica.may_hold(self.key, scope)):
            return False
        if scope.compartment > 1:
            return True
        sides = ((replica.grant.unit, self.told), (self.unit, self.interests))
        return all(contains(unit, scope.unit) or contains(scope.unit, unit)
                   or scope.compartment == 0 and scope.unit in interests
                   for unit, interests in sides)

    def shared_hash(self):
        """`shared` as this side computes it from what it knows now."""
        grant = self._replica.grant
        return shared(LEVEL, self._side(grant.node, grant.unit, grant.lineage, self.told),
                      self._side(self.key, self.unit, self.lineage, self.interests))

    def _side(self, key, unit, lineage, interests):
        """The bits of all delegations by which the key is a member of its unit."""
        kept, inside, outside = self._replica.world.kept, None, None
        for d in kept.by_id.values():
            if (type(d) is Delegation and d.subject == key and d.unit == unit
                    and kept.lineage[d.id] == lineage):
                bits = _bits(self._replica.verdicts.standing, d)
                inside, outside = _joined(inside, bits[0]), _joined(outside, bits[1])
        if self.unit != self._replica.grant.unit:
            inside = None
        return Side(key, unit, lineage, inside, outside, interests_hash(interests))


def _bits(standing, d):
    """The bits with which a delegation's subject is a member inside, and outside."""
    found = []
    for holds in (standing.inside_holds, standing.outside_holds):
        allowed = [bit for bit in (None, *READ_BITS)
                   if holds(d, Question(now(), bit=bit, h5=READERS))]
        found.append(sum(allowed[1:]) if allowed else None)
    return tuple(found)


def _joined(one, other):
    return one if other is None else other | (one or 0)
