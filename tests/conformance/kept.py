"""Section 5, "Kept or not": rules 1 to 7, in their order; the first that fails decides.

A rule answers KEPT, WAITS or, of what is refused, the code of section 12.
"""

import names
from names import contains
from records import (GOVERN, Address, Charter, Delegation, Dissolution, Ending, Endorsement,
                     Founding, Genesis, Rotation, Succession, Suspension)

KEPT, WAITS, REFUSED = "k", "w", "r"

MALFORMED = "malformed"
OTHER_UNIT, NOT_COMMITTED, NO_ROOT_KEY = "other-unit", "not-committed", "no-root-key"
OUTSIDE_TERRITORY = "outside-territory"
OTHER_ISSUER, KIND_NOT_GRANTED = "other-issuer", "kind-not-granted"

_FROM_ABOVE = (Founding, Suspension, Dissolution)
_ROOT_ACTS = (Founding, Ending, Suspension, Dissolution)


class KeptStatements:
    """The statements a node keeps, by id, with what rule 7 found out about each.

    `by` is the letter (a) to (d) of an issued statement.
    `lineage` is its lineage; a charter or rotation has the lineage that it belongs to;
    a root act has None.
    """

    def __init__(self, genesis, pins, commitment=names.commitment):
        self.genesis = genesis
        self.commitment = commitment
        self.pins = pins
        self.by_id = {}
        self.by = {}
        self.lineage = {}
        self._pinned = {pins.own_lineage, *pins.former, *pins.units.values()}
        self.founded_units = set()    # `below` of kept foundings
        self._founded = set()         # (lineage, below) of kept foundings

    def root_generation(self, id_):
        """The genesis or kept succession with this id, else None."""
        if id_ == self.genesis.id:
            return self.genesis
        one = self.by_id.get(id_)
        return one if type(one) is Succession else None

    def judge(self, s, well_made):
        """Kept, waits or refused, as things stand now; what is kept is added."""
        answer = self.verdict(s) if s in well_made else MALFORMED       # rule 1
        return answer if answer in (KEPT, WAITS) else REFUSED

    def verdict(self, s):
        """Rules 2 to 7: kept, waits, or the code; what is kept is added."""
        kind = type(s)
        if kind is Charter:
            return self._charter(s)
        if kind is Rotation:
            return self._rotation(s)
        if kind is Succession:
            return self._succession(s)
        if kind is Endorsement:
            return self._endorsement(s)
        if kind in _FROM_ABOVE and not contains(s.unit, s.below):   # rule 6
            return OUTSIDE_TERRITORY
        return self._issued(s)

    def _keep(self, s, by, lineage):
        self.by_id[s.id] = s
        self.by[s.id] = by
        self.lineage[s.id] = lineage
        if type(s) is Founding:
            self._founded.add((s.lineage, s.below))
            self.founded_units.add(s.below)
        return KEPT

    def _charter(self, c):
        """Rule 2."""
        if c.id in self._pinned or (c.id, c.unit) in self._founded:
            return self._keep(c, None, c.id)
        return WAITS

    def _rotation(self, r):
        """Rule 3."""
        previous = self.by_id.get(r.previous)
        if previous is None:
            return WAITS
        if getattr(previous, "unit", r.unit) != r.unit:
            return OTHER_UNIT
        if (type(previous) not in (Charter, Rotation)
                or self.commitment(r.reveal) != previous.next):
            return NOT_COMMITTED
        return self._keep(r, None, self.lineage[previous.id])

    def _succession(self, s):
        """Rule 4."""
        if s.previous != self.genesis.id and s.previous not in self.by_id:
            return WAITS
        previous = self.root_generation(s.previous)
        if previous is None or self.commitment(s.reveal) not in previous.next:
            return NOT_COMMITTED
        return self._keep(s, None, None)

    def _endorsement(self, e):
        """Rule 5."""
        endorsed = self.by_id.get(e.endorses)
        if endorsed is None or (e.proof != self.genesis.id and e.proof not in self.by_id):
            return WAITS
        generation = self.root_generation(e.proof)
        if generation is None:
            return NO_ROOT_KEY
        if self.by[endorsed.id] == "c":
            good = endorsed.proof == generation.id and e.issuer in generation.roots
        else:
            good = (type(endorsed) is Succession and endorsed.previous == generation.id
                    and self.commitment(e.issuer) in generation.next)
        return self._keep(e, None, None) if good else NO_ROOT_KEY

    def _issued(self, s):
        """Rule 7, (a) to (d)."""
        proof = self.genesis if s.proof == self.genesis.id else self.by_id.get(s.proof)
        if proof is None:
            return WAITS
        if type(proof) in (Charter, Rotation):
            return self._under_generation(s, proof)
        if type(proof) is Delegation:
            return self._under_delegation(s, proof)
        if type(proof) in (Genesis, Succession):
            return self._under_root(s, proof)
        return OTHER_ISSUER

    def _under_generation(self, s, proof):
        """(a): by the generation's key; all but addresses."""
        if proof.unit != s.unit or proof.key != s.issuer:
            return OTHER_ISSUER
        if type(s) is Address:
            return KIND_NOT_GRANTED
        if self._is_of_its_own_unit(s):
            return OUTSIDE_TERRITORY
        return self._keep(s, "a", self.lineage[proof.id])

    def _under_delegation(self, s, proof):
        """(b) and (d): by the subject; addresses, and with GOVERN all that grants no GOVERN."""
        if proof.unit != s.unit or proof.subject != s.issuer:
            return OTHER_ISSUER
        if type(s) is Address:
            return self._keep(s, "d", self.lineage[proof.id])
        if not proof.verbs & GOVERN:
            return OTHER_ISSUER
        if type(s) is Delegation and s.verbs & GOVERN:
            return KIND_NOT_GRANTED
        if self._is_of_its_own_unit(s):
            return OUTSIDE_TERRITORY
        return self._keep(s, "b", self.lineage[proof.id])

    def _under_root(self, s, generation):
        """(c): what a root may issue, in the city alone."""
        if s.unit != self.genesis.unit or s.issuer not in generation.roots:
            return OTHER_ISSUER
        return self._keep(s, "c", None) if type(s) in _ROOT_ACTS else KIND_NOT_GRANTED

    @staticmethod
    def _is_of_its_own_unit(s):
        """What (a) and (b) refuse also: `below` is `unit`."""
        return type(s) in _FROM_ABOVE and s.below == s.unit
