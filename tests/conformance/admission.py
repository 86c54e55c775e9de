"""Section 7, Admission: steps 7, 8, 9 and 12 for envelopes; and taking items in, in an order.

The other steps are taken to be right in a case (CASES.md).
"""

from kept import KEPT, REFUSED, WAITS, KeptStatements
from names import ADDRESSED, audience, opposite
from records import WRITE, Delegation


def may_carry(d, e):
    """Section 6, Writing: whether the author may carry envelope E under delegation D."""
    return (d.subject == e.author
            and d.unit == e.document.owner
            and d.verbs & WRITE != 0
            and d.has_class(e.document.class_number)
            and d.not_before <= e.at <= d.not_after)


class Taken:
    """What one node took in: its kept statements and its admitted envelopes."""

    def __init__(self, case, order):
        self.case = case
        self.kept = KeptStatements(case.genesis, case.pins)
        self.admitted = {}                                # by id, in order of admission
        self.states = [WAITS] * len(case.statements)
        self._take_in(order)

    def _take_in(self, order):
        """Goes round over what is not yet in until nothing changes."""
        waiting = list(order)
        changed = True
        while changed:
            changed = False
            still = []
            for number in waiting:
                if self._try(number):
                    changed = True
                else:
                    still.append(number)
            waiting = still

    def _try(self, number):
        """Tries one item; True if nothing needs to be asked about it again."""
        count = len(self.case.statements)
        if number < count:
            s = self.case.statements[number]
            if s.id == self.case.genesis.id:              # step 4: no statement has this id
                self.states[number] = REFUSED
            elif s.id in self.kept.by_id:                 # step 4: a duplicate
                self.states[number] = KEPT
            else:
                self.states[number] = self.kept.judge(s, self.case.well_made)
            return self.states[number] != WAITS
        e = self.case.envelopes[number - count]
        if e.id in self.admitted:                         # step 4
            return True
        if e in self.case.well_made and self._admits(e):
            self.admitted[e.id] = e
            return True
        return False

    def _admits(self, e):
        """Steps 7, 8, 9 and 12."""
        if e.seq != 1:
            before = self.admitted.get(e.backlink)
            if before is None or before.log != e.log or before.seq != e.seq - 1:    # step 7
                return False
            if e.at < before.at:                                                    # step 8
                return False
        if not all(self._good_dependency(e, id_) for id_ in e.dependencies):        # step 9
            return False
        if (audience(e.document.class_number) == ADDRESSED
                and e.document.shard not in self.kept.founded_units):               # step 9
            return False
        d = self.kept.by_id.get(e.delegation)                                       # step 12
        return type(d) is Delegation and may_carry(d, e)

    def _good_dependency(self, e, id_):
        """Step 9: admitted, in the same document or the opposite one, in another log."""
        other = self.admitted.get(id_)
        return (other is not None
                and (other.document == e.document or other.document == opposite(e.document))
                and other.log != e.log)
