"""Kinds of section 10: changes, documents, names, events, sealed values, letters, reports."""

from hashlib import sha256

from kinds import same, whole
from kinds.verdicts import world_of
from names import Document
from of_bytes import events, letters, reports, sealing
from of_bytes.admitting import Admission
from of_bytes.cbor import Malformed, read
from of_bytes.change_rules import event_id, values
from of_bytes.changes import Change, OpId, Put, encode
from of_bytes.changes import change as read_change
from of_bytes.leb import BadBytes

UNREADABLE, CLOSED = "unreadable", "closed"


def _bytes(vector, *names):
    return [bytes.fromhex(vector[name]) for name in names]


def _op_id(value):
    return OpId(value[0], bytes.fromhex(value[1]))


def change(vector, _):
    """Read from its bytes, and written from what the vector says of it."""
    data = whole(vector)
    try:
        found = read_change(data)
    except BadBytes:
        return "change-malformed"
    same("hash", vector["hash"], found.hash.hex())
    actor, = _bytes(vector, "actor")
    puts = tuple(Put(OpId(vector["start_op"] + n, actor), put["key"], put["type"],
                     bytes.fromhex(put["value"]), tuple(_op_id(one) for one in put["instead"]))
                 for n, put in enumerate(vector["puts"]))
    said = Change(found.hash, tuple(bytes.fromhex(one) for one in vector["deps"]), actor,
                  vector["seq"], vector["start_op"], puts)
    same("change", said, found)
    same("bytes", data, encode(said))


def document(vector, context):
    world, _ = world_of(vector, context)
    admission = Admission(world)
    for n, data in enumerate(vector["envelopes"]):
        same("envelope %d" % n, "accepted", admission.take(bytes.fromhex(data)))
    verdicts = world.judge().counting.verdicts
    counting = [known.change for id_, known in admission.known.items()
                if verdicts[id_] == "counts"]
    for key, said in vector["values"].items():
        same(key, [list(one) for one in said],
             [[put.type, put.bytes.hex()] for put in values(counting, key)])


def name(vector, _):
    same("made", vector["made"], events.name_of(vector["of"], vector["parts"]))


def shard(vector, _):
    same("shard", vector["shard"], events.shard(vector["rule"], vector["id"]))


def event_id_(vector, _):
    author, value = _bytes(vector, "author", "value")
    same("id", vector["id"], event_id(author, vector["in_key"], vector["entity"], value).hex())


def event(vector, _):
    try:
        events.event(whole(vector, "value"))
    except Malformed:
        return UNREADABLE


def sealed(vector, context):
    subject, value = _bytes(vector, "subject", "sealed")
    bound = (context.genesis.id, Document(*vector["document"]), vector["place"], vector["field"],
             subject)
    try:
        text = sealing.unseal(value, [bytes.fromhex(key) for key in vector["keys"]], bound)
    except sealing.DoesNotOpen:
        return UNREADABLE
    if text is None:
        return CLOSED
    same("text", vector["text"], text)


def digest(vector, _):
    pepper, = _bytes(vector, "pepper")
    same("digest", vector["digest"],
         sealing.found_again(pepper, vector["of"], vector["number"]).hex())


def box_subject(vector, _):
    same("subject", vector["subject"], sealing.box_subject(*_bytes(vector, "box")).hex())


def letter(vector, context):
    secret, author, life, delegation = _bytes(vector, "secret", "author", "incarnation",
                                              "delegation")
    same("box", vector["box"], letters.box_of(secret).hex())
    bound = letters.associated(Document(*vector["document"]), author, life, vector["seq"],
                               delegation)
    try:
        _, encapsulated, closed = letters.letter(whole(vector, "content"))
        plain = letters.unseal(encapsulated, closed, secret, context.genesis.id, bound)
        letters.message(plain)
    except (Malformed, letters.DoesNotOpen):
        return UNREADABLE
    same("message", vector["message"], plain.hex())


def copy(vector, context):
    """The sender's own copy of a letter."""
    secret, letter_id = _bytes(vector, "secret", "letter")
    same("box", vector["box"], letters.box_of(secret).hex())
    bound = letters.associated_of_copy(Document(*vector["document"]), letter_id)
    try:
        _, encapsulated, closed = letters.letter(whole(vector, "content"))
        plain = letters.unseal(encapsulated, closed, secret, context.genesis.id, bound,
                               letters.COPY)
        letters.message(plain)
    except (Malformed, letters.DoesNotOpen):
        return UNREADABLE
    same("message", vector["message"], plain.hex())


def revision(vector, _):
    try:
        found = reports.revision(whole(vector, "value"))
    except Malformed:
        return UNREADABLE
    return None if reports.adds_or_is_its_own(found) else UNREADABLE


def cells(vector, _):
    own, *parts = (reports.cells(read(bytes.fromhex(one)))
                   for one in [vector["own"], *vector["parts"]])
    found = reports.added(own, parts, reports.CODES)
    same("cells", vector["cells"], reports.encoded(found).hex())


def sources(vector, _):
    documents = [(one["document"], [bytes.fromhex(head) for head in one["heads"]])
                 for one in vector["documents"]]
    same("digest", vector["digest"], reports.sources_digest(documents).hex())


def rules(vector, _):
    same("lines", vector["lines"], "".join(line + "\n" for line in reports.RULES_LINES))
    same("rules", vector["rules"], sha256(vector["lines"].encode()).hexdigest())


KINDS = {"change": change, "document": document, "name": name, "shard": shard,
         "event-id": event_id_, "event": event, "sealed": sealed, "digest": digest,
         "box-subject": box_subject, "letter": letter, "copy": copy,
         "revision": revision, "cells": cells,
         "sources": sources, "rules": rules}
