"""Section 5: well made, and rules 1 to 7 of "Kept or not"."""

import unittest

from world import World, district, founded


class WellMade(unittest.TestCase):

    def refused(self, world, id_):
        self.assertEqual(world.answer().kept(id_), "r")

    def test_charter_next_is_not_its_key(self):
        self.refused(World().charter("CD", "c/d", "Kd", next="h:Kd"), "CD")

    def test_rotation(self):
        for over in ({"key": "PCD"}, {"next": "h:PCD"}, {"next": "h:new"}, {"keeps": ["b", "a"]},
                     {"keeps": ["a", "a"]}):
            w = district().rotation("Y", "c/d", "CD", "PCD", **{"key": "new", **over})
            self.refused(w, "Y")

    def test_succession(self):
        for over in ({"roots": ["S2", "S1"]}, {"threshold": 3}, {"threshold": 0},
                     {"next_threshold": 3}, {"next": ["h:M1", "h:S1"]}, {"roots": ["N1", "S1"]},
                     {"next": ["h:M1", "h:N1"]}, {"next": ["h:M2", "h:M1"]}):
            self.refused(World().succession("S", "G", "N1", **over), "S")

    def test_delegation(self):
        for over in ({"verbs": 0, "reads": 0}, {"not_before": 20000}, {"verbs": 4},
                     {"classes": [[0, 224]]}, {"classes": [[5, 4]]},
                     {"classes": [[0, 3], [4, 5]]}, {"classes": [[10, 12], [0, 3]]}):
            self.refused(district().delegation("D", "c/d", "CD", "Kd", "x", **over), "D")

    def test_delegation_ranges_with_a_class_between(self):
        w = district().delegation("D", "c/d", "CD", "Kd", "x", classes=[[0, 3], [5, 5]])
        self.assertEqual(w.answer().kept("D"), "k")

    def test_founding_span(self):
        self.refused(founded().founding("F", "c", "CC", "Kc", "c/e", "CE", not_before=20000), "F")

    def test_adoption(self):
        good = (["c/d", 144, "x"], "w", "I", 1, "e")
        for scope, marks in (
                (["c/d", 4], [good]), (["c/d", 5], []),
                (["c/d", 5], [(["c/d", 144, "x"], "w", "I", 0, "e")]),
                (["c/d", 5], [good, (["c/d", 144, "x"], "w", "I", 2, "f")]),
                (["c/d", 5], [(["c/d", 145, "x"], "w", "I", 1, "e"), good]),
                (["c/d/s", 1], [(["c/d/s", 1, "x"], "w", "I", 1, "e")]),
                (["c/d", 3, "c/e"], [(["c/e", 200, "c/d"], "w", "I", 1, "e")]),
                (["c/e", 3, "c/d"], [(["c/d", 200, "c/e"], "w", "I", 1, "e")])):
            self.refused(district().adoption("M", "c/d", "CD", "Kd", scope, *marks), "M")

    def test_adoption_of_letters(self):
        for document, scope, unit, proof, issuer in (
                (["c/d", 200, "c/e"], ["c/d", 3, "c/e"], "c/d", "CD", "Kd"),
                (["c/d", 200, "c"], ["c", 3, "c/d"], "c/d", "CD", "Kd")):
            w = district().adoption("M", unit, proof, issuer, scope, (document, "w", "I", 1, "e"))
            self.assertEqual(w.answer().kept("M"), "k")

    def test_dissolution_successors(self):
        for successors in (["c/d/s"], ["c/d/s/t"], ["c/f", "c/e"]):
            w = district().dissolution("X", "c/d", "CD", "Kd", "c/d/s", successors)
            self.refused(w, "X")

    def test_address_span(self):
        for until, kept in ((1000, "r"), (1000 + 2678400001, "r"), (1000 + 2678400000, "k")):
            w = district().address("A", "c/d", "DW", "w", until=until)
            self.assertEqual(w.answer().kept("A"), kept)

    def test_ending_keeps_ascend(self):
        w = district()
        w.put("ending", "X", unit="c/d", proof="CD", issuer="Kd", ends="DG", ran_out=False,
              keeps=["b", "a"], at=1)
        self.refused(w, "X")

    def test_unit(self):
        self.refused(World().charter("CD", "c/d/", "Kd"), "CD")


