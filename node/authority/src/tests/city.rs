//! A city with a district and a community, and issuers that speak in it.

use schema_wire::{
    Address, Adoption, Ascending, Author, Card, Charter, Class, Classes, Commitments, Delegation,
    Dissolution, DocumentId, Ending, Endorsement, Founding, Genesis, Hash, Incarnation, List, Mark,
    Ms, Name, NodeKey, Reads, Record, Rotation, Scope, SigningKey, Succession, Suspension, Text,
    UnitId, Verbs, Verified, VerifiedStatement,
};

use crate::{Authority, Change, Outcome, Pins, Written};

pub(super) const CITY: &str = "c";
pub(super) const DISTRICT: &str = "c/d";
pub(super) const COMMUNITY: &str = "c/d/m";
/// The term of all grants, and a time within it.
pub(super) const FROM: u64 = 100;
pub(super) const NOON: u64 = 500;
pub(super) const UNTIL: u64 = 1_000;

pub(super) fn secret(name: &str) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(&[name.as_bytes()]).0)
}

pub(super) fn key(name: &str) -> NodeKey {
    NodeKey(secret(name).verifying_key().to_bytes())
}

pub(super) fn unit(text: &str) -> UnitId {
    UnitId::parse(text).expect("a unit")
}

pub(super) fn ms(time: u64) -> Ms {
    Ms::of(time)
}

fn keys(names: &[&str]) -> Ascending<NodeKey, 1, 16> {
    Ascending::of(names.iter().map(|name| key(name))).expect("some keys")
}

fn commitments(names: &[&str]) -> Commitments {
    Ascending::of(names.iter().map(|name| key(name).commitment())).expect("some keys")
}

pub(super) fn keeps(ids: &[Hash]) -> Ascending<Hash, 0, 4096> {
    Ascending::of(ids.iter().copied()).expect("few ids")
}

pub(super) fn genesis() -> Genesis {
    Genesis {
        unit: unit(CITY),
        name: Name::cut("city"),
        roots: keys(&["root-1", "root-2", "root-3"]),
        threshold: 2,
        next: commitments(&["paper-1", "paper-2"]),
        next_threshold: 2,
        at: ms(0),
    }
}

pub(super) fn network() -> Hash {
    genesis().network().as_hash()
}

/// Signs what is well made.
pub(super) fn sealed<T: Record>(record: T, by: &str) -> VerifiedStatement
where
    VerifiedStatement: From<Verified<T>>,
{
    Verified::seal(record, &secret(by)).expect("a well-made record").into()
}

pub(super) fn charter(of: &str, by: &str, paper: &str) -> VerifiedStatement {
    let charter = Charter {
        network: genesis().network(),
        unit: unit(of),
        key: key(by),
        next: key(paper).commitment(),
        at: ms(FROM),
    };
    sealed(charter, by)
}

/// A rotation: the key on paper is revealed, and `name` and `name`-paper come.
pub(super) fn rotation(
    of: &str,
    previous: Hash,
    paper: &str,
    name: &str,
    kept: &[Hash],
) -> VerifiedStatement {
    let rotation = Rotation {
        network: genesis().network(),
        unit: unit(of),
        previous,
        reveal: key(paper),
        key: key(name),
        next: key(&format!("{name}-paper")).commitment(),
        keeps: keeps(kept),
        at: ms(NOON),
    };
    sealed(rotation, paper)
}

pub(super) fn succession(kept: &[Hash]) -> VerifiedStatement {
    let succession = Succession {
        network: genesis().network(),
        previous: network(),
        reveal: key("paper-1"),
        roots: keys(&["new-root"]),
        threshold: 1,
        next: commitments(&["new-paper"]),
        next_threshold: 1,
        keeps: keeps(kept),
        at: ms(NOON),
    };
    sealed(succession, "paper-1")
}

pub(super) fn endorsement(proof: Hash, by: &str, endorses: Hash) -> VerifiedStatement {
    let (network, issuer) = (genesis().network(), key(by));
    sealed(Endorsement { network, proof, issuer, endorses }, by)
}

/// One who speaks for a unit.
#[derive(Debug, Clone)]
pub(super) struct Issuer {
    pub(super) unit: UnitId,
    pub(super) proof: Hash,
    pub(super) name: String,
}

pub(super) fn issuer(of: &str, proof: Hash, name: &str) -> Issuer {
    Issuer { unit: unit(of), proof, name: name.to_owned() }
}

