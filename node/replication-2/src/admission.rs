//! The only door through which something another node wrote becomes part of this replica.
//!
//! ```text
//!   item, read
//!     | readable, network, scope held?                             -> Rejected
//!     | known already?                                             -> Duplicate
//!     | position in the author's log, backlink, dependencies       -> Rejected
//!     | signature, content hash                                    -> Rejected
//!     | the delegation it names, apart from what may change        -> Rejected / Waits
//!     | structure of the Automerge change                          -> Rejected
//!     v
//!   Admitted: written by `Step::append`, the only writer of feeds
//! ```
//! Cheap checks come first, so that a stranger cannot make us verify signatures for nothing.
//! What is refused here is refused for ever and by everybody who holds the same past. Whether an
//! admitted envelope counts may change as authority grows: that is `standing.rs`.

use schema_wire::{
    DecodeError, Hash, Header, KeyGrant, NodeKey, Payload, Scope, Signed, Statement, Verified,
    VerifiedStatement,
};

use node_authority::canary::{Bug, planted};
use node_authority::{Authority, Position, Refusal};

use crate::arrival::{Content, Found, Offer};
use crate::change::{CheckedChange, Outline, Place};
use crate::records::{LogEntry, document_key};
use crate::replica::Config;
use crate::store::{ReadError, ReadStore, Table};

/// Why an item was refused. The codes are counted and shown; they do not change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("cannot be decoded: {0}")]
    Malformed(#[from] DecodeError),
    #[error("belongs to another network")]
    OtherNetwork,
    #[error("belongs to {claimed}, but came in {got}")]
    OtherScope { claimed: Scope, got: Scope },
    #[error("seq {got} of its log follows {backlink}, which is not here")]
    SeqGap { got: u64, backlink: Hash },
    #[error("its backlink is not the envelope before it in its log")]
    Backlink,
    #[error("claims an earlier time than the previous envelope of its log")]
    TimeRunsBack,
    #[error("builds on {0}, which is not here")]
    MissingDependency(Hash),
    #[error("signature does not match author {0}")]
    BadSignature(NodeKey),
    #[error("content is not what the header signs")]
    ContentMismatch,
    #[error("not authorised: {0}")]
    Unauthorised(Refusal),
    #[error("change is malformed: {0}")]
    ChangeMalformed(String),
    #[error("change names another actor than its author's")]
    ChangeActor,
    #[error("change has seq {got}, expected {expected}")]
    ChangeSeq { expected: u64, got: u64 },
    #[error("change starts at operation {got}, expected {expected}")]
    ChangeStart { expected: u64, got: u64 },
    #[error("change depends on {0}, which its past does not hold")]
    ChangeDependency(String),
    #[error("operation {op} refers to something outside its causal past")]
    ChangeReference { op: u64 },
    #[error("operation {op} is no value at a key of a map its document begins with")]
    ChangeShape { op: u64 },
    #[error("key grants belong in the keyring, changes everywhere else")]
    PayloadKind,
}

impl Rejection {
    /// A stable word for programs and counters.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::OtherNetwork => "other-network",
            Self::OtherScope { .. } => "other-scope",
            Self::SeqGap { .. } => "seq-gap",
            Self::Backlink => "backlink",
            Self::TimeRunsBack => "time-runs-back",
            Self::MissingDependency(_) => "missing-dependency",
            Self::BadSignature(_) => "bad-signature",
            Self::ContentMismatch => "content-mismatch",
            Self::Unauthorised(refusal) => refusal.code(),
            Self::ChangeMalformed(_) => "change-malformed",
            Self::ChangeActor => "change-actor",
            Self::ChangeSeq { .. } => "change-seq",
            Self::ChangeStart { .. } => "change-start",
            Self::ChangeDependency(_) => "change-dependency",
            Self::ChangeReference { .. } => "change-reference",
            Self::ChangeShape { .. } => "change-shape",
            Self::PayloadKind => "payload-kind",
        }
    }
}

/// Why an offered item does not become part of this replica, or not now.
#[derive(Debug)]
pub(crate) enum Stopped {
    Duplicate,
    /// Not final: it rests on a statement that may arrive yet.
    Waits(Refusal, Offer),
    /// With the item's bytes, as evidence.
    Rejected(Rejection, Vec<u8>),
}

/// An item that passed every check. Nothing else can be appended to a feed.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The item as it was offered.
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: AdmittedKind,
}

/// What an admitted item is.
#[derive(Debug)]
pub(crate) enum AdmittedKind {
    Change { header: Verified<Header>, change: CheckedChange },
    Keys { header: Verified<Header>, grants: Vec<KeyGrant> },
    Statement(VerifiedStatement),
}

impl AdmittedKind {
    /// Where it replicates, and its id.
    pub(crate) fn place(&self) -> (Scope, Hash) {
        match self {
            Self::Change { header, .. } | Self::Keys { header, .. } => {
                (header.value().document.scope(), header.id())
            }
            Self::Statement(statement) => (statement.scope(), statement.id()),
        }
    }
}

/// Judges items against what is here.
pub(crate) struct Judge<'a, S> {
    pub(crate) config: &'a Config,
    pub(crate) authority: &'a Authority,
    pub(crate) store: &'a S,
}