class Rules(unittest.TestCase):

    def test_2_charter(self):
        w = World().charter("CD", "c/d", "Kd").charter("CE", "c/e", "Ke")
        w.charter("CC", "c", "Kc").charter("CX", "c", "Kx").charter("CF", "c/d", "Kf")
        w.units = {"c/e": "CE"}
        w.own["former"] = ["CF"]
        w.founding("F", "c", "G", "R1", "c", "CC").founding("FX", "c", "G", "R1", "c/e", "CX")
        a = w.answer()
        self.assertEqual([a.kept(i) for i in ("CD", "CE", "CC", "CX", "CF")],
                         ["k", "k", "k", "w", "k"])

    def test_3_rotation(self):
        w = district().rotation("Y1", "c/d", "CD", "PCD", "k1")
        w.rotation("Y2", "c/d", "CD", "other", "k2").rotation("Y3", "c/e", "CD", "PCD", "k3")
        w.rotation("Y4", "c/d", "none", "PCD", "k4").rotation("Y5", "c/d", "Y1", "PY1", "k5")
        w.rotation("Y6", "c/d", "Y6", "PY5", "k6").rotation("Y7", "c/d", "DG", "PCD", "k7")
        w.rotation("Y8", "c/d", "G", "N1", "k8")
        a = w.answer()
        self.assertEqual("".join(a.kept("Y%d" % i) for i in range(1, 9)), "krrwkwrw")

    def test_4_succession(self):
        w = World().succession("S1", "G", "N1").succession("S2", "G", "other")
        w.succession("S3", "none", "N1").succession("S4", "S1", "M1", roots=["T1"], threshold=1,
                                                    next=["h:T2"])
        w.charter("CD", "c/d", "Kd", next="h:N1").succession("S5", "CD", "N1")
        a = w.answer()
        self.assertEqual("".join(a.kept("S%d" % i) for i in range(1, 6)), "krwkr")

    def test_5_endorsement(self):
        w = founded().succession("S", "G", "N1").succession("T", "S", "M1", roots=["T1"],
                                                            next=["h:T2"])
        for n, (proof, issuer, endorses) in enumerate((
                ("G", "R2", "FC"), ("G", "N2", "S"), ("G", "N2", "FC"), ("G", "R2", "S"),
                ("G", "x", "FC"), ("none", "R2", "FC"), ("G", "R2", "none"), ("S", "S1", "FC"),
                ("G", "N2", "T"), ("G", "R2", "FD"), ("CD", "R2", "FC"))):
            w.endorsement("E%02d" % n, proof, issuer, endorses)
        a = w.answer()
        self.assertEqual("".join(a.kept("E%02d" % i) for i in range(11)), "kkrrrwwrrrr")

    def test_6_and_7_below(self):
        w = founded()
        w.suspension("U1", "c/d", "CD", "Kd", "c/d").suspension("U2", "c", "G", "R1", "c")
        w.suspension("U3", "c/d", "none", "Kd", "c/e").suspension("U4", "c/d", "none", "Kd", "c/d")
        w.suspension("U5", "c", "CC", "Kc", "c").suspension("U6", "c", "CC", "Kc", "c/e")
        w.delegation("DG", "c/d", "CD", "Kd", "g").suspension("U7", "c/d", "DG", "g", "c/d")
        w.suspension("U8", "c/d", "DG", "g", "c/d/s")
        a = w.answer()
        self.assertEqual("".join(a.kept("U%d" % i) for i in range(1, 9)), "rkrwrkrk")

    def test_7_waits_for_its_proof(self):
        w = district().card("K", "c/d", "none", "Kd").card("L", "c/d", "L", "Kd")
        a = w.answer()
        self.assertEqual((a.kept("K"), a.kept("L")), ("w", "w"))

    def test_7a(self):
        w = district().card("K1", "c/d", "CD", "Kd").card("K2", "c/d", "CD", "other")
        w.card("K3", "c/e", "CD", "Kd").address("A", "c/d", "CD", "Kd")
        a = w.answer()
        self.assertEqual([a.kept(i) for i in ("K1", "K2", "K3", "A")], ["k", "r", "r", "r"])

    def test_7b(self):
        w = district().card("K1", "c/d", "DG", "g").card("K2", "c/d", "DW", "w")
        w.card("K3", "c/e", "DG", "g").card("K4", "c/d", "DG", "w")
        w.delegation("D1", "c/d", "DG", "g", "x", verbs=2)
        w.delegation("D2", "c/d", "DG", "g", "x", verbs=1)
        a = w.answer()
        self.assertEqual([a.kept(i) for i in ("K1", "K2", "K3", "K4", "D1", "D2")],
                         ["k", "r", "r", "r", "k", "r"])

    def test_7c(self):
        w = founded()
        w.delegation("D", "c", "G", "R1", "x").card("K", "c", "G", "R1")
        w.ending("X", "c", "G", "R1", "FC").dissolution("Z", "c", "G", "R1", "c/d")
        w.adoption("M", "c", "G", "R1", ["c", 1], (["c", 1, "x"], "w", "I", 1, "e"))
        w.ending("X2", "c", "G", "other", "FC").ending("X3", "c/d", "G", "R1", "FC")
        a = w.answer()
        self.assertEqual("".join(a.kept(i) for i in ("D", "K", "X", "Z", "M", "X2", "X3")),
                         "rrkkrrr")

    def test_7d(self):
        w = district().address("A1", "c/d", "DW", "w").address("A2", "c/d", "DW", "g")
        w.address("A3", "c/e", "DW", "w")
        a = w.answer()
        self.assertEqual([a.kept("A%d" % i) for i in (1, 2, 3)], ["k", "r", "r"])

    def test_proof_of_another_kind(self):
        w = district().card("K", "c/d", "CD", "Kd").card("L", "c/d", "K", "Kd")
        self.assertEqual(w.answer().kept("L"), "r")


if __name__ == "__main__":
    unittest.main()
