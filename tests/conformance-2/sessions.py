"""The stream of a session: frames, packed or as they are (schema/PROTOCOL-2.md, 8).

Written from that text and the description of the LZ4 block format alone.
"""

import zlib

from encoding import require

FRAME_BYTES_MAX = 1_048_576
PAST_BYTES = 8_192
CHECK_BYTES = 4


class Block:
    """Reads an LZ4 block."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        require(self.at + count <= len(self.data), "a block that is cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def length(self, half):
        total = half
        if half == 15:
            while (more := self.take(1)[0]) == 255:
                total += more
            total += more
        return total

    def unpack(self, past, size):
        """At most size bytes; copies may begin in the past."""
        out = bytearray(past)
        most = len(past) + size
        while True:
            token = self.take(1)[0]
            out += self.take(self.length(token >> 4))
            require(len(out) <= most, "more than was said")
            if self.at == len(self.data):
                return bytes(out[len(past) :])
            offset = int.from_bytes(self.take(2), "little")
            length = 4 + self.length(token & 15)
            require(0 < offset <= len(out), "a copy of what is not there")
            require(len(out) + length <= most, "more than was said")
            for _ in range(length):
                out.append(out[-offset])


def frames(stream):
    """The frames that a stream carries."""
    past, at, found = b"", 0, []
    while at < len(stream):
        require(at + 8 <= len(stream), "cut off")
        length = int.from_bytes(stream[at : at + 4])
        size = int.from_bytes(stream[at + 4 : at + 8])
        require(size <= FRAME_BYTES_MAX, "too large")
        require(length <= size, "longer packed than not")
        body = stream[at + 8 : at + 8 + length]
        require(len(body) == length, "cut off")
        frame = body
        if length < size:
            require(length >= CHECK_BYTES, "no check")
            frame = Block(body[CHECK_BYTES:]).unpack(past, size)
            require(len(frame) == size, "less than was said")
            check = int.from_bytes(body[:CHECK_BYTES])
            require(zlib.crc32(frame) == check, "another check")
        found.append(frame)
        past = (past + frame)[-PAST_BYTES:]
        at += 8 + length
    return found
