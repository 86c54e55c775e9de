"""Records and messages of the protocol, read from bytes (schema/PROTOCOL.md, 1-4 and 6-8).

Written from that text alone; it shares no code with the node.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

U8, U32, U64 = 2**8 - 1, 2**32 - 1, 2**64 - 1
EDDSA = bytes.fromhex("a10127")
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER_Y = {
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}
AUDIENCES = ("public", "path", "unit")
AUDIENCE_OF_CLASS = {1: 1, 2: 0, 3: 2, 4: 2, 5: 2, 6: 2, 7: 1, 8: 2}
KEYRING = 8


class Refusal(Exception):
    """Something a node must not take."""


def require(condition, why):
    if not condition:
        raise Refusal(why)


# --- Encoding -----------------------------------------------------------------------------------


def decode(data):
    """One value in the one deterministic encoding."""
    try:
        value = cbor2.loads(data)
        again = cbor2.dumps(value, canonical=True)
    except Exception as error:  # whatever the library says, the bytes are no value
        raise Refusal(f"malformed: {error}") from error
    require(again == data, "not the deterministic encoding")
    return value


def number(value, most=U64, least=0):
    require(type(value) is int and least <= value <= most, "not a number in its range")
    return value


def data(value, size=None, most=None):
    require(type(value) is bytes, "not bytes")
    require(size is None or len(value) == size, "bytes of another size")
    require(most is None or len(value) <= most, "too many bytes")
    return value


def text(value, most=512):
    require(type(value) is str, "not text")
    require(len(value.encode()) <= most, "text too long")
    return value


def fields(value, count):
    require(type(value) in (list, tuple) and len(value) == count, f"not {count} fields")
    return value


def many(value, most, read):
    require(type(value) in (list, tuple), "not a list")
    require(len(value) <= most, "list too long")
    return [read(one) for one in value]


def maybe(value, read):
    return None if value is None else read(value)


def ascending(values, why):
    require(all(a < b for a, b in zip(values, values[1:])), why)


def hash32(value):
    return data(value, size=32)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- Names --------------------------------------------------------------------------------------


def unit(value):
    codes = text(value, 10_000).split("/")
    good = all(re.fullmatch(r"[A-Za-z0-9-]{1,20}", code, re.ASCII) for code in codes)
    require(good and len(codes) <= 6, "not a unit")
    return value


def contains(above, below):
    return below == above or below.startswith(above + "/")


def document(value):
    owner, klass, shard = fields(value, 3)
    number(klass, 8, 1)
    require(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text(shard)), "not a shard")
    return (unit(owner), klass, shard)


def scope(value):
    owner, audience = fields(value, 2)
    return (unit(owner), number(audience, 2))


def actor(key, incarnation, doc):
    parts = (key, incarnation.to_bytes(4, "big"), cbor2.dumps(list(doc), canonical=True))
    return sha256(b"gongzhi/actor/1", *parts)[:16]


def fingerprint(ids):
    total = sum(int.from_bytes(one, "little") for one in ids) % 2**256
    return total.to_bytes(32, "little")


# --- Signed records -----------------------------------------------------------------------------


@dataclass
class Signed:
    """A record with what its signature is over. Decoded, not believed."""

    record: object
    id: bytes
    signed_bytes: bytes
    signature: bytes

    def verify(self, key):
        scalar = int.from_bytes(self.signature[32:], "little")
        require(scalar < ORDER, "signature scalar beyond the group order")
        for point in (key, self.signature[:32]):
            plain = point[:31] + bytes([point[31] & 0x7F])
            require(plain not in SMALL_ORDER_Y, "a point of small order")
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(self.signature, self.signed_bytes)
        except (InvalidSignature, ValueError) as error:
            raise Refusal("bad signature") from error


def signed(value, domain, read):
    require(isinstance(value, cbor2.CBORTag) and value.tag == 18, "not a COSE_Sign1")
    protected, unprotected, payload, signature = fields(value.value, 4)
    require(data(protected) == EDDSA, "another algorithm")
    require(isinstance(unprotected, Mapping) and not unprotected, "an unprotected header")
    record = read(decode(data(payload)))
    structure = ["Signature1", protected, domain, payload]
    signed_bytes = cbor2.dumps(structure, canonical=True)
    return Signed(record, sha256(signed_bytes), signed_bytes, data(signature, size=64))


@dataclass
class Genesis:
    unit: str
    roots: list
    network: bytes


def genesis(raw):
    city, name, roots, threshold, at = fields(decode(raw), 5)
    unit(city), text(name), number(at)
    roots = many(roots, 16, hash32)
    ascending(roots, "roots not ascending")
    require(1 <= number(threshold, U8) <= len(roots), "threshold out of reach")
    return Genesis(city, roots, sha256(b"gongzhi/genesis/1", raw))


@dataclass
class Delegation:
    network: bytes
    issuer: bytes
    issuer_unit: str
    proof: bytes | None
    subject: bytes
    unit: str
    verbs: int
    classes: int
    not_before: int
    not_after: int
    grace: int
    serial: int


def delegation(value):
    network, issuer, issuer_unit, proof, subject, own, verbs, classes, *rest = fields(value, 12)
    return Delegation(
        hash32(network), hash32(issuer), unit(issuer_unit), maybe(proof, hash32),
        hash32(subject), unit(own), number(verbs, 7), number(classes, U32),
        *(number(one) for one in rest),
    )


@dataclass
class Revocation:
    network: bytes
    issuer: bytes
    issuer_unit: str
    proof: bytes | None
    revokes: bytes
    watermarks: list


def watermark(value):
    doc, author, incarnation, seq = fields(value, 4)
    return ((document(doc), hash32(author), number(incarnation, U32)), number(seq))


def revocation(value):
    network, issuer, issuer_unit, proof, revokes, watermarks, at = fields(value, 7)
    watermarks = many(watermarks, 2048, watermark)
    ascending([log for log, _ in watermarks], "watermarks not ascending, one for each log")
    number(at)
    return Revocation(
        hash32(network), hash32(issuer), unit(issuer_unit), maybe(proof, hash32),
        hash32(revokes), watermarks,
    )


def statement(value):
    kind, record = fields(value, 2)
    number(kind)
    if kind == 0:
        return signed(record, b"gongzhi/delegation/1", delegation)
    require(kind == 1, "unknown kind of statement")
    return signed(record, b"gongzhi/revocation/1", revocation)


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

    def check_content(self):
        claims = self.header.record
        require((claims.kind == 1) == (claims.document[1] == KEYRING), "kind and class disagree")
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
    unit(own), many(chain, 8, statement), data(epoch, size=16)
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
