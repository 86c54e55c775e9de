"""Section 10.6: revisions of reports, and how they are added."""

import re
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from names import ascending
from of_bytes.cbor import Malformed, encode, read
from of_bytes.shape import hash_, many, ms, number, record, text, u64, unit

LARGEST = 9007199254740991
MOST_BYTES = 700000
BLOCK = 256
ADDED, SILENT, SUSPENDED, OTHER_RULES = range(4)


def _rules_lines():
    """The indicators, a line each, as section 10.6 has them."""
    text = Path(__file__).resolve().parents[3].joinpath("schema", "PROTOCOL.md").read_text("utf-8")
    counting = text.split("**Counting.**")[1]
    return tuple(counting.split("```\n")[1].splitlines())


RULES_LINES = _rules_lines()
CODES = {line.split("=")[0] for line in RULES_LINES}

_number = number(0, LARGEST)
_SHARD = re.compile(r"(live|[0-9]{4}(?:-(?:0[1-9]|1[0-2]|q[1-4]|h[12]))?)\.([0-9]{10})")


class Cell(NamedTuple):
    code: str
    value: int
    num: int
    den: int
    unknown: int


class Revision(NamedTuple):
    period: str
    number: int
    as_of: int
    own: tuple
    cells: tuple
    parts: tuple
    sources: tuple
    rules: bytes


def cells(value):
    """Cells, ascending by code."""
    found = many(record(text(1, 32), *[_number] * 4, into=Cell), 0, 1024)(value)
    if not ascending([cell.code for cell in found]):
        raise Malformed("cells not ascending")
    return found


_PARTS = {
    ADDED: (hash_, u64, ms, hash_),
    SILENT: (),
    SUSPENDED: (text(0, 64),),
    OTHER_RULES: (hash_, u64, ms, hash_, hash_),
}


def _part(value):
    if type(value) is not list or len(value) < 2 or type(value[1]) is not int:
        raise Malformed("part")
    return record(unit, number(0, 3), *_PARTS[number(0, 3)(value[1])])(value)


def _parts(value):
    found = many(_part, 0, 2048)(value)
    if not ascending([part[0] for part in found]):
        raise Malformed("parts not ascending")
    return found


_revision = record(text(0, MOST_BYTES), u64, ms, cells, cells, _parts,
                   record(u64, hash_), hash_, into=Revision)


def revision(data):
    """The revision in an event's value."""
    if len(data) > MOST_BYTES:
        raise Malformed("a revision of more than 700,000 bytes")
    return _revision(read(data))


def agrees(r, record_name, shard, at):
    """Number, block and period agree with key and document; as_of is at most the envelope's at;
    its cells are its own if it has no part of state 0.
    """
    match = _SHARD.fullmatch(shard)
    return (match is not None and record_name == "%012d" % r.number
            and match.groups() == (r.period, "%010d" % (r.number // BLOCK))
            and r.as_of <= at and adds_or_is_its_own(r))


def adds_or_is_its_own(r):
    """Its cells are its own if it has no part of state 0."""
    return r.cells == r.own or any(part[1] == ADDED for part in r.parts)


def follows(r, greatest_in_past, counts_before_block):
    """Its number: one more than the greatest readable one in its past; without one there,
    1 in block 0, or 256 * B if that number less one counts in the block before.
    """
    if greatest_in_past is not None:
        return r.number == greatest_in_past + 1
    if r.number // BLOCK == 0:
        return r.number == 1
    return r.number % BLOCK == 0 and counts_before_block


def newest(revisions):
    """Of (number, as_of, envelope id) the greatest."""
    return max(revisions, key=lambda one: (one[0], one[1], one[2]))


def encoded(some):
    """The CBOR of cells."""
    return encode([list(cell) for cell in some])


def added(own, parts, codes):
    """own and the cells of all parts of state 0, by code, each number by itself."""
    total = {cell.code: cell for cell in own}
    for part in parts:
        for cell in part:
            if cell.code in codes:
                before = total.get(cell.code, Cell(cell.code, 0, 0, 0, 0))
                total[cell.code] = Cell(cell.code, *(a + b for a, b in zip(before[1:], cell[1:])))
    return tuple(Cell(code, *(min(n, LARGEST) for n in total[code][1:])) for code in sorted(total))


def sources_digest(documents):
    """SHA-256 of a line for each document, ascending: owner:class:shard and its heads."""
    lines = ["".join([place, *(" " + head.hex() for head in sorted(heads)), "\n"]).encode()
             for place, heads in documents]
    return sha256(b"".join(sorted(lines))).digest()


def rules_hash():
    return sha256("".join(line + "\n" for line in RULES_LINES).encode()).digest()
