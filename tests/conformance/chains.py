"""Section 4: complete successors, whom a node follows, chains, undecided ends, rivals."""

from collections import defaultdict

from records import Charter, Endorsement, Rotation, Succession


class Chains:
    """The chain of the root and of every kept charter.

    `place` has, for each generation in its chain, its number there.
    """

    def __init__(self, kept):
        self._kept = kept
        self._successors = defaultdict(list)
        self._endorsers = defaultdict(set)       # id of what is endorsed -> issuers
        for s in kept.by_id.values():
            if type(s) is Endorsement:
                self._endorsers[s.endorses].add(s.issuer)
            elif type(s) in (Rotation, Succession):
                self._successors[s.previous].append(s)
        self.place = {}
        self._chain_of = {}
        self._undecided = {}                     # id of a last generation -> its successors
        self.root = self._walk(kept.genesis)
        self.lineages = {s.id: self._walk(s)
                         for s in kept.by_id.values() if type(s) is Charter}

    def _walk(self, first):
        """The first generation, the one followed after it, and so on."""
        chain = []
        generation = first
        while generation is not None:
            self.place[generation.id] = len(chain)
            self._chain_of[generation.id] = chain
            chain.append(generation)
            generation = self._followed_after(generation)
        return chain

    def _followed_after(self, g):
        """Following: the pinned successor if complete, else the only complete one."""
        complete = [s for s in self._successors[g.id] if self.is_complete(s)]
        pins = self._kept.pins.generations
        self._undecided[g.id] = []
        if g.id in pins:
            return next((s for s in complete if s.id == pins[g.id]), None)
        if len(complete) == 1:
            return complete[0]
        self._undecided[g.id] = complete         # none at all: not undecided
        return None

    def is_complete(self, s):
        """A kept rotation is; a succession needs next_threshold revealed keys."""
        if type(s) is Rotation:
            return True
        previous = self._kept.root_generation(s.previous)
        revealed = {s.reveal} | self._endorsers[s.id]
        good = {key for key in revealed
                if key not in s.roots and self._kept.commitment(key) not in s.next}
        return len(good) >= previous.next_threshold

    def root_signatures(self, act):
        """(H3): the roots of the act's generation that signed it."""
        generation = self._kept.root_generation(act.proof)
        return len(({act.issuer} | self._endorsers[act.id]).intersection(generation.roots))

    def is_in_chain(self, g):
        return g.id in self.place

    def must_spare(self, g):
        """(H2): the later generations of g's chain, and the successors it is undecided between."""
        chain = self._chain_of[g.id]
        return chain[self.place[g.id] + 1:] + self._undecided[chain[-1].id]

    def rivals(self):
        """Complete successors of a generation in a chain that are not in it; ascending ids."""
        return sorted(s.id for s in self._kept.by_id.values()
                      if type(s) in (Rotation, Succession) and s.previous in self.place
                      and s.id not in self.place and self.is_complete(s))
