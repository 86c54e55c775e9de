//! The golden world: a city, a district in it, a community in that, and a sibling of the
//! district; how each speaks, and what they usually say.

use crate::keys::*;
use crate::records::*;
use crate::signed::{Stated, Statement, ids, state};
pub(crate) use crate::tree::{Tree, tree};

/// When the golden world begins: milliseconds since 1970.
pub(crate) const T0: u64 = 1_790_000_000_000;
pub(crate) const DAY: u64 = 86_400_000;
pub(crate) const YEAR: u64 = 365 * DAY;
/// When most acts are made.
pub(crate) const LATER: u64 = T0 + 100 * DAY;
/// Between foundation and acts.
pub(crate) const SOON: u64 = T0 + 50 * DAY;
/// The last millisecond in which grants of the golden world are valid.
pub(crate) const LAST: u64 = T0 + YEAR;
pub(crate) const MS_MAX: u64 = (1 << 48) - 1;

pub(crate) const GOVERN: u64 = 1;
pub(crate) const WRITE: u64 = 2;

pub(crate) const CITY: &str = "220800";
pub(crate) const DISTRICT: &str = "220800/220802";
pub(crate) const COMMUNITY: &str = "220800/220802/220802001/220802001003";
pub(crate) const SIBLING: &str = "220800/220881";
/// A unit whose name is as long as may be.
pub(crate) const DEEP: &str = "abcdefghijklmnopqrst/abcdefghijklmnopqrst/abcdefghijklmnopqrst/\
    abcdefghijklmnopqrst/abcdefghijklmnopqrst/abcdefghijklmnopqrst";
/// A public document of the community: owner, class and shard.
pub(crate) const BOOK: (&str, u64, &str) = (COMMUNITY, 1, "B01");

pub(crate) fn genesis() -> Genesis {
    Genesis {
        unit: CITY.into(),
        name: "白城 Baicheng".into(),
        roots: keys(&[ROOT_ONE, ROOT_TWO, ROOT_THREE]),
        threshold: 2,
        next: hidden(&[ROOT_PAPER_ONE, ROOT_PAPER_TWO, ROOT_PAPER_THREE]),
        next_threshold: 2,
        at: T0,
    }
}

pub(crate) fn network() -> Hash {
    genesis().network()
}

/// Who speaks, for which unit, by what.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(crate) by: Holder,
    pub(crate) unit: String,
    pub(crate) proof: Hash,
    pub(crate) at: u64,
}

/// An issuer that speaks at a usual time.
pub(crate) fn issuer(by: Holder, unit: &str, proof: Hash) -> Issuer {
    Issuer { by, unit: unit.into(), proof, at: LATER }
}

/// A root of the first generation.
pub(crate) fn root(by: Holder) -> Issuer {
    issuer(by, CITY, network())
}

/// Makes a record of what every issued statement has, and the rest.
macro_rules! issued {
    ($issuer:expr, $record:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $record {
            network: network(),
            unit: $issuer.unit.clone(),
            proof: $issuer.proof,
            issuer: $issuer.by.key(),
            $($field $(: $value)?),*
        }
    };
}

impl Issuer {
    pub(crate) fn say(&self, record: impl Stated) -> Statement {
        state(&record, self.by)
    }

    pub(crate) fn at(&self, at: u64) -> Self {
        Self { at, ..self.clone() }
    }

    pub(crate) fn of_unit(&self, unit: &str) -> Self {
        Self { unit: unit.into(), ..self.clone() }
    }

    pub(crate) fn grant(&self, subject: Holder, verbs: u64) -> Delegation {
        let (not_before, not_after, serial) = (T0, LAST, 1);
        let (subject, reads, classes) = (subject.key(), 31, vec![0x00, 0xdf]);
        issued!(self, Delegation { subject, verbs, reads, classes, not_before, not_after, serial })
    }

    pub(crate) fn lets_write(&self, subject: Holder) -> Statement {
        self.say(self.grant(subject, WRITE))
    }

    pub(crate) fn lets_govern(&self, subject: Holder) -> Statement {
        self.say(self.grant(subject, GOVERN))
    }

    pub(crate) fn founding(&self, below: &str, lineage: Hash) -> Founding {
        let (not_before, not_after, serial) = (T0, LAST, 1);
        let below = below.into();
        issued!(self, Founding { below, lineage, not_before, not_after, serial })
    }

    pub(crate) fn founds(&self, below: &str, charter: &Statement) -> Statement {
        self.say(self.founding(below, charter.id))
    }

