"""Section 7, Admission: all fourteen steps, of items as bytes."""

from admission import step_7, step_8, step_9, step_12
from kept import KEPT, WAITS
from names import carries, contains, opposite, scope_of
from of_bytes.cbor import Malformed
from of_bytes.change_rules import Known, step_13
from of_bytes.changes import change
from of_bytes.envelopes import (ACKNOWLEDGEMENTS, CHANGES, LETTER, content_matches, item, suits)
from of_bytes.signed import verifies
from of_bytes.statements import scope_of_statement
from records import CORRESPONDENCE, Delegation

ACCEPTED, DUPLICATE = "accepted", "duplicate"
_WINDOW = {LETTER: 256, ACKNOWLEDGEMENTS: 512}


class Admission:
    """One node that takes items in; `node` is its key, None where no scope is asked.

    Where contents are not asked, the steps 6, 10, 11, 13 and 14 are taken to hold.
    """

    def __init__(self, world, node=None, asks_content=True):
        self.world = world
        self.node = node
        self.carried = {}                 # by id, of what was admitted
        self.known = {}                   # the changes among them
        self.waiting = set()
        self._asks_content = asks_content

    def take(self, data, scope=None):
        """The outcome for one item that came in a scope."""
        try:
            one = item(data)
        except Malformed:                                                        # 1
            return "malformed"
        if self._network(one) != self.world.genesis.id:                          # 2
            return "other-network"
        if scope is not None and not (self._may_come(one, scope) and self.holds(scope)):  # 3
            return "other-scope"
        if one.id in self.world.kept.by_id or one.id in self.carried:            # 4
            return DUPLICATE
        outcome = self._statement(one.statement) if one.statement else self._envelope(one.carried)
        (self.waiting.add if outcome == WAITS else self.waiting.discard)(one.id)
        return {WAITS: "waits", None: ACCEPTED, KEPT: ACCEPTED}.get(outcome, outcome)

    @staticmethod
    def _network(one):
        return one.statement.fields["network"] if one.statement else one.carried.network

    def _may_come(self, one, scope):
        """In the scope it belongs to; of statements also in (U, 0) of a unit below."""
        belongs = self._scope(one)
        of_statements = belongs.compartment == 0 and scope.compartment == 0
        return belongs == scope or of_statements and contains(belongs.unit, scope.unit)

    def _scope(self, one):
        if one.statement:
            return scope_of_statement(one.statement, self.world.genesis.unit)
        return scope_of(one.carried.envelope.document)

    def _statement(self, s):
        """Step 5."""
        s, code = self.world.rule_1_of(s)
        return code or self.world.verdict(s)

    def _envelope(self, c):
        """Steps 6 to 14: the first that fails; what passes is admitted."""
        e, admitted, kept = c.envelope, self.world.admitted, self.world.kept
        steps = (
            lambda: None if suits(c.payload_kind, e.document.class_number) else "payload-kind",
            lambda: step_7(e, admitted, self.waiting),
            lambda: step_8(e, admitted),
            lambda: step_9(e, admitted, kept, self.waiting),
            lambda: (None if verifies(e.author, c.signed.signed_bytes, c.signed.signature)
                     else "bad-signature"),
            lambda: None if content_matches(c) else "content-mismatch",
            lambda: step_12(e, kept),
            lambda: self._changes(c),
            lambda: self._window(c))
        for step in steps if self._asks_content else (*steps[1:4], steps[6]):
            failed = step()
            if failed is not None:
                return failed
        admitted[e.id] = e
        self.carried[e.id] = c
        if c.payload_kind == CHANGES and self._asks_content:
            self.known[e.id] = Known(e, change(c.content))
        return None

    def _changes(self, c):
        """Step 13."""
        if c.payload_kind != CHANGES:
            return None
        return step_13(c.envelope, c.content, self.known)

    def _window(self, c):
        """Step 14: section 10.5, The window."""
        allowed = _WINDOW.get(c.payload_kind)
        if allowed is None or c.envelope.seq <= self._acknowledged(c.envelope) + allowed:
            return None
        return "window"

    def _acknowledged(self, e):
        """The acknowledged seq of E's log, as of E."""
        greatest, one = 0, e
        while one is not None:
            for id_ in one.dependencies:
                other = self.carried[id_]
                if (other.payload_kind == ACKNOWLEDGEMENTS
                        and other.envelope.document == opposite(e.document)):
                    greatest = max([greatest] + [
                        told.seq for told in other.entries
                        if (told.author, told.incarnation) == (e.author, e.incarnation)
                        and told.state in (0, 1)])
            one = self.world.admitted.get(one.backlink)
        return greatest

    # Section 8, What a node holds

    def holds(self, scope):
        """Whether this node holds the scope."""
        own, unit, number = self.world.kept.pins.own_unit, scope.unit, scope.compartment
        if number == 3:
            return (carries(own, unit, scope.other) or own in (unit, scope.other)) \
                and self._reads(CORRESPONDENCE)
        if number == 2:
            return contains(own, unit) and self._reads(CORRESPONDENCE)
        if number >= 4:
            return unit == own and self._reads(1 << number - 4)
        if contains(own, unit) or contains(unit, own):
            return True
        return number == 0 and any(
            contains(unit, party) for c in self.carried.values()
            for party in (c.envelope.document.owner, c.envelope.document.shard)
            if scope_of(c.envelope.document).compartment == 3)

    def _reads(self, bit):
        """Whether a delegation of its own unit and lineage gives the node the bit."""
        kept = self.world.kept
        return any(type(d) is Delegation and d.subject == self.node and d.reads & bit
                   and d.unit == kept.pins.own_unit
                   and kept.lineage[d.id] == kept.pins.own_lineage
                   for d in kept.by_id.values())
