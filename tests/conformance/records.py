"""The records of sections 4, 5 and 7 as values, and the case that holds them.

Records are compared by identity: each stands for one signed record of the case.
"""

from dataclasses import dataclass
from typing import NamedTuple, Optional

from names import Document, Log, Scope

_record = dataclass(frozen=True, slots=True, eq=False)

GOVERN, WRITE = 1, 2
CORRESPONDENCE = 16
READ_BITS = (1, 2, 4, 8, 16)


@_record
class Genesis:
    id: str
    unit: str
    roots: tuple
    threshold: int
    next: tuple
    next_threshold: int


@_record
class Charter:
    id: str
    unit: str
    key: str
    next: str
    at: int


@_record
class Rotation:
    id: str
    unit: str
    previous: str
    reveal: str
    key: str
    next: str
    keeps: tuple
    at: int


@_record
class Succession:
    id: str
    previous: str
    reveal: str
    roots: tuple
    threshold: int
    next: tuple
    next_threshold: int
    keeps: tuple
    at: int


@_record
class Delegation:
    id: str
    unit: str
    proof: str
    issuer: str
    subject: str
    verbs: int
    reads: int
    classes: tuple
    not_before: int
    not_after: int
    serial: int

    def has_class(self, number):
        """Whether one of the ranges of `classes` has the class."""
        return any(first <= number <= last for first, last in self.classes)


@_record
class Founding:
    id: str
    unit: str
    proof: str
    issuer: str
    below: str
    lineage: str
    not_before: int
    not_after: int
    serial: int


@_record
class Ending:
    id: str
    unit: str
    proof: str
    issuer: str
    ends: str
    ran_out: bool
    keeps: tuple
    at: int


class Mark(NamedTuple):
    document: Document
    author: str
    incarnation: str
    seq: int
    head: str
    log: Log                      # of the first three


@_record
class Adoption:
    id: str
    unit: str
    proof: str
    issuer: str
    scope: Scope
    marks: tuple
    at: int


@_record
class Suspension:
    id: str
    unit: str
    proof: str
    issuer: str
    below: str
    at: int


@_record
class Dissolution:
    id: str
    unit: str
    proof: str
    issuer: str
    below: str
    successors: tuple
    at: int


@_record
class Card:
    id: str
    unit: str
    proof: str
    issuer: str
    serial: int
    at: int


@_record
class Address:
    id: str
    unit: str
    proof: str
    issuer: str
    at: int
    until: int


@_record
class Endorsement:
    id: str
    proof: str
    issuer: str
    endorses: str


@_record
class Envelope:
    id: str
    document: Document
    author: str
    incarnation: str
    seq: int
    backlink: Optional[str]
    dependencies: tuple
    delegation: str
    at: int
    log: Log


class Pins(NamedTuple):
    """What the node chose for itself (section 4)."""

    own_unit: str
    own_lineage: str
    former: tuple
    generations: dict
    units: dict


class ReadQuestion(NamedTuple):
    key: str
    at: int
    scope: Scope


@_record
class Case:
    genesis: Genesis
    pins: Pins
    statements: tuple
    envelopes: tuple
    orders: tuple
    times: tuple
    units: tuple
    reads: tuple
    well_made: frozenset          # the records that are well made, which is part of decoding
