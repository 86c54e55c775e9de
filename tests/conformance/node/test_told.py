"""Whom an ending ends is told of it, with nothing but real nodes (section 9.5)."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from node.processes import Network, came_true                           # noqa: E402

CITY, UNIT = "220800", "220800/220801"


@unittest.skipUnless("GONGZHI_BIN" in os.environ, "GONGZHI_BIN names the node's binary")
class Told(unittest.TestCase):
    """A city, a unit below it, and one more node of the unit; all of them run."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        network = self.network = Network(os.environ["GONGZHI_BIN"], folder.name)
        self.addCleanup(network.stop)
        network.found("city", CITY)
        network.begin("unit", UNIT, "city")
        network.recognise("unit", "city")
        grant = network.delegate("unit", network.key("desk"), "node")
        network.of("desk", "init", "--grant", grant)
        network.run("city")
        network.run("unit", "city")
        network.run("desk", "unit")
        self.assertTrue(came_true(lambda: network.sums("desk") == network.sums("unit")))

    def test_removed(self):
        network = self.network
        network.of("unit", "revoke", "--node", network.key("desk").hex())
        self.assertTrue(came_true(lambda: network.standing("desk") == "former"))
        self.assertEqual(network.json_of("desk", "status")["standing"]["why"], "ended")
        network.halt("desk")
        network.run("desk", "unit")
        self.assertEqual(network.standing("desk"), "former")

    def test_displaced(self):
        network = self.network
        network.begin("rival", UNIT, "city")
        network.recognise("rival", "city", "--instead")
        for name in ("unit", "desk"):
            self.assertTrue(came_true(lambda: self._alarms(name) == ["displaced"]), name)
            self.assertEqual(network.standing(name), "unrecognised")

    def _alarms(self, name):
        return [one["alarm"] for one in self.network.json_of(name, "status")["alarms"]]


if __name__ == "__main__":
    unittest.main()
