"""Section 6: endings (rules 1 to 3), inner and outer, withdrawals and closings, reports."""

import unittest

from world import WORK, district, founded


class Inner(unittest.TestCase):

    def stands(self, world, id_="DW"):
        return world.answer().stands(id_)

    def test_by_a(self):
        self.assertEqual(self.stands(district().ending("X", "c/d", "CD", "Kd", "DW")), "--")

    def test_by_the_same_issuer(self):
        self.assertEqual(self.stands(district().ending("X", "c/d", "DG", "g", "DW")), "--")

    def test_what_is_by_a_is_ended_by_a_alone(self):
        w = district().delegation("DK", "c/d", "CD", "Kd", "Kd")
        w.ending("X", "c/d", "DK", "Kd", "DG").ending("Y", "c/d", "DK", "Kd", "DK")
        a = w.answer()
        self.assertEqual((a.stands("DG"), a.stands("DK")), ("i-", "i-"))

    def test_not_by_another_delegate(self):
        w = district().delegation("DH", "c/d", "CD", "Kd", "h").ending(
            "X", "c/d", "DH", "h", "DW")
        self.assertEqual(self.stands(w), "i-")

    def test_not_from_above(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x")
        w.ending("X", "c", "CC", "Kc", "D").ending("Z", "c", "G", "R1", "D")
        self.assertEqual(self.stands(w, "D"), "io")

    def test_not_of_another_lineage(self):
        w = district().charter("C2", "c/d", "K2").ending("X", "c/d", "C2", "K2", "DW")
        w.units = {"c/d": "C2"}
        w.own["former"] = ["C2"]
        self.assertEqual(self.stands(w), "i-")

    def test_it_must_stand(self):
        w = district().ending("X", "c/d", "DG", "g", "DW", at=20000)
        self.assertEqual(self.stands(w), "i-")

    def test_an_ended_issuer_ends_nothing(self):
        w = district().ending("X", "c/d", "DG", "g", "DW")
        w.ending("Y", "c/d", "CD", "Kd", "DG", keeps=["DW"])
        self.assertEqual(self.stands(w), "i-")
        w.statements[-1]["keeps"] = ["DW", "X"]
        self.assertEqual(self.stands(w), "--")

    def test_keeps_the_next(self):
        a = district().ending("X", "c/d", "CD", "Kd", "DG", keeps=["DW"]).answer()
        self.assertEqual((a.stands("DG"), a.stands("DW")), ("--", "i-"))

    def test_withdrawals_intersect(self):
        w = district().ending("X", "c/d", "CD", "Kd", "DG", keeps=["DW"])
        w.ending("Z", "c/d", "CD", "Kd", "DG")
        self.assertEqual(self.stands(w), "--")

    def test_closings_unite(self):
        w = district().ending("X", "c/d", "CD", "Kd", "DG", ran_out=True, at=10001)
        self.assertEqual(self.stands(w), "--")
        w.ending("Z", "c/d", "CD", "Kd", "DG", ran_out=True, at=10001, keeps=["DW"])
        self.assertEqual(self.stands(w), "i-")

    def test_a_closing_does_not_mend_a_withdrawal(self):
        w = district().ending("X", "c/d", "CD", "Kd", "DG")
        w.ending("Z", "c/d", "CD", "Kd", "DG", ran_out=True, at=10001, keeps=["DW"])
        self.assertEqual(self.stands(w), "--")

    def test_1_ran_out_not_before_the_end(self):
        w = district().ending("X", "c/d", "CD", "Kd", "DG", ran_out=True, at=10000)
        self.assertEqual(self.stands(w), "i-")

    def test_adoptions_and_ran_out(self):
        w = district().envelope("e", "w", "DW").ending("Y", "c/d", "CD", "Kd", "DW")
        w.adoption("M", "c/d", "CD", "Kd", ["c/d", 5], (WORK, "w", "I", 1, "e"))
        w.ending("X", "c/d", "CD", "Kd", "M", ran_out=True, at=99999)
        self.assertEqual(w.answer().envelope("e"), "counts")
        w.ending("Z", "c/d", "CD", "Kd", "M")
        a = w.answer()
        self.assertEqual((a.envelope("e"), a.stands("M")), ("unpermitted+aside", "--"))

    def test_nothing_else_ends(self):
        w = district().card("K", "c/d", "CD", "Kd").ending("X", "c/d", "CD", "Kd", "K")
        w.ending("Y", "c/d", "CD", "Kd", "DG").ending("Z", "c/d", "CD", "Kd", "Y")
        a = w.answer()
        self.assertEqual((a.stands("K"), a.stands("DG"), a.stands("Y")), ("i-", "--", "i-"))


class Outer(unittest.TestCase):

    def test_by_the_root_and_by_a_unit_above(self):
        for unit, proof, issuer, id_, stands in (
                ("c", "G", "R1", "FS", "--"), ("c", "CC", "Kc", "FS", "--"),
                ("c", "CC", "Kc", "FC", "-o"), ("c/d", "CD", "Kd", "FS", "--"),
                ("c/d/s", "CS", "Ks", "FS", "io")):
            w = founded().ending("X", unit, proof, issuer, id_)
            self.assertEqual(w.answer().stands(id_), stands)

    def test_root_act_is_ended_by_the_root_alone(self):
        w = founded().founding("F2", "c", "G", "R1", "c/d/s", "CS")
        w.ending("X", "c", "CC", "Kc", "F2")
        self.assertEqual(w.answer().stands("F2"), "-o")
        w.ending("Z", "c", "G", "R2", "F2")
        self.assertEqual(w.answer().stands("F2"), "--")

    def test_by_its_issuer_or_by_a(self):
        w = founded().delegation("DG", "c/d", "CD", "Kd", "g").delegation(
            "DH", "c/d", "CD", "Kd", "h")
        w.suspension("U", "c/d", "DG", "g", "c/d/s")
        self.assertEqual(w.answer().raw["suspended"], ["c/d/s"])
        w.ending("X", "c/d", "DH", "h", "U")
        self.assertEqual(w.answer().raw["suspended"], ["c/d/s"])
        w.ending("Z", "c/d", "DG", "g", "U")
        self.assertEqual(w.answer().raw["suspended"], [])

    def test_what_is_by_a_not_by_its_issuer_as_delegate(self):
        w = founded().delegation("DK", "c/d", "CD", "Kd", "Kd")
        w.ending("X", "c/d", "DK", "Kd", "FS")
        self.assertEqual(w.answer().stands("FS"), "io")

    def test_not_of_another_lineage(self):
        w = founded().charter("C2", "c/d", "K2").founding("F2", "c", "CC", "Kc", "c/d", "C2")
        w.own = {"unit": "c/e", "lineage": "CE", "former": []}
        w.units = {"c/d": "CD"}
        w.ending("X", "c/d", "C2", "K2", "FS")
        self.assertEqual(w.answer().stands("FS"), "io")

    def test_it_must_stand_outside(self):
        w = founded().ending("X", "c/d", "CD", "Kd", "FS").ending("Z", "c", "G", "R1", "FC")
        a = w.answer()
        self.assertEqual((a.stands("X"), a.stands("FS")), ("i-", "i-"))

    def test_threshold_of_a_root_ending(self):
        w = founded(threshold=2)
        w.endorsement("E", "G", "R2", "FC").ending("X", "c", "G", "R1", "FC")
        self.assertEqual(w.answer().stands("FC"), "-o")
        w.endorsement("E2", "G", "R2", "X")
        self.assertEqual(w.answer().stands("FC"), "--")

    def test_dissolved(self):
        w = founded().dissolution("Z", "c", "CC", "Kc", "c/d/s")
        self.assertEqual(w.answer().raw["dissolved"], ["c/d/s"])
        w.ending("X", "c", "G", "R1", "Z")
        self.assertEqual(w.answer().raw["dissolved"], [])


if __name__ == "__main__":
    unittest.main()
