"""The parsing edge: from the JSON of CASES.md to records.

Only here is a value read by a string key.
"""

import json

from names import Document, Log, Scope
from records import (Address, Adoption, Card, Case, Charter, Delegation, Dissolution, Ending,
                     Endorsement, Envelope, Founding, Genesis, Mark, Pins, ReadQuestion, Rotation,
                     Succession, Suspension)
from well_made import is_well_made

KINDS = {
    "charter": Charter, "rotation": Rotation, "succession": Succession,
    "delegation": Delegation, "founding": Founding, "ending": Ending, "adoption": Adoption,
    "suspension": Suspension, "dissolution": Dissolution, "card": Card, "address": Address,
    "endorsement": Endorsement,
}


def _scope(value):
    return Scope(value[0], value[1], value[2] if len(value) > 2 else None)


def _mark(value):
    log = Log(Document(*value["document"]), value["author"], value["incarnation"])
    return Mark(*log, value["seq"], value["head"], log)


def _field(name, value):
    """A field of a record; lists become tuples, so that nothing can change them."""
    if name == "scope":
        return _scope(value)
    if name == "marks":
        return tuple(_mark(mark) for mark in value)
    if name == "classes":
        return tuple(tuple(pair) for pair in value)
    return tuple(value) if isinstance(value, list) else value


def statement(value):
    """One statement of a case."""
    cls = KINDS[value["kind"]]
    return cls(**{name: _field(name, value[name]) for name in cls.__slots__})


def envelope(value):
    """One envelope of a case, with the log that it is in."""
    document = Document(*value["document"])
    return Envelope(
        value["id"], document, value["author"], value["incarnation"], value["seq"],
        value["backlink"], tuple(value["dependencies"]), value["delegation"], value["at"],
        Log(document, value["author"], value["incarnation"]))


def case(line):
    """A whole case from one line."""
    value = json.loads(line)
    genesis = Genesis(**{name: _field(name, value["genesis"][name])
                         for name in Genesis.__slots__})
    pins = Pins(value["own"]["unit"], value["own"]["lineage"],
                tuple(value["own"].get("former", ())),
                dict(value["pins"]["generations"]), dict(value["pins"]["units"]))
    statements = tuple(statement(one) for one in value["statements"])
    envelopes = tuple(envelope(one) for one in value["envelopes"])
    return Case(
        genesis, pins, statements, envelopes,
        tuple(tuple(order) for order in value["orders"]), tuple(value["times"]),
        tuple(value["units"]),
        tuple(ReadQuestion(one["key"], one["at"], _scope(one["scope"])) for one in value["reads"]),
        frozenset(one for one in statements + envelopes if is_well_made(one)))
