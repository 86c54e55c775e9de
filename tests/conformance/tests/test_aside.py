"""Section 7, What is set aside; section 6, Cards."""

import unittest

from world import PUBLIC, WORK, district, founded

SCOPE = ["c/d", 5]


class Envelopes(unittest.TestCase):

    def withdrawn(self):
        return district().envelope("a", "w", "DW").ending("X", "c/d", "CD", "Kd", "DW")

    def test_not_permitted_for_good(self):
        self.assertEqual(self.withdrawn().answer().envelope("a"), "unpermitted+aside")

    def test_h5_left_out(self):
        w = district().envelope("a", "w", "DW")
        w.statements[1]["not_after"] = 500                  # DG
        self.assertEqual(w.answer().envelope("a"), "unpermitted")

    def test_h7_left_out(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x").envelope(
            "a", "x", "D", document=PUBLIC)
        w.founding("F2", "c", "G", "R1", "c/d", "C2").charter("C2", "c/d", "K2")
        w.own = {"unit": "c/e", "lineage": "none", "former": []}
        self.assertEqual(w.answer().envelope("a"), "unpermitted")

    def test_h3_is_asked(self):
        w = founded().delegation("D", "c/d", "CD", "Kd", "x").envelope(
            "a", "x", "D", document=PUBLIC)
        w.genesis["threshold"] = 2
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")

    def test_an_adoption_with_h5_left_out(self):
        w = self.withdrawn()
        w.adoption("M", "c/d", "DG", "g", SCOPE, (WORK, "w", "I", 1, "a"), at=20000)
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.stands("M")), ("unpermitted", "--"))

    def test_needed_by_a_permitted_envelope(self):
        w = self.withdrawn().envelope("b", "g", "DG", dependencies=["a"])
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("b")),
                         ("unpermitted", "rests-on-suspended"))

    def test_not_needed_by_one_that_is_not_permitted(self):
        w = self.withdrawn().envelope("b", "w", "DW", dependencies=["a"], incarnation="J")
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("b")),
                         ("unpermitted+aside", "unpermitted+aside"))

    def test_needed_by_what_is_needed(self):
        w = self.withdrawn().envelope("a2", "w", "DW", seq=2, backlink="a")
        w.envelope("j", "w", "DW", incarnation="J")
        w.envelope("a3", "w", "DW", seq=3, backlink="a2", dependencies=["j"])
        w.envelope("b", "g", "DG", dependencies=["a3"])
        a = w.answer()
        self.assertEqual([a.envelope(i) for i in ("a", "a2", "j", "a3")], ["unpermitted"] * 4)

    def test_needed_by_a_contender_that_is_not_outvoted(self):
        w = self.withdrawn().envelope("b", "g", "DG", dependencies=["a"]).envelope("c", "g", "DG")
        self.assertEqual(w.answer().envelope("a"), "unpermitted")
        w.adoption("M", "c/d", "CD", "Kd", SCOPE, (WORK, "g", "I", 1, "c"))
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("b")),
                         ("unpermitted+aside", "outvoted+aside"))

    def test_needed_by_an_adoption_whose_head_is_not_here(self):
        for seq, head, verdict in ((2, "none", ""), (1, "none", ""), (2, "a", ""),
                                   (2, "b", ""), (1, "b", "+aside")):
            w = self.withdrawn().envelope("b", "w", "DW")
            w.adoption("M", "c/d", "CD", "Kd", SCOPE, (WORK, "w", "I", seq, head))
            self.assertEqual(w.answer().envelope("a"), "unpermitted" + verdict)

    def test_needed_up_to_the_seq_of_the_mark(self):
        w = self.withdrawn().envelope("a2", "w", "DW", seq=2, backlink="a")
        w.adoption("M", "c/d", "CD", "Kd", SCOPE, (WORK, "w", "I", 1, "a2"))
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("a2")),
                         ("unpermitted", "unpermitted+aside"))

    def test_needed_as_a_head(self):
        w = self.withdrawn().adoption("M", "c/d", "CD", "Kd", SCOPE, (WORK, "w", "I", 7, "a"))
        self.assertEqual(w.answer().envelope("a"), "unpermitted")
        w.ending("Y", "c/d", "CD", "Kd", "M")
        self.assertEqual(w.answer().envelope("a"), "unpermitted+aside")

    def test_resting_on_what_is_set_aside(self):
        w = self.withdrawn().envelope("a2", "w", "DV", seq=2, backlink="a")
        w.delegation("DV", "c/d", "CD", "Kd", "w").envelope("a3", "w", "DV", seq=3, backlink="a2")
        a = w.answer()
        self.assertEqual([a.envelope(i) for i in ("a", "a2", "a3")],
                         ["unpermitted+aside", "rests-on-suspended+aside",
                          "rests-on-suspended+aside"])

    def test_a_fork_is_not_settled(self):
        w = district().envelope("a", "w", "DW").envelope("b", "w", "DW")
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.envelope("b")), ("fork", "fork"))


