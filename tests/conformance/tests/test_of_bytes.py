"""The reading of bytes, sections 1, 3, 9.2 and 9.6, against what is known from elsewhere."""

import os
import random
import sys
import unittest
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from of_bytes import cbor, ed25519, signed                             # noqa: E402
from of_bytes.negentropy import Negentropy, varint                     # noqa: E402
from of_bytes.stream import BadFrame, frames_of, unpack                # noqa: E402


class Cbor(unittest.TestCase):

    def test_round_trips(self):
        for value in (0, 23, 24, 255, 256, 65535, 65536, 2 ** 32, 2 ** 64 - 1, -1, -(2 ** 64),
                      b"", b"x" * 300, "", "城", [], [1, [b"", None, True, False]],
                      cbor.Tag(18, [b""]), cbor.EMPTY_MAP):
            self.assertEqual(cbor.read(cbor.encode(value)), value)

    def test_refused(self):
        for text in ("", "1800", "1817", "190017", "1a0000ffff", "1b00000000ffffffff", "1c", "1f",
                     "5f", "58", "5801", "7f", "61ff", "63eda080", "9f", "9f00ff", "a10000", "bf",
                     "c000", "d300", "d81200", "e0", "f7", "f814", "f8ff", "f93c00", "fa00000000",
                     "fb0000000000000000", "ff", "0000", "81", "9b7fffffffffffffff00",
                     "5b7fffffffffffffff00", "81" * 40 + "00"):
            with self.assertRaises(cbor.Malformed, msg=text):
                cbor.read(bytes.fromhex(text))


class Signatures(unittest.TestCase):
    """RFC 8032, section 7.1, test 2; and the eight torsion points."""

    KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    SIGNATURE = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")

    def test_verifies(self):
        self.assertTrue(signed.verifies(self.KEY, b"\x72", self.SIGNATURE))
        for _ in range(4):                                # with and without its table
            self.assertFalse(signed.verifies(self.KEY, b"\x73", self.SIGNATURE))

    def test_every_bit(self):
        for bit in range(0, 512, 7):
            some = bytearray(self.SIGNATURE)
            some[bit // 8] ^= 1 << bit % 8
            self.assertFalse(signed.verifies(self.KEY, b"\x72", bytes(some)))

    def test_s_below_the_order(self):
        s = int.from_bytes(self.SIGNATURE[32:], "little") + ed25519.ORDER
        self.assertFalse(signed.verifies(self.KEY, b"\x72",
                                         self.SIGNATURE[:32] + s.to_bytes(32, "little")))

    def test_points(self):
        self.assertIsNone(ed25519.decompress(ed25519.P.to_bytes(32, "little")))
        self.assertIsNone(ed25519.decompress(b"\x01" + bytes(30) + b"\x80"))
        identity = ed25519.decompress(b"\x01" + bytes(31))
        self.assertTrue(ed25519.is_identity(identity))
        base = ed25519.decompress(b"\x58" + b"\x66" * 31)
        self.assertTrue(ed25519.is_identity(ed25519.Table(base).times(ed25519.ORDER)))
        few = ed25519.Multiples(base)
        self.assertTrue(ed25519.is_identity(
            ed25519.add(few.times(77), ed25519.negate(ed25519.Table(base).times(77)))))


class Stream(unittest.TestCase):

    def packed(self, block, frame):
        body = zlib.crc32(frame).to_bytes(4, "big") + block
        return len(body).to_bytes(4, "big") + len(frame).to_bytes(4, "big") + body

    def test_copies_out_of_the_past(self):
        plain = b"\0\0\0\4\0\0\0\4abcd"
        frame = b"abcd" * 20
        block = b"\x0f" + b"\x04\x00" + bytes([80 - 19]) + b"\x07"
        self.assertEqual(list(frames_of(plain + self.packed(block, frame))), [b"abcd", frame])
        with self.assertRaises(BadFrame):
            list(frames_of(self.packed(block, frame)))

    def test_blocks(self):
        self.assertEqual(unpack(b"\x10a", 1, b""), b"a")
        self.assertEqual(unpack(b"\x1fa\x01\x00\x00\x00", 20, b""), b"a" * 20)
        for block in (b"", b"\x10", b"\x20a", b"\x10a\x01", b"\x10a\x01\x00", b"\x10a\x00\x00\x00",
                      b"\x1fa\x01\x00\xff", b"\x10a\x02\x00\x00"):
            with self.assertRaises(BadFrame, msg=block.hex()):
                unpack(block, 20, b"")


class Reconciling(unittest.TestCase):

    def test_both_learn_what_they_lack(self):
        rng = random.Random(1)
        for size, gone in ((0, 0), (5, 2), (40, 3), (300, 300), (5000, 7), (5000, 2500)):
            ids = [rng.randbytes(32) for _ in range(size)]
            mine, other = Negentropy(ids[gone:]), Negentropy(ids[:len(ids) - gone // 2])
            message = mine.first()
            for _ in range(200):
                message = mine.answer(other.answer(message, initiates=False), initiates=True)
                if message == b"\x61":
                    break
            self.assertEqual(message, b"\x61")
            first, second = set(ids[gone:]), set(ids[:len(ids) - gone // 2])
            self.assertEqual((mine.lacks, mine.other_lacks), (second - first, first - second))

    def test_varint(self):
        self.assertEqual([varint(n).hex() for n in (0, 127, 128, 2 ** 64 - 1)],
                         ["00", "7f", "8100", "81ffffffffffffffff7f"])

    def test_refused(self):
        for text in ("", "60", "6100", "610000", "61000003", "6100000280", "610121" + "00" * 34,
                     "61000002800100", "6182808080808080808080000000"):
            with self.assertRaises(BadFrame, msg=text):
                Negentropy([]).answer(bytes.fromhex(text), initiates=False)


if __name__ == "__main__":
    unittest.main()
