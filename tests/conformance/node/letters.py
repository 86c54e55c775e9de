"""Section 10.5: cards, letters and acknowledgements, as one node makes and reads them."""

import secrets
from typing import NamedTuple

from names import Document, opposite
from node.making import statement
from node.replica import now
from of_bytes import letters as reading
from of_bytes.cbor import Malformed, encode
from of_bytes.envelopes import ACKNOWLEDGEMENTS, LETTER
from of_bytes.sealing import box_subject
from records import Card

HELD, OPENED, UNREADABLE = range(3)
_ENTRIES = 256                     # acknowledgements in one envelope
_LETTERS, _WORK = 192, 159         # the keyring of the band work has the secrets of boxes


class Message(NamedTuple):
    """What a letter says, and who wrote it."""

    sender: str
    kind: str
    thread: bytes
    causes: tuple
    body: tuple


class Letters:
    """The letters of a node's unit."""

    def __init__(self, replica, documents):
        self._replica, self._documents = replica, documents
        self._unit = replica.grant.unit

    # Cards

    def make_card(self, name, serial=1):
        """A box, its secret told to the unit's own nodes first, and then the card for all."""
        secret = secrets.token_bytes(32)
        box = reading.box_of(secret)
        self._documents.tell_key(_WORK, box_subject(box), secret)
        replica = self._replica
        replica.take_all([statement(replica.key, "card", [
            replica.network, self._unit, replica.grant.delegation.id, replica.key.public, serial,
            name, "unit", box, now()])])

    def greatest_serial(self):
        """Of the cards of the unit that are here; 0 without one."""
        return max((s.serial for s in self._replica.world.kept.by_id.values()
                    if type(s) is Card and s.unit == self._unit), default=0)

    def card_of(self, unit):
        """Id and box of the present card of the lineage followed for a unit; None without one."""
        verdicts = self._replica.verdicts
        lineage = verdicts.standing.rivals.followed(unit)
        card = lineage and verdicts.cards.present(lineage)
        return card and (card, self._replica.statement(card).fields["box"])

    def _secrets(self):
        """The secrets of all boxes that the unit ever had.

        A letter names its card, but a card that is not the present one is set aside, so a node
        that came later need not have it; a secret tells its box by itself.
        """
        return [key for subject, key in self._documents.told_keys(_WORK)
                if box_subject(reading.box_of(key)) == subject]

    # Letters

    def send(self, unit, kind, body):
        """Seals a message, [(field, value)], to the present card of a unit; the letter's id."""
        card, box = self.card_of(unit)
        document = Document(self._unit, _LETTERS, unit)
        plain = encode([kind, secrets.token_bytes(16), [], sorted(map(list, body))])
        encapsulated, sealed = reading.seal(
            plain, secrets.token_bytes(32), box, self._replica.network,
            reading.associated(document, *self._documents.next_place(document)))
        return self._write(document, LETTER, encode([card, encapsulated, sealed]))

    def _write(self, document, payload_kind, content):
        """Letters and acknowledgements name the heads of both directions."""
        return self._documents.write(
            document, payload_kind, content,
            dependencies=self._documents.heads_of_others(document, opposite(document)))

    def received(self):
        """letter's id -> Message, or None where it cannot be read."""
        return {e.id: self._opened(e) for e in self._to_us()}

    def _to_us(self):
        return [e for e in self._replica.world.admitted.values()
                if e.document.class_number == _LETTERS and e.document.shard == self._unit
                and self._replica.counts(e.id)
                and self._replica.carried(e.id).payload_kind == LETTER]

    def _opened(self, e):
        """The message; None of bytes of another form, and where no secret opens it."""
        replica = self._replica
        if replica.carried(e.id).content is None:         # a bare header is no letter
            return None
        bound = reading.associated(e.document, e.author, e.incarnation, e.seq, e.delegation)
        for secret in self._secrets():
            try:
                _, encapsulated, sealed = reading.letter(replica.carried(e.id).content)
                plain = reading.unseal(encapsulated, sealed, secret, replica.network, bound)
                return Message(e.document.owner, *reading.message(plain))
            except (Malformed, reading.DoesNotOpen):
                continue
        return None

    # Acknowledgements

    def acknowledge(self):
        """Tells each sender of every letter that it was opened or is unreadable, once."""
        for document in sorted({e.document for e in self._to_us()}):
            told = {place[:3] for place in self._told(opposite(document)) if place[3] != HELD}
            new = [[e.author, e.incarnation, e.seq, OPENED if self._opened(e) else UNREADABLE]
                   for e in self._to_us()
                   if e.document == document and (e.author, e.incarnation, e.seq) not in told]
            new.sort()
            for n in range(0, len(new), _ENTRIES):
                self._write(opposite(document), ACKNOWLEDGEMENTS, encode(new[n:n + _ENTRIES]))

    def acknowledged(self, document):
        """(author, incarnation) -> the greatest (seq, state) that a document's acks tell."""
        found = {}
        for author, incarnation, *place in self._told(document):
            log = (author, incarnation)
            found[log] = max(found.get(log, (0, 0)), tuple(place))
        return found

    def _told(self, document):
        """(author, incarnation, seq, state), as the acknowledgements of a document tell."""
        found = set()
        for e in self._replica.world.admitted.values():
            carried = self._replica.carried(e.id)
            if (e.document == document and carried.payload_kind == ACKNOWLEDGEMENTS
                    and self._replica.counts(e.id)):
                found |= {(told.author, told.incarnation, told.seq, told.state)
                          for told in carried.entries}
        return found
