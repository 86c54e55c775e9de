"""Section 6, Paths: which paths a statement has, and whether one of them holds.

Each of (H1) to (H7) looks at one place of a path and at the statement next after it.
So a path holds if every place of it holds, and "some outside path of S holds" is asked from
S upwards: its inside path, and above it some founding whose outside path holds, where the
first statement of that inside path is the one next after the founding.
"""

from collections import defaultdict
from typing import NamedTuple, Optional

from endings import Endings, spares
from records import Charter, Delegation, Founding
from rivals import Rivals

# What takes the place of (H5) in a question.
FULL = "not_before <= t <= not_after"
READERS = "t <= not_after"                       # section 8
DELEGATIONS = "of delegations alone"             # open foundings
LEFT_OUT = "not asked"


class Question(NamedTuple):
    """What a path is asked for: a time, a class or a bit, and what is left out."""

    time: Optional[int] = None
    class_number: Optional[int] = None
    bit: Optional[int] = None
    h5: str = FULL
    h3: bool = True
    h7: bool = True


class Standing:
    """Answers what stands, for one set of kept statements and pins."""

    def __init__(self, kept, chains):
        self.kept = kept
        self.chains = chains
        self._foundings = defaultdict(list)      # (below, lineage) -> foundings
        for s in kept.by_id.values():
            if type(s) is Founding:
                self._foundings[s.below, s.lineage].append(s)
        self._inside_paths = {}
        self._inside = {}
        self._outside = {}
        self.endings = Endings(kept, self)
        self.rivals = Rivals(kept, self)

    # Paths

    def inside_path(self, s):
        """(g; S), or the inside path of its proof and then S; None for a root act."""
        if s.id not in self._inside_paths:
            self._inside_paths[s.id] = self._find_inside_path(s)
        return self._inside_paths[s.id]

    def _find_inside_path(self, s):
        by = self.kept.by.get(s.id)
        if by == "a":
            return (self.kept.by_id[s.proof], s)
        if by in ("b", "d"):
            return self.inside_path(self.kept.by_id[s.proof]) + (s,)
        return None

    # Whether some path holds

    def stands_inside(self, s, t):
        return self.inside_holds(s, Question(t))

    def stands_outside(self, s, t):
        return self.outside_holds(s, Question(t))

    def inside_holds(self, s, question):
        """Whether the inside path of S holds."""
        key = (s.id, question)
        answer = self._inside.get(key)
        if answer is None:
            path = self.inside_path(s)
            answer = self._inside[key] = (
                path is not None and self._part_holds(path, None, question))
        return answer

    def outside_holds(self, s, question, after=None):
        """Whether an outside path of S holds, where `after` is the statement next after S."""
        key = (s.id, question, after and after.id)
        answer = self._outside.get(key)
        if answer is None:
            answer = self._outside[key] = (
                self._h7_holds(s, question, after) and self._find_outside(s, question, after))
        return answer

    def _h7_holds(self, s, question, after):
        """(H7), where S is a founding but not the last statement."""
        return (type(s) is not Founding or after is None or not question.h7
                or self.rivals.followed(s.below) == s.lineage)

    def _find_outside(self, s, question, after):
        """Whether an outside path of S holds, where S itself passed (H7)."""
        if self.kept.by.get(s.id) == "c":
            return self.root_path_holds(s, question, after)
        path = self.inside_path(s)
        if path is None or not self._part_holds(path, after, question):
            return False
        above = question._replace(class_number=None, bit=None)   # (H6): the last lineage alone
        return any(self.outside_holds(f, above, path[1])
                   for f in self._foundings[s.unit, self.kept.lineage[s.id]])

    def root_path_holds(self, s, question, after=None):
        """Whether (r; S) holds for a root act S of generation r."""
        r = self.kept.root_generation(s.proof)
        if question.h3 and self.chains.root_signatures(s) < r.threshold:     # (H3)
            return False
        return self._part_holds((r, s), after, question)

    def is_open(self, f):
        """Section 6, Rivals: F names a kept charter of the unit `below`, and an outside path
        of F holds, where (H5) is asked of delegations alone.
        """
        charter = self.kept.by_id.get(f.lineage)
        return (type(charter) is Charter and charter.unit == f.below
                and self.outside_holds(f, Question(f.not_before, h5=DELEGATIONS)))

    def _part_holds(self, path, after, question):
        """(H1), (H2), (H4), (H5), (H6) at each place of one part of a path."""
        if not self._generation_holds(path[0], path[1]):
            return False
        last = len(path) - 1
        return all(
            self._statement_holds(path[i], path[i + 1] if i < last else after, question)
            for i in range(1, last + 1))

    def _generation_holds(self, g, after):
        """(H1) it is in its chain; (H2) every later generation spares the path at it."""
        return self.chains.is_in_chain(g) and all(
            spares(y, after) for y in self.chains.must_spare(g))

    def _statement_holds(self, s, after, question):
        """(H5) valid, (H6) class or bit, (H4) not ended for the path."""
        if type(s) in (Delegation, Founding) and not _is_valid(s, question):
            return False
        if type(s) is Delegation and not _lets_through(s, question):
            return False
        return not self.endings.is_ended(s, after)


def _is_valid(s, question):
    """(H5), or what the question asks in its place."""
    if question.h5 is LEFT_OUT or (question.h5 is DELEGATIONS and type(s) is Founding):
        return True
    if question.h5 is not READERS and question.time < s.not_before:
        return False
    return question.time <= s.not_after


def _lets_through(d, question):
    """(H6): the class of the envelope, the bit of the reader; asked of the last lineage."""
    if question.class_number is not None:
        return d.has_class(question.class_number)
    return question.bit is None or d.reads & question.bit != 0
