"""Who may do what (schema/PROTOCOL-2.md, 5 and 6).

Written from that text alone, rule by rule and without a thought for speed; it shares no code with
the node.
"""

from collections import namedtuple

from encoding import AUDIENCES, U64, Refusal, contains, require
from statements import (
    Adoption, Delegation, Endorsement, Revocation, Succession, Suspension,
)

GOVERN, WRITE, READ = 1, 2, 4
CARETAKER_MS = 15_811_200_000

# What is asked of every delegation on a route: a class, a time, the place of an envelope.
Demand = namedtuple("Demand", "klass at head", defaults=(None, None, None))
Generation = namedtuple("Generation", "name roots threshold keeps")


def above(upper, lower):
    return contains(upper, lower) and upper != lower


def founds(link):
    return bool(link.verbs & GOVERN) and (link.proof is None or link.unit != link.issuer_unit)


def shares(link):
    return bool(link.verbs & GOVERN) and not founds(link)


def cares(link):
    return link.unit != link.issuer_unit and bool(link.verbs & WRITE)


def holds(check, *args):
    """Whether a check passes that says no by raising."""
    try:
        check(*args)
    except Refusal:
        return False
    return True


def check_valid(link, at):
    require(link.not_before <= at, "not yet valid")
    require(at <= min(link.not_after + link.grace, U64), "expired")


