"""The kinds of golden vectors: each function checks one vector and raises Differs.

A function gives back the code that the text refuses the vector for, None if it takes it.
"""


class Differs(Exception):
    """The vector says something else than the text as it is read here."""


def same(what, said, read):
    """The vector's answer must be the one of this reading."""
    if said != read:
        raise Differs("%s: the vector says %s, the text %s" % (what, _short(said), _short(read)))


def _short(value):
    text = value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) < 300 else text[:300] + "..."


def whole(vector, name="bytes"):
    """The bytes of a vector: in one piece, or in parts with a counting piece among them."""
    if name in vector:
        return bytes.fromhex(vector[name])
    return b"".join(_piece(part) for part in vector["parts"])


def _piece(part):
    if isinstance(part, str):
        return bytes.fromhex(part)
    before, after = bytes.fromhex(part["before"]), bytes.fromhex(part["after"])
    return b"".join(before + (n.to_bytes(part["width"], "big") if part["width"] else b"") + after
                    for n in range(part["to"]))
