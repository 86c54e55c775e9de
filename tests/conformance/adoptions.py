"""Section 6, Adoptions: which envelopes they cover."""

from records import Adoption


class Adoptions:
    """The kept adoptions, over the admitted envelopes."""

    def __init__(self, kept, admitted):
        self._admitted = admitted
        self.all = [s for s in kept.by_id.values() if type(s) is Adoption]
        self._pasts = {}

    def covers(self, m, e):
        """Whether a mark of M for E's log has its head here, at its seq, and E in its past."""
        return any(mark.log == e.log and self._is_here(mark)
                   and self._leads_to(mark.head, e) for mark in m.marks)

    def waits_for(self, m, e):
        """M needs E: a mark for its log, not below it, whose head leads to E or is not here."""
        return any(mark.log == e.log and mark.seq >= e.seq
                   and (not self._is_here(mark) or self._leads_to(mark.head, e))
                   for mark in m.marks)

    def _is_here(self, mark):
        """The mark's head is admitted in its log at its seq."""
        head = self._admitted.get(mark.head)
        return head is not None and (head.log, head.seq) == (mark.log, mark.seq)

    def _leads_to(self, head, e):
        """E is the envelope with this id, or backlinks lead from it to E."""
        ids = self._pasts.get(head)
        if ids is None:
            ids = self._pasts[head] = set()
            one = self._admitted.get(head)
            while one is not None:
                ids.add(one.id)
                one = self._admitted.get(one.backlink)
        return e.id in ids
