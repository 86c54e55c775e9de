//! The log of a node: what it admitted, which of it counts, and the sets of its scopes.
//!
//! ```text
//!   item -> admission -> Admitted -> append -> judged: at once, or with its document at the
//!                                              end of the step -> sets, feed, sums
//!   statement -> authority -> what stands differently -> documents that rest on it -> judged
//! ```
//! A [`Step`] holds everything that one input writes; nothing of it is there before its batch is
//! durable.

mod audit;
mod cares;
mod choices;
mod documents;
mod forks;
mod groups;
mod identity;
mod item;
mod learning;
mod quota;
mod reached;
mod rebuild;
mod rests;
mod set;
mod set_record;
mod step;
#[cfg(feature = "values")]
mod values;
mod wishes;
mod write;

use std::collections::BTreeSet;
use std::sync::Arc;

use node_authority::{Authority, Pins};
use schema_wire::{
    Author, Genesis, Hash, Item, Ms, Payload, Scope, SigningKey, Statement, UnitId, Verifier, Wire,
};

pub use audit::{Derived, documents};
pub use cares::cared_for;
pub use documents::DocumentRecord;
pub use forks::forks;
pub use groups::{changed, changed_part, group_vector};
pub use identity::Chance;
pub(crate) use identity::newest;
pub use item::{Origin, Stored, is_admitted, item};
pub use reached::Reached;
pub use set::{feed, feed_head, position, sets};
pub use set_record::SetRecord;
pub use step::{Event, Step};
pub use wishes::WISHES_MAX;
pub(crate) use wishes::{pair_of as wished_pair, wish};
pub use write::{ChangeDraft, Draft, WriteError};

pub use crate::suspended::validity;

use crate::admission::{
    Admission, Admitted, AdmittedEnvelope, Holdings, Kind, Rejection, Verdict, WaitsFor,
};
use crate::keyring;
use crate::store::{Batch, ReadError, ReadStore};
use identity::Identity;
use learning::Dropped;

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It was appended.
    Taken,
    /// It was here; what was lacking of it was taken from the copy.
    Duplicate,
    /// It may be taken once this is here.
    Waits(WaitsFor),
    /// It is too much for now.
    Later,
    /// It would be set aside, and too much is already: as if it had been taken.
    PassedOver,
    /// It is refused.
    Refused(Rejection),
}

/// What a log is opened with.
#[derive(Debug)]
pub struct Setting {
    /// What the network began with.
    pub genesis: Genesis,
    /// The node's own choices when it was set up; what was chosen since lies in the store.
    pub pins: Pins,
    /// Its key.
    pub key: SigningKey,
    /// What new lives are named from.
    pub chance: Chance,
    /// Checks signatures.
    pub verifier: Arc<dyn Verifier>,
    /// The store may lack something that this node signed: it was lost, restored or copied.
    pub anew: bool,
}

/// Units that are cared for because of letters that wait.
const CARES_MAX: usize = 65_536;

/// A node's log, apart from what lies in its store.
#[derive(Debug)]
pub struct Log {
    /// Shared with whoever reads it as it was: see [`Log::shared_authority`].
    authority: Arc<Authority>,
    identity: Identity,
    verifier: Arc<dyn Verifier>,
    /// An envelope came that this node did not write, in its present life.
    cloned: bool,
    /// A peer said, since the start, that this node's feed was longer once.
    fell_back: bool,
    /// Units between which a letter waits for their statements.
    cares: BTreeSet<UnitId>,
    /// What the store holds and a pin keeps no more.
    dropped: Dropped,
    /// Which scopes it holds, until a statement or a pin changes that.
    holdings: Option<Holdings>,
    /// The authority knows what the store will hold once a step is durable.
    is_ahead: bool,
}

/// What is known.
impl Log {
    /// Opens what a store holds.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn open(setting: Setting, store: &impl ReadStore) -> Result<Self, ReadError> {
        let Setting { genesis, pins, key, chance, verifier, anew } = setting;
        let pins = choices::laid_over(pins, store)?;
        let statements = item::statements(store)?.into_iter();
        let statements: Vec<_> = statements.map(Statement::trust_own_store).collect();
        let authority = Authority::reopen(&genesis, pins, &statements);
        let dropped = Dropped::of(&authority, &statements);
        let identity = Identity::open(key, chance, anew, store)?;
        Ok(Self {
            authority: Arc::new(authority),
            identity,
            verifier,
            cloned: false,
            fell_back: false,
            cares: BTreeSet::new(),
            dropped,
            holdings: None,
            is_ahead: false,
        })
    }

    /// What it knows of who may do what.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The same, as it is now, for as long as somebody looks at it. The next statement copies it
    /// meanwhile.
    #[must_use]
    pub fn shared_authority(&self) -> Arc<Authority> {
        Arc::clone(&self.authority)
    }

    /// Who it writes as.
    #[must_use]
    pub fn author(&self) -> Author {
        self.identity.author()
    }

    /// The later of a clock and of the newest thing that it wrote in its present life: for
    /// readers, what is over stays over, whatever a clock says.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn now(&self, clock: Ms, store: &impl ReadStore) -> Result<Ms, ReadError> {
        Ok(self.identity.newest(store)?.max(clock))
    }

    /// What checks signatures.
    pub(crate) fn verifier(&self) -> &dyn Verifier {
        &*self.verifier
    }

    /// What its feed is called.
    #[must_use]
    pub fn epoch(&self) -> [u8; 16] {
        self.identity.epoch()
    }
}

/// What comes.
impl Log {
    /// Takes statements of these units too: a letter between them waits for those. Within a bound,
    /// since members decide which letters come.
    pub fn care_for(&mut self, units: &BTreeSet<UnitId>) {
        if self.cares.len() + units.len() <= CARES_MAX {
            self.cares.extend(units.iter().cloned());
        }
    }

