"""Section 9: a session, from hello to the pushing of what is new.

Handlers are plain functions, each called with the fields of one frame; what they send goes into
a queue, so nothing else happens while one runs.
"""

import asyncio
import secrets
from collections import Counter
from typing import NamedTuple, Optional

from names import contains
from node.framing import FrameReader, framed, scope_value
from node.peer import LEVEL, NoDelegation, Peer
from node.replica import now
from node.sending import MOST_IN_SESSION, NOTHING_LEFT, Outbox, Reconciliation
from node.taking import Incoming
from node.yamux import Closed
from of_bytes.cbor import Malformed, encode, read
from of_bytes.frames import frame as read_frame
from of_bytes.resume import Cursor
from of_bytes.stream import LARGEST, BadFrame

_MOST_OFFERS, _MOST_WANTED, _MOST_RECONCILIATIONS = 1024, 8192, 8
_PATIENCE = 30                     # seconds for the peer to acknowledge


def _statements_first(scope):
    """Sorts scopes: what others wait for before the others, units above before those below."""
    return scope.compartment != 0, scope.unit


class Ends(Exception):
    """The session ends with this code."""


class Offer(NamedTuple):
    head: int
    sum: bytes
    known: Optional[Cursor]


class Talk:
    """What is said of one scope."""

    def __init__(self, outbox):
        self.outbox = outbox
        self.mine = self.theirs = None          # offers
        self.compared = False
        self.must_reconcile = False
        self.reconciliation = None
        self.reconciled_again = False


