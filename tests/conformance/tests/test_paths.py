"""Section 6: paths, (H1) to (H7), rivals of a unit."""

import unittest

from world import PUBLIC, World, district, founded


class Inside(unittest.TestCase):

    def test_by_a_and_b(self):
        a = district().answer()
        self.assertEqual((a.stands("DG"), a.stands("DW")), ("i-", "i-"))

    def test_the_path_is_by_the_proof(self):
        w = district().delegation("DI", "c/d", "CD", "Kd", "g")
        w.statements[1]["not_after"] = 500                  # DG, the proof, is over
        self.assertEqual(w.answer().stands("DW"), "--")

    def test_address_by_way_of_a_delegation_by_b(self):
        w = district().address("A", "c/d", "DW", "w")
        self.assertEqual(w.answer().stands("A"), "i-")
        w.statements[1]["not_after"] = 500
        self.assertEqual(w.answer().stands("A"), "--")

    def test_h1_generation_in_chain(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1").rotation(
            "Z", "c/d", "CD", "PCD", "k2").delegation("D", "c/d", "Z", "k2", "x")
        w.generations = {"CD": "Y"}
        self.assertEqual(w.answer().stands("D"), "--")
        w.generations = {"CD": "Z"}
        self.assertEqual(w.answer().stands("D"), "i-")

    def test_h2_every_later_generation_spares(self):
        for first, second, stands in (((), (), "--"), (["DG"], (), "--"), (["DG"], ["DG"], "i-"),
                                      (["DW"], ["DW"], "--")):
            w = district().rotation("Y", "c/d", "CD", "PCD", "k1", keeps=first)
            w.rotation("Z", "c/d", "Y", "PY", "k2", keeps=second)
            self.assertEqual(w.answer().stands("DW"), stands)

    def test_h5(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", not_before=100, not_after=200)
        w.times = [99, 100, 200, 201]
        a = w.answer()
        self.assertEqual([a.stands("D", n) for n in range(4)], ["--", "i-", "i-", "--"])

    def test_h6_class_along_the_path(self):
        w = district().envelope("e", "w", "DW")
        self.assertEqual(w.answer().envelope("e"), "counts")
        w.statements[1]["classes"] = [[0, 143]]
        self.assertEqual(w.answer().envelope("e"), "unpermitted+aside")

    def test_h6_of_the_last_lineage_alone(self):
        w = founded().delegation("DG", "c", "CC", "Kc", "g", classes=[])
        w.statements[3].update(proof="DG", issuer="g")      # FD
        w.delegation("D", "c/d", "CD", "Kd", "x").envelope("e", "x", "D", document=PUBLIC)
        self.assertEqual(w.answer().envelope("e"), "counts")


class Outside(unittest.TestCase):

    def test_down_to_the_school(self):
        w = founded().delegation("D", "c/d/s", "CS", "Ks", "x")
        a = w.answer()
        self.assertEqual([a.stands(i) for i in ("FC", "FD", "FS", "D")], ["-o", "io", "io", "io"])
        self.assertEqual(a.raw["followed"], {"c": "CC", "c/d": "CD", "c/d/s": "CS", "c/e": None})

    def test_without_a_link(self):
        w = founded().delegation("D", "c/d/s", "CS", "Ks", "x")
        w.statements[1]["not_after"] = 500                  # FC
        self.assertEqual(w.answer().stands("D"), "i-")

    def test_any_founding_will_do(self):
        for over in ({}, {"not_after": 500}):
            w = founded().founding("F2", "c", "G", "R1", "c/d", "CD", **over)
            w.founding("F3", "c", "G", "R1", "c/d", "CD", **over)
            w.statements[1]["not_after"] = 10000 if over else 500     # FC
            self.assertEqual(w.answer().stands("FS"), "io")

    def test_lineage_and_unit_of_the_founding(self):
        w = founded().charter("C2", "c/d", "K2").delegation("D", "c/d", "C2", "K2", "x")
        w.units = {"c/d": "C2"}
        self.assertEqual(w.answer().stands("D"), "i-")

    def test_h2_of_a_founding(self):
        w = founded().succession("S", "G", "N1")
        self.assertEqual(w.answer().stands("FD"), "i-")
        w.statements[-1]["keeps"] = ["FC"]
        self.assertEqual(w.answer().stands("FD"), "io")

    def test_h3_threshold(self):
        w = founded(threshold=2)
        self.assertEqual(w.answer().stands("FD"), "i-")
        w.endorsement("E1", "G", "R1", "FC").endorsement("E2", "G", "N1", "FC")
        self.assertEqual(w.answer().stands("FD"), "i-")
        w.endorsement("E3", "G", "R2", "FC")
        self.assertEqual(w.answer().stands("FD"), "io")

    def test_h4_next_of_a_founding_is_no_generation(self):
        for keeps, stands in (([], "i-"), (["D"], "io"), (["CD"], "i-")):
            w = founded().delegation("D", "c/d", "CD", "Kd", "x")
            w.ending("X", "c", "CC", "Kc", "FD", keeps=keeps)
            self.assertEqual(w.answer().stands("D"), "i-")             # (H7): no candidate
            w.founding("F2", "c", "CC", "Kc", "c/d", "CD", not_after=10)
            self.assertEqual(w.answer().stands("D"), stands)

    def test_h7_and_pins(self):
        w = founded().charter("C2", "c/d", "K2").founding("F2", "c", "CC", "Kc", "c/d", "C2")
        w.own = {"unit": "c/e", "lineage": "none", "former": []}
        a = w.answer()
        self.assertEqual(a.raw["candidates"]["c/d"], ["C2", "CD"])
        self.assertEqual(a.raw["followed"]["c/d"], None)
        self.assertEqual((a.stands("FD"), a.stands("F2"), a.stands("FS")), ("io", "io", "i-"))
        w.units = {"c/d": "C2"}
        a = w.answer()
        self.assertEqual((a.raw["followed"]["c/d"], a.stands("FD"), a.stands("F2")),
                         ("C2", "io", "io"))
        self.assertEqual(a.raw["candidates"]["c/d/s"], [])  # (H7) of the foundings before

    def test_the_highest_founders(self):
        w = founded().founding("F2", "c", "CC", "Kc", "c/d/s", "C2").charter("C2", "c/d/s", "K2")
        self.assertEqual(w.answer().raw["followed"]["c/d/s"], "C2")     # c is above c/d
        w.founding("F3", "c", "G", "R1", "c/d/s", "CS")
        self.assertEqual(w.answer().raw["followed"]["c/d/s"], "CS")     # a root act
        w.founding("F4", "c", "G", "R1", "c/d/s", "C2")
        self.assertEqual(w.answer().raw["followed"]["c/d/s"], None)

    def test_h7_without_a_candidate(self):
        w = founded().delegation("D", "c/d/s", "CS", "Ks", "x").charter("C2", "c/d/s", "K2")
        w.ending("X", "c/d", "CD", "Kd", "FS", keeps=["D"])
        a = w.answer()
        self.assertEqual((a.raw["candidates"]["c/d/s"], a.stands("D")), ([], "i-"))

    def test_own_lineage_is_the_own_pin(self):
        w = founded().charter("C2", "c/d", "K2").founding("F2", "c", "G", "R1", "c/d", "C2")
        w.units = {"c/d": "C2"}
        self.assertEqual(w.answer().raw["followed"]["c/d"], "CD")

    def test_open_needs_a_kept_charter_of_the_unit(self):
        for lineage, candidates in (("none", []), ("CS", []), ("FD", []), ("CE", ["CE"]),
                                    ("YE", [])):
            w = founded()
            w.units = {"c/e": "CE"}
            w.charter("CE", "c/e", "Ke").rotation(
                "YE", "c/e", "CE", "PCE", "k2").founding(
                "F2", "c", "CC", "Kc", "c/e", lineage)
            self.assertEqual(w.answer().raw["candidates"]["c/e"], candidates)

    def test_open_leaves_h5_of_foundings_out(self):
        w = founded().founding("F2", "c", "CC", "Kc", "c/d", "C2", not_after=10).charter(
            "C2", "c/d", "K2")
        self.assertEqual(w.answer().raw["candidates"]["c/d"], ["C2", "CD"])
        w.ending("X", "c", "G", "R2", "F2", keeps=["C2"])
        self.assertEqual(w.answer().raw["candidates"]["c/d"], ["CD"])

    def test_open_asks_h5_of_delegations_at_not_before(self):
        for not_before, candidates in ((499, ["C2"]), (500, ["C2"]), (501, [])):
            w = founded().delegation("DG", "c", "CC", "Kc", "g", not_after=500)
            w.founding("F2", "c", "DG", "g", "c/e", "C2", not_before=not_before)
            w.charter("C2", "c/e", "K2")
            self.assertEqual(w.answer().raw["candidates"]["c/e"], candidates)

    def test_open_leaves_h5_of_the_foundings_before_out(self):
        w = founded()
        w.statements[1].update(not_before=9000)             # FC, after FD's not_before
        self.assertEqual(w.answer().raw["candidates"]["c/d"], ["CD"])

    def test_open_no_more_by_an_ending_that_spares(self):
        w = founded().ending("X", "c/d", "CD", "Kd", "FS", keeps=["D"])
        w.delegation("D", "c/d/s", "CS", "Ks", "x").founding(
            "F2", "c/d", "CD", "Kd", "c/d/s", "CS", not_before=10, not_after=20)
        w.ending("Y", "c/d", "CD", "Kd", "F2", keeps=["D"])
        self.assertEqual(w.answer().raw["candidates"]["c/d/s"], [])

    def test_public_envelope_needs_an_outside_path(self):
        w = district().envelope("e", "w", "DW", document=PUBLIC)
        self.assertEqual(w.answer().envelope("e"), "unpermitted+aside")
        w.charter("CC", "c", "Kc").founding("FC", "c", "G", "R1", "c", "CC")
        w.founding("FD", "c", "CC", "Kc", "c/d", "CD")
        self.assertEqual(w.answer().envelope("e"), "counts")

    def test_unit_envelope_of_another_lineage(self):
        w = district().envelope("e", "w", "DW")
        w.units = {"c/d": "CD"}
        w.own = {"unit": "c/d", "lineage": "other", "former": ["CD"]}
        self.assertEqual(w.answer().envelope("e"), "unpermitted+aside")

    def test_empty_world(self):
        self.assertEqual(World().answer().raw["root"], "G")


if __name__ == "__main__":
    unittest.main()
