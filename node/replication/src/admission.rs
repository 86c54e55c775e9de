//! The only door through which something another node wrote becomes part of this replica.
//!
//! ```text
//!   item bytes
//!     | decode, network, scope held?                               -> Rejected
//!     | known already?                                             -> Duplicate
//!     | position in the author's log, backlink, dependencies       -> Rejected
//!     | signature, content hash                                    -> Rejected
//!     | authority at its claimed time                              -> Rejected / Waits
//!     | structure of the Automerge change                          -> Rejected
//!     v
//!   Admitted: written by `Draft::append`, the only writer of feeds
//! ```
//! Cheap checks come first, so that a stranger cannot make us verify signatures for nothing.

use schema_wire::{
    DecodeError, Envelope, Hash, Header, Item, KeyGrant, NodeKey, Payload, Scope, Signed,
    Statement, Wire,
};

use node_authority::{Authority, Position, Refusal};

use crate::change::{CheckedChange, Place, agrees};
use crate::records::{DocLogRecord, LogRecord, corrupt, document_key, log_key, with_number};
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
    #[error("seq {got} after {expected_after} of its log: what lies between is missing")]
    SeqGap { expected_after: u64, got: u64 },
    #[error("seq {seq} of {author} was already used by {first}: the log forks here")]
    Fork { seq: u64, author: NodeKey, first: Hash },
    #[error("its backlink does not name the previous envelope of its log")]
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
            Self::Fork { .. } => "fork",
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
            Self::PayloadKind => "payload-kind",
        }
    }
}

/// What becomes of an offered item.
#[derive(Debug)]
pub(crate) enum Verdict {
    Admitted(Box<Admitted>),
    Duplicate,
    /// Not final: it rests on a delegation that may arrive yet.
    Waits(Hash),
    Rejected(Rejection),
}

/// An item that passed every check. Nothing else can be appended to a feed.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) item: Item,
    pub(crate) kind: AdmittedKind,
}

/// What else is known of an admitted item.
#[derive(Debug)]
pub(crate) enum AdmittedKind {
    Change { header: Header, log: Option<LogRecord>, change: CheckedChange },
    Keys { header: Header, log: Option<LogRecord>, grants: Vec<KeyGrant> },
    Statement(Statement),
}

/// Judges items against what is here.
pub(crate) struct Judge<'a, S> {
    pub(crate) config: &'a Config,
    pub(crate) authority: &'a Authority,
    pub(crate) store: &'a S,
}

/// A refusal on the way through the checks; `?` carries it out.
enum Stop {
    Verdict(Verdict),
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Verdict(Verdict::Rejected(rejection))
    }
}

