"""Sections 9.4 and 9.5: what one side sends of one scope, within the windows."""

from of_bytes.negentropy import Negentropy
from of_bytes.sums import salted

MOST_UNACKNOWLEDGED, MOST_IN_SESSION = 4, 64
_MOST_ITEMS, _MOST_BYTES = 4096, 1000000         # the frame's own fields need little
NOTHING_LEFT = b"\x61"                            # the answer of negentropy that ends it


class Outbox:
    """What is still to be sent of a scope: items by id first, then the feed from a place on."""

    def __init__(self, replica, scope, from_peer):
        self._replica = replica
        self._scope = scope
        self._from_peer = from_peer              # ids that need not go back to this peer
        self._by_id = []
        self._place = None                       # everything up to here was sent; None: not yet
        self._tell = False                       # the place has to be told although nothing is new
        self._acknowledged = 0
        self.unacknowledged = []                 # `upto` of each items frame that is under way
        self.stopped = False                     # the peer said `later`

    def send_ids(self, ids):
        self._by_id += ids

    def stream_from(self, place, tell=False):
        self._place, self._tell = place, tell
        self._acknowledged = max(self._acknowledged, place)

    def acknowledged(self, later):
        """An ack came, for the oldest frame."""
        upto = self.unacknowledged.pop(0)
        if later:
            self.stopped = True
        elif upto is not None:
            self._acknowledged = max(self._acknowledged, upto)

    def again(self):
        """The peer can go on: after its cursor."""
        self.stopped = False
        self._place, self._by_id = self._acknowledged, []

    def _behind(self):
        """Places of the feed that are still to be sent."""
        if self._place is None:
            return []
        return [(n, e.id) for n, e in enumerate(self._replica.feed, 1)
                if n > self._place and e.scope == self._scope]

    def is_empty(self):
        return not self._by_id and not self.unacknowledged and not self._tell and not [
            id_ for _, id_ in self._behind() if id_ not in self._from_peer]

    def next_frame(self):
        """upto, sum and items of the next frame, or None."""
        if self.stopped or len(self.unacknowledged) >= MOST_UNACKNOWLEDGED:
            return None
        if self._by_id:
            items = self._fitting(self._by_id)
            del self._by_id[:len(items)]
            return self._frame(None, None, items)
        behind = self._behind()
        if not behind and not self._tell:
            return None
        items = self._fitting([id_ for _, id_ in behind if id_ not in self._from_peer])
        sent, place = 0, self._place
        for n, id_ in behind:
            if id_ not in self._from_peer:
                if sent == len(items):
                    break
                sent += 1
            place = n
        self._place, self._tell = place, False
        left = bool(self._behind())
        return self._frame(place, None if left else self._replica.sum(self._scope), items)

    def _frame(self, upto, sum_, items):
        self.unacknowledged.append(upto)
        return upto, sum_, items

    def _fitting(self, ids):
        """The items of as many ids as fit into one frame."""
        items, size = [], 0
        for id_ in ids[:_MOST_ITEMS]:
            some = self._replica.bytes[id_]
            size += len(some) + 9
            if items and size > _MOST_BYTES:
                break
            items.append(some)
        return items


class Reconciliation:
    """One scope, reconciled by negentropy over salted ids."""

    def __init__(self, replica, scope, salt):
        self._ids = {salted(salt, id_): id_ for id_ in replica.ids(scope)}
        self._order = {id_: n for n, id_ in enumerate(replica.ids(scope))}
        self._negentropy = Negentropy(self._ids)
        self._asked_for = set()
        self._wanted_by_peer = set()
        self.place = len(replica.feed)           # the position as of the reconciliation

    # The opener

    def first(self):
        return self._negentropy.first()

    def go_on(self, message):
        """The next message, and what to want now, of salted ids."""
        following = self._negentropy.answer(message, initiates=True)
        new = self._negentropy.lacks - self._asked_for
        self._asked_for |= new
        return following, sorted(new)

    def found_for_peer(self):
        return self._in_order(self._negentropy.other_lacks)

    # The answerer

    def answer(self, message):
        return self._negentropy.answer(message, initiates=False)

    def peer_wants(self, some):
        self._wanted_by_peer.update(some)

    def wanted_by_peer(self):
        return self._in_order(self._wanted_by_peer & self._ids.keys())

    def _in_order(self, some):
        """Statements first, then envelopes in the order of the feed."""
        return sorted((self._ids[one] for one in some), key=self._order.get)
