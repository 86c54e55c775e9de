"""Section 1: the one deterministic encoding of a value.

Values are int, bytes, str, list, bool, None, Tag (18 alone) and EMPTY_MAP.
"""

from typing import Any, NamedTuple

DEEPEST = 32                       # no record of the text nests deeper
SIGNED = 18


class Malformed(Exception):
    """What no decoder may take."""


class Tag(NamedTuple):
    number: int
    value: Any


class _EmptyMap:
    def __repr__(self):
        return "{}"


EMPTY_MAP = _EmptyMap()
_SIMPLE = {20: False, 21: True, 22: None}


def decode(data):
    """The only value in these bytes; Malformed if they are not its one encoding."""
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise Malformed("bytes after the value")
    return value


def _head(data, at):
    """Major type, argument and the place behind them; the argument in its shortest form."""
    if at >= len(data):
        raise Malformed("cut off")
    major, low = data[at] >> 5, data[at] & 31
    if low < 24:
        return major, low, at + 1
    if low > 27:
        raise Malformed("indefinite or reserved length")
    size = 1 << (low - 24)
    end = at + 1 + size
    if end > len(data):
        raise Malformed("cut off")
    number = int.from_bytes(data[at + 1:end], "big")
    if number < (24 if size == 1 else 1 << (4 * size)) or major == 7:
        raise Malformed("not the shortest form, a float or a simple value")
    return major, number, end


def _value(data, at, depth):
    if depth > DEEPEST:
        raise Malformed("too deep")
    major, number, at = _head(data, at)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        if number > len(data) - at:
            raise Malformed("cut off")
        return _string(major, data[at:at + number]), at + number
    if major == 4:
        return _list(data, at, number, depth)
    if major == 5 and number == 0:
        return EMPTY_MAP, at
    if major == 6 and number == SIGNED:
        value, at = _value(data, at, depth + 1)
        return Tag(SIGNED, value), at
    if major == 7 and number in _SIMPLE:
        return _SIMPLE[number], at
    raise Malformed("a map, a tag or a simple value that is not taken")


def _string(major, some):
    if major == 2:
        return bytes(some)
    try:
        return some.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("text that is not UTF-8") from None


def _list(data, at, number, depth):
    if number > len(data) - at:                  # each element takes a byte at least
        raise Malformed("cut off")
    values = []
    for _ in range(number):
        value, at = _value(data, at, depth + 1)
        values.append(value)
    return values, at


def _encode_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for low, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | low]) + number.to_bytes(size, "big")
    raise Malformed("a number of more than 64 bits")


def encode(value):
    """The one encoding of a value; tuples stand for lists."""
    if value is None:
        return b"\xf6"
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if type(value) is int:
        return _encode_head(0, value) if value >= 0 else _encode_head(1, -1 - value)
    if isinstance(value, bytes):
        return _encode_head(2, len(value)) + value
    if isinstance(value, str):
        octets = value.encode("utf-8")
        return _encode_head(3, len(octets)) + octets
    if isinstance(value, Tag):
        return _encode_head(6, value.number) + encode(value.value)
    if isinstance(value, (list, tuple)):
        return _encode_head(4, len(value)) + b"".join(map(encode, value))
    if value is EMPTY_MAP:
        return b"\xa0"
    raise TypeError(type(value))


def read(data):
    """Decodes, encodes again and compares."""
    value = decode(data)
    if encode(value) != data:
        raise Malformed("another encoding of the value")
    return value
