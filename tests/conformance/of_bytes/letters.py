"""Section 10.5: letters; HPKE (RFC 9180) in base mode, from X25519, HKDF and ChaCha20-Poly1305."""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from of_bytes.cbor import encode, read
from of_bytes.events import body
from of_bytes.shape import hash_, many, octets, record, text

_KEM = b"KEM" + bytes.fromhex("0020")
_HPKE = b"HPKE" + bytes.fromhex("002000010003")
_letter = record(hash_, octets(32), octets(0, 1 << 20))
_message = record(text(1, 32), octets(16), many(hash_, 0, 16), body)
SMALLEST = 256


class DoesNotOpen(Exception):
    """A letter that its addressee cannot read."""


def letter(data):
    """card, encapsulated, sealed."""
    return _letter(read(data))


def message(data):
    """kind, thread, causes, body."""
    return _message(read(data))


# HKDF with the labels of RFC 9180, section 4

def _extract(suite, salt, label, some):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + some, sha256)


def _expand(suite, secret, label, info, length):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out, block, n = b"", b"", 0
    while len(out) < length:
        n += 1
        block = hmac.digest(secret, block + info + bytes([n]), sha256)
        out += block
    return out[:length]


def box_of(secret):
    """The X25519 key of a secret."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _exchange(secret, public):
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(
            X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise DoesNotOpen("a shared secret of zeros") from None


def _shared_secret(exchanged, encapsulated, box):
    secret = _extract(_KEM, b"", b"eae_prk", exchanged)
    return _expand(_KEM, secret, b"shared_secret", encapsulated + box, 32)


def _key_and_nonce(shared, info):
    """The key schedule of base mode; the nonce of the first message is the base nonce."""
    context = (b"\0" + _extract(_HPKE, b"", b"psk_id_hash", b"")
               + _extract(_HPKE, b"", b"info_hash", info))
    secret = _extract(_HPKE, shared, b"secret", b"")
    return (_expand(_HPKE, secret, b"key", context, 32),
            _expand(_HPKE, secret, b"base_nonce", context, 12))


LETTER, COPY = b"gongzhi/letter/3", b"gongzhi/copy/3"          # what is sealed


def associated(document, author, incarnation, seq, delegation):
    return encode([list(document), author, incarnation, seq, delegation])


def associated_of_copy(document, letter_id):
    return encode([list(document), letter_id])


def pad(plain):
    """The byte 0x80 and zero bytes up to the next of the sizes 256, 512 and so on."""
    size = SMALLEST
    while size < len(plain) + 1:
        size *= 2
    return (plain + b"\x80").ljust(size, b"\0")


def seal(plain, ephemeral, box, network, bound):
    """encapsulated and sealed, with a given ephemeral secret."""
    encapsulated = box_of(ephemeral)
    shared = _shared_secret(_exchange(ephemeral, box), encapsulated, box)
    key, nonce = _key_and_nonce(shared, LETTER + network)
    return encapsulated, ChaCha20Poly1305(key).encrypt(nonce, pad(plain), bound)


def unseal(encapsulated, sealed, secret, network, bound, purpose=LETTER):
    """The CBOR of the message."""
    shared = _shared_secret(_exchange(secret, encapsulated), encapsulated, box_of(secret))
    key, nonce = _key_and_nonce(shared, purpose + network)
    try:
        padded = ChaCha20Poly1305(key).decrypt(nonce, sealed, bound)
    except InvalidTag:
        raise DoesNotOpen("tag") from None
    plain = padded.rstrip(b"\0")
    if plain[-1:] != b"\x80" or pad(plain[:-1]) != padded:
        raise DoesNotOpen("padding")
    return plain[:-1]
