"""Section 10.1: LEB128 in its shortest form, and run lengths."""


class BadBytes(Exception):
    """`change-malformed`."""


class Cursor:
    """Reads bytes one thing after the other."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def at_end(self):
        return self._at == len(self._data)

    def take(self, count):
        if count > len(self._data) - self._at:
            raise BadBytes("cut off")
        self._at += count
        return self._data[self._at - count:self._at]

    def expect(self, some):
        if self.take(len(some)) != some:
            raise BadBytes("expected %s" % some.hex())

    def _groups(self):
        """The groups of seven bits of one number, least first."""
        groups = []
        while True:
            octet = self.take(1)[0]
            groups.append(octet & 127)
            if octet < 128:
                return groups
            if len(groups) == 10:
                raise BadBytes("more than 64 bits")

    def uleb(self):
        groups = self._groups()
        number = sum(group << 7 * n for n, group in enumerate(groups))
        if number >= 1 << 64 or (len(groups) > 1 and groups[-1] == 0):
            raise BadBytes("uleb")
        return number

    def sleb(self):
        groups = self._groups()
        number = sum(group << 7 * n for n, group in enumerate(groups))
        if groups[-1] & 64:
            number -= 1 << 7 * len(groups)
        if not -(1 << 63) <= number < 1 << 63 or encode_sleb(number) != bytes(
                group | 128 for group in groups[:-1]) + bytes(groups[-1:]):
            raise BadBytes("sleb")
        return number


def encode_uleb(number):
    some = bytearray()
    while number > 127:
        some.append(number & 127 | 128)
        number >>= 7
    some.append(number)
    return bytes(some)


def encode_sleb(number):
    some = bytearray()
    while not -64 <= number < 64:
        some.append(number & 127 | 128)
        number >>= 7
    some.append(number & 127)
    return bytes(some)


def runs(data, value):
    """The runs in a column, each (how often, values), before anything is unpacked."""
    cursor = Cursor(data)
    found = []
    while not cursor.at_end():
        count = cursor.sleb()
        if count == 0:
            raise BadBytes("a run of nothing")
        found.append((count, [value(cursor)]) if count > 0
                     else (1, [value(cursor) for _ in range(-count)]))
    return found


def measure(found):
    """How many values the runs stand for."""
    return sum(count * len(values) for count, values in found)


def unpacked(found):
    return [value for count, values in found for _ in range(count) for value in values]


def encode_runs(values, encode):
    """The one way to write run lengths."""
    single = []

    def flush():
        written = encode_sleb(-len(single)) + b"".join(single) if single else b""
        single.clear()
        return written

    parts = []
    at = 0
    while at < len(values):
        end = at
        while end < len(values) and values[end] == values[at]:
            end += 1
        if end - at == 1:
            single.append(encode(values[at]))
        else:
            parts.append(flush() + encode_sleb(end - at) + encode(values[at]))
        at = end
    return b"".join(parts) + flush()