class Session:
    """One session of a replica with a peer; `settled` is set when both hold the same."""

    def __init__(self, replica, peer_key, opens, stream):
        self._replica, self._opens, self._stream = replica, opens, stream
        self._peer = Peer(replica, peer_key)
        self._reader = FrameReader(stream)
        self._out = asyncio.Queue()
        self._salt, self._their_salt = secrets.token_bytes(16), None
        self._incoming = Incoming(replica, self._peer, self._send, self._equalise)
        self._talks = {}                        # scope -> Talk
        self._early = []                        # offers that came before all was known
        self._passed_over = False               # was a scope offered that is not shared?
        self._started = self._last_offer = False
        self._digest_cursor = None              # the peer's cursor in this feed, by its digest
        self._my_rest = self._their_rest = None
        self._at_rest = set()                   # filled scopes that the rests speak of
        self._place_at_rest = None              # the feed's head then; None: not compared yet
        self.settled = asyncio.Event()
        self.refusal = None
        self._end = asyncio.Event()
        self.heard = Counter()                  # how many frames of each name came

    # The loop

    async def run(self):
        """Speaks until either side ends; the code is in `refusal`."""
        writing = asyncio.create_task(self._write())
        self._replica.listeners.add(self._go_on)
        self._send("hello", self._replica.network, [LEVEL, LEVEL], self._salt, now())
        try:
            while True:
                self._take(await self._reader.next())
                self._go_on()
        except (Malformed, BadFrame, NoDelegation, Ends) as error:
            codes = {Ends: str(error), NoDelegation: "no-delegation"}
            self.refusal = codes.get(type(error), "malformed-frame")
            self._send("refusal", [self.refusal, str(error)[:100]])
            while not self._out.empty():
                await asyncio.sleep(0.01)
        except Closed:
            pass
        finally:
            self._replica.listeners.discard(self._go_on)
            writing.cancel()
            self.settled.clear()
            self._end.set()

    async def ended(self):
        """Waits until the session is over."""
        await asyncio.wait_for(self._end.wait(), _PATIENCE)

    async def has_sent(self):
        """All that is here of what both share is with the peer, and acknowledged."""
        self._go_on()
        await asyncio.wait_for(self.settled.wait(), _PATIENCE)

    async def _write(self):
        while True:
            await self._stream.write(await self._out.get())

    def _send(self, name, *fields):
        self._out.put_nowait(framed(name, *fields))

    def _take(self, data):
        name, fields = read_frame(data)
        self.heard[name] += 1
        if name == "refusal":
            self.refusal = ": ".join(fields)
            raise Closed("the peer ended the session")
        if (self._their_salt is None) != (name == "hello"):
            raise BadFrame("hello is the first frame, and the only one")
        if (self._peer.epoch is None) != (name in ("hello", "membership")):
            raise BadFrame("a membership is next, and nothing before it")
        if name == "membership":                # its statements are wanted as bytes
            fields = (*fields, [encode(one) for one in read(data)[1][2]])
        getattr(self, "_on_" + name)(*fields)

    # Hello, membership, interests

    def _on_hello(self, network, levels, salt, _clock):
        if network != self._replica.network:
            raise Ends("other-network")
        if not levels[0] <= LEVEL <= levels[1]:
            raise Ends("level")
        self._their_salt = salt
        grant = self._replica.grant
        self._send("membership", grant.unit, grant.lineage, [read(one) for one in grant.chain],
                   False, self._replica.epoch, len(self._replica.feed),
                   self._peer.digest_to_send())

    def _on_membership(self, unit, lineage, _shaped, more, epoch, head, digest, chain):
        self._peer.take_membership(unit, lineage, chain, more, epoch, head, digest)
        if not more:
            self._reader.largest = LARGEST
            self._tell_interests()
            if self._peer.remembered_interests():
                self._start()

    def _tell_interests(self):
        units = self._peer.new_interests()
        if units is not None:
            self._send("interests", units, False)

    def _on_interests(self, units, more):
        self._peer.interests.update(units)
        self._replica.take_up(self._peer.unit, units)
        if self._started:
            self._go_on()
        elif not more:
            self._start()

    # Offers

    def _start(self):
        """Both memberships are accepted and both interests known: names scopes."""
        self._started = True
        after, digest, sent = 0, self._peer.digest, self._peer.sent_digest
        self._peer.shared = self._peer.shared_hash()
        if digest and digest[0] == self._peer.shared:
            if sent and sent[:2] == list(digest[:2]):
                self._nothing_to_do()
                return
            self._digest_cursor = Cursor(*digest[2])
            if self._is_usable(self._digest_cursor):
                after = self._digest_cursor.seq
        self._offer([scope for scope in self._replica.filled_scopes()
                     if self._peer.shares(scope) and self._replica.head_of(scope) > after],
                    always=True)
        for offers in self._early:
            self._on_offers(*offers)

    def _nothing_to_do(self):
        """Both digests are the same: as after equal rests over all that is shared."""
        self._at_rest = set(self._replica.filled_scopes())
        self._place_at_rest = len(self._replica.feed)

    def _offer(self, scopes, always=False):
        """Offers scopes that were not offered yet; with `always` a frame even if there are none."""
        replica, offers = self._replica, []
        scopes = sorted((s for s in scopes if self._talk(s).mine is None),
                        key=lambda s: (s.unit, s.compartment, s.other or ""))
        for scope in scopes:
            known = replica.cursors.get((self._peer.key, scope))
            mine = Offer(replica.head_of(scope), replica.sum(scope), known and Cursor(*known))
            self._talk(scope).mine = mine
            offers.append([scope_value(scope), mine.head, mine.sum, known and list(known)])
        for at in range(0, len(offers) or int(always), _MOST_OFFERS):
            self._send("offers", offers[at:at + _MOST_OFFERS], at + _MOST_OFFERS < len(offers))
        for scope in scopes:
            self._compare(scope)

    def _talk(self, scope):
        if scope not in self._talks:
            self._talks[scope] = Talk(Outbox(self._replica, scope, self._incoming.ids))
        return self._talks[scope]

    def _on_offers(self, offers, more):
        if not self._started:
            self._early.append((offers, more))
            return
        shared = [offer for offer in offers if self._peer.shares(offer[0])]
        self._passed_over |= len(shared) < len(offers)
        for scope, head, sum_, known in shared:
            self._talk(scope).theirs = Offer(head, sum_, known and Cursor(*known))
        self._last_offer |= not more
        self._offer([scope for scope, *_ in shared])
        for scope, *_ in shared:
            self._compare(scope)
        self._maybe_rest()

    def _must_share(self, scope):
        if not self._peer.shares(scope):
            raise Ends("scope-not-shared")

    def _is_usable(self, cursor):
        return cursor.seq == 0 or (cursor.epoch == self._replica.epoch
                                   and cursor.seq <= len(self._replica.feed))

    def _compare(self, scope):
        """A scope that both have offered: nothing, the feeds, or a reconciliation."""
        talk = self._talk(scope)
        mine, theirs = talk.mine, talk.theirs
        if talk.compared or mine is None or theirs is None:
            return
        talk.compared = True
        in_mine = theirs.known or self._digest_cursor     # the peer's cursor in this feed
        in_theirs = mine.known                            # this side's cursor in the peer's
        usable = (in_mine is not None and self._is_usable(in_mine) and in_theirs is not None
                  and (in_theirs.seq == 0 or in_theirs.epoch == self._peer.epoch))
        if mine.sum == theirs.sum:
            talk.outbox.stream_from(mine.head)
            self._replica.cursors[self._peer.key, scope] = (self._peer.epoch, theirs.head)
        elif usable and (in_mine.seq < mine.head or in_theirs.seq < theirs.head):
            talk.outbox.stream_from(in_mine.seq)
        else:
            talk.must_reconcile = True
            self._begin_reconciliations()

    # The rests

    def _maybe_rest(self):
        """The peer named all and was answered: tells the sum over all that neither side has named.

        It waits for no answer: what the peer has not answered before its rest it passed over.
        """
        if self._my_rest is not None or not self._last_offer:
            return
        self._at_rest = {scope for scope in self._replica.filled_scopes()
                         if scope not in self._talks and self._peer.shares(scope)}
        self._my_rest = (self._replica.sum(*self._at_rest), len(self._replica.feed))
        self._send("rest", self._my_rest[0])
        self._compare_rests()

    def _on_rest(self, sum_):
        self._their_rest = sum_
        self._compare_rests()

    def _compare_rests(self):
        if self._place_at_rest is not None or None in (self._my_rest, self._their_rest):
            return
        mine, self._place_at_rest = self._my_rest
        if mine != self._their_rest:
            self._offer(self._at_rest)
            self._at_rest = set()

    # Reconciliation

    def _begin_reconciliations(self):
        """As the opener: as many as may be at a time, statements first."""
        if not self._opens:
            return
        for scope in sorted(self._talks, key=_statements_first):
            talk = self._talks[scope]
            under_way = sum(one.reconciliation is not None for one in self._talks.values())
            if under_way < _MOST_RECONCILIATIONS and talk.must_reconcile \
                    and talk.reconciliation is None:
                talk.reconciliation = Reconciliation(self._replica, scope, self._their_salt)
                self._send("reconcile", scope_value(scope), talk.reconciliation.first())

    def _on_reconcile(self, scope, message):
        self._must_share(scope)
        talk = self._talk(scope)
        if not self._opens:
            if talk.reconciliation is None:
                talk.reconciliation = Reconciliation(self._replica, scope, self._salt)
            self._send("reconcile", scope_value(scope), talk.reconciliation.answer(message))
            return
        if talk.reconciliation is None:
            raise BadFrame("no reconciliation")
        message, wanted = talk.reconciliation.go_on(message)
        for at in range(0, len(wanted), _MOST_WANTED):
            self._send("want", scope_value(scope), wanted[at:at + _MOST_WANTED])
        if message != NOTHING_LEFT:
            self._send("reconcile", scope_value(scope), message)
            return
        self._send("want", scope_value(scope), [])
        self._reconciled(talk, talk.reconciliation.found_for_peer())

    def _reconciled(self, talk, ids):
        """All is known of the scope: items by id, then the place, then the feed."""
        talk.outbox.send_ids(ids)
        talk.outbox.stream_from(talk.reconciliation.place, tell=True)
        talk.reconciliation, talk.must_reconcile = None, False
        self._begin_reconciliations()

    def _on_want(self, scope, ids):
        if not self._peer.shares(scope):
            return
        talk = self._talk(scope)
        if talk.reconciliation is not None and not self._opens:
            talk.reconciliation.peer_wants(ids)
            if not ids:
                self._reconciled(talk, talk.reconciliation.wanted_by_peer())
            return
        talk.outbox.send_ids([id_ for id_ in ids if self._replica.scopes.get(id_) == scope])

    def _equalise(self, scope, sum_):
        """The sums differ although all was taken and nothing is to be sent: once more.

        The text lets the opener alone begin a reconciliation; an answerer leaves it to the next
        session.
        """
        talk = self._talk(scope)
        if (self._opens and not talk.reconciled_again and not talk.must_reconcile
                and talk.outbox.is_empty() and sum_ != self._replica.sum(scope)):
            talk.reconciled_again = talk.must_reconcile = True
            self._begin_reconciliations()

    # Items

    def _on_items(self, scope, upto, sum_, items):
        own = self._replica.grant.unit
        if upto is not None or scope.compartment or not contains(scope.unit, own):
            self._must_share(scope)              # else they may be by which it comes to be shared
        self._incoming.add(scope, upto, sum_, items)

    def _on_ack(self, scope, _upto, later, _refused, _reason):
        outbox = self._talk(scope).outbox
        if not outbox.unacknowledged:
            raise BadFrame("an ack of nothing")
        outbox.acknowledged(later)

    def _on_again(self, scope):
        self._talk(scope).outbox.again()

    def _on_aside(self, scope, _logs):
        """Named to nodes whose people may adopt; this one has nobody who would."""

    def _pump(self):
        """Sends what the windows allow, statements first, units above before those below."""
        under_way = sum(len(talk.outbox.unacknowledged) for talk in self._talks.values())
        for scope in sorted(self._talks, key=_statements_first):
            outbox = self._talks[scope].outbox
            while under_way < MOST_IN_SESSION and not self._is_held_back(scope):
                frame = outbox.next_frame()
                if frame is None:
                    break
                under_way += 1
                self._send("items", scope_value(scope), *frame)
        done = self._place_at_rest is not None and self._incoming.is_empty() and all(
            talk.compared == (talk.theirs is not None) and not talk.must_reconcile
            and talk.outbox.is_empty() for talk in self._talks.values())
        agreed = not self._passed_over and all(
            talk.mine is None or talk.theirs is not None for talk in self._talks.values())
        if done and agreed and not self.settled.is_set():
            self._peer.remember()
        (self.settled.set if done else self.settled.clear)()

    def _is_held_back(self, scope):
        """While (U, 0) is reconciled nothing else goes of U and of what is below it."""
        return any(talk.must_reconcile and one.compartment == 0 and one != scope
                   and any(contains(one.unit, unit) for unit in (scope.unit, scope.other) if unit)
                   for one, talk in self._talks.items())

    def _go_on(self):
        """After each frame, and when the feed grew: what follows from what is there now."""
        if not self._started:
            return
        self._incoming.judge()
        self._tell_interests()
        new = [scope for scope in self._replica.filled_scopes()
               if scope not in self._talks and self._peer.shares(scope)]
        if self._place_at_rest is not None:
            for scope in new:
                if scope in self._at_rest or self._replica.first_of(scope) > self._place_at_rest:
                    # Both had the same of it, or nothing: it is pushed without an offer.
                    self._talk(scope).outbox.stream_from(self._place_at_rest)
            self._offer([scope for scope in new if scope not in self._talks])
        self._pump()
