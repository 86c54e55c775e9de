"""The second node in a running network: roster, record, letter.

    GONGZHI_BIN=path/of/gongzhi python -m unittest node.test_joins          (in tests/conformance)

GONGZHI_DATASET_BIN, if it is given, makes the roster; without it a small one is written here.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import unittest
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from names import Document                                              # noqa: E402
from node import files, roster                                          # noqa: E402
from node.making import Key                                             # noqa: E402
from node.node import Node                                              # noqa: E402
from node.processes import ROSTER, Network, compared                    # noqa: E402

CITY = "220800"
FIRST = "220800/220802/220802001/220802001003"
SECOND = "220800/220881/220881001/220881001001"


@unittest.skipUnless("GONGZHI_BIN" in os.environ, "GONGZHI_BIN names the node's binary")
class Joins(unittest.TestCase):
    """A city, two communities below it, and nodes of this package in each of the three units."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        network = cls.network = Network(os.environ["GONGZHI_BIN"], folder.name)
        cls.addClassCleanup(network.stop)
        network.found("city", CITY)
        for name, unit in (("first", FIRST), ("second", SECOND)):
            network.begin(name, unit, "city")
            network.recognise(name, "city")
        network.of("first", "import", "--synthetic", cls._sheet(folder.name))
        network.run("city")
        network.run("first", "city")
        network.run("second", "city")

    @classmethod
    def _sheet(cls, folder):
        """A workbook of the generator, or a small one."""
        if "GONGZHI_DATASET_BIN" in os.environ:
            made = os.path.join(folder, "made")
            subprocess.run([os.environ["GONGZHI_DATASET_BIN"], made, "--scale", "0.001"],
                           check=True, capture_output=True, timeout=60)
            return next(os.path.join(one, ROSTER + ".xlsx") for one, _, found in os.walk(made)
                        if ROSTER + ".xlsx" in found)
        return cls.network.small_roster()

    def joined(self, name, role="node", opens=None):
        """One more node of a unit, with a key of its own; it opens the session, or answers."""
        secret = secrets.token_bytes(32)
        while opens is not None and opens != (Key(secret).public < self.network.key(name)):
            secret = secrets.token_bytes(32)
        return Node(files.grant(self.network.delegate(name, Key(secret).public, role)), secret)

    def connected(self, node, name):
        return node.connected(*self.network.where(name))

    # The roster

    def test_roster(self):
        asyncio.run(self._roster())

    async def _roster(self):
        exported = Counter(row["姓名"] for row in self.network.exported("first", ROSTER))
        self.assertGreaterEqual(len(exported), 3)
        for opens in (True, False):
            node = self.joined("first", opens=opens)
            async with self.connected(node, "first"):
                self.assertEqual(node.replica.refused, [])
                here, there = await compared(node, self.network, "first")
                read = Counter(name for names in roster.names(node.documents).values()
                               for name in names)
            self.assertEqual(read, exported)
            self.assertEqual(here, there)

    def test_device(self):
        asyncio.run(self._device())

    async def _device(self):
        """A device may not read persons, and nothing of them is named to it."""
        node = self.joined("first", "device")
        async with self.connected(node, "first"):
            self.assertTrue(node.replica.filled_scopes())
        self.assertFalse([scope for scope in node.replica.filled_scopes()
                          if scope.compartment > 1])

    # The session

    def test_resume(self):
        asyncio.run(self._resume())

    async def _resume(self):
        """What both remember is enough, once a session began with all that they have now."""
        node = self.joined("first")
        for _ in range(3):
            async with self.connected(node, "first") as session:
                pass
        self.assertEqual(session.heard, Counter(hello=1, membership=1))

    def test_refused(self):
        asyncio.run(self._refused())

    async def _refused(self):
        self.network.found("elsewhere", "990000")
        stranger = self.joined("elsewhere")
        with self.assertRaisesRegex(ConnectionError, "other-network"):
            async with self.connected(stranger, "first"):
                pass
        member = self.joined("first")
        async with self.connected(member, "first") as session:
            self.network.of("first", "revoke", "--node", member.key.public.hex())
            await session.ended()
            self.assertRegex(session.refusal, "^over")
        with self.assertRaisesRegex(ConnectionError, "no-delegation"):
            async with self.connected(member, "first"):
                pass

    # A record

    def test_record(self):
        asyncio.run(self._record())

    async def _record(self):
        node, text = self.joined("first"), "由另一节点写下"
        async with self.connected(node, "first") as session:
            person = sorted(roster.people(node.documents))[0]
            roster.note(node.documents, node.unit, person, text)
            await session.has_sent()
        shown = self.network.json_of("first", "record", "person", person)
        notes = [value["text"] for field in shown["fields"] if field["name"] == "note"
                 for value in field["values"]]
        self.assertEqual(notes, [text])
        rows = self.network.exported("first", ROSTER)
        self.assertEqual([row["备注"] for row in rows if row["备注"]], [text])
        await self._again(person, text)

    async def _again(self, person, text):
        """Two nodes put the same field apart; a third sees both and puts one, which is shown."""
        apart = [self.joined("first") for _ in range(2)]
        for node in apart:
            async with self.connected(node, "first"):
                pass
        for n, node in enumerate(apart):
            roster.note(node.documents, node.unit, person, "%s，其%d" % (text, n))
        for node in apart:
            async with self.connected(node, "first"):
                pass
        third = self.joined("first")
        async with self.connected(third, "first") as session:
            notes = roster.people(third.documents)[person]["note"]
            self.assertEqual(sorted(notes), ["%s，其%d" % (text, n) for n in range(2)])
            roster.note(third.documents, third.unit, person, "选定")
            await session.has_sent()
        rows = self.network.exported("first", ROSTER)
        self.assertEqual([row["备注"] for row in rows if row["备注"]], ["选定"])

    # A letter

    def test_letter(self):
        asyncio.run(self._letter())

    async def _letter(self):
        sender, receiver = self.joined("first"), self.joined("second", "governing")
        carrier = self.joined("city")
        secret_text = "信中的话只给收信的单位"
        async with self.connected(receiver, "second") as session:
            receiver.letters.make_card("第二社区")
            await session.has_sent()
            sender.replica.correspond(SECOND)
            # The community's node takes the wish to the city.
            async with self.connected(sender, "first"):
                await sender.until(lambda: sender.letters.card_of(SECOND))
            async with self.connected(sender, "first"):
                id_ = sender.letters.send(SECOND, "note", [("text", secret_text)])
                message = await receiver.until(lambda: receiver.letters.received().get(id_))
                self.assertEqual((message.sender, message.kind, message.body),
                                 (FIRST, "note", (("text", secret_text),)))
                receiver.letters.acknowledge()
                answer = Document(SECOND, 192, FIRST)
                # The unit's other node says by itself that it is held.
                await sender.until(
                    lambda: (1, 1) in sender.letters.acknowledged(answer).values())
            receiver.letters.make_card("第二社区", serial=2)
            await session.has_sent()
        later = self.joined("second")
        async with self.connected(later, "second"):
            self.assertEqual(later.letters.received()[id_], message)
        await self._carried(carrier, id_, secret_text)

    async def _carried(self, carrier, id_, text):
        """A member of the city holds the letter, and neither its words nor any person."""
        async with self.connected(carrier, "city"):
            self.assertTrue(carrier.replica.has(id_))
        self.assertEqual(carrier.letters.received(), {})
        words = [text] + [row["姓名"] for row in self.network.exported("first", ROSTER)]
        held = list(carrier.replica.bytes.values()) + self.network.bytes_of("city")
        for word in words:
            self.assertFalse(any(word.encode() in some for some in held), word)
        self.assertFalse([scope for scope in carrier.replica.filled_scopes()
                          if scope.compartment > 3 and scope.unit != CITY])


if __name__ == "__main__":
    unittest.main()