macro_rules! say {
    ($issuer:expr, $kind:ident { $($field:ident: $value:expr),* $(,)? }) => {{
        let issuer = $issuer;
        let record = $kind {
            network: genesis().network(),
            unit: issuer.unit.clone(),
            proof: issuer.proof,
            issuer: key(&issuer.name),
            $($field: $value),*
        };
        sealed(record, &issuer.name)
    }};
}

impl Issuer {
    pub(super) fn grants(&self, to: &str, verbs: Verbs, reads: Reads) -> VerifiedStatement {
        self.grants_classes(to, (verbs, reads), Classes::all(), (FROM, UNTIL))
    }

    pub(super) fn grants_classes(
        &self,
        to: &str,
        (verbs, reads): (Verbs, Reads),
        classes: Classes,
        (from, until): (u64, u64),
    ) -> VerifiedStatement {
        say!(
            self,
            Delegation {
                subject: key(to),
                verbs: verbs,
                reads: reads,
                classes: classes,
                not_before: ms(from),
                not_after: ms(until),
                serial: 0,
            }
        )
    }

    /// A deputy with all rights.
    pub(super) fn appoints(&self, to: &str) -> VerifiedStatement {
        self.grants(to, Verbs::GOVERN.with(Verbs::WRITE), Reads::ALL)
    }

    /// A clerk, who writes and reads.
    pub(super) fn employs(&self, to: &str) -> VerifiedStatement {
        self.grants(to, Verbs::WRITE, Reads::ALL)
    }

    /// The same once more, under another serial.
    pub(super) fn employs_again(&self, to: &str, serial: u64) -> VerifiedStatement {
        say!(
            self,
            Delegation {
                subject: key(to),
                verbs: Verbs::WRITE,
                reads: Reads::ALL,
                classes: Classes::all(),
                not_before: ms(FROM),
                not_after: ms(UNTIL),
                serial: serial,
            }
        )
    }

    pub(super) fn founds(&self, below: &str, lineage: Hash) -> VerifiedStatement {
        self.founds_for(below, lineage, (FROM, UNTIL))
    }

    pub(super) fn founds_for(
        &self,
        below: &str,
        lineage: Hash,
        (from, until): (u64, u64),
    ) -> VerifiedStatement {
        say!(
            self,
            Founding {
                below: unit(below),
                lineage: lineage,
                not_before: ms(from),
                not_after: ms(until),
                serial: 0,
            }
        )
    }

    pub(super) fn withdraws(&self, ended: Hash, kept: &[Hash]) -> VerifiedStatement {
        say!(self, Ending { ends: ended, ran_out: false, keeps: keeps(kept), at: ms(NOON) })
    }

    pub(super) fn closes(&self, ended: Hash, kept: &[Hash], at: u64) -> VerifiedStatement {
        say!(self, Ending { ends: ended, ran_out: true, keeps: keeps(kept), at: ms(at) })
    }

    pub(super) fn adopts(&self, document: &DocumentId, author: &str, at: u64) -> VerifiedStatement {
        let mark = Mark {
            document: document.clone(),
            author: key(author),
            incarnation: Incarnation([1; 16]),
            seq: 1,
            head: Hash([9; 32]),
        };
        let marks = List::new(vec![mark]).expect("a mark");
        say!(self, Adoption { scope: document.scope(), marks: marks, at: ms(at) })
    }

    pub(super) fn suspends(&self, below: &str) -> VerifiedStatement {
        let reason = Text::cut("late");
        say!(self, Suspension { below: unit(below), reason: reason, at: ms(NOON) })
    }

    pub(super) fn dissolves(&self, below: &str, heir: &str) -> VerifiedStatement {
        let successors = Ascending::of([unit(heir)]).expect("one");
        say!(self, Dissolution { below: unit(below), successors: successors, at: ms(NOON) })
    }

    pub(super) fn card(&self, serial: u64) -> VerifiedStatement {
        say!(
            self,
            Card {
                serial: serial,
                name: Name::cut("us"),
                kind: Text::cut("community"),
                letter_box: [7; 32],
                at: ms(NOON),
            }
        )
    }

    pub(super) fn address(&self, at: u64) -> VerifiedStatement {
        let text = Text::new("/ip4/10.0.0.1/tcp/1").expect("an address");
        let addresses = List::new(vec![text]).expect("one");
        say!(self, Address { addresses: addresses, at: ms(at), until: ms(at + 1) })
    }
}

