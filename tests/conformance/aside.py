"""Section 7, What is set aside: envelopes that nothing needs, statements out of order."""

from collections import defaultdict

from counts import COUNTS, OUTVOTED
from names import contains
from paths import LEFT_OUT, Question
from records import (Address, Adoption, Card, Charter, Ending, Endorsement, Founding, Rotation,
                     Succession)

_NOT_ISSUED = (Charter, Rotation, Succession, Endorsement)


class SetAside:
    """The ids of the envelopes and of the statements that are set aside."""

    def __init__(self, kept, admitted, standing, adoptions, counting, cards):
        self._kept = kept
        self._admitted = admitted
        self._standing = standing
        self._adoptions = adoptions
        self._counting = counting
        self._cards = cards
        self._last_addresses = self._find_last_addresses()
        self.envelopes = self._find_envelopes()
        self.statements = self._find_statements()

    # Envelopes

    def _find_envelopes(self):
        """Suspended, not needed, and for a settled reason."""
        needed = self._needed()
        found = set()
        for e in self._admitted.values():                # what E rests on comes before E
            verdict = self._counting.verdicts[e.id]
            if verdict == COUNTS or e.id in needed:
                continue
            if (verdict == OUTVOTED
                    or any(id_ in found for id_ in self._counting.rests_on(e))
                    or not self._counting.may_ever_be_permitted(e)):
                found.add(e.id)
        return found

    def _needed(self):
        """Ids of the envelopes that something else needs."""
        needed = set()
        for e in reversed(self._admitted.values()):      # what names E comes after E
            verdict = self._counting.verdicts[e.id]
            if any(self._adoptions.waits_for(m, e) and self._counting.adopts(m, e)
                   for m in self._adoptions.all):
                needed.add(e.id)
            if e.id in needed or (self._counting.is_contender(e) and verdict != OUTVOTED):
                needed.update(e.dependencies)            # all of them are of other logs
            if e.id in needed and e.backlink is not None:
                needed.add(e.backlink)
        return needed

    # Statements

    def _find_statements(self):
        """Adoptions out of order, and what is not in the collection that the text describes."""
        statements = self._kept.by_id.values()
        in_order = {s.id for s in statements if self._is_in_order(s)}
        collection = self._collection(in_order)
        return sorted(s.id for s in statements
                      if s.id not in (in_order if type(s) is Adoption else collection))

    def _collection(self, in_order):
        """The smallest collection, from what is in order; adoptions are never in it."""
        statements = {s.id for s in self._kept.by_id.values() if type(s) is not Adoption}
        waiting = list(in_order)
        drawn = self._drawn_by()
        waiting += drawn[self._kept.genesis.id]
        collection = set()
        while waiting:
            id_ = waiting.pop()
            if id_ in statements and id_ not in collection:
                collection.add(id_)
                waiting += drawn[id_]
        return collection

    def _drawn_by(self):
        """For each id, the ids that it brings into the collection."""
        drawn = defaultdict(list)
        founded = defaultdict(list)                      # charter -> foundings
        for s in self._kept.by_id.values():
            drawn[s.id] += [getattr(s, name) for name in ("proof", "previous") if hasattr(s, name)]
            if type(s) is Ending and self._is_within(s.ends, s.unit):
                drawn[s.id].append(s.ends)
            elif type(s) is Founding and self._is_charter_of(s.lineage, s.below):
                drawn[s.id].append(s.lineage)
                founded[s.lineage].append(s.id)
            elif type(s) in (Rotation, Succession):
                drawn[s.previous].append(s.id)
            elif type(s) is Endorsement:
                drawn[s.endorses].append(s.id)
        for charter, foundings in founded.items():
            drawn[charter].append(min(foundings))
        return drawn

    def _is_within(self, id_, unit):
        """Whether the unit contains the unit of the kept statement with this id."""
        named = self._kept.by_id.get(id_)
        return hasattr(named, "unit") and contains(unit, named.unit)

    def _is_charter_of(self, id_, unit):
        charter = self._kept.by_id.get(id_)
        return type(charter) is Charter and charter.unit == unit

    def _is_in_order(self, s):
        """An issued statement is in order: see the text."""
        if type(s) in _NOT_ISSUED:
            return False
        if type(s) is Card:
            return self._cards.present(self._kept.lineage[s.id]) == s.id
        question = Question(h5=LEFT_OUT, h3=False)
        if type(s) is Address and s.id not in self._last_addresses:
            return False
        if self._kept.by[s.id] == "c":
            return self._standing.root_path_holds(s, question)
        return self._standing.inside_holds(s, question)

    def _find_last_addresses(self):
        """Of each issuer and proof the address with the greatest `at`, then the smallest id."""
        addresses = defaultdict(list)
        for s in self._kept.by_id.values():
            if type(s) is Address:
                addresses[s.issuer, s.proof].append(s)
        return {min(some, key=lambda one: (-one.at, one.id)).id for some in addresses.values()}
