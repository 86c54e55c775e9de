"""Section 9.1: `Noise_XX_25519_ChaChaPoly_SHA256` with libp2p's payload, for the one who dials.

Names of functions are those of the Noise specification, revision 34.
"""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from of_bytes.leb import Cursor, encode_uleb
from of_bytes.signed import verifies

_NAME = b"Noise_XX_25519_ChaChaPoly_SHA256"           # 32 bytes: it is the first hash as it is
_SIGNED = b"noise-libp2p-static-key:"
_PUBLIC_KEY = bytes.fromhex("08011220")               # libp2p's PublicKey of an Ed25519 key
_MOST = 65535 - 16                                    # bytes of one message, without its tag


class NoSecureChannel(Exception):
    """The other side is not who it must be, or does not speak as the text says."""


class Cipher:
    """One direction: a key, and a nonce that counts."""

    def __init__(self, key):
        self._cipher = ChaCha20Poly1305(key)
        self._count = 0

    def _nonce(self):
        self._count += 1
        return bytes(4) + (self._count - 1).to_bytes(8, "little")

    def encrypt(self, plain, bound=b""):
        return self._cipher.encrypt(self._nonce(), plain, bound)

    def decrypt(self, some, bound=b""):
        try:
            return self._cipher.decrypt(self._nonce(), some, bound)
        except InvalidTag:
            raise NoSecureChannel("a message that was changed") from None


class _Symmetric:
    """SymmetricState: the chaining key, the hash, and the cipher once there is one."""

    def __init__(self):
        self._chaining = self._hash = _NAME
        self._cipher = None
        self.mix_hash(b"")                            # the prologue is empty

    def mix_hash(self, some):
        self._hash = sha256(self._hash + some).digest()

    def mix_key(self, secret):
        self._chaining, key = _hkdf(self._chaining, secret)
        self._cipher = Cipher(key)

    def encrypt_and_hash(self, plain):
        some = self._cipher.encrypt(plain, self._hash)
        self.mix_hash(some)
        return some

    def decrypt_and_hash(self, some):
        plain = self._cipher.decrypt(some, self._hash)
        self.mix_hash(some)
        return plain

    def split(self):
        return [Cipher(key) for key in _hkdf(self._chaining, b"")]


def _hkdf(chaining, secret):
    """HKDF with two outputs."""
    temporary = hmac.digest(chaining, secret, sha256)
    first = hmac.digest(temporary, b"\x01", sha256)
    return first, hmac.digest(temporary, first + b"\x02", sha256)


def _public(secret):
    return secret.public_key().public_bytes_raw()


def _exchange(secret, public):
    return secret.exchange(X25519PublicKey.from_public_bytes(public))


def _payload(secret, static):
    """NoiseHandshakePayload: 1 the identity's key, 2 its signature of the static key."""
    identity = Ed25519PrivateKey.from_private_bytes(secret)
    key = _PUBLIC_KEY + _public(identity)
    signature = identity.sign(_SIGNED + static)
    return b"".join(bytes([number << 3 | 2]) + encode_uleb(len(some)) + some
                    for number, some in ((1, key), (2, signature)))


def _peer_of(payload, static):
    """The peer's key; its signature binds the static key that the handshake authenticated."""
    cursor, found = Cursor(payload), {}
    while not cursor.at_end():
        head = cursor.uleb()
        found[head] = cursor.take(cursor.uleb())      # fields of bytes; other ones are not sent
    key, signature = found.get(1 << 3 | 2, b""), found.get(2 << 3 | 2, b"")
    if key[:4] != _PUBLIC_KEY or len(key) != 36 or len(signature) != 64:
        raise NoSecureChannel("an identity of another kind")
    if not verifies(key[4:], _SIGNED + static, signature):
        raise NoSecureChannel("an identity that did not sign")
    return key[4:]


async def _send(channel, some):
    await channel.write(len(some).to_bytes(2, "big") + some)


async def _receive(channel):
    return await channel.read(int.from_bytes(await channel.read(2), "big"))


async def dial(channel, secret):
    """The secure channel over a plain one, and the key of the peer behind it."""
    state = _Symmetric()
    ephemeral, static = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    state.mix_hash(_public(ephemeral))                                        # -> e
    state.mix_hash(b"")                               # a payload of nothing
    await _send(channel, _public(ephemeral))
    message = await _receive(channel)                                         # <- e, ee, s, es
    theirs = message[:32]
    state.mix_hash(theirs)
    state.mix_key(_exchange(ephemeral, theirs))
    their_static = state.decrypt_and_hash(message[32:80])
    state.mix_key(_exchange(ephemeral, their_static))
    peer = _peer_of(state.decrypt_and_hash(message[80:]), their_static)
    first = state.encrypt_and_hash(_public(static))                           # -> s, se
    state.mix_key(_exchange(static, theirs))
    second = state.encrypt_and_hash(_payload(secret, _public(static)))
    await _send(channel, first + second)
    sending, receiving = state.split()
    return SecureChannel(channel, sending, receiving), peer


class SecureChannel:
    """Reads and writes as the plain channel below it does."""

    def __init__(self, channel, sending, receiving):
        self._channel = channel
        self._sending = sending
        self._receiving = receiving
        self._read = b""

    async def read(self, count):
        """Exactly so many bytes."""
        while len(self._read) < count:
            self._read += self._receiving.decrypt(await _receive(self._channel))
        some, self._read = self._read[:count], self._read[count:]
        return some

    async def write(self, some):
        for at in range(0, len(some), _MOST):
            await _send(self._channel, self._sending.encrypt(some[at:at + _MOST]))

    def close(self):
        self._channel.close()
