"""Section 10: what documents say, and the writing of envelopes, as one node does both."""

import secrets
from collections import defaultdict
from hashlib import sha256

from names import Document, Log
from node.making import Header, envelope
from node.replica import now
from of_bytes import changes, sealing
from of_bytes.cbor import encode
from of_bytes.change_rules import past_of, values
from of_bytes.envelopes import (CHANGES, ERASURES, KEYS, actor_id, item, person_key_commitment)
from records import Delegation, Ending

_KEYRING, _BAND_SIZE = 15, 16


class Unreadable(Exception):
    """A value that its reader has no key for, or that no key opens."""


class Documents:
    """The documents that a replica holds."""

    def __init__(self, replica):
        self._replica = replica

    # Reading

    def all(self, class_number):
        """The documents of a class of the node's own unit, in order."""
        return sorted({e.document for e in self._counting()
                       if e.document.owner == self._replica.grant.unit
                       and e.document.class_number == class_number})

    def _counting(self):
        admitted = self._replica.world.admitted
        return [e for e in admitted.values() if self._replica.counts(e.id)]

    def _envelopes(self, document):
        return [e for e in self._counting() if e.document == document]

    def values(self, document, key):
        """The values of a key in order of their ids; the last one is the preferred one."""
        return values([self._replica.change_of(e.id) for e in self._envelopes(document)], key)

    def records(self, document, kind):
        """record -> field -> the values."""
        found = defaultdict(dict)
        keys = {put.key for e in self._envelopes(document)
                for put in self._replica.change_of(e.id).puts}
        for key in sorted(keys):
            if key.startswith(kind + "/"):
                _, record, field = key.split("/")
                found[record][field] = self.values(document, key)
        return dict(found)

    def opened(self, document, place, field, subject, put):
        """The text of a sealed value."""
        bound = (self._replica.network, document, place, field, subject)
        keys = [key for key, _ in self._keys(document.class_number, subject).values()]
        try:
            text = sealing.unseal(put.bytes, keys, bound)
        except sealing.DoesNotOpen:
            raise Unreadable("no key opens it") from None
        if text is None:
            raise Unreadable("closed")
        return text

    # Keyrings

    def keyring(self, class_number, subject):
        """The document of the band of a class that tells a subject's keys."""
        band = class_number - class_number % _BAND_SIZE
        return Document(self._replica.grant.unit, band + _KEYRING, subject[:1].hex())

    def _keys(self, class_number, subject):
        """commitment -> (key, envelope), whether it counts or not; none that is erased."""
        ring = self.keyring(class_number, subject)
        erasures = ring._replace(class_number=ring.class_number - 1)
        erased = {entry.commitment for e in self._envelopes(erasures)
                  if self._replica.carried(e.id).payload_kind == ERASURES
                  for entry in self._replica.carried(e.id).entries if entry.person == subject}
        return {entry.commitment: (entry.key, e)
                for e in self._replica.world.admitted.values() if e.document == ring
                for entry in self._replica.carried(e.id).entries
                if entry.person == subject and entry.key and entry.commitment not in erased}

    def told_keys(self, class_number):
        """(subject, key) of all that a keyring tells of the node's own unit, erased or not."""
        return [(entry.person, entry.key) for e in self._replica.world.admitted.values()
                if (e.document.owner, e.document.class_number) == (self._replica.grant.unit,
                                                                   class_number)
                for entry in self._replica.carried(e.id).entries if entry.key]

    def key_to_seal(self, class_number, subject):
        """A key that counts and that was told after a member last lost the band, or a new one."""
        since = self._last_loss(class_number)
        good = [key for key, e in self._keys(class_number, subject).values()
                if self._replica.counts(e.id) and e.at > since]
        return good[0] if good else self.tell_key(class_number, subject, secrets.token_bytes(32))

    def _last_loss(self, class_number):
        """When a member last lost the band of a class; the text does not say by which clock."""
        kept, bit = self._replica.world.kept.by_id, 1 << (class_number - 128) // _BAND_SIZE
        return max((s.at for s in kept.values()
                    if type(s) is Ending and type(kept.get(s.ends)) is Delegation
                    and kept[s.ends].unit == self._replica.grant.unit
                    and kept[s.ends].reads & bit), default=-1)

    def tell_key(self, class_number, subject, key):
        """Writes a key into the keyring."""
        commitment = person_key_commitment(subject, key)
        self.write(self.keyring(class_number, subject), KEYS, encode([[subject, commitment, key]]),
                   sha256(subject + commitment).digest())
        return key

    # Writing

    def write(self, document, payload_kind, content, payload_hash=None, dependencies=()):
        """One more envelope of this node's log in a document; its id."""
        replica = self._replica
        last = self._last(document)
        header = Header(
            replica.network, list(document), replica.key.public, replica.incarnation,
            last.seq + 1 if last else 1, last and last.id, sorted(dependencies),
            replica.grant.delegation.id, max(now(), last.at if last else 0), payload_kind,
            payload_hash or sha256(content).digest())
        data = envelope(replica.key, header, content)
        replica.take_all([data])
        return item(data).id

    def next_place(self, document):
        """What a letter is bound to: author, incarnation, seq, delegation of the next envelope."""
        last = self._last(document)
        return (self._replica.key.public, self._replica.incarnation, last.seq + 1 if last else 1,
                self._replica.grant.delegation.id)

    def _last(self, document):
        """The last envelope of this node's own log."""
        log = Log(document, self._replica.key.public, self._replica.incarnation)
        mine = [e for e in self._replica.world.admitted.values() if e.log == log]
        if any(not self._replica.counts(e.id) for e in mine):
            raise ValueError("the log holds what does not count: a new incarnation is needed")
        return max(mine, key=lambda e: e.seq, default=None)

    def heads(self, *documents):
        """What counts in the documents and is named by nothing else that counts there."""
        found = [e for document in documents for e in self._envelopes(document)]
        named = {id_ for e in found for id_ in (e.backlink, *e.dependencies)}
        return [e for e in found if e.id not in named]

    def heads_of_others(self, *documents):
        """Ids of the heads that are not this node's own last envelope."""
        own = (self._replica.key.public, self._replica.incarnation)
        return [e.id for e in self.heads(*documents)
                if (e.author, e.incarnation) != own or e.document != documents[0]]

    def put(self, document, texts):
        """Puts scalars at keys, each (type, bytes): one change upon all heads; its envelope's id.

        A put names every value of its key, since all that counts is in the past of the change.
        """
        replica = self._replica
        known = replica.known_changes()
        last, dependencies = self._last(document), self.heads_of_others(document)
        behind = set().union(*(past_of(known[id_].envelope, known) for id_ in dependencies))
        deps = {known[id_].change.hash for id_ in dependencies}
        if last is not None and last.id not in behind:
            deps.add(known[last.id].change.hash)
        past = behind | set(dependencies)
        if last is not None:
            past |= {last.id} | past_of(last, known)
        start = 1 + max((put.id.counter for id_ in past for put in known[id_].change.puts),
                        default=0)
        actor = actor_id(replica.key.public, replica.incarnation, document)
        puts = tuple(
            changes.Put(changes.OpId(start + n, actor), key, type_, some,
                        tuple(put.id for put in self.values(document, key)))
            for n, (key, (type_, some)) in enumerate(sorted(texts.items())))
        made = changes.Change(b"", tuple(sorted(deps)), actor, last.seq + 1 if last else 1, start,
                              puts)
        return self.write(document, CHANGES, changes.encode(made), dependencies=dependencies)

    def put_sealed(self, document, kind, subject, field, text):
        """Puts a text about a subject, sealed; nothing if it is there already."""
        record = subject.hex()
        place = kind + "/" + record
        there = self.values(document, place + "/" + field)
        try:
            if there and all(self.opened(document, place, field, subject, put) == text
                             for put in there):
                return None
        except Unreadable:
            pass                   # it is put over
        key = self.key_to_seal(document.class_number, subject)
        sealed = sealing.seal(text, key, secrets.token_bytes(24),
                              (self._replica.network, document, place, field, subject))
        return self.put(document, {place + "/" + field: (changes.BYTES, sealed)})
