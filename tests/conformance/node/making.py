"""Section 3: making what `of_bytes` reads: signed records, envelopes, statements."""

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from of_bytes.cbor import EMPTY_MAP, SIGNED, Tag, encode
from of_bytes.signed import PROTECTED, to_be_signed
from of_bytes.statements import KINDS


class Key:
    """The key of a node: what signs, and its name."""

    def __init__(self, secret):
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.secret = secret
        self.public = self._private.public_key().public_bytes_raw()

    def sign(self, name, record):
        """The COSE_Sign1 of a record, as a value."""
        payload = encode(record)
        signature = self._private.sign(to_be_signed(name, payload))
        return Tag(SIGNED, [PROTECTED, EMPTY_MAP, payload, signature])


class Header(NamedTuple):
    """The header of section 7, in its order, without the version."""

    network: bytes
    document: list
    author: bytes
    incarnation: bytes
    seq: int
    backlink: object
    dependencies: list
    delegation: bytes
    at: int
    payload_kind: int
    payload_hash: bytes


def envelope(key, header, content):
    """An envelope as an item."""
    return encode([0, [key.sign("envelope", [3, *header]), content]])


def statement(key, name, record):
    """A statement of a kind as an item."""
    number = [kind.name for kind in KINDS].index(name)
    return encode([1, [number, key.sign(name, record)]])
