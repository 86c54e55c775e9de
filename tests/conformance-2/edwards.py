"""The curve of Ed25519 (RFC 8032, 5.1), for signatures that only the cofactor lets hold.

Slow, and asked only where the quick check without the cofactor has refused.
"""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
D2 = 2 * D % P
NEUTRAL = (0, 1, 1, 0)


def plus(one, other):
    """The sum of two points (X, Y, Z, T) of the extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = one[3] * other[3] * D2 % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def twice(point):
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e = h - (x + y) ** 2
    g = a - b
    f = 2 * z * z + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def decode(data):
    """The point with this encoding, or None."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def holds(key, message, signature):
    """[8][S]B = [8]R + [8][k]A, for points whose encoding was found good."""
    a, r = decode(key), decode(signature[:32])
    if a is None or r is None:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    s = int.from_bytes(signature[32:], "little")
    k = ORDER - int.from_bytes(digest, "little") % ORDER
    # [S]B - [k]A, both at once. The order of A may be eight times ORDER: the factor of eight
    # below takes what that makes of -k.
    both = (None, BASE, a, plus(BASE, a))
    total = NEUTRAL
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        total = twice(total)
        term = both[(s >> bit & 1) + 2 * (k >> bit & 1)]
        if term is not None:
            total = plus(total, term)
    x, y, z, t = r
    total = plus(total, (P - x, y, z, P - t))
    for _ in range(3):
        total = twice(total)
    return total[0] == 0 and total[1] == total[2]
