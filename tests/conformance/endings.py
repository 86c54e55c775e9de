"""Section 6, Endings: which are effective, and what is ended for a path.

Nothing here goes in a ring: an inner statement by (a) is ended by (a) alone, whose path has
no delegation; and what ends an outer one stands by foundings of units above it.
"""

from collections import defaultdict

from names import is_above
from records import Adoption, Delegation, Dissolution, Ending, Founding, Suspension

INNER = (Delegation, Adoption)
OUTER = (Founding, Suspension, Dissolution)


def spares(y, after):
    """Whether the `keeps` of Y has the id of `after`, the statement next after a place of a path.

    Y is a later generation or an ending; where x is the last of the path, nothing is spared.
    """
    return after is not None and after.id in y.keeps


class Endings:
    """The endings of each kept statement, and which of them are effective."""

    def __init__(self, kept, standing):
        self._kept = kept
        self._standing = standing
        self._of = defaultdict(list)
        self._effective_of = {}
        for x in kept.by_id.values():
            if type(x) is Ending:
                n = kept.by_id.get(x.ends)
                if type(n) in INNER or type(n) in OUTER:
                    self._of[n.id].append(x)

    def effective(self, n):
        """The effective endings of n: withdrawals and closings."""
        answer = self._effective_of.get(n.id)
        if answer is None:
            found = [x for x in self._of.get(n.id, ()) if self._is_effective(x, n)]
            answer = self._effective_of[n.id] = (
                [x for x in found if not x.ran_out], [x for x in found if x.ran_out])
        return answer

    def _is_effective(self, x, n):
        """Rules 1 to 3."""
        if x.ran_out and not (type(n) in (Delegation, Founding) and x.at > n.not_after):
            return False
        if not self._may_end(x, n):
            return False
        if type(n) in INNER:
            return self._standing.stands_inside(x, x.at)
        return self._standing.stands_outside(x, x.at)

    def _may_end(self, x, n):
        """Rule 2."""
        x_by, n_by = self._kept.by[x.id], self._kept.by[n.id]
        own = (x.unit == n.unit and self._kept.lineage[x.id] == self._kept.lineage[n.id]
               and (x_by == "a" or (n_by == "b" and x.issuer == n.issuer)))
        if type(n) in INNER:
            return own
        return x_by == "c" or (n_by != "c" and (is_above(x.unit, n.unit) or own))

    def is_ended(self, s, after):
        """(H4): whether S is ended for a path in which `after` is the statement next after S."""
        if s.id not in self._of:
            return False
        withdrawals, closings = self.effective(s)
        if not all(spares(x, after) for x in withdrawals):
            return True
        return bool(closings) and not any(spares(x, after) for x in closings)
