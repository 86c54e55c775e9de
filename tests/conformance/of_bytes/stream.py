"""Section 9.2: frames in a stream, packed in blocks of LZ4 against the past."""

import zlib

LARGEST = 1048576
PAST = 8192


class BadFrame(Exception):
    """What ends the session: `malformed-frame`."""


def frames_of(stream, largest=LARGEST):
    """The frames of one direction, as they were before packing."""
    past = b""
    at = 0
    while at < len(stream):
        if len(stream) - at < 8:
            raise BadFrame("head cut off")
        length = int.from_bytes(stream[at:at + 4], "big")
        size = int.from_bytes(stream[at + 4:at + 8], "big")
        if size > largest or length > size or length > len(stream) - at - 8:
            raise BadFrame("size, length or cut off")
        body = stream[at + 8:at + 8 + length]
        frame = body if length == size else _unpacked(body, size, past)
        past = (past + frame)[-PAST:]
        at += 8 + length
        yield frame


def _unpacked(body, size, past):
    """The check and the block."""
    if len(body) < 4:
        raise BadFrame("no check")
    frame = unpack(body[4:], size, past)
    if zlib.crc32(frame) != int.from_bytes(body[:4], "big"):
        raise BadFrame("check")
    return frame


def unpack(block, size, past):
    """One block of the LZ4 block format, which makes exactly `size` bytes."""
    out = bytearray(past)
    end = len(past) + size
    at = 0
    while True:
        if at >= len(block):
            raise BadFrame("a sequence with a copy is the last")
        token = block[at]
        literals, at = _long(block, at + 1, token >> 4)
        if literals > len(block) - at or len(out) + literals > end:
            raise BadFrame("literals")
        out += block[at:at + literals]
        at += literals
        if at == len(block):                       # the low half of this token is not looked at
            break
        at = _copy(block, at, token & 15, out, end)
    if len(out) != end:
        raise BadFrame("unpacks to less")
    return bytes(out[len(past):])


def _copy(block, at, low, out, end):
    """Appends a copy; gives the place behind it in the block."""
    if len(block) - at < 2:
        raise BadFrame("offset cut off")
    offset = int.from_bytes(block[at:at + 2], "little")
    more, at = _long(block, at + 2, low)
    count = more + 4
    if offset == 0 or offset > len(out) or len(out) + count > end:
        raise BadFrame("copy")
    while count:
        piece = out[len(out) - offset:len(out) - offset + count]
        out += piece
        count -= len(piece)
    return at


def _long(block, at, number):
    """A length of LZ4: 15 goes on in bytes up to one below 255."""
    if number < 15:
        return number, at
    while True:
        if at >= len(block):
            raise BadFrame("length cut off")
        number += block[at]
        at += 1
        if block[at - 1] < 255:
            return number, at
