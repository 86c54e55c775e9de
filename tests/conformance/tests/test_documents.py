"""Sections 10.4 to 10.6 against drafts and RFCs; they need the packages of requirements.txt."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

try:
    import blake3                                                      # noqa: F401
    import cryptography                                                # noqa: F401
except ImportError:
    raise unittest.SkipTest("the packages of requirements.txt are not installed") from None

from of_bytes import letters, reports, sealing, sums                   # noqa: E402
from of_bytes.cbor import Malformed, encode                            # noqa: E402

BOUND = (bytes(32), ("c/d", 128, "h00"), "person/x", "name", bytes(16))
KEY = bytes(range(32))


class Sealing(unittest.TestCase):

    def test_hchacha20(self):
        """draft-irtf-cfrg-xchacha-03, section 2.2.1."""
        nonce = bytes.fromhex("000000090000004a0000000031415927")
        self.assertEqual(sealing.hchacha20(KEY, nonce).hex(),
                         "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc")

    def test_opens(self):
        for text in ("", "李", "x" * 31, "x" * 32, "x" * 33):
            value = sealing.seal(text, KEY, bytes(24), BOUND)
            self.assertEqual(len(value) % 32, 44 % 32)
            self.assertEqual(sealing.unseal(value, [bytes(32), KEY], BOUND), text)
            self.assertIsNone(sealing.unseal(value, [bytes(32)], BOUND))
            for place in range(len(BOUND)):
                moved = list(BOUND)
                moved[place] = {0: bytes([1] * 32), 1: ("c/d", 128, "h01"), 4: bytes(16)}.get(
                    place, "other")
                if tuple(moved) != BOUND:
                    with self.assertRaises(sealing.DoesNotOpen):
                        sealing.unseal(value, [KEY], tuple(moved))


class Letters(unittest.TestCase):
    """RFC 9180, A.2.1: base mode, X25519, HKDF-SHA256, ChaCha20Poly1305."""

    EPHEMERAL = bytes.fromhex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
    SECRET = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
    INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")

    def test_key_schedule(self):
        box, enc = letters.box_of(self.SECRET), letters.box_of(self.EPHEMERAL)
        self.assertEqual(enc.hex(),
                         "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
        shared = letters._shared_secret(letters._exchange(self.EPHEMERAL, box), enc, box)
        self.assertEqual([some.hex() for some in letters._key_and_nonce(shared, self.INFO)], [
            "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91",
            "5c4d98150661b848853b547f"])

    def test_opens(self):
        box, plain = letters.box_of(self.SECRET), b"x" * 255
        enc, sealed = letters.seal(plain, self.EPHEMERAL, box, bytes(32), b"bound")
        self.assertEqual(len(sealed), 256 + 16)
        self.assertEqual(letters.unseal(enc, sealed, self.SECRET, bytes(32), b"bound"), plain)
        for network, bound in ((bytes([1] * 32), b"bound"), (bytes(32), b"other")):
            with self.assertRaises(letters.DoesNotOpen):
                letters.unseal(enc, sealed, self.SECRET, network, bound)

    def test_sizes(self):
        self.assertEqual([len(letters.pad(b"x" * n)) for n in (0, 255, 256, 511, 512)],
                         [256, 256, 512, 512, 1024])


class Reports(unittest.TestCase):

    def revision(self, **over):
        fields = {"period": "live", "number": 1, "as_of": 5, "own": [["A", 1, 1, 0, 0]],
                  "cells": [["A", 1, 1, 0, 0]], "parts": [], "sources": [1, bytes(32)],
                  "rules": bytes(32), **over}
        return encode(list(fields.values()))

    def test_rules(self):
        self.assertEqual(reports.rules_hash().hex(),
                         "3093d1d778799ae34562d4e29a63f652443531a9a639e9b8bd1eb5631bcff6ff")

    def test_readable(self):
        r = reports.revision(self.revision())
        self.assertTrue(reports.agrees(r, "000000000001", "live.0000000000", 5))
        for record, shard, at in (("000000000002", "live.0000000000", 5),
                                  ("000000000001", "live.0000000001", 5),
                                  ("000000000001", "2026.0000000000", 5),
                                  ("000000000001", "live.0000000000", 4)):
            self.assertFalse(reports.agrees(r, record, shard, at))
        for bad in ({"cells": [["B", 0, 0, 0, 0], ["A", 0, 0, 0, 0]]}, {"parts": [["c", 4]]},
                    {"parts": [["c", 1, 1]]}, {"own": [["A", 2 ** 53, 0, 0, 0]]}):
            with self.assertRaises(Malformed):
                reports.revision(self.revision(**bad))

    def test_added(self):
        own = (reports.Cell("A", 1, 1, 0, 0),)
        part = (reports.Cell("A", reports.LARGEST, 1, 0, 2), reports.Cell("X", 1, 1, 1, 1))
        self.assertEqual(reports.added(own, [part, part], {"A"}),
                         (reports.Cell("A", reports.LARGEST, 3, 0, 4),))


class Sums(unittest.TestCase):

    def test_vectors_add_up(self):
        ids = [bytes([n]) * 32 for n in range(5)]
        self.assertEqual(sums.sum_of(ids), sums.sum_of(reversed(ids)))
        self.assertEqual(sums.set_vector([]), bytes(2048))
        self.assertEqual(len(set(map(sums.sum_of, (ids, ids[1:], [])))), 3)


if __name__ == "__main__":
    unittest.main()