class Authority:
    """Those of some statements that are kept, and what follows from them."""

    def __init__(self, genesis, statements):
        self.genesis = genesis
        self.kept, self.refused = {}, {}
        waiting = {statement.id: statement for statement in statements}
        found = True
        while found:  # what a statement names may come after it
            found = False
            for statement in [one for one in waiting.values() if one.id not in self.kept]:
                try:
                    self.check_kept(statement.record)
                    self.kept[statement.id] = statement
                    found = True
                except Refusal as refusal:
                    self.refused[statement.id] = refusal

    def check_all_kept(self, statements):
        for statement in statements:
            if statement.id not in self.kept:
                raise self.refused[statement.id]

    def of_kind(self, kind):
        """Every kept statement of a kind, by its id."""
        found = ((id_, self.kept[id_].record) for id_ in sorted(self.kept))
        return [(id_, claims) for id_, claims in found if isinstance(claims, kind)]

    def delegation(self, id_):
        require(id_ in self.kept, "delegation not known")
        require(isinstance(self.kept[id_].record, Delegation), "delegation not known")
        return self.kept[id_].record

    # --- Kept or not ----------------------------------------------------------------------------

    def check_kept(self, claims):
        require(claims.network == self.genesis.network, "another network")  # (a)
        if isinstance(claims, Succession):
            return self.check_succession(claims)
        proof = self.check_issuer(claims)
        if isinstance(claims, Delegation):
            self.check_grant(claims, proof)
        if isinstance(claims, Suspension):  # (g)
            require(above(claims.issuer_unit, claims.unit), "a suspension not from above")

    def check_issuer(self, claims):
        """Rules (b) and (c); returns the proof, if there is one."""
        if claims.proof is None:
            roots = [self.genesis.roots, *(one.roots for _, one in self.of_kind(Succession))]
            require(any(claims.issuer in keys for keys in roots), "not a root key")
            require(claims.issuer_unit == self.genesis.unit, "a root speaks for the city")
            return None
        proof = self.delegation(claims.proof)
        require(claims.issuer == proof.subject, "proof granted to another key")
        require(claims.issuer_unit == proof.unit, "proof granted for another unit")
        require(proof.verbs & GOVERN, "proof without GOVERN")
        return proof

    def check_grant(self, link, proof):
        """Rules (d), (e) and (f)."""
        if link.unit == link.issuer_unit:
            founded = proof is None or founds(proof)
            require(founded or not link.verbs & GOVERN, "a shared key lets nobody govern")
            return
        require(contains(link.issuer_unit, link.unit), "outside the issuer's unit")
        if link.verbs == GOVERN | READ:
            return
        require(cares(link), "neither founds nor takes care")
        require(not link.verbs & GOVERN, "a caretaker with GOVERN")
        require(link.grace == 0, "a caretaker with grace")
        require(link.not_after - link.not_before <= CARETAKER_MS, "a caretaker for too long")

    def check_succession(self, claims):
        """Rule (h)."""
        require(claims.issuer_unit == self.genesis.unit, "a root speaks for the city")
        roots = self.genesis.roots
        if claims.previous != self.genesis.network:
            known = dict(self.of_kind(Succession))
            require(claims.previous in known, "previous not known")
            roots = known[claims.previous].roots
        require(claims.issuer in roots, "not a root key")

    # --- The root -------------------------------------------------------------------------------

    def signers(self, id_, claims, roots):
        """The root keys among some that signed a statement."""
        endorsed = [
            one.issuer for _, one in self.of_kind(Endorsement)
            if one.endorses == id_ and one.proof is None
        ]
        return {claims.issuer, *endorsed} & set(roots)

    def generations(self):
        first = self.genesis
        made = [Generation(first.network, first.roots, first.threshold, [])]
        while True:
            last = made[-1]
            heirs = [
                (id_, one) for id_, one in self.of_kind(Succession)
                if one.previous == last.name and one.issuer in last.roots
                and len(self.signers(id_, one, last.roots)) >= last.threshold
            ]
            if not heirs:
                return made
            id_, heir = min(heirs, key=lambda one: one[0])
            made.append(Generation(id_, heir.roots, heir.threshold, heir.keeps))

    def check_root_act(self, id_, claims):
        generations = self.generations()
        why = "not a root of any generation"
        for number, now in enumerate(generations):
            if claims.issuer not in now.roots:
                continue
            if len(self.signers(id_, claims, now.roots)) < now.threshold:
                why = "quorum missing"
            elif all(id_ in later.keeps for later in generations[number + 1 :]):
                return
            else:
                why = "lapsed"
        raise Refusal(why)

    # --- In force or not ------------------------------------------------------------------------

    def check_supported(self, id_, demand=Demand(), founded=False):
        """Does any delegation carry this statement, or is it an act of the root?"""
        claims = self.kept[id_].record
        if claims.proof is None:
            return self.check_root_act(id_, claims)
        founded = founded or isinstance(claims, Delegation) and shares(claims)
        reasons = {}
        for link_id, link in self.of_kind(Delegation):
            mine = link.subject == claims.issuer and link.unit == claims.issuer_unit
            if not mine or not link.verbs & GOVERN or founded and not founds(link):
                continue
            try:
                return self.check_carries(link_id, link, id_, demand)
            except Refusal as refusal:
                reasons[link_id] = refusal
        # The reason that counts for people is that of the delegation it names.
        raise reasons.get(claims.proof, Refusal("unsupported"))

    def check_carries(self, link_id, link, id_, demand):
        if demand.klass is not None:
            require(link.classes >> demand.klass & 1, "class not granted above")
        if demand.at is not None:
            check_valid(link, demand.at)
        require(not self.revoked(link_id, id_, demand.head), "revoked above")
        self.check_stands(link_id, demand)

    def check_stands(self, link_id, demand):
        self.check_supported(link_id, demand)
        if cares(self.kept[link_id].record):
            require(self.endorsed(link_id), "caretaker without a second signature")

    def check_in_force(self, link_id, at):
        check_valid(self.delegation(link_id), at)
        require(not self.revoked(link_id), "revoked")
        self.check_stands(link_id, Demand(at=at))

    def revoked(self, id_, statement=None, head=None):
        """Does an effective revocation count for a statement, or for an envelope?"""
        return any(
            one.revokes == id_ and not keeps(one, statement, head) and self.effective(by)
            for by, one in self.of_kind(Revocation)
        )

    def effective(self, id_):
        claims = self.kept[id_].record
        ended = self.kept.get(claims.revokes)
        if ended is None or not isinstance(ended.record, (Delegation, Suspension)):
            return False
        ended = ended.record
        if claims.proof is None:
            return holds(self.check_supported, id_)
        inside = claims.issuer_unit == ended.issuer_unit
        if ended.proof is None or not (inside or above(claims.issuer_unit, ended.issuer_unit)):
            return False
        # Whose word is enough comes before whether it is supported: only so does the search end.
        shared = isinstance(ended, Delegation) and shares(ended)
        own = claims.issuer == ended.issuer and not shared
        return holds(self.check_supported, id_, Demand(), inside and not own)

    def endorsed(self, link_id):
        link, city = self.kept[link_id].record, self.genesis.unit
        roots = self.generations()[-1].roots
        return any(
            one.endorses == link_id
            and one.issuer != link.issuer
            and above(one.issuer_unit, link.unit)
            and (one.issuer_unit != link.issuer_unit or one.issuer_unit == city)
            and (self.said(id_, one) or one.proof is None and one.issuer in roots)
            for id_, one in self.of_kind(Endorsement)
        )

    def said(self, id_, claims):
        """Is a statement with no term of its own supported at its own time?"""
        return holds(self.check_supported, id_, Demand(at=claims.at))

    # --- What is asked --------------------------------------------------------------------------

    def check_carry(self, head):
        """May the author carry this envelope? This is final."""
        leaf = self.delegation(head.delegation)
        require(leaf.subject == head.author, "granted to another key")
        require(leaf.unit == head.document[0], "not a document of the unit")
        require(leaf.verbs & WRITE, "no WRITE")
        require(leaf.classes >> head.document[1] & 1, "class not granted")
        check_valid(leaf, head.at)

    def check_permitted(self, head):
        require(not self.revoked(head.delegation, None, head), "revoked")
        self.check_stands(head.delegation, Demand(head.document[1], head.at, head))

    def check_write(self, signed):
        """May the envelope count, whether its log is whole or not?"""
        head = signed.record
        self.check_carry(head)
        if not self.adopted(signed.id, head.document[0]):
            self.check_permitted(head)

    def adopted(self, envelope, owner):
        return any(
            envelope in one.envelopes and one.issuer_unit == owner and self.said(id_, one)
            for id_, one in self.of_kind(Adoption)
        )

    def check_counted(self, unit):
        """Are the reports of this unit counted?"""
        for id_, one in self.of_kind(Suspension):
            ends = one.unit == unit and self.said(id_, one) and not self.revoked(id_)
            require(not ends, "suspended")


def keeps(revocation, statement, head):
    if statement is not None and statement in revocation.keeps:
        return True
    return head is not None and any(
        log == head.log() and head.seq <= seq for log, seq in revocation.watermarks
    )


def check_reader(reader, owner, audience):
    may = {
        "public": True,
        "path": contains(reader, owner),
        "unit": reader == owner,
    }
    assert set(may) == set(AUDIENCES)
    require(may[audience], "not a reader")
