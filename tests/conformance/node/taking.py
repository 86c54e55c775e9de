"""Section 9.5: items that come in, what waits, and what is wanted for it."""

import asyncio

from names import Scope
from node.framing import scope_value
from of_bytes.admitting import ACCEPTED, DUPLICATE
from of_bytes.cbor import Malformed
from of_bytes.envelopes import item

PATIENCE = 60                      # seconds that a frame may wait
WAITS = "waits"


class _Frame:
    """An items frame that is not acknowledged yet, and what became of its items so far."""

    def __init__(self, upto, sum_, items):
        self.deadline = asyncio.get_running_loop().time() + PATIENCE
        self.upto, self.sum, self.items = upto, sum_, items
        self.outcomes = [WAITS] * len(items)

    def take(self, replica, scope):
        """Tries what still waits; whether something was admitted."""
        before = list(self.outcomes)
        for n, data in enumerate(self.items):
            if self.outcomes[n] == WAITS:
                self.outcomes[n] = replica.take(data, scope)
        return any(a != b and b == ACCEPTED for a, b in zip(before, self.outcomes))

    def waiting(self):
        return [data for data, outcome in zip(self.items, self.outcomes) if outcome == WAITS]

    def refused(self):
        return [one for one in self.outcomes if one not in (ACCEPTED, DUPLICATE, WAITS)]

    def is_late(self):
        return asyncio.get_running_loop().time() >= self.deadline


class Incoming:
    """The items frames of all scopes that are not acknowledged yet, in order for each scope."""

    def __init__(self, replica, peer, send, equalise):
        self._replica = replica
        self._peer = peer
        self._send = send
        self._equalise = equalise  # called where all of a scope was taken, with the sender's sum
        self._frames = {}          # scope -> frames
        self._later = set()        # scopes of which the peer was told to go on later
        self._wanted = set()
        self._judging = False
        self.ids = set()           # of all items that came: they need not go back

    def is_empty(self):
        return not any(self._frames.values())

    def add(self, scope, upto, sum_, items):
        self.ids.update(id_ for id_ in map(_id_of, items) if id_)
        self._frames.setdefault(scope, []).append(_Frame(upto, sum_, items))
        self.judge()

    def judge(self):
        """Takes what can be taken now, and acknowledges what is done.

        Frames behind one that waits are judged, too: what was wanted for it may be in them.
        """
        if self._judging:          # a feed that grew asks for this; what grew it is under way
            return
        self._judging = True
        while any([frame.take(self._replica, scope)
                   for scope, frames in self._frames.items() for frame in frames]):
            self._replica.settle()
            self._go_on()
        self._judging = False
        for scope, frames in self._frames.items():
            while frames and self._is_done(scope, frames[0]):
                frames.pop(0)

    def _go_on(self):
        """Statements may have come that something waited for: the peer may send it again."""
        for scope in self._later:
            self._send("again", scope_value(scope))
        self._later = set()

    def _is_done(self, scope, frame):
        """Acknowledges a frame of which nothing waits, or that waited for too long.

        What is behind the latter was under way and is put off with it, or the cursor would move.
        """
        late = scope in self._later or bool(frame.waiting()) and frame.is_late()
        if frame.waiting() and not late:
            for data in frame.waiting():
                self._want_for(item(data))
            asyncio.get_running_loop().call_at(frame.deadline, self.judge)
            return False
        refused = frame.refused()
        self._send("ack", scope_value(scope), frame.upto, late, len(refused),
                   [refused[0], ""] if refused else None)
        if late:
            self._later.add(scope)
        elif frame.upto is not None:
            self._replica.cursors[self._peer.key, scope] = (self._peer.epoch, frame.upto)
        if frame.sum is not None and not late and not refused:
            self._equalise(scope, frame.sum)
        return True

    def _want_for(self, one):
        """Wants by id what an item waits for by name, where it would lie."""
        if one.statement:
            fields = one.statement.fields
            unit = fields.get("unit", self._replica.grant.genesis.unit)
            names = [fields.get(name) for name in ("proof", "previous", "endorses")]
        else:
            unit, names = one.carried.envelope.document.owner, [one.carried.envelope.delegation]
        lacking = {id_ for id_ in names if id_ and not self._replica.has(id_)} - self._wanted
        if lacking and self._peer.shares(Scope(unit, 0)):
            self._wanted |= lacking
            self._send("want", [unit, 0], sorted(lacking))


def _id_of(data):
    try:
        return item(data).id
    except Malformed:
        return None
