//! The only door through which an item becomes part of this node's state: steps 1 to 14 of
//! section 7.
//!
//! ```text
//!   bytes, in a scope
//!     | 1, 2, 3   readable, of this network, in its scope, which this node holds  -> Refused
//!     | 4         known already                                                   -> Duplicate
//!     | 5         statements: section 5                                 -> Waits, or Refused
//!     | 6 to 9    kind, place in the log, time, dependencies            -> Waits, or Refused
//!     | 10, 11    signature, content                                              -> Refused
//!     | 12        who may carry it                                      -> Waits, or Refused
//!     | 13, 14    the change and its past; the window                             -> Refused
//!     v
//!   Admitted: the only thing that `log.rs` appends
//! ```
//! Who sent an item never matters, nor a clock, nor how much is held. What is refused here is
//! refused by everybody who holds the same past. Whether an admitted envelope counts is another
//! question ([`crate::counts`]).

mod holdings;
mod lacking;
mod letters;
mod rejection;

use std::collections::BTreeSet;

use node_authority::{Authority, Carry, Prospect, Written};
use schema_wire::{
    DocumentId, Envelope, Hash, Header, Holds, Item, NetworkId, Payload, Scope, Signed, Statement,
    UnitId, Verified, VerifiedStatement, Verifier,
};

pub use holdings::Holdings;
pub(crate) use holdings::interests_of;
pub use lacking::Lacking;
pub(crate) use letters::receipts_of;
pub use rejection::Rejection;

use crate::change::{self, Base, Checked};
use crate::entry::{Entry, Location};
use crate::names::document_key;
use crate::store::{ReadError, ReadStore};

/// What becomes of an item that came.
#[derive(Debug)]
pub enum Verdict {
    /// It may be appended.
    Admitted(Box<Admitted>),
    /// It is here already. The copy may hold what is lacking.
    Duplicate(Option<Lacking>),
    /// What it rests on may still come.
    Waits(WaitsFor),
    /// Never.
    Refused(Rejection),
}

/// What an item waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitsFor {
    /// A statement with this id.
    Statement(Hash),
    /// An envelope with this id, which waits itself.
    Envelope(Hash),
    /// A founding of this unit, to which it is addressed.
    Founding(UnitId),
}

/// An item that passed every step. Nothing else can be appended.
#[derive(Debug, Clone)]
pub struct Admitted {
    pub(crate) scope: Scope,
    pub(crate) id: Hash,
    pub(crate) kind: Kind,
}

/// What an admitted item is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Envelope(Box<AdmittedEnvelope>),
    Statement(Box<VerifiedStatement>),
}

/// An admitted envelope, with what is kept beside it.
#[derive(Debug, Clone)]
pub(crate) struct AdmittedEnvelope {
    pub(crate) header: Verified<Header>,
    pub(crate) content: Payload,
    pub(crate) change: Option<Checked>,
    /// The acknowledged seq of its log, as of it.
    pub(crate) acknowledged: u64,
}

impl Admitted {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.id
    }
}

/// What items are judged by.
#[derive(Debug)]
pub struct Admission<'a, S> {
    /// The statements that are kept.
    pub authority: &'a Authority,
    /// What is here.
    pub store: &'a S,
    /// Which scopes this node holds.
    pub holdings: &'a Holdings,
    /// Units between which a letter waits for their statements.
    pub cares: &'a BTreeSet<UnitId>,
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
    /// The ids of envelopes that wait.
    pub waiting: &'a BTreeSet<Hash>,
}

