"""Section 6, Rivals of a unit: open foundings, candidates, the lineage followed."""

from collections import defaultdict

from records import Founding


class Rivals:
    """Which lineages are candidates of a unit, and which of them this node follows."""

    def __init__(self, kept, standing):
        self._kept = kept
        self._standing = standing
        self._foundings = defaultdict(list)
        for s in kept.by_id.values():
            if type(s) is Founding:
                self._foundings[s.below].append(s)
        self._open = {}
        self._followed = {}

    def _open_foundings(self, unit):
        """The open foundings with this unit as `below`."""
        found = self._open.get(unit)
        if found is None:
            found = self._open[unit] = [
                f for f in self._foundings.get(unit, ()) if self._standing.is_open(f)]
        return found

    def candidates(self, unit):
        """The lineages that open foundings of the unit name, ascending."""
        return sorted({f.lineage for f in self._open_foundings(unit)})

    def followed(self, unit):
        """The lineage followed for the unit, or None."""
        if unit not in self._followed:
            self._followed[unit] = self._find_followed(unit)
        return self._followed[unit]

    def _find_followed(self, unit):
        """The pinned one if it is a candidate; else the only one of the highest open foundings."""
        pins = self._kept.pins
        pin = pins.own_lineage if unit == pins.own_unit else pins.units.get(unit)
        if pin in self.candidates(unit):
            return pin
        named = {f.lineage for f in self._highest(self._open_foundings(unit))}
        return named.pop() if len(named) == 1 else None

    def _highest(self, foundings):
        """Those that are root acts; if there are none, those of the unit with fewest codes."""
        root_acts = [f for f in foundings if self._kept.by[f.id] == "c"]
        if root_acts or not foundings:
            return root_acts
        fewest = min(f.unit.count("/") for f in foundings)
        return [f for f in foundings if f.unit.count("/") == fewest]