/// What stops an item on its way through the checks; `?` carries it out.
enum Stop {
    Duplicate,
    Waits(Refusal),
    Rejected(Rejection),
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl<S: ReadStore> Judge<'_, S> {
    /// Judges an item offered as part of a scope.
    pub(crate) fn judge(
        &self,
        scope: &Scope,
        offer: Offer,
    ) -> Result<Result<Admitted, Stopped>, ReadError> {
        let (bytes, item) = offer.open();
        let judged = match item {
            Err(error) => Err(Rejection::Malformed(error).into()),
            Ok(item) if item.scope() != *scope => {
                let claimed = item.scope();
                Err(Rejection::OtherScope { claimed, got: scope.clone() }.into())
            }
            Ok(Found::Envelope { header, content }) => self.envelope(header, content),
            Ok(Found::Statement(statement)) => self.statement(statement),
        };
        Ok(match judged {
            Ok(kind) => Ok(Admitted { bytes, kind }),
            Err(Stop::Duplicate) => Err(Stopped::Duplicate),
            Err(Stop::Waits(why)) => Err(Stopped::Waits(why, Offer::new(bytes))),
            Err(Stop::Rejected(rejection)) => Err(Stopped::Rejected(rejection, bytes)),
            Err(Stop::Read(error)) => return Err(error),
        })
    }

    fn envelope(
        &self,
        signed: Signed<Header>,
        content: Option<Content>,
    ) -> Result<AdmittedKind, Stop> {
        let (header, id) = (signed.claims(), signed.id());
        if header.network != self.authority.network() {
            return Err(Rejection::OtherNetwork.into());
        }
        if self.store.read(Table::Positions, &id.0)?.is_some() {
            return Err(Stop::Duplicate);
        }
        let backlink = self.backlink(header)?;
        self.dependencies(header)?;
        let keyring = header.document.class == schema_wire::Class::Keyring;
        if keyring != matches!(header.payload, Payload::Keys(_)) {
            return Err(Rejection::PayloadKind.into());
        }
        // Keys build on nothing; for changes the structural check compares with the change itself.
        if let (true, Some(dependency)) = (keyring, header.dependencies.first()) {
            return Err(Rejection::MissingDependency(*dependency).into());
        }
        let header = self.verified(signed)?;
        let content = content.ok_or(Rejection::ContentMismatch)?;
        self.authorised(header.value())?;
        let outline = match content {
            Content::Keys(grants) => return Ok(AdmittedKind::Keys { header, grants }),
            Content::Change(outline) => *outline?,
            Content::Folded(bytes) => Outline::of(&bytes)?,
        };
        let change = self.structure(header.value(), backlink.as_ref(), &outline)?;
        Ok(AdmittedKind::Change { header, change })
    }

    /// The envelope this one follows in its log, which must be here. Another one may follow it
    /// already: then the log forks, and both are kept.
    fn backlink(&self, header: &Header) -> Result<Option<LogEntry>, Stop> {
        let Some(backlink) = header.backlink else {
            return Ok(None);
        };
        let key = document_key(&header.document);
        let before = LogEntry::at(self.store, &key, &header.author, header.seq - 1)?;
        let Some(entry) = before.into_iter().find(|entry| entry.id == backlink) else {
            let here = self.store.read(Table::Positions, &backlink.0)?.is_some();
            let gap = Rejection::SeqGap { got: header.seq, backlink };
            return Err(if here { Rejection::Backlink } else { gap }.into());
        };
        if header.at_ms < entry.at_ms {
            return Err(Rejection::TimeRunsBack.into());
        }
        Ok(Some(entry))
    }

    /// Every dependency must be an envelope here. Feeds are in causal order: it came before.
    fn dependencies(&self, header: &Header) -> Result<(), Stop> {
        for dependency in &header.dependencies {
            if self.store.read(Table::Positions, &dependency.0)?.is_none() {
                return Err(Rejection::MissingDependency(*dependency).into());
            }
        }
        Ok(())
    }

    fn authorised(&self, header: &Header) -> Result<(), Stop> {
        let position = Position {
            document: &header.document,
            author: header.author,
            seq: header.seq,
            at_ms: header.at_ms,
        };
        match self.authority.may_carry(&header.delegation, position) {
            Ok(()) => Ok(()),
            Err(why @ Refusal::UnknownStatement(_)) => Err(Stop::Waits(why)),
            Err(refusal) => Err(Rejection::Unauthorised(refusal).into()),
        }
    }

    fn structure(
        &self,
        header: &Header,
        backlink: Option<&LogEntry>,
        outline: &Outline,
    ) -> Result<CheckedChange, Stop> {
        let place = Place {
            store: self.store,
            document: &header.document,
            author: header.author,
            backlink,
            dependencies: &header.dependencies,
            root: self.config.roots.get(&header.document.class),
        };
        Ok(place.check(outline)??)
    }

    /// Statements are kept once their signature holds and what they name is here; one whose proof
    /// is not here yet waits.
    fn statement(&self, statement: Statement) -> Result<AdmittedKind, Stop> {
        if self.authority.holds(&statement.id()) {
            return Err(Stop::Duplicate);
        }
        match self.authority.admissible(&statement) {
            Ok(()) => {}
            Err(why) if why.may_pass() => return Err(Stop::Waits(why)),
            Err(Refusal::OtherNetwork) => return Err(Rejection::OtherNetwork.into()),
            Err(refusal) => return Err(Rejection::Unauthorised(refusal).into()),
        }
        let verified = statement.verify_with(&*self.config.verifier);
        let verified = verified.map_err(|error| Rejection::BadSignature(error.0))?;
        Ok(AdmittedKind::Statement(verified))
    }

    fn verified(&self, signed: Signed<Header>) -> Result<Verified<Header>, Stop> {
        if planted(Bug::SkipSignature) {
            return Ok(signed.trust_own_store());
        }
        let checked = signed.verify_with(&*self.config.verifier);
        checked.map_err(|error| Rejection::BadSignature(error.0).into())
    }
}
