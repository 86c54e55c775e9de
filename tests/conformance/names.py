"""Section 2: units, classes, documents, scopes, and what "ascending" means.

Nothing here knows of statements; it is the vocabulary of every other module.
"""

import re
from functools import lru_cache
from typing import NamedTuple, Optional

LARGEST_MS = 281474976710655
LARGEST_U64 = 18446744073709551615
LAST_CLASS = 223

PUBLIC, PATH, UNIT, ADDRESSED = "public", "path", "unit", "addressed"

_UNIT = re.compile(r"[A-Za-z0-9-]{1,20}(/[A-Za-z0-9-]{1,20}){0,5}")
_SHARD = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Document(NamedTuple):
    """[owner, class, shard]; of an addressed one the shard is the addressee."""

    owner: str
    class_number: int
    shard: str


class Scope(NamedTuple):
    """[unit, compartment], or [A, 3, B] of two that write to each other; else other is None."""

    unit: str
    compartment: int
    other: Optional[str] = None


class Log(NamedTuple):
    """What an author writes in one document: the key of a log."""

    document: Document
    author: str
    incarnation: str


@lru_cache(maxsize=65536)
def is_unit(text):
    """1 to 6 codes of 1 to 20 characters, joined by "/"."""
    return isinstance(text, str) and _UNIT.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def contains(a, b):
    """Unit A contains unit B if B equals A, or begins with A followed by "/"."""
    return a == b or b.startswith(a + "/")


def is_below(b, a):
    """B is below A if A contains B and they differ."""
    return a != b and contains(a, b)


def is_above(a, b):
    """A is above B if A contains B and they differ."""
    return a != b and contains(a, b)


def lowest_common_ancestor(a, b):
    """The longest unit that contains both; None where there is none."""
    common = []
    for left, right in zip(a.split("/"), b.split("/")):
        if left != right:
            break
        common.append(left)
    return "/".join(common) or None


def carries(x, a, b):
    """Section 8: X contains A or B, and their lowest common ancestor contains X.

    Where there is no such ancestor, A and B alone carry.
    """
    ancestor = lowest_common_ancestor(a, b)
    if ancestor is None:
        return x in (a, b)
    return contains(ancestor, x) and (contains(x, a) or contains(x, b))


def audience(class_number):
    """Who a class is for; None for 224 and above."""
    if class_number < 64:
        return PUBLIC
    if class_number < 128:
        return PATH
    if class_number < 192:
        return UNIT
    return ADDRESSED if class_number <= LAST_CLASS else None


def compartment(class_number):
    """The compartment in which documents of a class replicate."""
    if class_number < 64:
        return 1
    if class_number < 128:
        return 2
    if class_number < 192:
        return 4 + (class_number - 128) // 16
    return 3


def scope_of(document):
    """The scope in which a document replicates; of an addressed one, the smaller unit first."""
    number = compartment(document.class_number)
    if number == 3:
        first, second = sorted((document.owner, document.shard))
        return Scope(first, 3, second)
    return Scope(document.owner, number)


def opposite(document):
    """Owner and addressee exchanged, class the same; None if it is not addressed."""
    if audience(document.class_number) != ADDRESSED:
        return None
    return Document(document.shard, document.class_number, document.owner)


def is_document(document):
    """A document has a unit as owner, a class that is not refused, and a good shard."""
    if not is_unit(document.owner) or not 0 <= document.class_number <= LAST_CLASS:
        return False
    if audience(document.class_number) == ADDRESSED:
        return is_unit(document.shard) and document.shard != document.owner
    return isinstance(document.shard, str) and _SHARD.fullmatch(document.shard) is not None


def is_scope(scope):
    """A scope names two units exactly in compartment 3, the smaller one first."""
    if not is_unit(scope.unit) or scope.compartment not in range(8):
        return False
    if scope.compartment == 3:
        return is_unit(scope.other) and scope.unit < scope.other
    return scope.other is None


def ascending(values):
    """Strictly ascending: so nothing is there twice (section 1)."""
    return all(a < b for a, b in zip(values, values[1:]))


def commitment(key):
    """The commitment to a key, as CASES.md writes it."""
    return "h:" + key
