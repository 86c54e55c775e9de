"""Section 10.1, Bytes and Measure: one change chunk, byte by byte."""

from hashlib import sha256
from typing import Any, NamedTuple

from of_bytes.leb import (BadBytes, Cursor, encode_runs, encode_sleb, encode_uleb, measure, runs,
                          unpacked)

MAGIC = bytes.fromhex("856f4a83")
COLUMNS = (21, 52, 66, 86, 87, 112, 113, 115)
MOST_OPERATIONS, MOST_PREDECESSORS, MOST_OTHERS = 20000, 80000, 1024
NULL, FALSE, TRUE, INTEGER, TEXT, BYTES = 0, 1, 2, 4, 6, 7
SCALARS = (NULL, FALSE, TRUE, INTEGER, TEXT, BYTES)


class OpId(NamedTuple):
    counter: int
    actor: bytes


class Put(NamedTuple):
    """One operation: its id, its key, the type and bytes of its value, its predecessors."""

    id: OpId
    key: str
    type: int
    bytes: bytes
    predecessors: tuple

    @property
    def value(self) -> Any:
        if self.type == INTEGER:
            return Cursor(self.bytes).sleb()
        if self.type == TEXT:
            return self.bytes.decode("utf-8")
        return {NULL: None, FALSE: False, TRUE: True}.get(self.type, self.bytes)


class Change(NamedTuple):
    hash: bytes
    deps: tuple
    actor: bytes
    seq: int
    start_op: int
    puts: tuple


def change(data):
    """The change in these bytes, or BadBytes."""
    cursor = Cursor(data)
    cursor.expect(MAGIC)
    check = cursor.take(4)
    cursor.expect(b"\x01")
    body = cursor.take(cursor.uleb())
    digest = sha256(b"\x01" + encode_uleb(len(body)) + body).digest()
    if not cursor.at_end() or check != digest[:4]:
        raise BadBytes("sum, or bytes behind")
    found = _body(body, digest)
    if encode(found) != data:
        raise BadBytes("not the bytes of the text")
    return found


def _body(body, digest):
    cursor = Cursor(body)
    deps = _ascending([cursor.take(32) for _ in range(_count(cursor, body))])
    cursor.expect(b"\x10")
    actor, seq, start_op = cursor.take(16), cursor.uleb(), cursor.uleb()
    cursor.expect(b"\x00\x00")
    count = _count(cursor, body)
    if count > MOST_OTHERS:
        raise BadBytes("others")
    others = []
    for _ in range(count):
        cursor.expect(b"\x10")
        others.append(cursor.take(16))
    columns = _columns(cursor)
    actors = [actor] + _ascending(others)
    return Change(digest, tuple(deps), actor, seq, start_op, _puts(columns, actors, start_op))


def _count(cursor, body):
    """A number of things of which each takes a byte at least."""
    count = cursor.uleb()
    if count > len(body):
        raise BadBytes("cut off")
    return count


def _ascending(values):
    if any(a >= b for a, b in zip(values, values[1:])):
        raise BadBytes("not ascending")
    return values


def _columns(cursor):
    """The bytes of each column; one that is left out has none."""
    count = cursor.uleb()
    if count > len(COLUMNS):
        raise BadBytes("columns")
    sizes = [(cursor.uleb(), cursor.uleb()) for _ in range(count)]
    numbers = _ascending([number for number, _ in sizes])
    if any(number not in COLUMNS for number in numbers) or any(size == 0 for _, size in sizes):
        raise BadBytes("a column that is none, or that is empty")
    found = {number: cursor.take(size) for number, size in sizes}
    if not cursor.at_end():
        raise BadBytes("bytes behind the columns")
    return {number: found.get(number, b"") for number in COLUMNS}


def _text(cursor):
    try:
        return cursor.take(cursor.uleb()).decode("utf-8")
    except UnicodeDecodeError:
        raise BadBytes("UTF-8") from None


