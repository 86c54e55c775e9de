"""Two cases that the text did not settle once, with nothing but real nodes.

In both a unit in the middle passes its lineage on, and the new generation does not keep the
founding of the unit below.
"""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from node import files                                                  # noqa: E402
from node.processes import Network, came_true                           # noqa: E402
from of_bytes.statements import statement                               # noqa: E402
from records import Founding                                            # noqa: E402

CITY, MIDDLE, BELOW = "220800", "220800/220801", "220800/220801/001"


@unittest.skipUnless("GONGZHI_BIN" in os.environ, "GONGZHI_BIN names the node's binary")
class Open(unittest.TestCase):
    """A city, a unit in the middle, and one below it with two nodes, `below` and `sister`."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        network = self.network = Network(os.environ["GONGZHI_BIN"], folder.name)
        self.addCleanup(network.stop)
        network.found("city", CITY)
        told = network.begin("middle", MIDDLE, "city")
        network.recognise("middle", "city")
        network.begin("below", BELOW, "city")
        network.recognise("below", "middle")
        grant = self._one_more("sister", "below")
        network.run("city")
        network.run("middle", "city")
        network.run("below", "middle")
        network.run("sister", "below")
        self.assertTrue(came_true(lambda: network.sums("sister") == network.sums("below")))
        network.halt("sister")
        network.halt("middle")
        self._pass_on(told["unit_phrase"], grant)
        network.run("middle", "city")
        network.halt("below")                    # the node in the middle has a new key
        network.run("below", "middle")
        self.assertTrue(came_true(lambda: network.standing("below") == "unrecognised"))

    def _one_more(self, name, unit):
        grant = self.network.delegate(unit, self.network.key(name), "node")
        self.network.of(name, "init", "--grant", grant)
        return files.grant(grant)

    def _pass_on(self, phrase, grant):
        """A generation of the unit in the middle that keeps all but the founding below."""
        foundings = [one.record for one in map(statement, grant.chain)
                     if type(one.record) is Founding and one.record.below == BELOW]
        path = self.network.path("phrase")
        with open(path, "w", encoding="utf-8") as file:
            file.write(phrase)
        self.network.of("middle", "lineage", "rotate", "--phrase-file", path,
                        "--without", foundings[0].id.hex())

    def test_sister(self):
        """Section 9.5, two nodes of a unit, of which one has not heard that nobody recognises it.

        It offers a scope that the other no longer shares: that is passed over, it is told by what
        it is recognised no more, and goes on with its own unit's work.
        """
        network = self.network
        network.of("below", "import", network.small_roster())
        network.run("sister", "below")
        persons = BELOW + "@band0"
        self.assertTrue(came_true(lambda: network.sums("sister").get(persons)
                                   == network.sums("below")[persons]))
        self.assertTrue(came_true(lambda: network.standing("sister") == "unrecognised"))
        with open(network.path("below.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertEqual(log.count("汇总未发布") + log.count("the report was not published"), 1,
                         "it said once that it may not report")

    def test_founding(self):
        """Sections 5 and 7: the founding below is in no order any more, and its charter brings it
        into the set of the unit below, where step 3 of admission takes it.
        """
        self._one_more("new", "city")
        self.network.run("new", "city")
        self.assertTrue(came_true(
            lambda: self.network.sums("new") == self.network.sums("city")))
        self.assertEqual(self.network.json_of("new", "quarantine", "list")["refused"], [])


if __name__ == "__main__":
    unittest.main()
