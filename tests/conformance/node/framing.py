"""Section 9.2: frames on a stream as they come and go, not as a whole stream of bytes."""

import zlib

from of_bytes.cbor import encode
from of_bytes.frames import FRAMES
from of_bytes.stream import LARGEST, PAST, BadFrame, unpack

BEFORE_MEMBERSHIP = 524288
_NUMBERS = {name: number for number, (name, _) in enumerate(FRAMES)}


class FrameReader:
    """One direction: frames, unpacked against the past."""

    def __init__(self, stream):
        self._stream = stream
        self._past = b""
        self.largest = BEFORE_MEMBERSHIP

    async def next(self):
        head = await self._stream.read(8)
        length, size = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
        if size > self.largest or length > size:
            raise BadFrame("size or length")
        body = await self._stream.read(length)
        frame = body if length == size else self._unpacked(body, size)
        self._past = (self._past + frame)[-PAST:]
        return frame

    def _unpacked(self, body, size):
        if len(body) < 4:
            raise BadFrame("no check")
        frame = unpack(body[4:], size, self._past)
        if zlib.crc32(frame) != int.from_bytes(body[:4], "big"):
            raise BadFrame("check")
        return frame


def framed(name, *fields):
    """A frame as it goes out: this node does not pack, which is its own affair."""
    fields = fields[0] if name == "refusal" else list(fields)
    frame = encode([_NUMBERS[name], fields])
    if len(frame) > LARGEST:
        raise ValueError("a frame of more than 1,048,576 bytes")
    size = len(frame).to_bytes(4, "big")
    return size + size + frame


def scope_value(scope):
    """A scope as frames have it."""
    return list(scope if scope.compartment == 3 else scope[:2])