def _puts(columns, actors, start_op):
    """The operations; every column is measured before any is unpacked."""
    keys = runs(columns[21], _text)
    actions = runs(columns[66], Cursor.uleb)
    metas = runs(columns[86], Cursor.uleb)
    counts = runs(columns[112], Cursor.uleb)
    indices = runs(columns[113], Cursor.uleb)
    deltas = runs(columns[115], Cursor.sleb)
    number = measure(keys)
    if number > MOST_OPERATIONS or {number} != {measure(c) for c in (actions, metas, counts)}:
        raise BadBytes("operations")
    predecessors = sum(count * sum(values) for count, values in counts)
    if predecessors > MOST_PREDECESSORS or {predecessors} != {measure(indices), measure(deltas)}:
        raise BadBytes("predecessors")
    if any(action != 1 for _, values in actions for action in values):
        raise BadBytes("not a put")
    if columns[52] != (encode_uleb(number) if number else b""):
        raise BadBytes("inserts")
    ids = iter(_op_ids(unpacked(indices), unpacked(deltas), actors))
    values = Cursor(columns[87])
    found = []
    for n, (key, meta, count) in enumerate(zip(unpacked(keys), unpacked(metas), unpacked(counts))):
        before = tuple(_ascending([next(ids) for _ in range(count)]))
        found.append(Put(OpId(start_op + n, actors[0]), key, meta % 16,
                         values.take(meta // 16), before))
        _check_value(found[-1])
    if not values.at_end():
        raise BadBytes("values behind")
    return tuple(found)


def _op_ids(indices, deltas, actors):
    counter = 0
    for index, delta in zip(indices, deltas):
        counter += delta
        if index >= len(actors) or counter < 0:
            raise BadBytes("predecessor")
        yield OpId(counter, actors[index])


def _check_value(put):
    """The value's bytes are those of its type; other types are `change-shape` later."""
    if put.type in (NULL, FALSE, TRUE) and put.bytes:
        raise BadBytes("bytes of what has none")
    if put.type == INTEGER:
        cursor = Cursor(put.bytes)
        cursor.sleb()
        if not cursor.at_end():
            raise BadBytes("integer")
    if put.type == TEXT:
        try:
            put.bytes.decode("utf-8")
        except UnicodeDecodeError:
            raise BadBytes("UTF-8") from None


def encode(c):
    """The only bytes of a change; others are the actors that predecessors name."""
    others = sorted({p.actor for put in c.puts for p in put.predecessors} - {c.actor})
    columns = [(n, some) for n, some in _encoded_columns(c.puts, [c.actor] + others) if some]
    body = b"".join([
        encode_uleb(len(c.deps)), *c.deps, b"\x10", c.actor, encode_uleb(c.seq),
        encode_uleb(c.start_op), b"\x00\x00", encode_uleb(len(others)),
        *(b"\x10" + other for other in others), encode_uleb(len(columns)),
        *(encode_uleb(n) + encode_uleb(len(some)) for n, some in columns),
        *(some for _, some in columns)])
    hashed = b"\x01" + encode_uleb(len(body)) + body
    return MAGIC + sha256(hashed).digest()[:4] + hashed


def _encoded_columns(puts, actors):
    place = {actor: n for n, actor in enumerate(actors)}
    named = [p for put in puts for p in put.predecessors]
    counters = [0] + [p.counter for p in named]
    deltas = [after - before for before, after in zip(counters, counters[1:])]
    return (
        (21, encode_runs([put.key.encode() for put in puts],
                         lambda key: encode_uleb(len(key)) + key)),
        (52, encode_uleb(len(puts)) if puts else b""),
        (66, encode_runs([1] * len(puts), encode_uleb)),
        (86, encode_runs([put.type + 16 * len(put.bytes) for put in puts], encode_uleb)),
        (87, b"".join(put.bytes for put in puts)),
        (112, encode_runs([len(put.predecessors) for put in puts], encode_uleb)),
        (113, encode_runs([place[p.actor] for p in named], encode_uleb)),
        (115, encode_runs(deltas, encode_sleb)))
