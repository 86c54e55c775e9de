//! Who may do what: verdicts on a growing set of signed statements (PROTOCOL.md, sections 4 to 8).
//!
//! **What it is.** [`Authority`]: which statements are kept, what stands, which lineage and
//! generation are followed, which envelopes are permitted, who may hold what, which statements are
//! set aside. Sans-IO: no clock, disk, entropy or hash order.
//!
//! **What it is not.** It checks no signature (`schema-wire` did) and holds no envelope
//! (`node-replication` does): whether an adoption covers one is told to it. Statements that wait
//! are the caller's affair; [`Change::wakes`] says when to bring them again. It keeps no texts:
//! the statements themselves lie in the store.
//!
//! **What must always hold.** Every answer is a function of the set of kept statements and of the
//! pins: neither the order in which they came nor a clock changes it (INV-06), and what is kept
//! current equals what is judged anew (INV-12). No statement changes which lineage a node belongs
//! to, and none from outside a unit changes what stands inside it (INV-13).
//!
//! ```text
//!   kept.rs         rules 2 to 7: final, but for what waits
//!   statements.rs   what is kept, with its indices
//!   chain.rs        generations: followed, undecided, rivals
//!   path.rs         what paths permit, as sets of times, classes and readers
//!   validity.rs     the paths to one statement
//!   ended.rs        endings that are effective, and what they spare
//!   recognition.rs  how a unit is seen from above: candidates, the lineage followed
//!   verdicts.rs     all of these, settled in order of rank when something changes
//!   aside.rs        the sets of statements, and what is set aside
//!   question.rs     what stands, is followed, suspended, dissolved; cards; what is in order
//!   permit.rs       may this be written?         adopted.rs  marks, for who holds the envelopes
//!   hold.rs         may this be held?            list.rs     grants as people list them
//!   credentials.rs  how a membership is shown, and read without being believed
//!   quota.rs        how much of one issuer is kept, by tally.rs
//!   repin.rs        pins that change
//!   shown.rs        the root and units below, as people are shown them
//! ```
//!
//! **Where to start reading.** [`Authority::insert`], then the drawing in `verdicts.rs`, then
//! `validity.rs`.
//!
//! **How it is tested.** Beside the code, rule by rule; `tests/golden.rs` takes the vectors of
//! `schema/golden`; `tests/agree` draws random cases, in several orders, and compares all answers
//! with those of the naive judge `tests/oracle`, which shares no code with it.

mod adopted;
mod aside;
mod chain;
mod credentials;
mod ended;
mod fact;
mod farewell;
mod hold;
mod kept;
mod list;
mod looked;
mod path;
mod permit;
mod pins;
mod question;
mod quota;
mod recognition;
mod refusal;
mod repin;
mod shown;
mod statements;
mod tally;
#[cfg(test)]
mod tests;
mod validity;
mod verdicts;
mod window;

use std::collections::BTreeSet;
use std::sync::Arc;

use schema_wire::{Body, Genesis, Hash, NetworkId, Scope, UnitId, VerifiedStatement};

pub use adopted::AdoptionMark;
pub use credentials::Prospect;
pub use hold::Membership;
pub use list::{GrantState, HeldGrant};
pub use permit::{Permit, Written};
pub use pins::{Pin, Pins};
pub use quota::Room;
pub use refusal::{Carry, CarryRefusal, Reason, Refusal};
pub use shown::{OpenFounding, RootGroup};

use aside::Sets;
use fact::Fact;
use kept::Verdict;
use statements::{Kept, Statements};
use verdicts::{Settling, Verdicts, Work};

/// What becomes of a statement that is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept now.
    Kept(Change),
    /// It is kept already.
    Known,
    /// It may be kept later: once [`Change::wakes`] names this id.
    Waits(Hash),
    /// It never will be kept.
    Refused(Refusal),
}

/// What a statement or a pin changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What waits for these ids is to be brought again.
    pub wakes: Vec<Hash>,
    /// Statements whose paths stand differently. Of these, delegations and adoptions are what
    /// envelopes rest on: no other envelope is permitted or not because of this change.
    pub statements: BTreeSet<Hash>,
    /// Units that are recognised, suspended, dissolved or led differently: who may hold their
    /// scopes, and the card that is theirs, may have changed.
    pub units: BTreeSet<UnitId>,
    /// Statements that came into the set of a scope.
    pub entered: Vec<(Scope, Hash)>,
    /// Statements that left the set of a scope.
    pub left: Vec<(Scope, Hash)>,
    /// Statements that are no longer kept, since a pin kept them and was changed. They wait.
    pub dropped: Vec<Hash>,
    /// Cards and addresses that were replaced long ago and are not looked at any more, since their
    /// issuer has as many set aside as it may (section 11). They stay in the store, for a node
    /// drops nothing that came into its set; who brings one when it matters again is heard.
    pub forgotten: Vec<Hash>,
    /// How many verdicts were looked at.
    pub steps: usize,
}