class Statements(unittest.TestCase):

    def aside(self, world):
        return world.answer().raw["aside"]

    def test_addresses(self):
        w = district().address("A1", "c/d", "DW", "w").address("A2", "c/d", "DW", "w", 1500)
        w.address("A3", "c/d", "DW", "w", 1500).address("A4", "c/d", "DG", "g")
        self.assertEqual(self.aside(w), ["A1", "A3"])

    def test_addresses_are_apart_by_proof(self):
        w = district().delegation("DV", "c/d", "CD", "Kd", "w")
        w.address("A1", "c/d", "DW", "w").address("A2", "c/d", "DV", "w", 1500)
        self.assertEqual(self.aside(w), [])

    def test_address_of_an_ended_delegation(self):
        w = district().address("A", "c/d", "DW", "w").ending("X", "c/d", "CD", "Kd", "DW")
        self.assertEqual(self.aside(w), ["A"])              # DW is named by X as `ends`

    def test_address_with_h5_left_out(self):
        w = district().address("A", "c/d", "DW", "w")
        w.statements[1]["not_after"] = 500
        self.assertEqual(self.aside(w), [])

    def test_after_a_rotation(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1")
        self.assertEqual(self.aside(w), ["CD", "DG", "DW", "Y"])   # the pins draw nothing
        w.statements[-1]["keeps"] = ["DG"]
        self.assertEqual(self.aside(w), [])

    def test_an_envelope_draws_nothing_in(self):
        w = district().envelope("a", "w", "DW").envelope("b", "h", "DH", dependencies=["a"])
        w.delegation("DH", "c/d", "Y", "k1", "h").rotation("Y", "c/d", "CD", "PCD", "k1")
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.raw["aside"]), ("unpermitted", ["DG", "DW"]))

    def test_an_adoption_draws_nothing_in(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1", keeps=["M"])
        w.adoption("M", "c/d", "CD", "Kd", SCOPE, (WORK, "w", "I", 1, "a"))
        w.delegation("DV", "c/d", "CD", "Kd", "v").adoption(
            "N", "c/d", "DV", "v", SCOPE, (WORK, "w", "I", 1, "a"))
        self.assertEqual(self.aside(w), ["CD", "DG", "DV", "DW", "N", "Y"])

    def test_charters(self):
        w = district().charter("CE", "c/e", "Ke").charter("CF", "c/f", "Kf")
        w.charter("CX", "c/x", "Kx").rotation("YE", "c/e", "CE", "PCE", "k1")
        w.units = {"c/e": "CE", "c/f": "CX"}
        w.own["former"] = ["CF"]
        self.assertEqual(self.aside(w), ["CE", "CF", "CX", "YE"])   # the pins draw nothing
        w = district()
        w.founding("F1", "c/d", "CD", "Kd", "c/d/s", "CS").charter("CS", "c/d/s", "Ks")
        self.assertEqual(self.aside(w), [])

    def test_charter_of_a_founding_out_of_order(self):
        w = district().founding("F1", "c/d", "CD", "Kd", "c/d/s", "CS")
        w.charter("CS", "c/d/s", "Ks").rotation("YS", "c/d/s", "CS", "PCS", "k2")
        w.rotation("Y", "c/d", "CD", "PCD", "k1")
        self.assertEqual(self.aside(w), ["CD", "CS", "DG", "DW", "F1", "Y", "YS"])

    def test_named_as_previous(self):
        w = district().founding("F1", "c/d", "CD", "Kd", "c/d/s", "CS")
        w.charter("CS", "c/d/s", "Ks").rotation("YS", "c/d/s", "CS", "PCS", "k2")
        w.rotation("Y", "c/d", "CD", "PCD", "k1", ["DG"])
        w.delegation("DS", "c/d/s", "YS", "k2", "s")
        self.assertEqual(self.aside(w), [])

    def test_the_smallest_founding_of_a_charter_in_the_collection(self):
        w = district().founding("F1", "c/d", "CD", "Kd", "c/d/s", "CS")
        w.charter("CS", "c/d/s", "Ks").founding("F0", "c/d", "CD", "Kd", "c/d/s", "CS")
        w.rotation("Y", "c/d", "CD", "PCD", "k1").delegation("DS", "c/d/s", "CS", "Ks", "s")
        self.assertEqual(self.aside(w), ["DG", "DW", "F1"])

    def test_endorsements(self):
        w = founded().succession("S", "G", "N1").founding("FZ", "c", "G", "R1", "c", "CC")
        w.endorsement("E1", "G", "R2", "FC").endorsement("E2", "G", "R2", "FZ")
        self.assertEqual(self.aside(w), ["E2", "FZ"])       # FC is the smallest that names CC

    def test_an_ended_adoption_draws_nothing_in(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1", keeps=["X"])
        w.adoption("M", "c/d", "DG", "g", SCOPE, (WORK, "w", "I", 1, "a"))
        w.ending("X", "c/d", "CD", "Kd", "M")
        self.assertEqual(self.aside(w), ["DG", "DW", "M"])

    def test_an_ending_draws_what_its_unit_contains(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1")
        w.delegation("D2", "c/d", "Y", "k1", "h").ending("X", "c/d", "Y", "k1", "DG")
        self.assertEqual(self.aside(w), ["DW"])
        w = founded().delegation("DC", "c", "CC", "Kc", "h").succession("S", "G", "N1", ["FD"])
        w.ending("X", "c/d", "CD", "Kd", "FC").rotation("Y", "c", "CC", "PCC", "k2", ["FD"])
        self.assertEqual(self.aside(w), ["DC"])             # FC is the smallest that names CC
        w.founding("F0", "c", "S", "S1", "c", "CC")
        self.assertEqual(self.aside(w), ["DC", "FC"])       # the district lies below the city

    def test_rivals_are_of_the_set(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1", ["DG"]).rotation(
            "Z", "c/d", "CD", "PCD", "k2")
        w.generations = {"CD": "Y"}
        self.assertEqual(self.aside(w), [])

    def test_named_as_proof(self):
        w = district().rotation("Y", "c/d", "CD", "PCD", "k1").envelope("a", "w", "DW")
        a = w.answer()
        self.assertEqual((a.envelope("a"), a.raw["aside"]), ("unpermitted+aside", ["CD", "DG", "DW", "Y"]))

    def test_root_act_with_too_few_signatures(self):
        w = founded(threshold=2).suspension("U", "c", "G", "R1", "c/d")
        self.assertEqual(self.aside(w), [])

    def test_root_act_that_is_not_kept_on(self):
        w = founded().succession("S", "G", "N1").suspension("U", "c", "G", "R1", "c/d")
        self.assertEqual(self.aside(w), ["U"])

    def test_outer_statements_ask_the_inside_path(self):
        w = district().suspension("U", "c/d", "CD", "Kd", "c/d/s")
        self.assertEqual(self.aside(w), [])
        w.ending("X", "c/d", "CD", "Kd", "U")
        self.assertEqual(self.aside(w), [])


class Cards(unittest.TestCase):

    def test_cards(self):
        w = founded().rotation("Y", "c/d", "CD", "PCD", "k1", keeps=["FS", "K1"])
        w.card("K1", "c/d", "CD", "Kd", 9).card("K2", "c/d", "Y", "k1", 2)
        w.card("K3", "c/d", "Y", "k1", 3).card("K4", "c/d", "Y", "k1", 3)
        w.card("K5", "c/d", "CD", "Kd", 99)
        a = w.answer().raw
        self.assertEqual((a["cards"]["c/d"], a["aside"]), ("K3", ["K1", "K2", "K4", "K5"]))

    def test_a_card_must_stand(self):
        w = founded().card("K1", "c/d", "CD", "Kd", 1).card("K2", "c/d", "DG", "g", 2)
        w.delegation("DG", "c/d", "CD", "Kd", "g", not_after=500)
        a = w.answer().raw
        self.assertEqual((a["cards"]["c/d"], a["aside"]), ("K1", ["K2"]))

    def test_card_of_a_lineage_not_followed(self):
        a = district().card("K", "c/d", "CD", "Kd").answer().raw
        self.assertEqual((a["cards"]["c/d"], a["aside"]), (None, []))


if __name__ == "__main__":
    unittest.main()
