"""Section 10.4: sealed values, XChaCha20-Poly1305 by HChaCha20; digests; box subjects."""

import hmac
import struct
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from of_bytes.cbor import encode
from of_bytes.envelopes import person_key_commitment

_CONSTANTS = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)
_ROUNDS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


class DoesNotOpen(Exception):
    """A value that no key opens."""


def _turn(number, by):
    return (number << by | number >> 32 - by) & 0xffffffff


def _quarter(x, a, b, c, d):
    for one, two, three, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[one] = (x[one] + x[two]) & 0xffffffff
        x[three] = _turn(x[three] ^ x[one], by)


def hchacha20(key, nonce16):
    """The subkey of draft-irtf-cfrg-xchacha-03, section 2.2."""
    x = list(_CONSTANTS) + list(struct.unpack("<8L", key)) + list(struct.unpack("<4L", nonce16))
    for _ in range(10):
        for places in _ROUNDS:
            _quarter(x, *places)
    return struct.pack("<8L", *(x[:4] + x[12:]))


def _cipher(key, nonce):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), b"\0\0\0\0" + nonce[16:]


def associated(network, document, place, field, subject):
    return encode(["gongzhi/seal/3", network, list(document), place, field, subject])


def key_number(subject, key):
    """The first 4 bytes of the key's commitment."""
    return person_key_commitment(subject, key)[:4]


def pad(text):
    """The text and zero bytes up to a multiple of 32, at least 32."""
    some = text.encode("utf-8")
    if b"\0" in some:
        raise ValueError("text holds no zero byte")
    return some.ljust(max(32, -(-len(some) // 32) * 32), b"\0")


def seal(text, key, nonce, bound):
    """A sealed value; `bound` is (network, document, place, field, subject)."""
    cipher, short = _cipher(key, nonce)
    return (key_number(bound[4], key) + nonce
            + cipher.encrypt(short, pad(text), associated(*bound)))


def unseal(value, keys, bound):
    """The text; DoesNotOpen if no key does, or it is not padded so; None if it is closed."""
    fitting = [key for key in sorted(keys, key=lambda k: person_key_commitment(bound[4], k))
               if key_number(bound[4], key) == value[:4]]
    if not fitting:
        return None
    for key in fitting:
        cipher, short = _cipher(key, value[4:28])
        try:
            return _unpadded(cipher.decrypt(short, value[28:], associated(*bound)))
        except (InvalidTag, ValueError):
            continue
    raise DoesNotOpen


def _unpadded(plain):
    text = plain.rstrip(b"\0").decode("utf-8")
    if pad(text) != plain:
        raise DoesNotOpen("padding")
    return text


def found_again(pepper, type_, number):
    """The digest by which a person is found again."""
    return hmac.digest(pepper, type_.encode() + b"\0" + number.encode(), sha256)[:16]


def box_subject(box):
    """The subject in the keyring of the secret half of a card's box."""
    return sha256(b"gongzhi/box/3" + box).digest()[:16]
