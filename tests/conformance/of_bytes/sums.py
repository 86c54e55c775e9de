"""Section 9.3: vectors and sums of sets, interests, what two nodes share; salted ids."""

from hashlib import sha256
from typing import NamedTuple, Optional

from blake3 import blake3

from of_bytes.cbor import encode

_NUMBERS = 1024


def vector_of(id_):
    """1,024 numbers of two bytes, little-endian, out of BLAKE3."""
    some = blake3(b"gongzhi/sum/3" + id_).digest(length=2 * _NUMBERS)
    return [some[i] | some[i + 1] << 8 for i in range(0, len(some), 2)]


def set_vector(ids):
    """The vector of a set, in bytes: the sum of its items' vectors modulo 2^16."""
    total = [0] * _NUMBERS
    for id_ in ids:
        total = [a + b for a, b in zip(total, vector_of(id_))]
    return b"".join((n & 0xffff).to_bytes(2, "little") for n in total)


def sum_of(ids):
    """The sum of a set: SHA-256 of its vector."""
    return sha256(set_vector(ids)).digest()


def interests_hash(units):
    """SHA-256 of the CBOR of the ascending list."""
    return sha256(encode(sorted(units))).digest()


class Side(NamedTuple):
    """What `shared` asks of one of the two nodes."""

    key: bytes
    unit: str
    lineage: bytes
    inside: Optional[int]
    outside: Optional[int]
    interests: bytes                  # the hash


def shared(level, one, other):
    """What two nodes share: the smaller key first."""
    first, second = sorted((one, other), key=lambda side: side.key)
    return sha256(b"gongzhi/shared/3" + encode([level, list(first), list(second)])).digest()


def salted(salt, id_):
    """The id under which an item stands in a reconciliation (section 9.4)."""
    return sha256(b"gongzhi/salt/3" + salt + id_).digest()
