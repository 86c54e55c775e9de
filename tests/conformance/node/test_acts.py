"""What people do with keys, and the sets that follow: both nodes come to the same ones.

Each check lets a new member of a unit join the unit's node: it refuses nothing, and the sums of
all scopes that both share are equal, so both judge alike what stands, counts and is set aside.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from node import files                                                  # noqa: E402
from node.making import Key                                             # noqa: E402
from node.node import Node                                              # noqa: E402
from node.processes import Network, compared                            # noqa: E402

CITY, FIRST, SECOND, BELOW = "220800", "220800/220801", "220800/220802", "220800/220801/001"


@unittest.skipUnless("GONGZHI_BIN" in os.environ, "GONGZHI_BIN names the node's binary")
class Acts(unittest.TestCase):
    """A city, two units below it, and one below the first of them."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        network = self.network = Network(os.environ["GONGZHI_BIN"], folder.name)
        self.addCleanup(network.stop)
        self.city_told = network.found("city", CITY)
        self.told = {}
        for name, unit, above in (("first", FIRST, "city"), ("second", SECOND, "city"),
                                  ("below", BELOW, "first")):
            self.told[name] = network.begin(name, unit, "city")
            network.recognise(name, above)
        network.run("city")
        network.run("first", "city")
        network.run("second", "city")
        network.run("below", "first")

    def _phrase(self, text):
        """A file with a recovery phrase."""
        path = self.network.path("phrase")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _joins(self, *names):
        """A new member of each unit joins its node; the members."""
        return [asyncio.run(self._one_joins(name)) for name in names]

    async def _one_joins(self, name):
        secret = secrets.token_bytes(32)
        node = Node(files.grant(self.network.delegate(name, Key(secret).public, "node")), secret)
        async with node.connected(*self.network.where(name)):
            here, there = await compared(node, self.network, name)
        self.assertEqual(here, there)
        self.assertEqual(node.replica.refused, [])
        return node

    def test_acts(self):
        network = self.network
        self._joins("city", "first", "second", "below")
        network.of("city", "suspend", "--unit", BELOW, "--reason", "数字待核实")
        network.of("city", "suspend", "--unit", SECOND, "--reason", "数字待核实")
        network.of("city", "lift", "--unit", SECOND)
        member = self._joins("city", "first", "below")[1]
        network.of("first", "revoke", "--node", member.key.public.hex())
        network.begin("rival", SECOND, "city")
        network.recognise("rival", "city", "--instead")
        network.run("rival", "city")
        self._joins("city", "first", "rival")
        network.of("first", "dissolve", "--unit", BELOW, "--successor", FIRST)
        self._joins("city", "first", "below")
        self._generations()
        self._joins("city", "first", "below", "rival")

    def _generations(self):
        """A lineage passes on, and then the root."""
        network = self.network
        network.halt("below")
        network.of("below", "lineage", "rotate", "--phrase-file",
                   self._phrase(self.told["below"]["unit_phrase"]))
        network.run("below", "first")
        self._joins("first", "below")
        network.halt("city")
        network.of("city", "root", "succeed", "--phrase-file",
                   self._phrase(self.city_told["root_phrase"]))
        network.run("city")


if __name__ == "__main__":
    unittest.main()
