"""Values, names and signed records, read from bytes (schema/PROTOCOL-2.md, 1-3).

Written from that text alone; it shares no code with the node.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import edwards

U8, U32, U64 = 2**8 - 1, 2**32 - 1, 2**64 - 1
EDDSA = bytes.fromhex("a10127")
SMALL_ORDER_Y = {
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}
AUDIENCES = ("public", "path", "unit")


class Refusal(Exception):
    """Something a node must not take."""


def require(condition, why):
    if not condition:
        raise Refusal(why)


# --- Encoding -----------------------------------------------------------------------------------


def decode(data):
    """One value in the one deterministic encoding."""
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value, canonical=True)
    except Exception as error:  # whatever the library says, the bytes are no value
        raise Refusal(f"malformed: {error}") from error
    require(again == data, "not the deterministic encoding")
    return value


def number(value, most=U64, least=0):
    require(type(value) is int and least <= value <= most, "not a number in its range")
    return value


def data(value, size=None, most=None):
    require(type(value) is bytes, "not bytes")
    require(size is None or len(value) == size, "bytes of another size")
    require(most is None or len(value) <= most, "too many bytes")
    return value


def text(value, most=512):
    require(type(value) is str, "not text")
    require(len(value.encode()) <= most, "text too long")
    return value


def fields(value, count):
    require(type(value) in (list, tuple) and len(value) == count, f"not {count} fields")
    return value


def many(value, most, read):
    require(type(value) in (list, tuple), "not a list")
    require(len(value) <= most, "list too long")
    return [read(one) for one in value]


def maybe(value, read):
    return None if value is None else read(value)


def ascending(values, why):
    require(all(a < b for a, b in zip(values, values[1:])), why)


def hash32(value):
    return data(value, size=32)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- Names --------------------------------------------------------------------------------------


def unit(value):
    codes = text(value, 10_000).split("/")
    good = all(re.fullmatch(r"[A-Za-z0-9-]{1,20}", code, re.ASCII) for code in codes)
    require(good and len(codes) <= 6, "not a unit")
    return value


def contains(above, below):
    return below == above or below.startswith(above + "/")


def document(value):
    owner, klass, shard = fields(value, 3)
    number(klass, 8, 1)
    require(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text(shard)), "not a shard")
    return (unit(owner), klass, shard)


def scope(value):
    owner, audience = fields(value, 2)
    return (unit(owner), number(audience, 2))


def actor(key, incarnation, doc):
    parts = (key, incarnation.to_bytes(4, "big"), cbor2.dumps(list(doc), canonical=True))
    return sha256(b"gongzhi/actor/1", *parts)[:16]


def fingerprint(ids):
    total = sum(int.from_bytes(one, "little") for one in ids) % 2**256
    return total.to_bytes(32, "little")


# --- Signed records -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Signed:
    """A record with what its signature is over. Decoded, not believed."""

    record: object
    id: bytes
    signed_bytes: bytes
    signature: bytes

    def verify(self, key):
        scalar = int.from_bytes(self.signature[32:], "little")
        require(scalar < edwards.ORDER, "signature scalar beyond the group order")
        for point in (key, self.signature[:32]):
            plain = point[:31] + bytes([point[31] & 0x7F])
            require(int.from_bytes(plain, "little") < edwards.P, "a second encoding of a point")
            require(plain not in SMALL_ORDER_Y, "a point of small order")
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(self.signature, self.signed_bytes)
        except (InvalidSignature, ValueError):
            # The library's equation has no cofactor: what it takes holds, what it refuses may.
            holds = edwards.holds(key, self.signed_bytes, self.signature)
            require(holds, "bad signature")


def signed(value, domain, read):
    require(isinstance(value, cbor2.CBORTag) and value.tag == 18, "not a COSE_Sign1")
    protected, unprotected, payload, signature = fields(value.value, 4)
    require(data(protected) == EDDSA, "another algorithm")
    require(isinstance(unprotected, Mapping) and not unprotected, "an unprotected header")
    record = read(decode(data(payload)))
    structure = ["Signature1", protected, domain, payload]
    signed_bytes = cbor2.dumps(structure, canonical=True)
    return Signed(record, sha256(signed_bytes), signed_bytes, data(signature, size=64))
