"""Section 9.4: what two sides name, compare and send when a session resumes."""

from typing import NamedTuple, Optional

from of_bytes.sums import sum_of

NOTHING, RECONCILE = "nothing", "reconcile"


class Cursor(NamedTuple):
    epoch: bytes
    seq: int


class Digest(NamedTuple):
    shared: bytes
    sum: bytes
    known: Cursor


class Entry(NamedTuple):
    """An item of a feed: its position, its scope's number, its id."""

    position: int
    scope: int
    id: bytes


class Side(NamedTuple):
    epoch: bytes
    head: int
    feed: tuple
    digest: Optional[Digest]
    offers_known: tuple               # for each scope the cursor its offer would have, or None

    def is_usable(self, cursor):
        """For this side's feed: the epoch is its own, seq not above its head; 0 always."""
        return cursor.seq == 0 or (cursor.epoch == self.epoch and cursor.seq <= self.head)

    def offered_head(self, scope):
        """The position of the scope's last item."""
        return max((e.position for e in self.feed if e.scope == scope), default=0)

    def sum_of_scopes(self, scopes):
        return sum_of(e.id for e in self.feed if e.scope in scopes)


class Resume(NamedTuple):
    """What follows from two sides; the fields are as the vectors have them."""

    named: Optional[list]             # scopes each side names; None: nothing is to be done
    done: list                        # for each scope: None, NOTHING, RECONCILE or two cursors
    rests: Optional[list]
    then: list                        # scopes that are offered because the rests differ


def resume(sides, shared, count):
    """The steps 1 to 4, for scopes numbered from 0."""
    one, other = (side.digest for side in sides)
    if (one and other and one.shared == other.shared == shared and one.sum == other.sum):
        return Resume(None, [None] * count, None, [])
    named = [_named(sides[0], sides[1].digest, shared), _named(sides[1], sides[0].digest, shared)]
    offered = set(named[0]) | set(named[1])
    unnamed = [n for n in range(count) if n not in offered]
    rests = [side.sum_of_scopes(unnamed) for side in sides]
    then = []
    if rests[0] != rests[1]:
        then = [n for n in unnamed if any(e.scope == n for side in sides for e in side.feed)]
    done = [_compared(sides, shared, n) if n in offered or n in then else None
            for n in range(count)]
    return Resume(named, done, rests, then)


def _named(side, peers_digest, shared):
    """Step 2: what has items after the peer's cursor, if it is usable; else all not empty."""
    after = 0
    if peers_digest and peers_digest.shared == shared and side.is_usable(peers_digest.known):
        after = peers_digest.known.seq
    return sorted({e.scope for e in side.feed if e.position > after})


def _compared(sides, shared, number):
    """Step 3: a scope that both have offered."""
    if sides[0].sum_of_scopes([number]) == sides[1].sum_of_scopes([number]):
        return NOTHING
    cursors = [_cursor(sides[1], shared, number), _cursor(sides[0], shared, number)]
    if not all(c is not None and side.is_usable(c) for side, c in zip(sides, cursors)):
        return RECONCILE
    if all(c.seq >= side.offered_head(number) for side, c in zip(sides, cursors)):
        return RECONCILE
    return [c.seq for c in cursors]


def _cursor(peer, shared, number):
    """The peer's cursor in this side's feed: its offer's, else its digest's, else none."""
    if peer.offers_known[number] is not None:
        return peer.offers_known[number]
    return peer.digest.known if peer.digest and peer.digest.shared == shared else None
