"""Section 8: whether a node with a key may hold a scope, as this node judges it."""

from collections import defaultdict

from names import carries, contains, is_scope
from paths import READERS, Question
from records import CORRESPONDENCE, Delegation


class Reading:
    """The table of section 8; a membership is any kept delegation with the key as subject."""

    def __init__(self, kept, standing):
        self._kept = kept
        self._standing = standing
        self._delegations = defaultdict(list)
        for s in kept.by_id.values():
            if type(s) is Delegation:
                self._delegations[s.subject].append(s)

    def may_hold(self, asked):
        """Everything that the table does not allow is denied."""
        scope = asked.scope
        if not is_scope(scope):
            return False
        unit, number = scope.unit, scope.compartment
        if number in (0, 1):
            return self._outside(asked, None, lambda r: True) or self._inside(asked, unit, None)
        if number == 2:
            return (self._outside(asked, CORRESPONDENCE, lambda r: contains(r, unit))
                    or self._inside(asked, unit, CORRESPONDENCE))
        if number == 3:
            return (self._outside(asked, CORRESPONDENCE, lambda r: carries(r, unit, scope.other))
                    or self._inside(asked, unit, CORRESPONDENCE)
                    or self._inside(asked, scope.other, CORRESPONDENCE))
        return (unit == self._kept.pins.own_unit
                and self._inside(asked, unit, 1 << (number - 4)))

    def _outside(self, asked, bit, fits):
        """Whether the key is a member outside, with the bit, of a unit that fits."""
        question = Question(asked.at, bit=bit, h5=READERS)
        return any(fits(d.unit) and self._standing.outside_holds(d, question)
                   for d in self._delegations[asked.key])

    def _inside(self, asked, unit, bit):
        """Whether the key is a member inside of the unit, with the bit.

        That is in the node's own lineage for its own unit, else in the lineage followed.
        """
        if unit == self._kept.pins.own_unit:
            lineage = self._kept.pins.own_lineage
        else:
            lineage = self._standing.rivals.followed(unit)
        question = Question(asked.at, bit=bit, h5=READERS)
        return any(d.unit == unit and self._kept.lineage[d.id] == lineage
                   and self._standing.inside_holds(d, question)
                   for d in self._delegations[asked.key])
