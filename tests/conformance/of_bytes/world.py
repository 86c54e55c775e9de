"""Statements and envelopes as bytes, taken in by the judge's own rules (sections 5 to 8)."""

from adoptions import Adoptions
from aside import SetAside
from cards import Cards
from chains import Chains
from counts import Counting
from kept import KEPT, WAITS, KeptStatements
from of_bytes.cbor import Malformed
from of_bytes.signed import commitment, verifies
from of_bytes.statements import statement
from paths import Standing
from reading import Reading


class World:
    """What one node keeps and admitted, and every verdict on it."""

    def __init__(self, genesis, pins):
        self.genesis = genesis
        self.kept = KeptStatements(genesis, pins, commitment)
        self.admitted = {}

    # Section 5

    def rule_1(self, data):
        """The statement in the bytes, or None and the code that rule 1 refuses it for."""
        try:
            s = statement(data)
        except Malformed:
            return None, "malformed"
        return self.rule_1_of(s)

    def rule_1_of(self, s):
        if s.fields["network"] != self.genesis.id:
            return None, "other-network"
        if not verifies(s.signer, s.signed.signed_bytes, s.signed.signature):
            return None, "bad-signature"
        return s, None

    def verdict(self, s):
        """KEPT, WAITS or a code, of a statement that rule 1 lets through."""
        return KEPT if s.signed.id in self.kept.by_id else self.kept.verdict(s.record)

    def take_statements(self, some):
        """Goes round until nothing changes; the last verdict on each, in the given order."""
        verdicts = [None] * len(some)
        changed = True
        while changed:
            changed = False
            for n, data in enumerate(some):
                if verdicts[n] in (None, WAITS):
                    s, code = self.rule_1(data)
                    verdict = code or self.verdict(s)
                    changed |= verdict != verdicts[n]
                    verdicts[n] = verdict
        return verdicts

    # Sections 6 to 8

    def judge(self):
        """All that follows from what is kept and admitted."""
        return Verdicts(self.kept, self.admitted)


class Verdicts:
    """The judge's answers, for one set."""

    def __init__(self, kept, admitted):
        self.kept = kept
        self.chains = Chains(kept)
        self.standing = Standing(kept, self.chains)
        self.cards = Cards(kept, self.standing, self.chains)
        self.reading = Reading(kept, self.standing)
        adoptions = Adoptions(kept, admitted)
        self.counting = Counting(kept, admitted, self.standing, adoptions)
        self.aside = SetAside(kept, admitted, self.standing, adoptions, self.counting, self.cards)
