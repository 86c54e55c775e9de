"""Edwards arithmetic of RFC 8032, section 5.1, on extended coordinates (X, Y, Z, T)."""

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
_D2 = 2 * D % P
_ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def add(p, q):
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = t1 * _D2 * t2 % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(p):
    x, y, z, _ = p
    a, b = x * x % P, y * y % P
    c = 2 * z * z % P
    e = ((x + y) * (x + y) - a - b) % P
    g = b - a
    f, h = g - c, -a - b
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(p):
    return P - p[0], p[1], p[2], P - p[3]


def is_identity(p):
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


def times_eight(p):
    return double(double(double(p)))


def decompress(octets):
    """The point in 32 bytes, or None: its y must be below P (section 3)."""
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & (2 ** 255 - 1)
    if y >= P:
        return None
    x = _root((y * y - 1) % P, (D * y * y + 1) % P)
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _root(u, v):
    """A square root of u / v, or None."""
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P == 0:
        return x
    if (v * x * x + u) % P == 0:
        return x * _ROOT_OF_MINUS_1 % P
    return None


class Table:
    """The multiples 1 to 15 of 16^i times a point: a product costs 64 additions."""

    def __init__(self, point):
        self._rows = []
        for _ in range(64):
            row = [IDENTITY]
            for _ in range(15):
                row.append(add(row[-1], point))
            self._rows.append(row)
            point = add(row[-1], point)

    def times(self, scalar):
        total = IDENTITY
        for row in self._rows:
            nibble = scalar & 15
            if nibble:
                total = add(total, row[nibble])
            scalar >>= 4
        return total


class Multiples:
    """A point that is multiplied; it makes a table once it is asked for often."""

    OFTEN = 3

    def __init__(self, point):
        self._point = point
        self._asked = 0
        self._table = None

    def times(self, scalar):
        self._asked += 1
        if self._table is None and self._asked > self.OFTEN:
            self._table = Table(self._point)
        return self._table.times(scalar) if self._table else _times(self._point, scalar)


def _times(point, scalar):
    """By windows of four bits, most significant first."""
    row = [IDENTITY, point]
    for _ in range(14):
        row.append(add(row[-1], point))
    total = IDENTITY
    for shift in range(252, -1, -4):
        total = double(double(double(double(total))))
        nibble = scalar >> shift & 15
        if nibble:
            total = add(total, row[nibble])
    return total


_BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = Table(decompress(_BASE_Y.to_bytes(32, "little")))
