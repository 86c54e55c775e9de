"""Kinds of section 9: frames, streams, sums, what is shared, resume, negentropy."""

from hashlib import sha256

from kinds import same, whole
from of_bytes import resume as resuming
from of_bytes import sums
from of_bytes.cbor import Malformed
from of_bytes.frames import frame as read_frame
from of_bytes.negentropy import Negentropy
from of_bytes.stream import BadFrame, frames_of

MALFORMED_FRAME = "malformed-frame"


def frame(vector, _):
    try:
        read_frame(whole(vector))
    except Malformed:
        return MALFORMED_FRAME


def session(vector, _):
    try:
        found = [sha256(one).hexdigest() for one in frames_of(whole(vector))]
    except BadFrame:
        return MALFORMED_FRAME
    same("frames", vector["frames"], found)


def sum_(vector, _):
    ids = [bytes.fromhex(id_) for id_ in vector["ids"]]
    begins = bytes.fromhex(vector["vector_begins"])
    same("vector", begins, sums.set_vector(ids)[:len(begins)])
    same("sum", vector["sum"], sums.sum_of(ids).hex())


def _side_of_shared(side):
    return sums.Side(bytes.fromhex(side["key"]), side["unit"], bytes.fromhex(side["lineage"]),
                     side["inside"], side["outside"], sums.interests_hash(side["interests"]))


def shared(vector, _):
    found = sums.shared(vector["level"], *map(_side_of_shared, vector["sides"]))
    same("shared", vector["shared"], found.hex())


def salted(vector, _):
    found = sums.salted(bytes.fromhex(vector["salt"]), bytes.fromhex(vector["id"]))
    same("salted", vector["salted"], found.hex())


def _cursor(value):
    return value and resuming.Cursor(bytes.fromhex(value[0]), value[1])


def _side_of_resume(side):
    digest = side["digest"] and resuming.Digest(
        bytes.fromhex(side["digest"]["shared"]), bytes.fromhex(side["digest"]["sum"]),
        _cursor(side["digest"]["known"]))
    feed = tuple(resuming.Entry(n, scope, bytes.fromhex(id_))
                 for n, (scope, id_) in enumerate(side["feed"], 1))
    return resuming.Side(bytes.fromhex(side["epoch"]), side["head"], feed, digest,
                         tuple(_cursor(one) for one in side["offers_known"]))


def resume(vector, _):
    sides = [_side_of_resume(side) for side in vector["sides"]]
    found = resuming.resume(sides, bytes.fromhex(vector["shared"]), len(vector["scopes"]))
    same("named", vector["named"], found.named)
    same("done", vector["done"], found.done)
    same("rests", vector["rests"], found.rests and [one.hex() for one in found.rests])
    same("then", vector["then"], found.then)


def _said(message):
    """A message as vectors show it: whole, or its length and hash."""
    return lambda said: (message.hex() if isinstance(said, str)
                         else {"bytes": len(message), "sha256": sha256(message).hexdigest()})


def negentropy(vector, context):
    opener = Negentropy(context.ids(vector["opener"]))
    answerer = Negentropy(context.ids(vector["answerer"]))
    message, said = opener.first(), vector["messages"]
    for n, one in enumerate(said):
        same("message %d" % n, one, _said(message)(one))
        message = (opener if n % 2 else answerer).answer(message, initiates=n % 2 == 1)
    same("end", (0, b"\x61"), (len(said) % 2, message))
    for name, lacks in (("opener_lacks", opener.lacks), ("answerer_lacks", opener.other_lacks)):
        joined = sha256(b"".join(sorted(lacks))).hexdigest()
        same(name, vector[name], {"count": len(lacks), "sha256": joined})


def negentropy_message(vector, context):
    try:
        answer = Negentropy(context.ids([[0, vector["holds"]]])).answer(
            bytes.fromhex(vector["message"]), initiates=False)
    except BadFrame:
        return MALFORMED_FRAME
    same("answer", vector["answer"], answer.hex())


KINDS = {"frame": frame, "session": session, "sum": sum_, "shared": shared, "salted": salted,
         "resume": resume, "negentropy": negentropy, "negentropy-message": negentropy_message}
