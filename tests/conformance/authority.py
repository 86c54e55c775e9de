"""Who may do what (schema/PROTOCOL.md, 5 and 6), and what a log may hold (7).

Written from that text alone; it shares no code with the node.
"""

from records import (
    AUDIENCES,
    KEYRING,
    U64,
    Delegation,
    Envelope,
    Refusal,
    Revocation,
    contains,
    require,
)

GOVERN, WRITE, READ = 1, 2, 4
LINKS_MAX = 8


class Authority:
    """The delegations and revocations of one network."""

    def __init__(self, genesis, statements):
        self.genesis = genesis
        self.delegations, self.revocations = {}, []
        for statement in statements:
            statement.verify(statement.record.issuer)
            if isinstance(statement.record, Delegation):
                self.delegations[statement.id] = statement.record
            else:
                self.revocations.append(statement.record)

    def chain(self, leaf):
        """The ids of a delegation and everything it rests on, every rule checked."""
        ids = [leaf]
        while True:
            require(ids[-1] in self.delegations, "delegation not known")
            require(len(ids) <= LINKS_MAX, "chain too long")
            link = self.delegations[ids[-1]]
            require(link.network == self.genesis.network, "a link of another network")
            if link.proof is None:
                break
            require(link.proof in self.delegations, "delegation not known")
            rests_on(link, self.delegations[link.proof])
            within(link)
            ids.append(link.proof)
        require(link.issuer in self.genesis.roots, "not a root key")
        require(link.issuer_unit == self.genesis.unit, "a root speaks for the city")
        within(link)
        links = [self.delegations[one] for one in ids]
        keys = [one.subject for one in links] + [link.issuer]
        distinct = [key for n, key in enumerate(keys) if n == 0 or keys[n - 1] != key]
        require(len(set(distinct)) == len(distinct), "a key stands in the chain twice")
        return ids

    def check_validity(self, ids, at):
        for link in (self.delegations[one] for one in ids):
            require(link.not_before <= at, "not yet valid")
            require(at <= min(link.not_after + link.grace, U64), "expired")

    def speaks_for(self, claims):
        """Is this revocation taken at all?"""
        if claims.proof is None:
            return claims.issuer in self.genesis.roots and claims.issuer_unit == self.genesis.unit
        try:
            self.chain(claims.proof)
        except Refusal:
            return False
        proof = self.delegations[claims.proof]
        same = proof.subject == claims.issuer and proof.unit == claims.issuer_unit
        return same and bool(proof.verbs & GOVERN)

    def effective(self, claims):
        if claims.network != self.genesis.network or not self.speaks_for(claims):
            return False
        try:
            ids = self.chain(claims.revokes)
        except Refusal:
            return False
        issued = any(self.delegations[one].issuer == claims.issuer for one in ids)
        return issued and (claims.proof is None or claims.proof in ids)

    def check_write(self, head):
        """May the author of this header write it?"""
        ids = self.chain(head.delegation)
        leaf = self.delegations[ids[0]]
        require(leaf.subject == head.author, "granted to another key")
        require(leaf.unit == head.document[0], "not a document of the unit")
        require(leaf.verbs & WRITE, "no WRITE")
        require(leaf.classes >> head.document[1] & 1, "class not granted")
        self.check_validity(ids, head.at)
        for claims in self.revocations:
            if claims.revokes in ids and self.effective(claims):
                require(keeps(claims, head), "revoked")


def rests_on(link, proof):
    require(link.issuer == proof.subject, "proof granted to another key")
    require(link.issuer_unit == proof.unit, "proof granted for another unit")
    require(proof.verbs & GOVERN, "proof without GOVERN")
    require(link.classes & ~proof.classes == 0, "more classes than the proof")


def within(link):
    require(contains(link.issuer_unit, link.unit), "outside the issuer's unit")
    if link.unit != link.issuer_unit:
        require(link.verbs == GOVERN | READ, "write grant from above")


def keeps(claims: Revocation, head):
    return any(log == head.log() and head.seq <= seq for log, seq in claims.watermarks)


def check_reader(reader, owner, audience):
    may = {
        "public": True,
        "path": contains(reader, owner),
        "unit": reader == owner,
    }
    assert set(may) == set(AUDIENCES)
    require(may[audience], "not a reader")


class Logs:
    """What a node holds of some documents; takes one envelope after another."""

    def __init__(self, network):
        self.network = network
        self.tips = {}
        self.ids = {}

    def take(self, envelope: Envelope):
        head, id_ = envelope.header.record, envelope.header.id
        require(head.network == self.network, "another network")
        if id_ in self.ids:
            return
        seq, tip, at = self.tips.get(head.log(), (0, None, 0))
        require(head.seq > seq, "equivocation")
        require(head.seq == seq + 1, "seq gap")
        require(head.backlink == tip, "backlink")
        require(head.at >= at, "before the author's previous")
        for dependency in head.dependencies:
            require(self.ids.get(dependency) == head.document, "dependency missing")
        require((head.kind == 1) == (head.document[1] == KEYRING), "kind and class disagree")
        envelope.header.verify(head.author)
        envelope.check_content()
        self.tips[head.log()] = (head.seq, id_, head.at)
        self.ids[id_] = head.document
