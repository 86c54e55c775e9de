"""Section 10.1: changes byte by byte, and the rules of step 13."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from names import Document, Log                                        # noqa: E402
from of_bytes import leb                                               # noqa: E402
from of_bytes.change_rules import Known, event_id, step_13             # noqa: E402
from of_bytes.changes import Change, OpId, Put, change, encode         # noqa: E402
from of_bytes.envelopes import actor_id                                # noqa: E402
from records import Envelope                                           # noqa: E402

DOC = Document("c/d", 1, "x")
# written by automerge 0.12: one text at one key
AUTOMERGE = bytes.fromhex(
    "856f4a8316aa105b0137001003030303030303030303030303030303010100000006150834014202560257047002"
    "7f066b2f302f6630017f017f4673616d657f00")


def text(some):
    return 6, some.encode()


class Bytes(unittest.TestCase):

    def test_automerge(self):
        c = change(AUTOMERGE)
        self.assertEqual((c.seq, c.start_op, len(c.puts)), (1, 1, 1))
        self.assertEqual((c.puts[0].key, c.puts[0].value), ("k/0/f0", "same"))
        self.assertEqual(encode(c), AUTOMERGE)

    def test_every_bit(self):
        for bit in range(8 * len(AUTOMERGE)):
            some = bytearray(AUTOMERGE)
            some[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(leb.BadBytes):
                change(bytes(some))

    def test_leb(self):
        for number in (0, 1, 63, 64, -1, -64, -65, 2 ** 62, -(2 ** 63), 2 ** 63 - 1):
            self.assertEqual(leb.Cursor(leb.encode_sleb(number)).sleb(), number)
        for some in (b"\x80\x00", b"\xff\x7f", b"\x80", b"\x80" * 11 + b"\x01"):
            with self.assertRaises(leb.BadBytes):
                leb.Cursor(some).sleb()
        for some in (b"\x80\x00", b"\xff" * 9 + b"\x02"):
            with self.assertRaises(leb.BadBytes):
                leb.Cursor(some).uleb()

    def test_run_lengths(self):
        for values, written in (([], ""), ([1], "7f01"), ([1, 1], "0201"), ([1, 2], "7e0102"),
                                ([1, 2, 2, 3], "7f0102027f03"), ([5] * 200, "c80105")):
            some = leb.encode_runs(values, leb.encode_uleb)
            self.assertEqual(some.hex(), written)
            self.assertEqual(leb.unpacked(leb.runs(some, leb.Cursor.uleb)), values)

    def test_a_few_bytes_that_claim_much(self):
        claims = leb.encode_sleb(2 ** 62) + b"\x01"
        self.assertEqual(leb.measure(leb.runs(claims, leb.Cursor.uleb)), 2 ** 62)


class Rules(unittest.TestCase):
    """Two authors in one document."""

    def setUp(self):
        self.known = {}

    def put_in(self, name, puts=(), author=b"a" * 32, seq=1, backlink=None, dependencies=(), **over):
        """What step 13 says of an envelope; what it lets through is known afterwards."""
        life = b"i" * 16
        e = Envelope(name, DOC, author, life, seq, backlink, tuple(dependencies), b"d", 1,
                     Log(DOC, author, life))
        made = {"actor": actor_id(author, life, DOC), "seq": seq, "start_op": 1,
                "deps": tuple(sorted(self.known[i].change.hash for i in over.pop("on", ())))}
        made.update(over)
        c = Change(b"", made["deps"], made["actor"], made["seq"], made["start_op"], tuple(
            Put(OpId(made["start_op"] + n, made["actor"]), key, type_, some, tuple(named))
            for n, (key, (type_, some), named) in enumerate(puts)))
        code = step_13(e, encode(c), self.known)
        if code is None:
            self.known[name] = Known(e, change(encode(c)))
        return code

    def op(self, counter, author=b"a" * 32):
        return OpId(counter, actor_id(author, b"i" * 16, DOC))

    def test_a_log(self):
        self.assertIsNone(self.put_in("1", [("k/r/f", text("x"), ())]))
        self.assertIsNone(self.put_in("2", [("k/r/f", text("y"), [self.op(1)])], seq=2,
                                      backlink="1", start_op=2, on=["1"]))
        self.assertIsNone(self.put_in("3", seq=3, backlink="2", start_op=3, on=["2"]))

    def test_codes(self):
        one = [("k/r/f", text("x"), ())]
        self.assertEqual(self.put_in("1", one, actor=b"o" * 16), "change-actor")
        self.assertEqual(self.put_in("1", one, seq=1, start_op=2), "change-start")
        self.assertEqual(self.put_in("1", [("k/r/f", (3, b"\x01"), ())]), "change-shape")
        self.assertEqual(self.put_in("1", [("k/r", text("x"), ())]), "change-key")
        self.assertEqual(self.put_in("1", [("k/r/f", text("x"), [self.op(9)])]), "change-reference")
        self.assertIsNone(self.put_in("1", one))
        second = {"seq": 2, "backlink": "1", "start_op": 2}
        self.assertEqual(self.put_in("2", one, **second), "change-dependency")
        self.assertEqual(self.put_in("2", [("k/r/g", text("x"), [self.op(1)])], on=["1"], **second),
                         "change-reference")
        self.assertEqual(self.put_in("2", one, on=["1"], **{**second, "start_op": 3}),
                         "change-start")

    def test_the_backlink_in_the_past_of_a_dependency(self):
        self.put_in("1", [("k/r/f", text("x"), ())])
        self.put_in("b", author=b"b" * 32, dependencies=["1"], start_op=2, on=["1"])
        second = {"seq": 2, "backlink": "1", "dependencies": ["b"], "start_op": 2}
        self.assertEqual(self.put_in("2", on=["1", "b"], **second), "change-dependency")
        self.assertIsNone(self.put_in("2", on=["b"], **second))

    def test_a_fork_in_the_past(self):
        self.put_in("1", [("k/r/f", text("x"), ())])
        self.put_in("1b", [("k/r/f", text("y"), ())])
        self.assertEqual(self.put_in("c", author=b"c" * 32, dependencies=["1", "1b"], start_op=2,
                                     on=["1", "1b"]), "change-dependency")

    def test_two_values_of_one_key(self):
        key = "k/r/f"
        self.assertIsNone(self.put_in("1", [(key, (0, b""), ()), (key, text("x"), [self.op(1)])]))
        self.known.clear()
        self.assertEqual(self.put_in("1", [(key, (0, b""), ()), (key, text("x"), ())]),
                         "change-reference")
        self.assertEqual(self.put_in("1", [(key, (0, b""), ()), (key, text("x"), [self.op(1)]),
                                           (key, text("y"), [self.op(1)])]), "change-reference")

    def test_events(self):
        value = b"any bytes"
        key = "!k/e/" + event_id(b"a" * 32, "k", "e", value).hex()
        self.assertIsNone(self.put_in("1", [(key, (7, value), ())]))
        self.known.clear()
        for some in ((7, b"other"), (6, value)):
            self.assertEqual(self.put_in("1", [(key, some, ())]), "change-event")
        self.assertEqual(self.put_in("1", [(key, (7, value), ()), (key, (7, value), [self.op(1)])]),
                         "change-event")


if __name__ == "__main__":
    unittest.main()
