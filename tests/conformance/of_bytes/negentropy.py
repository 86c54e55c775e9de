"""Section 9.6: negentropy, protocol version 1, over ids whose timestamps are all 0."""

from bisect import bisect_left
from hashlib import sha256
from typing import NamedTuple

from of_bytes.stream import BadFrame

VERSION = 0x61
MOST = 65336
SKIP, FINGERPRINT, LIST = range(3)
_FEW, _PARTS = 32, 16
_ALL = 1 << 256


class Bound(NamedTuple):
    """A place between ids: (timestamp, prefix); an infinite one is above all."""

    timestamp: float
    prefix: bytes = b""


INFINITY = Bound(float("inf"))


class Reader:
    """The ranges of a message."""

    def __init__(self, data):
        self._data = data
        self._at = 1
        self._timestamp = 0
        if not data or data[0] != VERSION:
            raise BadFrame("not the version")

    def ranges(self):
        """Bound, mode and payload of each range."""
        while self._at < len(self._data):
            bound = self._bound()
            mode = self._varint()
            if mode == SKIP:
                yield bound, mode, None
            elif mode == FINGERPRINT:
                yield bound, mode, self._take(16)
            elif mode == LIST:
                yield bound, mode, self._ids()
            else:
                raise BadFrame("mode")

    def _ids(self):
        count = self._varint()
        some = self._take(32 * count)
        return [some[i:i + 32] for i in range(0, len(some), 32)]

    def _bound(self):
        number = self._varint()
        self._timestamp = float("inf") if number == 0 else self._timestamp + number - 1
        length = self._varint()
        if length > 32:
            raise BadFrame("prefix")
        return Bound(self._timestamp, self._take(length))

    def _take(self, count):
        if count > len(self._data) - self._at:
            raise BadFrame("cut off")
        self._at += count
        return self._data[self._at - count:self._at]

    def _varint(self):
        number = 0
        first = self._at
        while True:
            octet = self._take(1)[0]
            if self._at == first + 1 and octet == 0x80:
                raise BadFrame("leading zeros")
            number = number << 7 | octet & 127
            if number >= 1 << 64:
                raise BadFrame("more than 64 bits")
            if octet < 128:
                return number


def varint(number):
    some = [number & 127]
    while number > 127:
        number >>= 7
        some.append(number & 127 | 128)
    return bytes(reversed(some))


class Negentropy:
    """One side, over its set of ids."""

    def __init__(self, ids):
        self._ids = sorted(set(ids))
        self._sums = [0]
        for id_ in self._ids:
            self._sums.append((self._sums[-1] + int.from_bytes(id_, "little")) % _ALL)
        self.other_lacks = set()
        self.lacks = set()

    # The message

    def first(self):
        """The whole set, up to infinity, split."""
        return bytes([VERSION]) + _Writer().of(self._split(0, len(self._ids), INFINITY))

    def answer(self, message, initiates):
        """What one answers to a message."""
        out, writer = bytes([VERSION]), _Writer()
        start = written = 0                  # where this range, and what was not written, begins
        before, skips = None, False
        for bound, mode, payload in Reader(message).ranges():
            end = max(start, self._below(bound))
            added, is_list = self._answer_to(start, end, bound, mode, payload, initiates, len(out))
            if not added:
                before, skips, start = bound, True, end
                continue
            if is_list and added[0][0] != bound:
                bound = added[0][0]
                end = self._below(bound)
            part = writer.of(([(before, SKIP, b"")] if skips else []) + added)
            if len(out) + len(part) > MOST and not is_list:
                return out + self._rest(written)
            out += part
            if len(out) > MOST:
                return out + self._rest(end)
            start = written = end
            before, skips = bound, False
        return out

    def _answer_to(self, start, end, bound, mode, payload, initiates, so_far):
        """The ranges that answer to one range, and whether they are the answerer's list."""
        if mode == FINGERPRINT and payload != self._fingerprint(start, end):
            return self._split(start, end, bound), False
        if mode != LIST:
            return [], False
        if initiates:
            self._note(set(payload), set(self._ids[start:end]))
            return [], False
        for at in range(start, end):
            if so_far + 32 * (at - start) > MOST:
                return [self._list(start, at, Bound(0, self._ids[at]))], True
        return [self._list(start, end, bound)], True

    def _note(self, theirs, own):
        self.other_lacks |= own - theirs
        self.lacks |= theirs - own

    def _rest(self, start):
        """One fingerprint of one's own ids from a place up to infinity."""
        count = len(self._ids)
        return _Writer().of([(INFINITY, FINGERPRINT, self._fingerprint(start, count))])

    # Ranges

    def _below(self, bound):
        """How many ids belong below the bound."""
        if bound.timestamp > 0:
            return len(self._ids)
        return bisect_left(self._ids, bound.prefix.ljust(32, b"\0"))

    def _split(self, start, end, bound):
        """A list of fewer than 32 ids, otherwise 16 fingerprints."""
        count = end - start
        if count < _FEW:
            return [self._list(start, end, bound)]
        ranges = []
        for n in range(_PARTS):
            stop = start + count // _PARTS + (n < count % _PARTS)
            upper = bound if n == _PARTS - 1 else _between(self._ids[stop - 1], self._ids[stop])
            ranges.append((upper, FINGERPRINT, self._fingerprint(start, stop)))
            start = stop
        return ranges

    def _list(self, start, end, bound):
        return bound, LIST, varint(end - start) + b"".join(self._ids[start:end])

    def _fingerprint(self, start, end):
        total = (self._sums[end] - self._sums[start]) % _ALL
        return sha256(total.to_bytes(32, "little") + varint(end - start)).digest()[:16]


def _between(first, second):
    """Timestamp 0 and the shortest prefix of the second that is not a prefix of the first."""
    length = next(n for n in range(32) if first[n] != second[n]) + 1
    return Bound(0, second[:length])


class _Writer:
    """Writes ranges; distances of timestamps count from the bound written before."""

    def __init__(self):
        self._timestamp = 0

    def of(self, ranges):
        return b"".join(self._bound(bound) + varint(mode) + payload
                        for bound, mode, payload in ranges)

    def _bound(self, bound):
        if bound.timestamp == float("inf"):
            return varint(0) + varint(len(bound.prefix)) + bound.prefix
        distance = bound.timestamp - self._timestamp
        self._timestamp = bound.timestamp
        return varint(int(distance) + 1) + varint(len(bound.prefix)) + bound.prefix
