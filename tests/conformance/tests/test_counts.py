"""Section 7: admission and what counts; section 6: adoptions and coverage."""

import unittest

from world import PUBLIC, WORK, district, founded

SCOPE = ["c/d", 5]
LETTER, ANSWER = ["c/d", 200, "c/e"], ["c/e", 200, "c/d"]


def neighbours():
    """c/d and c/e are recognised; x writes for c/d, y for c/e."""
    w = founded().charter("CE", "c/e", "Ke").founding("FE", "c", "CC", "Kc", "c/e", "CE")
    return w.delegation("D", "c/d", "CD", "Kd", "x").delegation("E", "c/e", "CE", "Ke", "y")


class Admission(unittest.TestCase):

    def verdict(self, world, id_):
        return world.answer().envelope(id_)

    def test_7_backlink(self):
        w = district().envelope("e2", "w", "DW", seq=2, backlink="e1")
        self.assertEqual(self.verdict(w, "e2"), "absent")
        w.envelope("e1", "w", "DW")
        self.assertEqual(self.verdict(w, "e2"), "counts")
        w.envelope("e4", "w", "DW", seq=4, backlink="e2")
        w.envelope("e5", "w", "DW", seq=3, backlink="e2", incarnation="J")
        self.assertEqual((self.verdict(w, "e4"), self.verdict(w, "e5")), ("absent", "absent"))

    def test_8_time(self):
        w = district().envelope("e1", "w", "DW").envelope(
            "e2", "w", "DW", seq=2, backlink="e1", at=999)
        self.assertEqual(self.verdict(w, "e2"), "absent")

    def test_9_dependencies(self):
        w = district().envelope("e1", "w", "DW").envelope("f1", "w", "DW", incarnation="J")
        w.envelope("p1", "w", "DW", document=PUBLIC)
        for n, dependencies in enumerate((["f1"], ["e1"], ["p1"], ["none"], ["f1", "f1"])):
            w.envelope("e2%d" % n, "w", "DW", seq=2, backlink="e1", dependencies=dependencies)
        a = w.answer()
        self.assertEqual([a.envelope("e2%d" % n) for n in range(5)],
                         ["counts"] + ["absent"] * 4)

    def test_9_opposite(self):
        w = neighbours().envelope("l", "x", "D", document=LETTER)
        w.envelope("a", "y", "E", document=ANSWER, dependencies=["l"])
        w.envelope("b", "y", "E", document=["c/e", 201, "c/d"], dependencies=["l"])
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("b")), ("counts", "absent"))
        self.assertEqual(a.raw["heads"], ["a", "l"])

    def test_9_the_addressee_is_founded(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x").envelope(
            "l", "x", "D", document=LETTER)
        self.assertEqual(self.verdict(w, "l"), "absent")
        w.founding("FE", "c", "CC", "Kc", "c/e", "none")
        self.assertEqual(self.verdict(w, "l"), "counts")

    def test_12_may_carry(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", verbs=1)
        w.delegation("D2", "c/d", "CD", "Kd", "y", classes=[[0, 143]])
        w.delegation("D3", "c/d", "CD", "Kd", "z", not_before=2000)
        w.envelope("e1", "other", "DW").envelope("e2", "x", "D").envelope("e3", "y", "D2")
        w.envelope("e4", "w", "DW", document=["c", 144, "x"]).envelope("e5", "w", "none")
        w.envelope("e6", "w", "DW", at=10001).envelope("e7", "z", "D3")
        w.envelope("e8", "w", "DW", at=10000, incarnation="J")
        a = w.answer()
        self.assertEqual([a.envelope("e%d" % n) for n in range(1, 9)], ["absent"] * 7 + ["counts"])

    def test_well_made(self):
        w = district().envelope("e1", "w", "DW", document=["c/d", 224, "x"])
        w.envelope("e2", "w", "DW", backlink="e1").envelope("e3", "w", "DW", seq=0)
        w.envelope("e4", "w", "DW", document=["c/d", 200, "c/d"])
        self.assertEqual(w.answer().raw["envelopes"], ["absent"] * 4)


class Counting(unittest.TestCase):

    def fork(self):
        w = district().envelope("a", "w", "DW").envelope("b1", "w", "DW", seq=2, backlink="a")
        w.envelope("b2", "w", "DW", seq=2, backlink="a")
        return w.envelope("c2", "w", "DW", seq=3, backlink="b2")

    def choose(self, world, id_, seq, head, **over):
        return world.adoption(id_, "c/d", "CD", "Kd", SCOPE, (WORK, "w", "I", seq, head), **over)

    def verdicts(self, world):
        a = world.answer()
        return [a.envelope(i) for i in ("a", "b1", "b2", "c2")]

    def test_fork(self):
        self.assertEqual(self.verdicts(self.fork()),
                         ["counts", "fork", "fork", "rests-on-suspended"])
        self.assertEqual(self.fork().answer().raw["heads"], ["a"])

    def test_chosen_by_a_later_head(self):
        w = self.choose(self.fork(), "M", 3, "c2")
        self.assertEqual(self.verdicts(w), ["counts", "outvoted+aside", "counts", "counts"])

    def test_the_head_must_be_at_its_place(self):
        w = self.choose(self.fork(), "M", 4, "c2")
        self.assertEqual(self.verdicts(w)[1:3], ["fork", "fork"])

    def test_the_head_must_be_here(self):
        w = self.choose(self.fork(), "M", 4, "none")
        self.assertEqual(self.verdicts(w)[1:3], ["fork", "fork"])

    def test_the_first_choice_stays(self):
        for first, second, winner in ((1000, 999, 0), (999, 1000, 1), (1000, 1000, 1)):
            w = self.choose(self.fork(), "M", 2, "b2", at=first)
            self.choose(w, "N", 2, "b1", at=second)
            verdicts = self.verdicts(w)
            self.assertEqual(verdicts[1 + winner], "counts")
            self.assertTrue(verdicts[2 - winner].startswith("outvoted"))

    def test_an_adoption_without_the_class_chooses_nothing(self):
        w = self.fork().delegation("DH", "c/d", "CD", "Kd", "h", classes=[])
        w.adoption("M", "c/d", "DH", "h", SCOPE, (WORK, "w", "I", 2, "b2"))
        self.assertEqual(self.verdicts(w)[1:3], ["fork", "fork"])

    def test_an_ended_adoption_chooses_nothing(self):
        w = self.choose(self.fork(), "M", 2, "b2").ending("X", "c/d", "CD", "Kd", "M")
        self.assertEqual(self.verdicts(w)[1:3], ["fork", "fork"])

    def test_what_is_not_permitted_makes_no_fork(self):
        w = self.fork().delegation("D2", "c/d", "CD", "Kd", "w").ending(
            "X", "c/d", "CD", "Kd", "D2")
        w.envelopes[1]["delegation"] = "D2"
        self.assertEqual(self.verdicts(w), ["counts", "unpermitted+aside", "counts", "counts"])

    def test_what_rests_on_a_loser_makes_no_fork(self):
        w = self.choose(self.fork(), "M", 2, "b2").envelope("c1", "w", "DW", seq=3, backlink="b1")
        a = w.answer()
        self.assertEqual((a.envelope("c1"), a.envelope("c2")),
                         ("rests-on-suspended+aside", "counts"))

    def test_dependencies_in_the_same_document(self):
        w = self.fork().envelope("x", "g", "DG", dependencies=["b1"])
        self.assertEqual(w.answer().envelope("x"), "rests-on-suspended")

    def test_a_dependency_in_the_opposite_document_may_be_suspended(self):
        w = neighbours().envelope("l", "x", "D", document=LETTER)
        w.envelope("a", "y", "E", document=ANSWER, dependencies=["l"])
        w.ending("X", "c/d", "CD", "Kd", "D")
        a = w.answer()
        self.assertEqual((a.envelope("l"), a.envelope("a")), ("unpermitted", "counts"))

    def test_what_does_not_count_but_prevails(self):
        w = self.fork().envelope("x", "g", "DG", dependencies=["b1"])
        w.envelope("y", "g", "DG", seq=2, backlink="x").envelope("z", "g", "DG", seq=2,
                                                                backlink="x")
        a = w.answer()
        self.assertEqual([a.envelope(i) for i in "xyz"], ["rests-on-suspended", "fork", "fork"])

    def test_ring_of_contenders(self):
        w = district().envelope("a", "w", "DW").envelope("f", "g", "DG", dependencies=["a"])
        w.envelope("b", "w", "DW", dependencies=["f"])
        a = w.answer()
        self.assertEqual([a.envelope(i) for i in "afb"], ["fork", "rests-on-suspended", "fork"])

    def test_adoption_permits(self):
        w = district().envelope("a", "w", "DW").ending("X", "c/d", "CD", "Kd", "DW")
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")
        w.adoption("M", "c/d", "DG", "g", SCOPE, (WORK, "w", "I", 1, "a"))
        self.assertEqual(w.answer().envelope("a"), "counts")
        w.statements[1]["classes"] = [[0, 143]]            # (H6) of the adoption's path
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")

    def test_adoption_of_the_past_of_another_lineage(self):
        w = district().envelope("a", "w", "DW").charter("C2", "c/d", "K2")
        w.own = {"unit": "c/d", "lineage": "C2", "former": ["CD"]}
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")
        w.adoption("M", "c/d", "C2", "K2", SCOPE, (WORK, "w", "I", 1, "a"))
        self.assertEqual(w.answer().envelope("a"), "counts")

    def test_adoption_of_a_public_document_asks_an_outside_path(self):
        w = district().envelope("a", "w", "DW", document=PUBLIC)
        w.adoption("M", "c/d", "CD", "Kd", ["c/d", 1], (PUBLIC, "w", "I", 1, "a"))
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")

    def test_covers(self):
        for mark, verdict in (
                ((WORK, "w", "I", 1, "none"), "unpermitted"), ((WORK, "w", "I", 1, "a"), "counts"),
                ((WORK, "w", "I", 9, "b"), "unpermitted"),
                ((WORK, "w", "I", 2, "a"), "unpermitted"),
                ((["c/d", 145, "x"], "w", "I", 1, "a"), "unpermitted+aside"),
                ((WORK, "g", "I", 1, "a"), "unpermitted+aside"),
                ((WORK, "w", "J", 1, "a"), "unpermitted+aside"),
                ((["c/d", 145, "x"], "w", "I", 1, "none"), "unpermitted+aside")):
            w = district().envelope("a", "w", "DW").envelope("b", "g", "DG")
            w.ending("X", "c/d", "CD", "Kd", "DW")
            w.adoption("M", "c/d", "CD", "Kd", SCOPE, mark)
            self.assertEqual(w.answer().envelope("a"), verdict)

    def test_covers_the_past_of_the_head_only(self):
        w = self.choose(self.fork(), "M", 2, "b1").ending("X", "c/d", "CD", "Kd", "DW")
        self.assertEqual(self.verdicts(w), ["counts", "counts", "unpermitted+aside",
                                            "unpermitted+aside"])


if __name__ == "__main__":
    unittest.main()
