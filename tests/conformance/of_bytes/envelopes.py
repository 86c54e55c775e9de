"""Section 7: envelopes, items, and what their contents bind; section 10.4 of keyrings."""

from hashlib import sha256
from typing import NamedTuple, Optional

from names import ADDRESSED, Log, audience
from of_bytes.cbor import Malformed, encode, read
from of_bytes.shape import (document, hash_, incarnation, key, many, ms, nullable, number, octets,
                            only, record, u64)
from of_bytes.signed import Signed, open_signed
from of_bytes.statements import MOST_BYTES, Statement, statement_of
from records import Envelope
from well_made import is_well_made

CHANGES, KEYS, ERASURES, LETTER, ACKNOWLEDGEMENTS = range(5)
MOST_CONTENT = 786432

_header = record(only(3), hash_, document, key, incarnation, u64, nullable(hash_),
                 many(hash_, 0, 256), hash_, ms, number(0, 4), hash_)


class KeyOf(NamedTuple):
    """What an envelope of kind 1 tells: a key of a person, or that one was destroyed."""

    person: bytes
    commitment: bytes
    key: Optional[bytes]


class Erasure(NamedTuple):
    person: bytes
    commitment: bytes


class Acknowledged(NamedTuple):
    author: bytes
    incarnation: bytes
    seq: int
    state: int


_person = octets(16)
_CONTENTS = {
    KEYS: many(record(_person, hash_, nullable(octets(32)), into=KeyOf), 1, 4096),
    ERASURES: many(record(_person, hash_, into=Erasure), 1, 4096),
    ACKNOWLEDGEMENTS: many(record(key, incarnation, u64, number(0, 2), into=Acknowledged), 1, 256),
}


class Carried(NamedTuple):
    """An envelope as it came: its header, what was signed, and its content."""

    network: bytes
    envelope: Envelope                # the judge's record
    payload_kind: int
    payload_hash: bytes
    signed: Signed
    content: Optional[bytes]
    entries: tuple                    # of the contents that the protocol reads: kinds 1, 2, 4


class Item(NamedTuple):
    statement: Optional[Statement]
    carried: Optional[Carried]

    @property
    def id(self):
        return (self.statement or self.carried).signed.id


def header(value):
    """A signed header: network, the judge's envelope, payload kind and hash, what was signed."""
    signed = open_signed(value, "envelope")
    (_, network, doc, author, life, seq, backlink, dependencies, delegation, at, kind,
     bound) = _header(read(signed.payload))
    envelope = Envelope(signed.id, doc, author, life, seq, backlink, dependencies, delegation, at,
                        Log(doc, author, life))
    if not is_well_made(envelope):
        raise Malformed("header not well made")
    return network, envelope, kind, bound, signed


def envelope(value):
    """[signed<header>, content / null]: all of step 1."""
    if type(value) is not list or len(value) != 2:
        raise Malformed("envelope")
    network, made, kind, bound, signed = header(value[0])
    content = nullable(octets(0, MOST_CONTENT))(value[1])
    if content is None and kind != LETTER:
        raise Malformed("content is null")
    entries = _entries(kind, content) if kind in _CONTENTS else ()
    _of_a_keyring(kind, entries, made)
    return Carried(network, made, kind, bound, signed, content, entries)


def _entries(kind, content):
    """The CBOR of `keys`, `erasures` or `acknowledgements`, ascending."""
    entries = _CONTENTS[kind](read(content))
    order = [entry[:2] for entry in entries] if kind == KEYS else list(entries)
    if not all(a < b for a, b in zip(order, order[1:])):
        raise Malformed("not ascending")
    return entries


def _of_a_keyring(kind, entries, made):
    """Section 10.4, of the documents of the keyring and of its erasures."""
    if kind not in (KEYS, ERASURES) or not suits(kind, made.document.class_number):
        return
    if made.dependencies or any(e.person[:1].hex() != made.document.shard for e in entries):
        raise Malformed("dependencies, or a subject of another shard")


def item(data):
    """[0, envelope] or [1, statement]."""
    value = read(data)
    if type(value) is not list or len(value) != 2 or type(value[0]) is not int:
        raise Malformed("item")
    if value[0] == 0:
        return Item(None, envelope(value[1]))
    if value[0] != 1:
        raise Malformed("item of another kind")
    if len(encode(value[1])) > MOST_BYTES:
        raise Malformed("a statement of more than 262,144 bytes")
    return Item(statement_of(value[1]), None)


def person_key_commitment(person, secret):
    """SHA-256("gongzhi/person-key/3" ‖ person ‖ key)."""
    return sha256(b"gongzhi/person-key/3" + person + secret).digest()


def suits(kind, class_number):
    """Step 6: the table of payload kinds; the last two classes of a band are its own."""
    if audience(class_number) == ADDRESSED:
        return kind in (LETTER, ACKNOWLEDGEMENTS)
    if class_number >= 128 and class_number % 16 == 15:
        return kind == KEYS
    if class_number >= 128 and class_number % 16 == 14:
        return kind == ERASURES
    return kind == CHANGES


def content_matches(carried):
    """Step 11: payload_hash binds the content; null is for a letter."""
    if carried.content is None:
        return carried.payload_kind == LETTER
    if carried.payload_kind != KEYS:
        return sha256(carried.content).digest() == carried.payload_hash
    bound = b"".join(entry.person + entry.commitment for entry in carried.entries)
    return sha256(bound).digest() == carried.payload_hash and all(
        entry.key is None or person_key_commitment(entry.person, entry.key) == entry.commitment
        for entry in carried.entries)


def actor_id(carried_key, life, doc):
    """Section 2: the actor id of an author in a document."""
    return sha256(b"gongzhi/actor/3" + carried_key + life + encode(list(doc))).digest()[:16]