impl<S: ReadStore> Judge<'_, S> {
    /// Judges an item offered as part of a scope.
    pub(crate) fn judge(&self, scope: &Scope, bytes: &[u8]) -> Result<Verdict, ReadError> {
        let judged = match Item::from_bytes(bytes) {
            Err(error) => Err(Rejection::Malformed(error).into()),
            Ok(item) if item.scope() != *scope => {
                let claimed = item.scope();
                Err(Rejection::OtherScope { claimed, got: scope.clone() }.into())
            }
            Ok(Item::Envelope(envelope)) => self.envelope(envelope),
            Ok(Item::Statement(statement)) => self.statement(statement),
        };
        match judged {
            Ok(admitted) => Ok(Verdict::Admitted(Box::new(admitted))),
            Err(Stop::Verdict(verdict)) => Ok(verdict),
            Err(Stop::Read(error)) => Err(error),
        }
    }

    fn envelope(&self, envelope: Envelope) -> Result<Admitted, Stop> {
        let header = envelope.header.claims().clone();
        let id = envelope.header.id();
        if header.network != self.authority.network() {
            return Err(Rejection::OtherNetwork.into());
        }
        if self.store.read(Table::Positions, &id.0)?.is_some() {
            return Err(Stop::Verdict(Verdict::Duplicate));
        }
        let log = self.log_tip(&header)?;
        self.follows(&header, id, log.as_ref())?;
        self.dependencies(&header)?;
        let keyring = header.document.class == schema_wire::Class::Keyring;
        if keyring != matches!(header.payload, Payload::Keys(_)) {
            return Err(Rejection::PayloadKind.into());
        }
        // Keys build on nothing; for changes the structural check compares with the change itself.
        if let (true, Some(dependency)) = (keyring, header.dependencies.first()) {
            return Err(Rejection::MissingDependency(*dependency).into());
        }
        self.verified(&envelope.header)?;
        if !envelope.content_matches() {
            return Err(Rejection::ContentMismatch.into());
        }
        self.authorised(&header)?;
        let kind = match header.payload {
            Payload::Changes(_) => {
                let change = self.structure(&header, log.as_ref(), &envelope.content)?;
                AdmittedKind::Change { header, log, change }
            }
            Payload::Keys(_) => {
                let grants = KeyGrant::list_from_bytes(&envelope.content)
                    .map_err(|error| Stop::from(Rejection::Malformed(error)))?;
                AdmittedKind::Keys { header, log, grants }
            }
        };
        Ok(Admitted { item: Item::Envelope(envelope), kind })
    }

    fn log_tip(&self, header: &Header) -> Result<Option<LogRecord>, ReadError> {
        let key = log_key(&document_key(&header.document), &header.author);
        let bytes = self.store.read(Table::Logs, &key)?;
        bytes.map(|b| LogRecord::from_bytes(&b).ok_or_else(|| corrupt("log"))).transpose()
    }

    /// Is this the next envelope of its log?
    fn follows(&self, header: &Header, id: Hash, log: Option<&LogRecord>) -> Result<(), Stop> {
        let last = log.map_or(0, |log| log.seq);
        if header.seq > last + 1 {
            return Err(Rejection::SeqGap { expected_after: last, got: header.seq }.into());
        }
        if header.seq <= last {
            let key = log_key(&document_key(&header.document), &header.author);
            let entry = self.store.read(Table::DocLog, &with_number(&key, header.seq))?;
            let first = entry.as_deref().and_then(DocLogRecord::from_bytes);
            let first = first.ok_or_else(|| corrupt("log entry"))?.id;
            debug_assert_ne!(first, id, "a known id is a duplicate");
            let (seq, author) = (header.seq, header.author.key);
            return Err(Rejection::Fork { seq, author, first }.into());
        }
        if header.backlink != log.map(|log| log.head) {
            return Err(Rejection::Backlink.into());
        }
        if log.is_some_and(|log| header.at_ms < log.at_ms) {
            return Err(Rejection::TimeRunsBack.into());
        }
        Ok(())
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
        match self.authority.permits_write(&header.delegation, position) {
            Ok(()) => Ok(()),
            Err(Refusal::UnknownDelegation(id)) => Err(Stop::Verdict(Verdict::Waits(id))),
            Err(refusal) => Err(Rejection::Unauthorised(refusal).into()),
        }
    }

    fn structure(
        &self,
        header: &Header,
        log: Option<&LogRecord>,
        content: &[u8],
    ) -> Result<CheckedChange, Stop> {
        let place = Place {
            store: self.store,
            document: &header.document,
            author: header.author,
            log,
            root: self.config.roots.get(&header.document.class),
        };
        let change = place.check(content)??;
        agrees(header, &change)?;
        Ok(change)
    }

    /// Statements are kept once their signature and whole chain hold; one whose proof is not
    /// here yet waits.
    fn statement(&self, statement: Statement) -> Result<Admitted, Stop> {
        if self.authority.holds(&statement.id()) {
            return Err(Stop::Verdict(Verdict::Duplicate));
        }
        let judged = match &statement {
            Statement::Delegation(signed) => {
                let delegation = self.verified(signed)?;
                self.authority.chain_of(&delegation).map(|_| ())
            }
            Statement::Revocation(signed) => {
                let revocation = self.verified(signed)?;
                let claims = revocation.value();
                if claims.network == self.authority.network() {
                    let proof = claims.proof.as_ref();
                    self.authority.speaks_for(claims.issuer, &claims.issuer_unit, proof)
                } else {
                    Err(Refusal::OtherNetwork)
                }
            }
        };
        match judged {
            Ok(()) => {}
            Err(Refusal::UnknownDelegation(id)) => return Err(Stop::Verdict(Verdict::Waits(id))),
            Err(Refusal::OtherNetwork) => return Err(Rejection::OtherNetwork.into()),
            Err(refusal) => return Err(Rejection::Unauthorised(refusal).into()),
        }
        let kind = AdmittedKind::Statement(statement.clone());
        Ok(Admitted { item: Item::Statement(statement), kind })
    }

    fn verified<T: schema_wire::Record + Clone>(
        &self,
        signed: &Signed<T>,
    ) -> Result<schema_wire::Verified<T>, Stop> {
        let checked = signed.clone().verify_with(&*self.config.verifier);
        checked.map_err(|error| Rejection::BadSignature(error.0).into())
    }
}
