"""Section 4: complete, pins, following, chains, undecided ends, rivals."""

import unittest

from world import World, district


class Following(unittest.TestCase):

    def test_rotation_is_followed(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1").rotation(
            "Z", "c/d", "Y", "PY", "k2")
        a = w.answer().raw
        self.assertEqual((a["present"], a["rivals"]), ({"CD": "Z"}, []))

    def test_two_are_followed_by_neither(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1").rotation(
            "Z", "c/d", "CD", "PCD", "k2").rotation("Q", "c/d", "Z", "PZ", "k3")
        a = w.answer().raw
        self.assertEqual((a["present"], a["rivals"]), ({"CD": "CD"}, ["Y", "Z"]))

    def test_pin_chooses(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1").rotation(
            "Z", "c/d", "CD", "PCD", "k2")
        w.generations = {"CD": "Z"}
        a = w.answer().raw
        self.assertEqual((a["present"], a["rivals"]), ({"CD": "Z"}, ["Y"]))

    def test_pin_to_what_is_not_there(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1")
        for pin in ("none", "CD"):
            w.generations = {"CD": pin}
            a = w.answer()
            self.assertEqual((a.raw["present"], a.raw["rivals"]), ({"CD": "CD"}, ["Y"]))
            self.assertEqual(a.stands("DG"), "i-")         # not undecided

    def test_undecided(self):
        for first, second, stands in (((), (), "--"), (["DG"], (), "--"), ((), ["DG"], "--"),
                                      (["DG"], ["DG"], "i-")):
            w = district().rotation("Y", "c/d", "CD", "PCD", "k1", first)
            w.rotation("Z", "c/d", "CD", "PCD", "k2", second)
            self.assertEqual(w.answer().stands("DG"), stands)

    def test_undecided_further_on(self):
        w = district().rotation("X", "c/d", "CD", "PCD", "k0", ["DG"])
        w.rotation("Y", "c/d", "X", "PX", "k1").rotation("Z", "c/d", "X", "PX", "k2", ["DG"])
        self.assertEqual(w.answer().stands("DG"), "--")
        w.generations = {"X": "Z"}
        self.assertEqual(w.answer().stands("DG"), "i-")

    def test_succession_needs_next_threshold(self):
        w = World(next_threshold=2).succession("S", "G", "N1")
        a = w.answer().raw
        self.assertEqual((a["root"], a["rivals"]), ("G", []))
        w.endorsement("E", "G", "N2", "S")
        self.assertEqual(w.answer().raw["root"], "S")

    def test_revealed_key_that_is_in_the_succession(self):
        for over in ({"roots": ["N2", "S1"]}, {"next": ["h:M1", "h:N2"]}):
            w = World(next_threshold=2).succession("S", "G", "N1", **over)
            w.endorsement("E", "G", "N2", "S")
            self.assertEqual(w.answer().raw["root"], "G")

    def test_incomplete_pin_is_not_followed(self):
        w = World(next_threshold=2).succession("S", "G", "N1").succession(
            "T", "G", "N1", roots=["T1"]).endorsement("E", "G", "N2", "T")
        self.assertEqual(w.answer().raw["root"], "T")
        w.generations = {"G": "S"}
        a = w.answer().raw
        self.assertEqual((a["root"], a["rivals"]), ("G", ["T"]))


if __name__ == "__main__":
    unittest.main()
