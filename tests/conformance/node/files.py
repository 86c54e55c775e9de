"""The files that carry a network or a grant from one node's people to another's (TOML).

The text does not say how they look; this reads the fields that the node writes into them:
`genesis`, and in a grant `unit`, `lineage`, `node` and `chain`, each statement in hexadecimal.
"""

import tomllib
from typing import NamedTuple

from of_bytes import statements
from records import Delegation


class Grant(NamedTuple):
    """What a node begins with: who it is, and what shows it."""

    genesis: object                # the judge's record of it
    unit: str
    lineage: bytes
    node: bytes
    chain: tuple                   # statements as bytes; the last is the node's delegation

    @property
    def delegation(self):
        """The delegation of the node itself."""
        record = statements.statement(self.chain[-1]).record
        if type(record) is not Delegation or record.subject != self.node:
            raise ValueError("the grant does not end with the node's delegation")
        return record


def grant(path):
    """The grant in a file."""
    with open(path, "rb") as file:
        found = tomllib.load(file)
    if found["format"] != "gongzhi-grant-3":
        raise ValueError("not a grant of version 3")
    return Grant(statements.genesis(bytes.fromhex(found["genesis"])), found["unit"],
                 bytes.fromhex(found["lineage"]), bytes.fromhex(found["node"]),
                 tuple(bytes.fromhex(one) for one in found["chain"]))