/// What a node knows of who may do what in its network.
#[derive(Debug, Clone)]
pub struct Authority {
    genesis: Genesis,
    network: NetworkId,
    /// Shared with excerpts: they are made at every greeting, and pins grow with the units.
    pins: Arc<Pins>,
    statements: Statements,
    verdicts: Verdicts,
    sets: Sets,
}

impl Authority {
    /// Of a node that knows the genesis alone.
    pub fn new(genesis: &Genesis, pins: Pins) -> Self {
        Self::with(genesis, Arc::new(pins))
    }

    fn with(genesis: &Genesis, pins: Arc<Pins>) -> Self {
        let statements = Statements::new(genesis);
        let verdicts = Verdicts::new(&statements, &pins);
        let (genesis, network) = (genesis.clone(), genesis.network());
        Self { genesis, network, pins, statements, verdicts, sets: Sets::default() }
    }

    /// Of a node that kept these statements, in whatever order they are given.
    pub fn reopen<'a>(
        genesis: &Genesis,
        pins: Pins,
        statements: impl IntoIterator<Item = &'a VerifiedStatement>,
    ) -> Self {
        let mut authority = Self::new(genesis, pins);
        let own = statements.into_iter().map(|statement| (statement.id(), statement.body()));
        let own = own.filter(|(_, body)| body.network() == authority.network);
        let facts: Vec<(Hash, Fact)> = own.map(|(id, body)| (id, Fact::of(&body))).collect();
        authority.take_all(facts);
        authority.forget_all_beyond_quota();
        authority
    }

    /// Brings a statement.
    pub fn insert(&mut self, statement: &VerifiedStatement) -> Outcome {
        if statement.body().network() != self.network {
            return Outcome::Refused(Refusal::OtherNetwork);
        }
        self.insert_body(statement.id(), &statement.body())
    }

    /// Brings what a statement says, under an id of the caller's choice.
    #[cfg(feature = "values")]
    pub fn insert_value(&mut self, id: Hash, body: &Body<'_>) -> Outcome {
        self.insert_body(id, body)
    }

    fn insert_body(&mut self, id: Hash, body: &Body<'_>) -> Outcome {
        if self.statements.is_kept(&id) {
            return Outcome::Known;
        }
        let mut outcome = self.take(id, Fact::of(body));
        if let (Outcome::Kept(change), Some(issued)) = (&mut outcome, body.issued()) {
            change.forgotten = self.forget_beyond_quota(&issued.issuer);
        }
        outcome
    }

    fn take(&mut self, id: Hash, fact: Fact) -> Outcome {
        match self.statements.judge(&self.pins, &id, fact) {
            Verdict::Waits(what) => Outcome::Waits(what),
            Verdict::Refuse(refusal) => Outcome::Refused(refusal),
            Verdict::Keep(kept) => Outcome::Kept(self.keep(id, kept)),
        }
    }

    fn keep(&mut self, id: Hash, kept: Kept) -> Change {
        let mut wakes = vec![id];
        if let Kept::Issued(kept) = &kept {
            wakes.extend(kept.founding().map(|recognised| recognised.lineage));
        }
        let touched = touched_by(&id, &kept);
        self.statements.keep(id, kept);
        Change { wakes, ..self.settle(Some(id), touched) }
    }

    /// Settles what was touched, and the sets after it.
    fn settle(&mut self, new: Option<Hash>, touched: Vec<Work>) -> Change {
        let mut settling = Settling::new(&self.statements, &self.pins, &mut self.verdicts);
        for work in touched {
            settling.touch(work);
        }
        let settled = settling.settle();
        let order = self.order_of(&settled);
        let moves = self.sets.update(&self.statements, new, &order);
        Change {
            wakes: Vec::new(),
            statements: settled.statements,
            units: settled.units,
            entered: moves.entered,
            left: moves.left,
            dropped: Vec::new(),
            forgotten: Vec::new(),
            steps: settled.steps,
        }
    }
}

/// What a statement that is new may change by itself.
fn touched_by(id: &Hash, kept: &Kept) -> Vec<Work> {
    match kept {
        Kept::Lineage(generation) => {
            // A charter makes foundings that name it open.
            let unit = generation.generation.unit.clone();
            let charter = generation.passing.is_none().then_some(Work::Recognition(unit));
            charter.into_iter().chain([Work::Chain(generation.lineage)]).collect()
        }
        Kept::Root(_) => vec![Work::Root],
        // Of a succession, which has no validity, or of a root act.
        Kept::Endorsement(endorsement) => vec![Work::Root, Work::Validity(endorsement.endorses)],
        Kept::Issued(_) => vec![Work::Validity(*id), Work::Ended(*id)],
    }
}