    pub(crate) fn ending(&self, ends: &Statement, keeps: &[&Statement]) -> Ending {
        issued!(self, Ending { ends: ends.id, ran_out: false, keeps: ids(keeps), at: self.at })
    }

    pub(crate) fn withdraws(&self, what: &Statement, keeps: &[&Statement]) -> Statement {
        self.say(self.ending(what, keeps))
    }

    pub(crate) fn closes(&self, what: &Statement, keeps: &[&Statement]) -> Statement {
        self.say(Ending { ran_out: true, ..self.ending(what, keeps) })
    }

    pub(crate) fn adoption(&self, scope: Scope, marks: Vec<Mark>) -> Adoption {
        let marks = ascending(marks);
        issued!(self, Adoption { scope, marks, at: self.at })
    }

    /// An adoption in the unit's public scope.
    pub(crate) fn adopts(&self, marks: &[Mark]) -> Statement {
        self.adopts_in(Scope::of(&self.unit, 1), marks)
    }

    pub(crate) fn adopts_in(&self, scope: Scope, marks: &[Mark]) -> Statement {
        self.say(self.adoption(scope, marks.to_vec()))
    }

    pub(crate) fn suspension(&self, below: &str) -> Suspension {
        let reason = "报数核查".into();
        issued!(self, Suspension { below: below.into(), reason, at: self.at })
    }

    pub(crate) fn suspends(&self, below: &str) -> Statement {
        self.say(self.suspension(below))
    }

    pub(crate) fn dissolution(&self, below: &str, successors: &[&str]) -> Dissolution {
        let successors = ascending(successors.iter().map(|unit| (*unit).to_owned()));
        issued!(self, Dissolution { below: below.into(), successors, at: self.at })
    }

    pub(crate) fn card(&self, serial: u64) -> Card {
        let (name, kind, letter_key) = ("示范社区".into(), "community".into(), [9; 32]);
        issued!(self, Card { serial, name, kind, letter_key, at: self.at })
    }

    pub(crate) fn address(&self) -> Address {
        let addresses = vec!["/ip4/10.1.2.3/udp/4100/quic-v1".into()];
        issued!(self, Address { addresses, at: self.at, until: self.at + 31 * DAY })
    }

    pub(crate) fn endorsement(&self, what: Hash) -> Endorsement {
        let (network, proof, issuer) = (network(), self.proof, self.by.key());
        Endorsement { network, proof, issuer, endorses: what }
    }

    pub(crate) fn endorses(&self, what: &Statement) -> Statement {
        self.say(self.endorsement(what.id))
    }
}

pub(crate) fn charter(unit: &str, key: Holder, paper: Holder) -> Charter {
    let unit = unit.into();
    Charter { network: network(), unit, key: key.key(), next: paper.hidden(), at: T0 }
}

/// A unit's first generation.
pub(crate) fn chartered(unit: &str, key: Holder, paper: Holder) -> Statement {
    state(&charter(unit, key, paper), key)
}

/// What a lineage's next generation says. The holders: who is revealed, the key, its paper.
pub(crate) fn rotation(unit: &str, after: &Statement, holders: [Holder; 3]) -> Rotation {
    let [reveal, key, paper] = holders;
    Rotation {
        network: network(),
        unit: unit.into(),
        previous: after.id,
        reveal: reveal.key(),
        key: key.key(),
        next: paper.hidden(),
        keeps: vec![],
        at: LATER,
    }
}

/// A unit's later generation that keeps some statements.
pub(crate) fn rotated(
    unit: &str,
    after: &Statement,
    holders: [Holder; 3],
    keeps: &[&Statement],
) -> Statement {
    let record = Rotation { keeps: ids(keeps), ..rotation(unit, after, holders) };
    state(&record, holders[0])
}

/// A next root generation of one root, revealed by one key.
pub(crate) fn succession(previous: Hash, reveal: Holder) -> Succession {
    Succession {
        network: network(),
        previous,
        reveal: reveal.key(),
        roots: keys(&[ROOT_NEW_ONE, ROOT_NEW_TWO]),
        threshold: 1,
        next: hidden(&[ROOT_NEW_PAPER]),
        next_threshold: 1,
        keeps: vec![],
        at: LATER,
    }
}

/// A root act and the second signature that it needs.
pub(crate) fn twice(said: impl Fn(&Issuer) -> Statement) -> [Statement; 2] {
    let act = said(&root(ROOT_ONE));
    let second = root(ROOT_TWO).endorses(&act);
    [act, second]
}
