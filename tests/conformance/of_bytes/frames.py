"""Section 9.3: frames, and the proof of an equivocation (section 7)."""

from names import LARGEST_U64, ascending
from of_bytes import envelopes
from of_bytes.cbor import Malformed, read
from of_bytes.shape import (document, flag, hash_, incarnation, key, many, ms, nullable, number,
                            octets, record, scope, text, u64, unit)
from of_bytes.statements import statement_of
from of_bytes.stream import LARGEST

_epoch = octets(16)
_reason = record(text(1, 64), text(0, 512))
_cursor = record(_epoch, u64)
_digest = record(hash_, hash_, _cursor, hash_)
_offer = record(scope, u64, hash_, nullable(_cursor))


def _offers(value):
    """Ascending by scope: (unit, compartment, second unit)."""
    offers = many(_offer, 0, 1024)(value)
    if not ascending([(s.unit, s.compartment, s.other or "") for s, *_ in offers]):
        raise Malformed("offers not ascending")
    return offers


FRAMES = (
    ("hello", record(hash_, record(u64, u64), octets(16), ms)),
    ("membership", record(unit, hash_, many(statement_of, 0, 256), flag, _epoch, u64,
                          nullable(_digest))),
    ("refusal", _reason),
    ("offers", record(_offers, flag)),
    ("rest", record(hash_)),
    ("items", record(scope, nullable(u64), nullable(hash_), many(octets(0, LARGEST), 0, 4096))),
    ("ack", record(scope, nullable(u64), flag, number(0, LARGEST_U64), nullable(_reason))),
    ("again", record(scope)),
    ("reconcile", record(scope, octets(1, 65536))),
    ("want", record(scope, many(hash_, 0, 8192))),
    ("interests", record(many(unit, 0, 4096, rises=True), flag)),
    ("aside", record(scope, many(record(document, key, incarnation, u64, hash_), 0, 1024))),
)


def frame(data):
    """The name and the fields of a frame."""
    if len(data) > LARGEST:
        raise Malformed("a frame of more than 1,048,576 bytes")
    value = read(data)
    if type(value) is not list or len(value) != 2:
        raise Malformed("frame")
    name, shape = FRAMES[number(0, len(FRAMES) - 1)(value[0])]
    return name, shape(value[1])


def equivocation(data):
    """Two signed headers of one network and place, the one with the smaller id first."""
    value = read(data)
    if type(value) is not list or len(value) != 2:
        raise Malformed("equivocation")
    headers = [envelopes.header(one) for one in value]
    (net_a, a, _, _, signed_a), (net_b, b, _, _, signed_b) = headers
    if net_a != net_b or (a.log, a.seq) != (b.log, b.seq) or not signed_a.id < signed_b.id:
        raise Malformed("no equivocation")
    return headers
