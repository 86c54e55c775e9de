"""Envelopes and messages (schema/PROTOCOL-2.md, 7 and 8), read from bytes.

Written from that text alone; it shares no code with the node.
"""

from dataclasses import dataclass

from encoding import (
    U32, Signed, ascending, data, decode, document, fields, hash32, many, maybe, number, require,
    scope, sha256, signed, text, unit,
)
from statements import statement

KEYRING = 8

# --- Envelopes ----------------------------------------------------------------------------------


@dataclass
class Header:
    network: bytes
    document: tuple
    author: bytes
    incarnation: int
    seq: int
    backlink: bytes | None
    dependencies: list
    delegation: bytes
    at: int
    kind: int
    payload_hash: bytes

    def log(self):
        return (self.document, self.author, self.incarnation)

    def place(self):
        return (self.network, *self.log(), self.seq)


def header(value):
    (version, network, doc, author, incarnation, seq, backlink, dependencies,
     by, at, kind, payload_hash) = fields(value, 12)
    require(number(version) == 1, "unknown version")
    number(seq, least=1)
    require((seq == 1) == (backlink is None), "seq and backlink disagree")
    dependencies = many(dependencies, 256, hash32)
    ascending(dependencies, "dependencies not ascending")
    return Header(
        hash32(network), document(doc), hash32(author), number(incarnation, U32), seq,
        maybe(backlink, hash32), dependencies, hash32(by), number(at), number(kind, 1),
        hash32(payload_hash),
    )


@dataclass
class Envelope:
    header: Signed
    content: bytes

    def check_kind(self):
        claims = self.header.record
        require((claims.kind == 1) == (claims.document[1] == KEYRING), "kind and class disagree")

    def check_content(self):
        claims = self.header.record
        bound = sha256(self.content) if claims.kind == 0 else keys_hash(self.content)
        require(bound == claims.payload_hash, "content is not what the header binds")


def keys_hash(content):
    def grant(value):
        person, commitment, key = fields(value, 3)
        data(person, size=16), hash32(commitment)
        if key is not None:
            made = sha256(b"gongzhi/person-key/1", person, data(key, size=32))
            require(made == commitment, "a key does not match its commitment")
        return person + commitment

    return sha256(*many(decode(content), 4096, grant))


def envelope(value):
    head, content = fields(value, 2)
    head = signed(head, b"gongzhi/envelope/1", header)
    return Envelope(head, data(content, most=786_432))


def equivocation(raw):
    """Two signed headers of one place in one log."""
    one, other = (signed(head, b"gongzhi/envelope/1", header) for head in fields(decode(raw), 2))
    require(one.id < other.id, "the headers are not in the order of their ids")
    require(one.record.place() == other.record.place(), "the headers have not one place")
    for head in (one, other):
        head.verify(head.record.author)


def item(raw):
    kind, value = fields(decode(raw), 2)
    number(kind)
    if kind == 0:
        return envelope(value)
    require(kind == 1, "unknown kind of item")
    require(len(raw) <= 262_144, "statement too long")
    return statement(value)


# --- Messages -----------------------------------------------------------------------------------


def known(value):
    epoch, seq = fields(value, 2)
    data(epoch, size=16), number(seq)


def offer(value):
    where, head, mark, cursor = fields(value, 4)
    where = scope(where)
    number(head), hash32(mark), maybe(cursor, known)
    return where


def hello(value):
    network, source, target, incarnation, counter, own, chain, epoch, scopes = fields(value, 9)
    hash32(network), hash32(source), hash32(target), number(incarnation, U32), number(counter)
    unit(own), many(chain, 64, statement), data(epoch, size=16)
    ascending(many(scopes, 4096, offer), "scopes not ascending")


def reason(value):
    code, why = fields(value, 2)
    text(code), text(why)


def items(value):
    where, upto, mark, batch = fields(value, 4)
    scope(where), maybe(upto, number), maybe(mark, hash32), many(batch, 4096, data)


def ack(value):
    where, upto, refused, why = fields(value, 4)
    scope(where), maybe(upto, number), number(refused), maybe(why, reason)


def reconcile(value):
    where, message = fields(value, 2)
    scope(where), data(message)


def want(value):
    where, ids = fields(value, 2)
    scope(where), many(ids, 8192, hash32)


def frame(raw):
    require(len(raw) <= 1_048_576, "frame too long")
    kind, value = fields(decode(raw), 2)
    (hello, reason, items, ack, reconcile, want)[number(kind, 5)](value)