    /// Judges an item that came in a scope, and appends it if it is admitted. `waiting` are the
    /// ids of envelopes that wait.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn offer(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
        bytes: &[u8],
        origin: Origin,
        waiting: &BTreeSet<Hash>,
    ) -> Result<Offered, ReadError> {
        match Item::from_bytes(bytes) {
            Err(error) => Ok(Offered::Refused(error.into())),
            Ok(item) => self.offer_item(step, scope, item, origin, waiting),
        }
    }

    /// The same, of an item that was read.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn offer_item(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
        item: Item,
        origin: Origin,
        waiting: &BTreeSet<Hash>,
    ) -> Result<Offered, ReadError> {
        self.keep_pace(step)?;
        if matches!(&item, Item::Envelope(envelope) if matches!(envelope.content(), Payload::Keys(_)))
        {
            step.settle_erasures(&self.authority, scope)?;
        }
        let (authority, node) = (&*self.authority, self.identity.node());
        let admission = Admission {
            authority,
            store: &step.overlay,
            holdings: self.holdings.get_or_insert_with(|| Holdings::of(authority, &node)),
            cares: &self.cares,
            verifier: &*self.verifier,
            waiting,
        };
        match admission.judge(scope, item)? {
            Verdict::Admitted(admitted) => self.append(step, *admitted, origin),
            Verdict::Duplicate(lacking) => {
                let taken = match lacking {
                    None => true,
                    Some(lacking) => step.fill(&self.authority, lacking)?,
                };
                Ok(if taken { Offered::Duplicate } else { Offered::Later })
            }
            Verdict::Waits(what) => Ok(Offered::Waits(what)),
            Verdict::Refused(rejection) => Ok(Offered::Refused(rejection)),
        }
    }

    fn append(
        &mut self,
        step: &mut Step<'_, impl ReadStore>,
        admitted: Admitted,
        origin: Origin,
    ) -> Result<Offered, ReadError> {
        let Admitted { scope, id, kind } = admitted;
        let envelope = match kind {
            Kind::Statement(statement) => return self.learn(step, *statement, origin),
            Kind::Envelope(envelope) => *envelope,
        };
        if quota::is_too_much(&step.overlay, &self.authority, &envelope)? {
            return Ok(Offered::Later);
        }
        if self.is_passed_over(step, &scope, id, &envelope)? {
            return Ok(Offered::PassedOver);
        }
        let own = envelope.header.value().author == self.author();
        self.cloned |= own && origin.peer != Origin::OWN.peer;
        step.append_envelope(&self.authority, id, &scope, envelope, origin)?;
        Ok(Offered::Taken)
    }

    /// Would the envelope be set aside, where its author has no more room for that? It is tried
    /// on a step of its own.
    fn is_passed_over(
        &self,
        step: &mut Step<'_, impl ReadStore>,
        scope: &Scope,
        id: Hash,
        envelope: &AdmittedEnvelope,
    ) -> Result<bool, ReadError> {
        let header = envelope.header.value();
        if header.author.key == self.identity.node()
            || !quota::is_full_aside(&step.overlay, &header.author)?
        {
            return Ok(false);
        }
        step.settle(&self.authority)?;
        let mut trial = Step::new(&step.overlay);
        trial.append_envelope(&self.authority, id, scope, envelope.clone(), Origin::OWN)?;
        trial.settle(&self.authority)?;
        Ok(validity(&trial.overlay, &header.document, &id)?.is_aside())
    }

    /// A peer showed a cursor beyond the end of this node's feed: its store fell back. It may
    /// lie, so it is believed once between two starts.
    pub fn feed_was_longer(&mut self) {
        if !std::mem::replace(&mut self.fell_back, true) {
            self.identity.renew_incarnation();
            self.identity.renew_epoch();
        }
    }

    /// Destroys the keys that are erased for good: those whose erasure has counted for seven days
    /// of this node's clock.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn destroy_erased(
        &self,
        step: &mut Step<'_, impl ReadStore>,
        now: Ms,
    ) -> Result<(), ReadError> {
        step.settle(&self.authority)?;
        keyring::destroy_erased(&mut step.overlay, now)
    }

    /// Drops the content of letters that this node carries for others, once an acknowledgement
    /// that they were opened has counted for 30 days of its clock.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn drop_opened(
        &self,
        step: &mut Step<'_, impl ReadStore>,
        now: Ms,
    ) -> Result<(), ReadError> {
        step.settle(&self.authority)?;
        step.drop_opened(self.authority.pins().unit(), now)
    }

    /// Judges what is not judged yet.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn settle(&self, step: &mut Step<'_, impl ReadStore>) -> Result<(), ReadError> {
        step.settle(&self.authority)
    }

    /// Ends a step: judges what is not judged yet, and begins a new life if this one cannot be
    /// led on. The events may be told once the batch is durable.
    ///
    /// # Errors
    /// If the store cannot answer.
    pub fn finish(
        &mut self,
        mut step: Step<'_, impl ReadStore>,
    ) -> Result<(Batch, Vec<Event>), ReadError> {
        self.keep_pace(&step)?;
        step.settle(&self.authority)?;
        let own = self.author();
        let suspended =
            |event: &Event| matches!(event, Event::Suspended { author, .. } if *author == own);
        let cloned = std::mem::take(&mut self.cloned);
        if cloned || step.events.iter().any(suspended) {
            self.identity.renew_incarnation();
            step.events.push(Event::IncarnationChanged { cloned });
        }
        if cloned {
            // Cursors in this feed may come from the other life.
            self.identity.renew_epoch();
        }
        self.identity.save(&mut step);
        self.is_ahead = false;
        Ok(step.into_parts())
    }
}
