"""The genesis and the signed statements (schema/PROTOCOL-2.md, 4-6), read from bytes.

Written from that text alone; it shares no code with the node.
"""

from dataclasses import dataclass

from encoding import (
    U8, U32, ascending, decode, document, fields, hash32, many, maybe, number, require, sha256,
    signed, text, unit,
)


def hashes(value, what):
    values = many(value, 4096, hash32)
    ascending(values, f"{what} not ascending")
    return values


def quorum(roots, threshold):
    """Root keys, and how many of them act together."""
    roots = many(roots, 16, hash32)
    ascending(roots, "roots not ascending")
    require(1 <= number(threshold, U8) <= len(roots), "threshold out of reach")
    return roots, threshold


@dataclass
class Genesis:
    unit: str
    roots: list
    threshold: int
    network: bytes


def genesis(raw):
    city, name, roots, threshold, at = fields(decode(raw), 5)
    unit(city), text(name), number(at)
    return Genesis(city, *quorum(roots, threshold), sha256(b"gongzhi/genesis/1", raw))


@dataclass
class Statement:
    """What every statement begins with: who says it, for which unit, under which delegation."""

    network: bytes
    issuer: bytes
    issuer_unit: str
    proof: bytes | None


def said(network, issuer, issuer_unit, proof):
    return (hash32(network), hash32(issuer), unit(issuer_unit), maybe(proof, hash32))


@dataclass
class Delegation(Statement):
    subject: bytes
    unit: str
    verbs: int
    classes: int
    not_before: int
    not_after: int
    grace: int
    serial: int


def delegation(value):
    *by, subject, own, verbs, classes, begin, end, grace, serial = fields(value, 12)
    return Delegation(
        *said(*by), hash32(subject), unit(own), number(verbs, 7), number(classes, U32),
        number(begin), number(end), number(grace), number(serial),
    )


@dataclass
class Revocation(Statement):
    revokes: bytes
    watermarks: list
    keeps: list
    at: int


def watermark(value):
    doc, author, incarnation, seq = fields(value, 4)
    return ((document(doc), hash32(author), number(incarnation, U32)), number(seq))


def revocation(value):
    *by, revokes, watermarks, keeps, at = fields(value, 8)
    watermarks = many(watermarks, 2048, watermark)
    ascending([log for log, _ in watermarks], "watermarks not ascending, one for each log")
    keeps = hashes(keeps, "kept statements")
    return Revocation(*said(*by), hash32(revokes), watermarks, keeps, number(at))


@dataclass
class Endorsement(Statement):
    endorses: bytes
    at: int


def endorsement(value):
    *by, endorses, at = fields(value, 6)
    return Endorsement(*said(*by), hash32(endorses), number(at))


@dataclass
class Suspension(Statement):
    unit: str
    at: int


def suspension(value):
    *by, suspended, reason, at = fields(value, 7)
    text(reason)
    return Suspension(*said(*by), unit(suspended), number(at))


@dataclass
class Adoption(Statement):
    envelopes: list
    at: int


def adoption(value):
    *by, envelopes, at = fields(value, 6)
    return Adoption(*said(*by), hashes(envelopes, "adopted envelopes"), number(at))


@dataclass
class Succession(Statement):
    previous: bytes
    roots: list
    threshold: int
    keeps: list
    at: int


def succession(value):
    network, issuer, issuer_unit, previous, roots, threshold, keeps, at = fields(value, 8)
    return Succession(
        *said(network, issuer, issuer_unit, None), hash32(previous), *quorum(roots, threshold),
        hashes(keeps, "kept statements"), number(at),
    )


KINDS = (
    (b"gongzhi/delegation/1", delegation),
    (b"gongzhi/revocation/1", revocation),
    (b"gongzhi/endorsement/1", endorsement),
    (b"gongzhi/suspension/1", suspension),
    (b"gongzhi/adoption/1", adoption),
    (b"gongzhi/succession/1", succession),
)


def statement(value):
    kind, record = fields(value, 2)
    require(number(kind) < len(KINDS), "unknown kind of statement")
    domain, read = KINDS[kind]
    return signed(record, domain, read)
