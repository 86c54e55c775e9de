"""Random cases, mostly sensible and sometimes wild, for speed and for order independence.

    python tests/random_cases.py [--wild] COUNT SEED > cases.jsonl
"""

import json
import random
import sys

UNITS = ["c", "c/d", "c/d/s", "c/e"]
SCOPES = [["c", 1], ["c/d", 5], ["c/d", 2], ["c/d", 3, "c/e"], ["c/d/s", 1], ["c/d/s", 4]]
DOCUMENTS = [["c/d", 144, "x"], ["c/d", 1, "x"], ["c/d", 200, "c/e"], ["c/e", 200, "c/d"],
             ["c/d/s", 1, "y"], ["c/d/s", 130, "y"], ["c", 1, "z"]]
KEYS = ["K%d" % i for i in range(6)]


class Maker:
    def __init__(self, rng, wild):
        self.rng = rng
        self.wild = wild
        self.count = 0
        self.statements = []
        self.envelopes = []
        self.generations = []         # (id, unit or None, keys, next keys)
        self.delegations = []
        genesis_next = ["N1", "N2", "N3"]
        self.genesis = {"id": "G0", "unit": "c", "roots": ["R1", "R2"],
                        "threshold": rng.choice([1, 1, 2]),
                        "next": sorted("h:" + k for k in genesis_next),
                        "next_threshold": rng.choice([1, 1, 2])}
        self.roots = [("G0", ["R1", "R2"], genesis_next)]

    def new_id(self):
        self.count += 1
        return "%02x%02d" % (self.rng.randrange(256), self.count)

    def add(self, kind, **fields):
        s = {"kind": kind, "id": self.new_id(), **fields}
        self.statements.append(s)
        return s

    def time(self):
        return self.rng.choice([500, 1000, 1500, 2000])

    def span(self):
        return {"not_before": self.rng.choice([0, 0, 0, 1000]),
                "not_after": self.rng.choice([900, 1500, 5000, 5000]), "serial": self.count}

    def some_ids(self):
        ids = [s["id"] for s in self.statements]
        if not ids or self.rng.random() < 0.5:
            return []
        return sorted(set(self.rng.choices(ids, k=self.rng.randrange(1, 4))))

    def skeleton(self):
        for unit in UNITS[:self.rng.randrange(2, 5)]:
            for n in range(2 if self.rng.random() < 0.15 else 1):
                key = self.rng.choice(KEYS)
                c = self.add("charter", unit=unit, key=key, next="h:P%s%d" % (unit, n), at=100)
                self.generations.append((c["id"], unit, key, "P%s%d" % (unit, n)))
                self.found(unit, c["id"])

    def found(self, unit, lineage):
        above = [g for g in self.generations if unit.startswith(g[1] + "/")]
        if above and self.rng.random() < 0.6:
            id_, upper, key, _ = self.rng.choice(above)
            return self.add("founding", unit=upper, proof=id_, issuer=key, below=unit,
                            lineage=lineage, **self.span())
        id_, roots, _ = self.rng.choice(self.roots)
        return self.add("founding", unit="c", proof=id_, issuer=self.rng.choice(roots),
                        below=unit, lineage=lineage, **self.span())

    def speaker(self, root_too=False):
        """unit, proof, issuer."""
        choice = self.rng.random()
        if root_too and choice < 0.3:
            id_, roots, _ = self.rng.choice(self.roots)
            return "c", id_, self.rng.choice(roots)
        if self.delegations and choice < 0.6:
            d = self.rng.choice(self.delegations)
            return d["unit"], d["id"], d["subject"]
        id_, unit, key, _ = self.rng.choice(self.generations)
        return unit, id_, key

    def delegation(self):
        unit, proof, issuer = self.speaker()
        d = self.add("delegation", unit=unit, proof=proof, issuer=issuer,
                     subject=self.rng.choice(KEYS), verbs=self.rng.choice([1, 2, 3, 3]),
                     reads=self.rng.choice([0, 16, 31, 31]),
                     classes=self.rng.choice([[[0, 223]], [[0, 223]], [[0, 143]], []]),
                     **self.span())
        self.delegations.append(d)

    def rotation(self):
        id_, unit, _, paper = self.rng.choice(self.generations)
        key = self.rng.choice(KEYS)
        new = paper + "'"
        r = self.add("rotation", unit=unit, previous=id_, reveal=paper, key=key, next="h:" + new,
                     keeps=self.some_ids(), at=self.time())
        self.generations.append((r["id"], unit, key, new))

    def succession(self):
        id_, _, papers = self.rng.choice(self.roots)
        fresh = [p + "'" for p in papers]
        roots = sorted(self.rng.sample(["R1", "R2", "R3"], 2))
        s = self.add("succession", previous=id_, reveal=self.rng.choice(papers), roots=roots,
                     threshold=1, next=sorted("h:" + k for k in fresh), next_threshold=1,
                     keeps=self.some_ids(), at=self.time())
        self.roots.append((s["id"], roots, fresh))

    def ending(self):
        unit, proof, issuer = self.speaker(True)
        ran_out = self.rng.random() < 0.3
        ends = self.rng.choice(self.statements)["id"]
        same = [s for s in self.statements if s.get("unit") == unit
                and s["kind"] in ("delegation", "founding", "marks")]
        if same and self.rng.random() < 0.7:
            ends = self.rng.choice(same)["id"]
        self.add("ending", unit=unit, proof=proof, issuer=issuer, ends=ends, ran_out=ran_out,
                 keeps=self.some_ids(), at=self.rng.choice([500, 1500, 6000]))

    def adoption(self):
        unit, proof, issuer = self.speaker()
        own = [e for e in self.envelopes if e["document"][0] == unit]
        if not own:
            return
        scope = _scope(self.rng.choice(own)["document"])
        inside = [e for e in own if _scope(e["document"]) == scope]
        best = {}
        for e in self.rng.choices(inside, k=2):
            best[str([e["document"], e["author"], e["incarnation"]])] = {
                "document": e["document"], "author": e["author"],
                "incarnation": e["incarnation"], "seq": e["seq"] + self.rng.choice([0, 0, 0, 1]),
                "head": e["id"] if self.rng.random() < 0.8 else "ffff"}
        marks = sorted(best.values(), key=lambda m: (m["document"], m["author"],
                                                     m["incarnation"], m["seq"]))
        self.add("adoption", unit=unit, proof=proof, issuer=issuer, scope=scope, marks=marks,
                 at=self.time())

    def other(self):
        unit, proof, issuer = self.speaker(True)
        below = self.rng.choice(UNITS)
        kind = self.rng.choice(["suspension", "dissolution", "card", "card", "address",
                                "endorsement", "endorsement"])
        at = self.time()
        if kind == "suspension":
            self.add(kind, unit=unit, proof=proof, issuer=issuer, below=below, at=at)
        elif kind == "dissolution":
            self.add(kind, unit=unit, proof=proof, issuer=issuer, below=below, successors=[],
                     at=at)
        elif kind == "card":
            unit, proof, issuer = self.speaker()
            self.add(kind, unit=unit, proof=proof, issuer=issuer,
                     serial=self.rng.randrange(3), at=at)
        elif kind == "address" and self.delegations:
            d = self.rng.choice(self.delegations)
            self.add(kind, unit=d["unit"], proof=d["id"], issuer=d["subject"], at=at,
                     until=at + 100)
        elif kind == "endorsement":
            id_, roots, papers = self.rng.choice(self.roots)
            self.add(kind, proof=id_, issuer=self.rng.choice(roots + papers),
                     endorses=self.rng.choice([x for x in self.statements if id_ in (
                         x.get("proof"), x.get("previous"))] or self.statements)["id"])

    def envelope(self):
        writers = [d for d in self.delegations if d["verbs"] & 2]
        if not writers:
            return
        d = self.rng.choice(writers)
        mine = [x for x in DOCUMENTS if x[0] == d["unit"]]
        if not mine:
            return
        document = self.rng.choice(mine)
        incarnation = self.rng.choice(["I1", "I1", "I2"])
        log = [e for e in self.envelopes if e["document"] == document
               and e["author"] == d["subject"] and e["incarnation"] == incarnation]
        before = self.rng.choice(log) if log and self.rng.random() < 0.85 else None
        others = [e["id"] for e in self.envelopes
                  if e["document"] in (document, [document[2], document[1], document[0]])
                  and e not in log]
        dependencies = sorted(set(self.rng.choices(others, k=self.rng.randrange(3)))) \
            if others else []
        self.envelopes.append({
            "id": self.new_id(), "document": document, "author": d["subject"],
            "incarnation": incarnation, "seq": before["seq"] + 1 if before else 1,
            "backlink": before["id"] if before else None, "dependencies": dependencies,
            "delegation": d["id"],
            "at": max(before["at"], self.time()) if before else self.time()})

    def spoil(self):
        """Makes one field of one statement name something else, even itself."""
        s = self.rng.choice(self.statements)
        ids = [x["id"] for x in self.statements]
        for name in ("proof", "previous", "ends", "lineage", "endorses"):
            if name in s and self.rng.random() < 0.6:
                s[name] = self.rng.choice(ids)

    def case(self, statements, envelopes):
        self.skeleton()
        for _ in range(3):
            self.delegation()
        more = [self.delegation, self.delegation, self.rotation, self.succession, self.ending,
                self.ending, self.adoption, self.other, self.other]
        for _ in range(envelopes):
            self.envelope()
        while len(self.statements) < statements:
            self.rng.choice(more)()
        if self.wild:
            for _ in range(4):
                self.spoil()
        return self._whole()

    def _whole(self):
        total = len(self.statements) + len(self.envelopes)
        orders = [self.rng.sample(range(total), total) for _ in range(3)]
        generations = {}
        if self.rng.random() < 0.3:
            g = self.rng.choice(self.generations + [r for r in self.roots])[0]
            generations[g] = self.rng.choice(self.statements)["id"]
        charters = [s for s in self.statements if s["kind"] == "charter"]
        own = self.rng.choice(charters)
        units = {}
        if self.rng.random() < 0.4:
            c = self.rng.choice(charters)
            units[c["unit"]] = c["id"]
        return {
            "genesis": self.genesis, "own": {"unit": own["unit"], "lineage": own["id"], "former": self.rng.choice(
                [[], [], [self.rng.choice(charters)["id"]]])},
            "pins": {"generations": generations, "units": units},
            "statements": self.statements, "envelopes": self.envelopes, "orders": orders,
            "times": [500, 1500, 3000], "units": UNITS,
            "reads": [{"key": self.rng.choice(KEYS), "at": self.rng.choice([1000, 3000]),
                       "scope": self.rng.choice(SCOPES + [["c/d", 0]])} for _ in range(4)]}


def _scope(document):
    owner, number, shard = document
    if number < 64:
        return [owner, 1]
    if number < 128:
        return [owner, 2]
    return [min(owner, shard), 3, max(owner, shard)] if number >= 192 else [owner, 4 + (number - 128) // 16]


def make(count, seed, wild=False, statements=20, envelopes=8):
    rng = random.Random(seed)
    for _ in range(count):
        yield Maker(rng, wild).case(statements, envelopes)


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--wild"]
    for case in make(int(arguments[0]), int(arguments[1]), "--wild" in sys.argv):
        print(json.dumps(case))
