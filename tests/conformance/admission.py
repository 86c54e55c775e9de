"""Section 7, Admission: steps 7, 8, 9 and 12 for envelopes; and taking items in, in an order.

The other steps are taken to be right in a case (CASES.md).
A step answers None, WAITS or the code of section 12.
"""

from kept import KEPT, REFUSED, WAITS, KeptStatements
from names import ADDRESSED, audience, opposite
from records import WRITE, Delegation


def step_7(e, admitted, waiting=()):
    """The backlink is an admitted envelope of the same log with seq one less."""
    if e.seq == 1:
        return None
    before = admitted.get(e.backlink)
    if before is None:
        return WAITS if e.backlink in waiting else "seq-gap"
    return None if before.log == e.log and before.seq == e.seq - 1 else "backlink"


def step_8(e, admitted):
    """Its `at` is not before that of its backlink."""
    if e.seq != 1 and e.at < admitted[e.backlink].at:
        return "time-runs-back"
    return None


def step_9(e, admitted, kept, waiting=()):
    """Dependencies are admitted, of the same or the opposite document, of another log;
    and the addressee is founded.
    """
    missing = [id_ for id_ in e.dependencies if id_ not in admitted]
    if any(id_ not in waiting for id_ in missing):
        return "missing-dependency"
    allowed = (e.document, opposite(e.document))
    for other in (admitted[id_] for id_ in e.dependencies if id_ in admitted):
        if other.document not in allowed or other.log == e.log:
            return "dependency-elsewhere"
    founded = (audience(e.document.class_number) != ADDRESSED
               or e.document.shard in kept.founded_units)
    return None if founded and not missing else WAITS


def step_12(e, kept):
    """Section 6, Writing: its author may carry it; the first of the codes in their order."""
    d = kept.by_id.get(e.delegation)
    if d is None:
        return WAITS
    if type(d) is not Delegation:
        return "lacks-verb"
    rules = (("other-subject", d.subject == e.author),
             ("other-unit", d.unit == e.document.owner),
             ("lacks-verb", d.verbs & WRITE != 0),
             ("lacks-class", d.has_class(e.document.class_number)),
             ("not-yet-valid", d.not_before <= e.at),
             ("expired", e.at <= d.not_after))
    return next((code for code, good in rules if not good), None)


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
        return (step_7(e, self.admitted) is None and step_8(e, self.admitted) is None
                and step_9(e, self.admitted, self.kept) is None
                and step_12(e, self.kept) is None)
