"""Kinds of sections 1 to 5 and 7: encodings, actor ids, commitments, equivocations."""

from kinds import same, whole
from names import Document
from of_bytes import envelopes, frames, signed, statements
from of_bytes.cbor import Malformed


def _signature(signer, record):
    good = signed.verifies(signer, record.signed_bytes, record.signature)
    return None if good else "bad-signature"


def read_statement(s):
    return s.signed.id, _signature(s.signer, s.signed)


def read_item(one):
    """The id of an item, and the code for a signature or content that does not hold."""
    if one.statement:
        return read_statement(one.statement)
    code = _signature(one.carried.envelope.author, one.carried.signed)
    if code is None and not envelopes.content_matches(one.carried):
        code = "content-mismatch"
    return one.id, code


_READERS = {
    "genesis": lambda data: (statements.genesis(data).id, None),
    "statement": lambda data: read_statement(statements.statement(data)),
    "item": lambda data: read_item(envelopes.item(data)),
}


def encoding(vector, _):
    try:
        id_, code = _READERS[vector["what"]](whole(vector))
    except Malformed:
        return "malformed"
    if code is None and vector["refuse"] is None:
        same("id", vector["id"], id_.hex())
    return code


def actor(vector, _):
    found = envelopes.actor_id(bytes.fromhex(vector["key"]), bytes.fromhex(vector["incarnation"]),
                               Document(*vector["document"]))
    same("actor", vector["actor"], found.hex())


def commitment(vector, _):
    same("commitment", vector["commitment"], signed.commitment(bytes.fromhex(vector["key"])).hex())


def person_commitment(vector, _):
    found = envelopes.person_key_commitment(bytes.fromhex(vector["person"]),
                                            bytes.fromhex(vector["key"]))
    same("commitment", vector["commitment"], found.hex())


def read_equivocation(data):
    """The two ids, joined, and the code for a signature that does not hold."""
    headers = frames.equivocation(data)
    codes = [_signature(e.author, record) for _, e, _, _, record in headers]
    return (b"".join(record.id for *_, record in headers),
            next((code for code in codes if code), None))


def equivocation(vector, _):
    try:
        return read_equivocation(whole(vector))[1]
    except Malformed:
        return "malformed"


KINDS = {"encoding": encoding, "actor": actor, "commitment": commitment,
         "person-commitment": person_commitment, "equivocation": equivocation}