/// A city in peace: one founding for each unit, one clerk in the community.
#[derive(Debug, Clone)]
pub(super) struct City {
    pub(super) authority: Authority,
    pub(super) by_root: Issuer,
    pub(super) by_city: Issuer,
    pub(super) by_district: Issuer,
    pub(super) by_community: Issuer,
    pub(super) city_founding: Hash,
    pub(super) district_founding: Hash,
    pub(super) community_founding: Hash,
    /// The clerk's delegation.
    pub(super) clerk: Hash,
}

impl City {
    /// As a node of the community sees it.
    pub(super) fn new() -> Self {
        Self::seen_from(COMMUNITY)
    }

    pub(super) fn seen_from(own: &str) -> Self {
        let [by_city, by_district, by_community] = issuers();
        let by_root = issuer(CITY, network(), "root-1");
        let own_issuer = [&by_city, &by_district, &by_community]
            .into_iter()
            .find(|issuer| issuer.unit.as_str() == own)
            .expect("one of the three");
        let pins = Pins::of(unit(own), own_issuer.proof);
        Self {
            authority: Authority::reopen(&genesis(), pins, &peace()),
            city_founding: by_root.founds(CITY, by_city.proof).id(),
            district_founding: by_city.founds(DISTRICT, by_district.proof).id(),
            community_founding: by_district.founds(COMMUNITY, by_community.proof).id(),
            clerk: by_community.employs("clerk").id(),
            by_root,
            by_city,
            by_district,
            by_community,
        }
    }

    /// Brings what must be kept.
    pub(super) fn keep(&mut self, statement: &VerifiedStatement) -> Hash {
        self.change(statement);
        statement.id()
    }

    pub(super) fn change(&mut self, statement: &VerifiedStatement) -> Change {
        match self.authority.insert(statement) {
            Outcome::Kept(change) => change,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn inside(&self, id: Hash, time: u64) -> bool {
        self.authority.stands(&id, ms(time)).inside
    }

    pub(super) fn outside(&self, id: Hash, time: u64) -> bool {
        self.authority.stands(&id, ms(time)).outside
    }

    /// Gives a key of the community's own, and the issuer that it makes.
    pub(super) fn deputy(&mut self) -> Issuer {
        let proof = self.keep(&self.by_community.appoints("deputy"));
        issuer(COMMUNITY, proof, "deputy")
    }
}

/// A document of the community.
pub(super) fn document(class: u8) -> DocumentId {
    document_of(COMMUNITY, class)
}

pub(super) fn document_of(owner: &str, class: u8) -> DocumentId {
    DocumentId::new(unit(owner), Class::new(class).expect("a class"), "2026").expect("a document")
}

/// What the clerk wrote.
pub(super) fn written<'a>(city: &City, document: &'a DocumentId, at: u64) -> Written<'a> {
    Written { document, author: key("clerk"), delegation: city.clerk, at: ms(at) }
}

pub(super) fn clerks_log(document: &DocumentId) -> (DocumentId, Author) {
    (document.clone(), Author { key: key("clerk"), incarnation: Incarnation([1; 16]) })
}

pub(super) fn pair(one: &str, other: &str) -> Scope {
    Scope::pair(&unit(one), &unit(other)).expect("two units")
}

fn charters() -> [VerifiedStatement; 3] {
    [(CITY, "city"), (DISTRICT, "district"), (COMMUNITY, "community")]
        .map(|(of, name)| charter(of, name, &format!("{name}-paper")))
}

/// The city, the district and the community.
fn issuers() -> [Issuer; 3] {
    let [city, district, community] = charters().map(|charter| charter.id());
    [
        issuer(CITY, city, "city"),
        issuer(DISTRICT, district, "district"),
        issuer(COMMUNITY, community, "community"),
    ]
}

/// The statements of a city in peace, the last first.
pub(super) fn peace() -> Vec<VerifiedStatement> {
    let [by_city, by_district, by_community] = issuers();
    let founding = issuer(CITY, network(), "root-1").founds(CITY, by_city.proof);
    let mut all = vec![
        by_community.employs("clerk"),
        by_district.founds(COMMUNITY, by_community.proof),
        by_city.founds(DISTRICT, by_district.proof),
        endorsement(network(), "root-2", founding.id()),
        founding,
    ];
    all.extend(charters());
    all
}
