"""Sections 4 and 5: genesis and statements as bytes; they become the judge's records.

Ids, keys and hashes stay bytes; the judge asks nothing of them but equality and order.
"""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from names import Log, Scope
from of_bytes.cbor import Malformed, read
from of_bytes.shape import (document, flag, hash_, incarnation, key, many, ms, number, octets,
                            record, scope, text, u8, u64, unit)
from of_bytes.signed import Signed, commitment, open_signed
from records import (Address, Adoption, Card, Charter, Delegation, Dissolution, Ending, Endorsement,
                     Founding, Genesis, Mark, Rotation, Succession, Suspension)
from well_made import is_well_made

MOST_BYTES = 262144


def _classes(value):
    """Pairs of bytes, the first and the last class of a range."""
    some = octets(0, 1 << 16)(value)
    if len(some) % 2:
        raise Malformed("half a pair of classes")
    return tuple(zip(some[::2], some[1::2]))


def _mark(doc, author, life, seq, head):
    return Mark(doc, author, life, seq, head, Log(doc, author, life))


_keys16 = many(key, 1, 16, rises=True)
_hashes16 = many(hash_, 1, 16, rises=True)
_keeps = many(hash_, 0, 4096, rises=True)
_marks = many(record(document, key, incarnation, u64, hash_, into=_mark), 1, 1024)
_name = text(0, 512)
_issued = (("network", hash_), ("unit", unit), ("proof", hash_), ("issuer", key))
_span = (("not_before", ms), ("not_after", ms), ("serial", u64))

_GENESIS = (("unit", unit), ("name", _name), ("roots", _keys16), ("threshold", u8),
            ("next", _hashes16), ("next_threshold", u8), ("at", ms))


class Kind(NamedTuple):
    name: str
    cls: type
    fields: tuple                     # (name, shape), in the order of the record
    signer: str


KINDS = (
    Kind("charter", Charter, (("network", hash_), ("unit", unit), ("key", key), ("next", hash_),
                              ("at", ms)), "key"),
    Kind("rotation", Rotation, (("network", hash_), ("unit", unit), ("previous", hash_),
                                ("reveal", key), ("key", key), ("next", hash_), ("keeps", _keeps),
                                ("at", ms)), "reveal"),
    Kind("succession", Succession, (
        ("network", hash_), ("previous", hash_), ("reveal", key), ("roots", _keys16),
        ("threshold", u8), ("next", _hashes16), ("next_threshold", u8), ("keeps", _keeps),
        ("at", ms)), "reveal"),
    Kind("delegation", Delegation, (*_issued, ("subject", key), ("verbs", number(0, 3)),
                                    ("reads", number(0, 31)), ("classes", _classes), *_span),
         "issuer"),
    Kind("founding", Founding, (*_issued, ("below", unit), ("lineage", hash_), *_span), "issuer"),
    Kind("ending", Ending, (*_issued, ("ends", hash_), ("ran_out", flag), ("keeps", _keeps),
                            ("at", ms)), "issuer"),
    Kind("adoption", Adoption, (*_issued, ("scope", scope), ("marks", _marks), ("at", ms)),
         "issuer"),
    Kind("suspension", Suspension, (*_issued, ("below", unit), ("reason", text(0, 64)),
                                    ("at", ms)), "issuer"),
    Kind("dissolution", Dissolution, (*_issued, ("below", unit), ("successors", many(unit, 0, 64)),
                                      ("at", ms)), "issuer"),
    Kind("card", Card, (*_issued, ("serial", u64), ("name", _name), ("kind", text(0, 64)),
                        ("box", octets(32)), ("at", ms)), "issuer"),
    Kind("address", Address, (*_issued, ("addresses", many(text(1, 256), 1, 16)), ("at", ms),
                              ("until", ms)), "issuer"),
    Kind("endorsement", Endorsement, (("network", hash_), ("proof", hash_), ("issuer", key),
                                      ("endorses", hash_)), "issuer"),
)


class Statement(NamedTuple):
    """One signed statement: its fields, the judge's record of it, and who must have signed."""

    kind: Kind
    fields: dict
    record: object
    signer: bytes
    signed: Signed


def _fields(value, shapes):
    found = record(*(shape for _, shape in shapes))(value)
    return dict(zip((name for name, _ in shapes), found))


def _judges_record(cls, id_, fields):
    made = cls(id=id_, **{name: fields[name] for name in cls.__slots__ if name != "id"})
    if not is_well_made(made, commitment):
        raise Malformed("not well made")
    return made


def genesis(data):
    """A genesis and its id, the network id."""
    fields = _fields(read(data), _GENESIS)
    return _judges_record(Genesis, genesis_id(data), fields)


def genesis_id(data):
    return sha256(b"gongzhi/genesis/3" + data).digest()


@lru_cache(maxsize=16384)
def statement(data):
    """The statement in these bytes; everything of rule 1 but the network and the signature."""
    if len(data) > MOST_BYTES:
        raise Malformed("a statement of more than 262,144 bytes")
    return statement_of(read(data))


def statement_of(value):
    """The statement that a decoded value stands for."""
    if type(value) is not list or len(value) != 2:
        raise Malformed("statement")
    kind = KINDS[number(0, len(KINDS) - 1)(value[0])]
    signed = open_signed(value[1], kind.name)
    fields = _fields(read(signed.payload), kind.fields)
    return Statement(kind, fields, _judges_record(kind.cls, signed.id, fields),
                     fields[kind.signer], signed)


def scope_of_statement(s, city):
    """Section 5, Scope: an adoption's own; (the city, 0) without a unit; else (its unit, 0)."""
    if s.kind.cls is Adoption:
        return s.record.scope
    return Scope(s.fields.get("unit", city), 0)

