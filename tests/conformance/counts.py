"""Section 7, What counts: permitted, contenders, chosen, prevailing, verdicts, heads."""

from collections import defaultdict

from names import UNIT, audience
from paths import LEFT_OUT, Question

COUNTS = "counts"
UNPERMITTED, RESTS, OUTVOTED, FORK = "unpermitted", "rests-on-suspended", "outvoted", "fork"


class Counting:
    """The verdict on every admitted envelope.

    Envelopes are judged in the order of admission: what one names comes before it.
    But whether an envelope prevails depends on all of its place, so places come first,
    those with a smaller seq before the others.
    """

    def __init__(self, kept, admitted, standing, adoptions):
        self._kept = kept
        self._admitted = admitted
        self._standing = standing
        self._adoptions = adoptions
        self.permitted = {e.id for e in admitted.values() if self._is_permitted(e)}
        self._contenders = defaultdict(list)             # (log, seq) -> envelopes
        self._prevailing = set()
        self._settle_places()
        self.verdicts = {}
        for e in admitted.values():
            self.verdicts[e.id] = self._verdict(e)

    # Permitted

    def _is_permitted(self, e):
        """A path on behalf of E holds that ends in its delegation or in an adoption."""
        number = e.document.class_number
        d = self._kept.by_id[e.delegation]
        return (self._path_holds(d, e, Question(e.at, number))
                or any(self._adoptions.covers(m, e) and self.adopts(m, e)
                       for m in self._adoptions.all))

    def may_ever_be_permitted(self, e):
        """Whether a path that would permit E holds with (H5) and (H7) left out for that path."""
        question = Question(class_number=e.document.class_number, h5=LEFT_OUT, h7=False)
        return (self._path_holds(self._kept.by_id[e.delegation], e, question)
                or any(self._adoptions.covers(m, e) and self._path_holds(m, e, question)
                       for m in self._adoptions.all))

    def adopts(self, m, e):
        """Whether the path of adoption M on behalf of E holds, at M's time."""
        return self._path_holds(m, e, Question(m.at, e.document.class_number))

    def _path_holds(self, s, e, question):
        """Of audience `unit` the inside path in the node's own lineage, else an outside one."""
        if audience(e.document.class_number) == UNIT:
            return (self._kept.lineage[s.id] == self._kept.pins.own_lineage
                    and self._standing.inside_holds(s, question))
        return self._standing.outside_holds(s, question)

    # Who prevails

    def _settle_places(self):
        """The contenders of each place, and which of them prevails."""
        places = defaultdict(list)
        for e in self._admitted.values():
            if e.id in self.permitted:
                places[e.log, e.seq].append(e)
        for place in sorted(places, key=lambda one: one[1]):
            contenders = [e for e in places[place] if self._backlink_prevails(e)]
            self._contenders[place] = contenders
            winner = self._winner(contenders)
            if winner is not None:
                self._prevailing.add(winner.id)

    def _backlink_prevails(self, e):
        return e.backlink is None or e.backlink in self._prevailing

    def _winner(self, contenders):
        """The only contender; or the one that the first adoption to choose any chooses."""
        if len(contenders) <= 1:
            return contenders[0] if contenders else None
        choices = [(m.at, m.id, e) for m in self._adoptions.all for e in contenders
                   if self._chooses(m, e)]
        return min(choices, key=lambda choice: choice[:2])[2] if choices else None

    def _chooses(self, m, e):
        """M covers E (so its head is admitted), and its path on behalf of E holds."""
        return self._adoptions.covers(m, e) and self.adopts(m, e)

    # Verdicts

    def rests_on(self, e):
        """Its backlink and its dependencies in the same document."""
        past = [] if e.backlink is None else [e.backlink]
        return past + [id_ for id_ in e.dependencies
                       if self._admitted[id_].document == e.document]

    def _verdict(self, e):
        """The first reason that is true, or COUNTS."""
        if e.id not in self.permitted:
            return UNPERMITTED
        if not self._backlink_prevails(e):
            return RESTS
        if e.id not in self._prevailing:
            others = self._contenders[e.log, e.seq]
            return OUTVOTED if any(o.id in self._prevailing for o in others) else FORK
        if any(self.verdicts[id_] != COUNTS for id_ in self.rests_on(e)):
            return RESTS
        return COUNTS

    def is_contender(self, e):
        return e in self._contenders[e.log, e.seq]

    def heads(self):
        """Ids of counting envelopes that no other counting one of the document names."""
        named = set()
        counting = [e for e in self._admitted.values() if self.verdicts[e.id] == COUNTS]
        for e in counting:
            named.update(self.rests_on(e))
        return sorted(e.id for e in counting if e.id not in named)
