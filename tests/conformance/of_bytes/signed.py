"""Section 3: signed records, their ids, and the signature with the cofactor."""

from functools import lru_cache
from hashlib import sha256, sha512
from typing import NamedTuple

from of_bytes import ed25519
from of_bytes.cbor import EMPTY_MAP, SIGNED, Malformed, Tag, encode

PROTECTED = bytes.fromhex("a10127")


class Signed(NamedTuple):
    """A COSE_Sign1 as it came: what is signed, its id, and the signature."""

    payload: bytes
    signed_bytes: bytes
    id: bytes
    signature: bytes


def open_signed(value, name):
    """The parts of #6.18([protected, unprotected, payload, signature]) of the record `name`."""
    if not isinstance(value, Tag) or value.number != SIGNED:
        raise Malformed("no COSE_Sign1")
    parts = value.value
    if type(parts) is not list or len(parts) != 4:
        raise Malformed("parts of a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if protected != PROTECTED or type(protected) is not bytes or unprotected is not EMPTY_MAP:
        raise Malformed("header")
    if type(payload) is not bytes or type(signature) is not bytes or len(signature) != 64:
        raise Malformed("payload or signature")
    signed_bytes = to_be_signed(name, payload)
    return Signed(payload, signed_bytes, sha256(signed_bytes).digest(), signature)


def to_be_signed(name, payload):
    """The CBOR of ["Signature1", h'a10127', external_aad, payload]."""
    domain = b"gongzhi/" + name.encode() + b"/3"
    return encode(["Signature1", PROTECTED, domain, payload])


@lru_cache(maxsize=4096)
def commitment(key):
    """SHA-256("gongzhi/next/3" ‖ key)."""
    return sha256(b"gongzhi/next/3" + key).digest()


@lru_cache(maxsize=256)
def _good_key(key):
    """The negated point, to be multiplied, or None: on the curve, y below P, not of small order."""
    point = ed25519.decompress(key)
    if point is None or ed25519.is_identity(ed25519.times_eight(point)):
        return None
    return ed25519.Multiples(ed25519.negate(point))


@lru_cache(maxsize=65536)
def verifies(key, signed_bytes, signature):
    """[8][S]B = [8]R + [8][k]A, with the conditions of section 3 on S, A and R."""
    s = int.from_bytes(signature[32:], "little")
    if s >= ed25519.ORDER:
        return False
    negated = _good_key(key)
    r = ed25519.decompress(signature[:32])
    if negated is None or r is None or ed25519.is_identity(ed25519.times_eight(r)):
        return False
    digest = sha512(signature[:32] + key + signed_bytes).digest()
    k = int.from_bytes(digest, "little") % ed25519.ORDER
    total = ed25519.add(ed25519.BASE.times(s), negated.times(k))
    return ed25519.is_identity(ed25519.times_eight(ed25519.add(total, ed25519.negate(r))))
