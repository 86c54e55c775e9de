"""Section 8 and section 2: who may hold which scope; units, carrying, ascending."""

import unittest

import world                                               # noqa: F401  (sets the path)
from names import (Document, Scope, ascending, carries, compartment, contains, is_above,
                   is_unit, lowest_common_ancestor, scope_of)
from world import district, founded


class Names(unittest.TestCase):

    def test_units(self):
        self.assertTrue(contains("c", "c/d") and contains("c", "c") and not contains("c", "cd"))
        self.assertTrue(is_above("c", "c/d") and not is_above("c", "c"))
        self.assertTrue(is_unit("a/b/c/d/e/f") and not is_unit("a/b/c/d/e/f/g"))
        self.assertFalse(is_unit("a_b") or is_unit("a//b") or is_unit("a" * 21))

    def test_carries(self):
        for x, answer in (("c", True), ("c/d", True), ("c/d/s", True), ("c/e", True),
                          ("c/f", False), ("c/d/s/t", False)):
            self.assertEqual(carries(x, "c/d/s", "c/e"), answer)
        self.assertFalse(carries("c", "c/d/s", "c/d/t"))
        self.assertTrue(carries("c/d", "c/d", "x/d") and not carries("c", "c/d", "x/d"))
        self.assertEqual(lowest_common_ancestor("c/d", "x/d"), None)

    def test_compartments(self):
        self.assertEqual([compartment(n) for n in (0, 63, 64, 127, 128, 143, 144, 160, 176, 191,
                                                   192, 223)],
                         [1, 1, 2, 2, 4, 4, 5, 6, 7, 7, 3, 3])

    def test_one_scope_of_two_that_write(self):
        for document in (Document("c/d", 200, "c/e"), Document("c/e", 200, "c/d")):
            self.assertEqual(scope_of(document), Scope("c/d", 3, "c/e"))

    def test_ascending(self):
        self.assertTrue(ascending(["a", "ab", "b"]) and not ascending(["a", "a"]))


class Reading(unittest.TestCase):

    def reads(self, world):
        return world.answer().raw["reads"]

    def test_own_unit_bands(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", verbs=0, reads=2)
        for compartment_number in (4, 5, 6, 7, 2, 1, 0):
            w.read("x", ["c/d", compartment_number])
        self.assertEqual(self.reads(w), [False, True, False, False, False, True, True])

    def test_every_delegation_has_the_bit(self):
        w = district().read("w", ["c/d", 5])
        self.assertEqual(self.reads(w), [True])
        w.statements[1]["reads"] = 1
        self.assertEqual(self.reads(w), [False])

    def test_bands_of_another_unit(self):
        w = founded().delegation("D", "c/d/s", "CS", "Ks", "x").read("x", ["c/d/s", 5])
        w.read("x", ["c/d/s", 2])
        self.assertEqual(self.reads(w), [False, True])

    def test_bands_in_the_own_lineage(self):
        w = district().read("w", ["c/d", 5])
        w.units = {"c/d": "CD"}
        w.own = {"unit": "c/d", "lineage": "other"}
        self.assertEqual(self.reads(w), [False])

    def test_time(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", not_before=5000, not_after=6010)
        for at in (1000, 6010, 6011):
            w.read("x", ["c/d", 5], at)
        self.assertEqual(self.reads(w), [True, True, False])

    def test_outside(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x", reads=16)
        w.delegation("E", "c/d", "CD", "Kd", "y", verbs=2, reads=0)
        for key in ("x", "y"):
            for scope in (["c/e", 0], ["c/e", 1], ["c/d/s", 2], ["c", 2], ["c/e", 2]):
                w.read(key, scope)
        self.assertEqual(self.reads(w), [True, True, True, False, False,
                                         True, True, False, False, False])

    def test_outside_needs_recognition(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x").read("x", ["c/e", 0])
        self.assertEqual(self.reads(w), [True])
        w.ending("X", "c", "CC", "Kc", "FD")
        self.assertEqual(self.reads(w), [False])

    def test_every_delegation_of_the_last_lineage_has_the_bit(self):
        for upper, own, answer in ((31, 1, False), (1, 31, True)):
            w = founded().delegation("DG", "c", "CC", "Kc", "g", reads=upper).founding(
                "F2", "c", "DG", "g", "c/e", "CE")
            w.charter("CE", "c/e", "Ke").delegation("DE", "c/e", "CE", "Ke", "h", reads=own)
            w.delegation("D", "c/e", "DE", "h", "x", verbs=2)
            w.read("x", ["c/d", 1]).read("x", ["c/e/f", 2])
            self.assertEqual(self.reads(w), [True, answer])

    def test_letters(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x").delegation(
            "S", "c/d/s", "CS", "Ks", "y").delegation("N", "c/d", "CD", "Kd", "n", reads=15)
        for key, scope in (("x", ["c/d/s", 3, "c/e"]), ("x", ["c/d/s", 3, "c/d/t"]),
                           ("y", ["c/d", 3, "c/e"]), ("y", ["c/d/s", 3, "c/e"]),
                           ("x", ["c/e", 3, "c/f"]), ("n", ["c/d", 3, "c/e"]),
                           ("x", ["c/e", 3, "c/d/s"])):
            w.read(key, scope)
        self.assertEqual(self.reads(w), [True, True, False, True, False, False, False])

    def test_letters_inside_without_recognition(self):
        w = district().read("w", ["c/d", 3, "c/e"]).read("w", ["c", 3, "c/d"])
        w.read("w", ["c/d/s", 3, "c/e"])
        self.assertEqual(self.reads(w), [True, True, False])

    def test_inside_needs_no_bit_for_what_is_public(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", verbs=3, reads=0)
        w.read("x", ["c/d", 0]).read("x", ["c/d", 2]).read("x", ["c/e", 0])
        self.assertEqual(self.reads(w), [True, False, False])

    def test_inside_of_another_unit_in_the_lineage_followed(self):
        w = founded().charter("C2", "c/d/s", "K2").delegation("D", "c/d/s", "C2", "K2", "x")
        w.units = {"c/d/s": "C2"}
        w.read("x", ["c/d/s", 1])
        self.assertEqual(self.reads(w), [False])            # C2 is no candidate
        w.founding("F2", "c/d", "CD", "Kd", "c/d/s", "C2", not_after=500)
        self.assertEqual(self.reads(w), [True])


if __name__ == "__main__":
    unittest.main()
