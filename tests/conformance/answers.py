"""One order of one case, answered in the format of CASES.md."""

from admission import Taken
from adoptions import Adoptions
from aside import SetAside
from cards import Cards, dissolved, suspended
from chains import Chains
from counts import Counting
from paths import Standing
from reading import Reading
from records import (Charter, Delegation, Endorsement, Founding, Rotation, Succession)

_NEVER_STANDS = (Charter, Rotation, Succession, Endorsement)


def _stands(s, times, kept, standing):
    """For each time, whether S stands inside and outside."""
    if kept.by_id.get(s.id) is not s or type(s) in _NEVER_STANDS:
        return [["-", "-"]] * len(times)
    if type(s) not in (Delegation, Founding):
        return [_stands_at(s, s.at, standing)] * len(times)
    return [_stands_at(s, t, standing) for t in times]


def _stands_at(s, t, standing):
    return ["i" if standing.stands_inside(s, t) else "-",
            "o" if standing.stands_outside(s, t) else "-"]


def _envelope_answer(e, admitted, counting, aside):
    if e.id not in admitted:
        return "absent"
    return counting.verdicts[e.id] + ("+aside" if e.id in aside else "")


def answer_order(case, order):
    """Takes the items in, in this order, and answers everything that the case asks."""
    taken = Taken(case, order)
    kept, admitted = taken.kept, taken.admitted
    chains = Chains(kept)
    standing = Standing(kept, chains)
    adoptions = Adoptions(kept, admitted)
    counting = Counting(kept, admitted, standing, adoptions)
    cards = Cards(kept, standing, chains)
    aside = SetAside(kept, admitted, standing, adoptions, counting, cards)
    reading = Reading(kept, standing)
    followed = {unit: standing.rivals.followed(unit) for unit in case.units}
    suspended_units = suspended(kept, standing)
    dissolved_units = dissolved(kept, standing)
    return {
        "kept": "".join(taken.states),
        "stands": [_stands(s, case.times, kept, standing) for s in case.statements],
        "root": chains.root[-1].id,
        "present": {id_: chain[-1].id for id_, chain in sorted(chains.lineages.items())},
        "rivals": chains.rivals(),
        "followed": followed,
        "candidates": {unit: standing.rivals.candidates(unit) for unit in case.units},
        "suspended": [unit for unit in case.units if unit in suspended_units],
        "dissolved": [unit for unit in case.units if unit in dissolved_units],
        "cards": {unit: followed[unit] and cards.present(followed[unit]) for unit in case.units},
        "aside": aside.statements,
        "envelopes": [_envelope_answer(e, admitted, counting, aside.envelopes)
                      for e in case.envelopes],
        "heads": counting.heads(),
        "reads": [reading.may_hold(question) for question in case.reads],
    }
