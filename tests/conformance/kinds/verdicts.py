"""Kinds of sections 5 to 8: kept, stands, counts, set aside, admission, who may hold."""

from cards import dissolved, suspended
from kept import KEPT, REFUSED, WAITS
from kinds import same
from names import Scope
from of_bytes.admitting import Admission
from of_bytes.envelopes import item
from of_bytes.world import World
from records import Delegation, Founding, Pins, ReadQuestion


def _hex(table):
    return {bytes.fromhex(a): bytes.fromhex(b) for a, b in table.items()}


def _pins(vector):
    own, pins = vector["own"], vector["pins"]
    return Pins(own["unit"], bytes.fromhex(own["lineage"]),
                tuple(bytes.fromhex(one) for one in pins["former"]), _hex(pins["generations"]),
                {unit: bytes.fromhex(id_) for unit, id_ in pins["units"].items()})


def world_of(vector, context, backwards=False):
    """The world of a vector, and the verdict on each of its statements."""
    world = World(context.genesis, _pins(vector))
    some = [bytes.fromhex(s) for s in vector["statements"]]
    verdicts = world.take_statements(some[::-1] if backwards else some)
    return world, verdicts[::-1] if backwards else verdicts


def kept(vector, context):
    for backwards in (False, True):
        _, verdicts = world_of(vector, context, backwards)
        letters = "".join(v if v in (KEPT, WAITS) else REFUSED for v in verdicts)
        same("kept", vector["kept"], letters)
        same("codes", vector["codes"], [None if v in (KEPT, WAITS) else v for v in verdicts])


def _stands(question, world, standing):
    s = world.kept.by_id.get(bytes.fromhex(question["id"]))
    if s is None:
        return False, False
    t = question["at"] if type(s) in (Delegation, Founding) else s.at
    return standing.stands_inside(s, t), standing.stands_outside(s, t)


def stands(vector, context):
    world, _ = world_of(vector, context)
    judged = world.judge()
    for question in vector["questions"]:
        same("stands " + question["id"], (question["inside"], question["outside"]),
             _stands(question, world, judged.standing))
    for name, answer in _ANSWERS.items():
        if name in vector:
            same(name, vector[name], answer(judged, vector[name]))


def _id(some):
    return some and some.hex()


def _card(judged, unit):
    lineage = judged.standing.rivals.followed(unit)
    return lineage and judged.cards.present(lineage)


def _per_unit(ask):
    return lambda judged, said: {unit: _id(ask(judged, unit)) for unit in said}


_ANSWERS = {
    "root": lambda judged, _: judged.chains.root[-1].id.hex(),
    "present": lambda judged, said: {
        id_: judged.chains.lineages[bytes.fromhex(id_)][-1].id.hex() for id_ in said},
    "rivals": lambda judged, _: [id_.hex() for id_ in judged.chains.rivals()],
    "followed": _per_unit(lambda judged, unit: judged.standing.rivals.followed(unit)),
    "candidates": lambda judged, said: {
        unit: [id_.hex() for id_ in judged.standing.rivals.candidates(unit)] for unit in said},
    "suspended": lambda judged, _: sorted(suspended(judged.kept, judged.standing)),
    "dissolved": lambda judged, _: sorted(dissolved(judged.kept, judged.standing)),
    "cards": _per_unit(_card),
}


def _take_all(admission, some):
    """Takes envelopes in until nothing changes; what was taken, by number."""
    outcomes = {}
    while True:
        new = {n: outcome for n, data in enumerate(some) if n not in outcomes
               for outcome in [admission.take(data)] if outcome in ("accepted", "duplicate")}
        if not new:
            return outcomes
        outcomes.update(new)


def _with_envelopes(vector, context):
    """The judge over statements and envelopes.

    In these kinds the steps 6, 10, 11, 13 and 14 are taken to hold, and contents are no changes.
    """
    world, _ = world_of(vector, context)
    admission = Admission(world, asks_content=False)
    some = [bytes.fromhex(e) for e in vector["envelopes"]]
    _take_all(admission, some)
    return world, some


def _verdict(data, world, judged):
    id_ = item(data).id
    if id_ not in world.admitted:
        return "absent"
    return judged.counting.verdicts[id_] + ("+aside" if id_ in judged.aside.envelopes else "")


def counts(vector, context):
    world, some = _with_envelopes(vector, context)
    judged = world.judge()
    same("verdicts", vector["verdicts"], [_verdict(data, world, judged) for data in some])
    same("heads", vector["heads"], [id_.hex() for id_ in judged.counting.heads()])


def aside(vector, context):
    world, _ = _with_envelopes(vector, context)
    same("aside", vector["aside"], [id_.hex() for id_ in world.judge().aside.statements])


def admit(vector, context):
    world, _ = world_of(vector, context)
    admission = Admission(world, bytes.fromhex(vector["node"]))
    for n, step in enumerate(vector["steps"]):
        outcome = admission.take(bytes.fromhex(step["bytes"]), _scope(step["scope"]))
        same("step %d" % n, step["outcome"], outcome)


def hold(vector, context):
    reading = world_of(vector, context)[0].judge().reading
    for q in vector["questions"]:
        asked = ReadQuestion(bytes.fromhex(q["key"]), vector["now"], _scope(q["scope"]))
        same("may %s %s" % (q["key"], q["scope"]), q["may"], reading.may_hold(asked))


def _scope(value):
    return Scope(value[0], value[1], value[2] if len(value) > 2 else None)


KINDS = {"kept": kept, "stands": stands, "counts": counts, "aside": aside, "admit": admit,
         "hold": hold}