/// What stops an item on its way; `?` carries it out.
enum Stop {
    Duplicate(Option<Lacking>),
    Waits(WaitsFor),
    Refused(Rejection),
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl<S: ReadStore> Admission<'_, S> {
    /// Judges an item that came in a scope.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn judge(&self, scope: &Scope, item: Item) -> Result<Verdict, ReadError> {
        match self.steps(scope, item) {
            Ok(admitted) => Ok(Verdict::Admitted(Box::new(admitted))),
            Err(Stop::Duplicate(lacking)) => Ok(Verdict::Duplicate(lacking)),
            Err(Stop::Waits(what)) => Ok(Verdict::Waits(what)),
            Err(Stop::Refused(rejection)) => Ok(Verdict::Refused(rejection)),
            Err(Stop::Read(error)) => Err(error),
        }
    }

    fn steps(&self, scope: &Scope, item: Item) -> Result<Admitted, Stop> {
        let (belongs, id) = (item.scope(self.authority.city()), item.id());
        if network_of(&item) != self.authority.network() {
            return Err(Rejection::OtherNetwork.into());
        }
        let awaited = scope.holds() == Holds::Statements && self.cares.contains(scope.unit());
        if !may_come_in(scope, &belongs) || !awaited && !self.holdings.hold(self.store, scope)? {
            return Err(Rejection::OtherScope { claimed: belongs, got: scope.clone() }.into());
        }
        let kind = match item {
            Item::Statement(statement) => Kind::Statement(Box::new(self.statement(*statement)?)),
            Item::Envelope(envelope) => Kind::Envelope(Box::new(self.envelope(*envelope)?)),
        };
        Ok(Admitted { scope: belongs, id, kind })
    }

    /// Step 5.
    fn statement(&self, statement: Statement) -> Result<VerifiedStatement, Stop> {
        if self.authority.is_kept(&statement.id()) {
            return Err(Stop::Duplicate(None));
        }
        let verified = statement.verify_with(self.verifier);
        let verified = verified.map_err(|error| Rejection::BadSignature(error.0))?;
        match self.authority.prospect(&verified.id(), &verified.body()) {
            Prospect::Kept => Ok(verified),
            Prospect::Waits(id) => Err(Stop::Waits(WaitsFor::Statement(id))),
            Prospect::Refused(refusal) => Err(Rejection::Statement(refusal).into()),
        }
    }

    fn envelope(&self, envelope: Envelope) -> Result<AdmittedEnvelope, Stop> {
        let header = envelope.header().claims();
        if Location::of(self.store, &envelope.header().id())?.is_some() {
            return Err(Stop::Duplicate(Lacking::of(self.store, &envelope)?));
        }
        if !header.payload_kind.suits(header.document.class().content()) {
            return Err(Rejection::PayloadKind.into());
        }
        let backlink = self.backlink(header)?;
        let dependencies = self.dependencies(header)?;
        let content_matches = envelope.content_matches();
        let (signed, content) = envelope.into_parts();
        let header = self.verified(signed)?;
        if !content_matches {
            return Err(Rejection::ContentMismatch.into());
        }
        self.carried(header.value())?;
        let change = match &content {
            Payload::Changes(bytes) => {
                Some(self.change(header.value(), backlink.as_ref(), &dependencies, bytes)?)
            }
            _ => None,
        };
        let acknowledged = self.window(header.value(), backlink.as_ref())?;
        Ok(AdmittedEnvelope { header, content, change, acknowledged })
    }

    /// Steps 7 and 8: the envelope before it in its log. Another may follow that one already:
    /// then the log forks, and both are evidence.
    fn backlink(&self, header: &Header) -> Result<Option<Entry>, Stop> {
        let Some(backlink) = header.backlink() else {
            return Ok(None);
        };
        let Some(location) = Location::of(self.store, &backlink)? else {
            return Err(if self.waiting.contains(&backlink) {
                Stop::Waits(WaitsFor::Envelope(backlink))
            } else {
                Rejection::SeqGap { seq: header.seq(), backlink }.into()
            });
        };
        let before = Location {
            document_key: document_key(&header.document),
            author: header.author,
            seq: header.seq() - 1,
        };
        if location != before {
            return Err(Rejection::Backlink.into());
        }
        let entry = location.entry(self.store, &backlink)?;
        if header.at < entry.at {
            return Err(Rejection::TimeRunsBack.into());
        }
        Ok(Some(entry))
    }

    /// Step 9. What is missing is told before what lies elsewhere.
    fn dependencies(&self, header: &Header) -> Result<Vec<Entry>, Stop> {
        let (mut here, mut waiting) = (Vec::new(), None);
        for id in &header.dependencies {
            match Location::of(self.store, id)? {
                Some(location) => here.push((*id, location)),
                None if self.waiting.contains(id) => waiting = waiting.or(Some(*id)),
                None => return Err(Rejection::MissingDependency(*id).into()),
            }
        }
        let own = document_key(&header.document);
        let opposite = header.document.opposite().as_ref().map(document_key);
        for (id, location) in &here {
            let beside = location.document_key == own && location.author != header.author;
            if !beside && Some(&location.document_key) != opposite.as_ref() {
                return Err(Rejection::DependencyElsewhere(*id).into());
            }
        }
        if let Some(id) = waiting {
            return Err(Stop::Waits(WaitsFor::Envelope(id)));
        }
        match header.document.addressee() {
            Some(unit) if !self.authority.is_founded(unit) => {
                Err(Stop::Waits(WaitsFor::Founding(unit.clone())))
            }
            _ => Ok(here
                .iter()
                .map(|(id, at)| at.entry(self.store, id))
                .collect::<Result<_, _>>()?),
        }
    }

    /// Step 10.
    fn verified(&self, signed: Signed<Header>) -> Result<Verified<Header>, Stop> {
        let checked = signed.verify_with(self.verifier);
        checked.map_err(|error| Rejection::BadSignature(error.0).into())
    }

    /// Step 12.
    fn carried(&self, header: &Header) -> Result<(), Stop> {
        let written = Written {
            document: &header.document,
            author: header.author.key,
            delegation: header.delegation,
            at: header.at,
        };
        match self.authority.may_carry(&written) {
            Carry::Yes => Ok(()),
            Carry::Waits(id) => Err(Stop::Waits(WaitsFor::Statement(id))),
            Carry::Refused(refusal) => Err(Rejection::Carry(refusal).into()),
        }
    }

    /// Step 13.
    fn change(
        &self,
        header: &Header,
        backlink: Option<&Entry>,
        dependencies: &[Entry],
        content: &[u8],
    ) -> Result<Checked, Stop> {
        let document: &DocumentId = &header.document;
        let base =
            Base { document, author: header.author, seq: header.seq(), backlink, dependencies };
        let checked = change::check(self.store, &base, content)?;
        checked.map_err(|fault| Rejection::Change(fault).into())
    }

    /// Step 14.
    fn window(&self, header: &Header, backlink: Option<&Entry>) -> Result<u64, Stop> {
        let acknowledged = letters::acknowledged(self.store, header, backlink)?;
        match letters::window(header.payload_kind) {
            Some(window) if header.seq() > acknowledged.saturating_add(window) => {
                Err(Rejection::Window.into())
            }
            _ => Ok(acknowledged),
        }
    }
}

/// Step 3: may what belongs to one scope come in another? The set of a unit's statements may have
/// foundings of units above, which its charter alone brings in, and what those bring in.
fn may_come_in(scope: &Scope, belongs: &Scope) -> bool {
    let statements = scope.holds() == Holds::Statements && belongs.holds() == Holds::Statements;
    belongs == scope || statements && belongs.unit().contains(scope.unit())
}

fn network_of(item: &Item) -> NetworkId {
    match item {
        Item::Envelope(envelope) => envelope.header().claims().network,
        Item::Statement(statement) => statement.claims().network(),
    }
}
