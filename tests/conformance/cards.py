"""Section 6, Cards and Reports: present cards; suspended and dissolved units."""

from collections import defaultdict

from records import Card, Dissolution, Suspension


class Cards:
    """The present card of each lineage."""

    def __init__(self, kept, standing, chains):
        self._standing = standing
        self._chains = chains
        self._cards = defaultdict(list)
        self._present = {}
        for s in kept.by_id.values():
            if type(s) is Card:
                self._cards[kept.lineage[s.id]].append(s)

    def present(self, lineage):
        """Of the cards that stand inside: latest generation, greatest serial, smallest id."""
        if lineage not in self._present:
            ranked = [(-self._place(card), -card.serial, card.id)
                      for card in self._cards.get(lineage, ())
                      if self._standing.stands_inside(card, card.at)]
            self._present[lineage] = min(ranked)[2] if ranked else None
        return self._present[lineage]

    def _place(self, card):
        """The place in its chain of the generation of the card's path."""
        return self._chains.place[self._standing.inside_path(card)[0].id]


def _named_from_above(kept, standing, kind):
    """The units named as `below` by a statement of a kind that stands outside."""
    return {s.below for s in kept.by_id.values()
            if type(s) is kind and standing.stands_outside(s, s.at)}


def suspended(kept, standing):
    return _named_from_above(kept, standing, Suspension)


def dissolved(kept, standing):
    return _named_from_above(kept, standing, Dissolution)
