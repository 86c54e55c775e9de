"""A small world to write cases with: a city c, a district c/d, a school c/d/s.

Every id is the name a test gives. `Answers` are taken in several orders, which must agree.
"""

import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import decoding                                            # noqa: E402
from answers import answer_order                           # noqa: E402

ALL = [[0, 223]]
SPAN = {"not_before": 0, "not_after": 10000, "serial": 1}
WORK = ["c/d", 144, "x"]           # audience unit, of the node's own unit
PUBLIC = ["c/d", 1, "x"]


class Answers:
    """The answers of one case, looked up by id."""

    def __init__(self, case, answer):
        self.raw = answer
        self._statements = [s["id"] for s in case["statements"]]
        self._envelopes = [e["id"] for e in case["envelopes"]]

    def kept(self, id_):
        return self.raw["kept"][self._statements.index(id_)]

    def stands(self, id_, time=0):
        return "".join(self.raw["stands"][self._statements.index(id_)][time])

    def envelope(self, id_):
        return self.raw["envelopes"][self._envelopes.index(id_)]


class World:
    """Statements and envelopes of a case; the node belongs to c/d in lineage CD."""

    def __init__(self, threshold=1, next_threshold=1):
        self.genesis = {"id": "G", "unit": "c", "roots": ["R1", "R2"], "threshold": threshold,
                        "next": ["h:N1", "h:N2"], "next_threshold": next_threshold}
        self.own = {"unit": "c/d", "lineage": "CD", "former": []}
        self.generations = {}
        self.units = {}
        self.statements = []
        self.envelopes = []
        self.times = [1000]
        self.reads = []

    def put(self, kind, id_, **fields):
        self.statements.append({"kind": kind, "id": id_, **fields})
        return self

    def charter(self, id_, unit, key, **over):
        return self.put("charter", id_, **{"unit": unit, "key": key, "next": "h:P" + id_,
                                           "at": 0, **over})

    def rotation(self, id_, unit, previous, reveal, key, keeps=(), **over):
        return self.put("rotation", id_, **{
            "unit": unit, "previous": previous, "reveal": reveal, "key": key,
            "next": "h:P" + id_, "keeps": list(keeps), "at": 0, **over})

    def succession(self, id_, previous, reveal, keeps=(), **over):
        return self.put("succession", id_, **{
            "previous": previous, "reveal": reveal, "roots": ["S1", "S2"], "threshold": 1,
            "next": ["h:M1", "h:M2"], "next_threshold": 1, "keeps": sorted(keeps), "at": 0,
            **over})

    def delegation(self, id_, unit, proof, issuer, subject, verbs=3, reads=31, **over):
        return self.put("delegation", id_, **{
            "unit": unit, "proof": proof, "issuer": issuer, "subject": subject,
            "verbs": verbs, "reads": reads, "classes": ALL, **SPAN, **over})

    def founding(self, id_, unit, proof, issuer, below, lineage, **over):
        return self.put("founding", id_, **{
            "unit": unit, "proof": proof, "issuer": issuer, "below": below,
            "lineage": lineage, **SPAN, **over})

    def ending(self, id_, unit, proof, issuer, ends, ran_out=False, keeps=(), at=1000):
        return self.put("ending", id_, unit=unit, proof=proof, issuer=issuer, ends=ends,
                        ran_out=ran_out, keeps=sorted(keeps), at=at)

    def adoption(self, id_, unit, proof, issuer, scope, *marks, at=1000):
        return self.put("adoption", id_, unit=unit, proof=proof, issuer=issuer, scope=scope,
                        at=at, marks=[
                            {"document": d, "author": a, "incarnation": i, "seq": n, "head": h}
                            for d, a, i, n, h in marks])

    def suspension(self, id_, unit, proof, issuer, below, at=1000):
        return self.put("suspension", id_, unit=unit, proof=proof, issuer=issuer, below=below,
                        at=at)

    def dissolution(self, id_, unit, proof, issuer, below, successors=(), at=1000):
        return self.put("dissolution", id_, unit=unit, proof=proof, issuer=issuer,
                        below=below, successors=list(successors), at=at)

    def card(self, id_, unit, proof, issuer, serial=1):
        return self.put("card", id_, unit=unit, proof=proof, issuer=issuer, serial=serial,
                        at=1000)

    def address(self, id_, unit, proof, issuer, at=1000, until=2000):
        return self.put("address", id_, unit=unit, proof=proof, issuer=issuer, at=at,
                        until=until)

    def endorsement(self, id_, proof, issuer, endorses):
        return self.put("endorsement", id_, proof=proof, issuer=issuer, endorses=endorses)

    def envelope(self, id_, author, delegation, document=WORK, seq=1, backlink=None,
                 dependencies=(), at=1000, incarnation="I"):
        self.envelopes.append({
            "id": id_, "document": list(document), "author": author, "incarnation": incarnation,
            "seq": seq, "backlink": backlink, "dependencies": list(dependencies),
            "delegation": delegation, "at": at})
        return self

    def read(self, key, scope, at=1000):
        self.reads.append({"key": key, "at": at, "scope": scope})
        return self

    def answer(self):
        """The answers, which must be the same in five orders."""
        total = len(self.statements) + len(self.envelopes)
        rng = random.Random(7)
        orders = [list(range(total)), list(reversed(range(total)))]
        orders += [rng.sample(range(total), total) for _ in range(3)]
        case = {"genesis": self.genesis, "own": self.own,
                "pins": {"generations": self.generations, "units": self.units},
                "statements": self.statements, "envelopes": self.envelopes, "orders": orders,
                "times": self.times, "units": ["c", "c/d", "c/d/s", "c/e"], "reads": self.reads}
        parsed = decoding.case(json.dumps(case))
        found = [answer_order(parsed, order) for order in parsed.orders]
        assert all(one == found[0] for one in found), "the orders differ"
        return Answers(case, found[0])


def founded(**options):
    """The city and the district recognised by the root, the school by the district."""
    w = World(**options)
    w.charter("CC", "c", "Kc").founding("FC", "c", "G", "R1", "c", "CC")
    w.charter("CD", "c/d", "Kd").founding("FD", "c", "CC", "Kc", "c/d", "CD")
    w.charter("CS", "c/d/s", "Ks").founding("FS", "c/d", "CD", "Kd", "c/d/s", "CS")
    return w


def district():
    """The own unit alone, pinned, with a GOVERN delegate g and by it a writer w."""
    w = World()
    w.charter("CD", "c/d", "Kd")
    w.delegation("DG", "c/d", "CD", "Kd", "g")
    w.delegation("DW", "c/d", "DG", "g", "w", verbs=2)
    return w
