//! Reconciling scopes whose cursors do not help: the opener learns what each lacks, and both send
//! it once all is known (sections 9.4 and 9.6).

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::limits::WANT_IDS_MAX;
use schema_wire::{Bytes, Hash, List, Ms, Reconcile, Salt, SaltedId, Scope, Want};

use super::fault::{Code, Fault, refuse};
use super::node::{Node, Salted};
use super::reconcile::{self, Answerer, Next, Opener};
use super::step::Step;

/// Reconciliations at a time.
const AT_A_TIME: usize = 8;
/// Those of one scope in a session: one as offers ask for it, one as sums do.
const OF_A_SCOPE: u8 = 2;
/// Scopes that a peer may reconcile in a session: each is remembered.
const SCOPES_MAX: usize = 262_144;
/// How long one waits for the peer, in milliseconds.
const SILENCE_MS_MAX: u64 = 60_000;

/// The reconciliations of a session.
#[derive(Debug)]
pub(super) struct Reconciling {
    opener: bool,
    salt: Salt,
    active: BTreeMap<Scope, Active>,
    /// What the opener begins when others have ended: scopes of upper units first.
    queue: BTreeSet<Scope>,
    /// What the answerer waits to see begun, and since when.
    awaited: BTreeMap<Scope, Ms>,
    /// How many were begun of a scope.
    begun: BTreeMap<Scope, u8>,
    /// Scopes whose sums differed although all had come: once in a session.
    differed: BTreeSet<Scope>,
}

/// One that is under way.
#[derive(Debug)]
struct Active {
    salted: Salted,
    role: Role,
    /// When the peer said something last.
    heard: Ms,
}

#[derive(Debug)]
enum Role {
    Opener(Opener),
    Answerer(Answerer),
}

/// What a session must do about a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is being reconciled: nothing of its feed is sent.
    Began(Scope),
    /// All is known that will be.
    Ended {
        scope: Scope,
        /// What the peer lacks, in the order in which it is sent.
        lacking: Vec<Hash>,
        /// Our feed's position as of the reconciliation.
        position: u64,
        /// There is more that differs.
        early: bool,
    },
}

impl Reconciling {
    /// Nothing is reconciled yet.
    pub(super) fn new(opener: bool, salt: Salt) -> Self {
        Self {
            opener,
            salt,
            active: BTreeMap::new(),
            queue: BTreeSet::new(),
            awaited: BTreeMap::new(),
            begun: BTreeMap::new(),
            differed: BTreeSet::new(),
        }
    }

    /// A scope must be reconciled. The answerer waits for the opener to begin.
    pub(super) fn plan(&mut self, scope: Scope, now: Ms) {
        if self.opener {
            self.queue.insert(scope);
        } else {
            self.awaited.insert(scope, now);
        }
    }

    /// What the opener did not begin for long: it goes by cursors, since it judges otherwise what
    /// the two share.
    pub(super) fn give_up(&mut self, now: Ms) -> Vec<Scope> {
        let late = |_: &Scope, since: &mut Ms| now.since(*since) >= SILENCE_MS_MAX;
        self.awaited.extract_if(.., late).map(|(scope, _)| scope).collect()
    }

    /// The sums of a scope differ although all of it came. Returns whether to do something about
    /// it: the answerer can only tell its own sum to the opener.
    pub(super) fn differs(&mut self, scope: &Scope) -> bool {
        !self.is_busy(scope) && self.differed.insert(scope.clone())
    }

    /// Does this node begin reconciliations?
    pub(super) fn is_opener(&self) -> bool {
        self.opener
    }

    /// Is the scope being reconciled, or about to be?
    pub(super) fn is_busy(&self, scope: &Scope) -> bool {
        self.active.contains_key(scope) || self.queue.contains(scope)
    }

    /// Would a want of this scope be taken for one of its reconciliation?
    pub(super) fn takes_wants(&self, scope: &Scope) -> bool {
        self.opener && self.active.contains_key(scope)
    }

    /// Begins reconciliations, as many as may be at a time.
    pub(super) fn begin<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
    ) -> Result<Vec<Turn>, Fault<N::Error>> {
        let mut turns = Vec::new();
        while self.active.len() < AT_A_TIME
            && let Some(scope) = self.queue.pop_first()
        {
            if self.active.contains_key(&scope) || !self.may_begin(&scope) {
                continue;
            }
            let salted = step.node.salted(&scope, &self.salt)?;
            let (opener, message) = Opener::begin(&salted.set);
            let active = Active { salted, role: Role::Opener(opener), heard: step.now };
            say(step, &scope, message);
            self.active.insert(scope.clone(), active);
            turns.push(Turn::Began(scope));
        }
        Ok(turns)
    }

    /// Takes a message.
    pub(super) fn message<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        reconcile: &Reconcile,
    ) -> Result<Option<Turn>, Fault<N::Error>> {
        let Reconcile { scope, message } = reconcile;
        let mut began = None;
        if !self.opener && !self.active.contains_key(scope) {
            if self.active.len() >= AT_A_TIME || !self.may_begin(scope) {
                return refuse(Code::Flood, "more reconciliations than there may be");
            }
            self.awaited.remove(scope);
            let salted = step.node.salted(scope, &self.salt)?;
            let role = Role::Answerer(Answerer::default());
            self.active.insert(scope.clone(), Active { salted, role, heard: step.now });
            began = Some(Turn::Began(scope.clone()));
        }
        let Some(active) = self.active.get_mut(scope) else {
            return refuse(Code::MalformedFrame, "a reconciliation that nobody began");
        };
        active.heard = step.now;
        match &mut active.role {
            Role::Answerer(answerer) => {
                let answer = answerer.answer(&active.salted.set, message).map_err(fault)?;
                say(step, scope, answer);
                Ok(began)
            }
            Role::Opener(opener) => {
                let found = opener.read(&active.salted.set, message).map_err(fault)?;
                for part in found.wants.chunks(WANT_IDS_MAX) {
                    want(step, scope, part);
                }
                let early = match found.next {
                    Next::Send(message) => {
                        say(step, scope, message);
                        return Ok(None);
                    }
                    Next::Done => false,
                    Next::EndEarly => true,
                };
                want(step, scope, &[]);
                self.end(step, scope, early)
            }
        }
    }

    /// Takes a want, if it belongs to a reconciliation. One of no ids ends it.
    pub(super) fn wanted<N: Node>(
        &mut self,
        step: &mut Step<'_, N>,
        want: &Want,
    ) -> Result<Wanted, Fault<N::Error>> {
        let active = self.active.get_mut(&want.scope);
        let Some(Active { salted, role: Role::Answerer(answerer), heard }) = active else {
            return Ok(Wanted::Outside);
        };
        *heard = step.now;
        if want.ids.is_empty() {
            return self.end(step, &want.scope, false).map(Wanted::Within);
        }
        let ids: Vec<SaltedId> = want.ids.iter().map(|id| SaltedId(id.0)).collect();
        answerer.want(&salted.set, &ids).map_err(fault)?;
        Ok(Wanted::Within(None))
    }

    /// Ends the session if the peer fell silent in a reconciliation.
    pub(super) fn wake<N: Node>(&self, step: &Step<'_, N>) -> Result<(), Fault<N::Error>> {
        let silent = |active: &Active| step.now.since(active.heard) >= SILENCE_MS_MAX;
        match self.active.iter().find(|(_, active)| silent(active)) {
            Some((scope, _)) => refuse(Code::TimeOut, format!("silence about {scope}")),
            None => Ok(()),
        }
    }

    /// The two no longer share these scopes.
    pub(super) fn cease(&mut self, shares: impl Fn(&Scope) -> bool) {
        self.active.retain(|scope, _| shares(scope));
        self.queue.retain(|scope| shares(scope));
        self.awaited.retain(|scope, _| shares(scope));
    }

    fn may_begin(&mut self, scope: &Scope) -> bool {
        if self.begun.len() >= SCOPES_MAX {
            return false;
        }
        let begun = self.begun.entry(scope.clone()).or_default();
        *begun += u8::from(*begun <= OF_A_SCOPE);
        *begun <= OF_A_SCOPE
    }

    /// What was found is sent now.
    fn end<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        scope: &Scope,
        early: bool,
    ) -> Result<Option<Turn>, Fault<N::Error>> {
        let Some(Active { salted: Salted { set, head }, role, .. }) = self.active.remove(scope)
        else {
            return Ok(None);
        };
        let lacking: BTreeSet<Hash> = match &role {
            Role::Opener(opener) => opener.answerer_lacks(&set).collect(),
            Role::Answerer(answerer) => answerer.opener_lacks(&set).collect(),
        };
        let lacking = step.node.in_order(scope, lacking)?;
        Ok(Some(Turn::Ended { scope: scope.clone(), lacking, position: head, early }))
    }
}

/// Whose a want is.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Of a reconciliation, which it may end.
    Within(Option<Turn>),
    /// Of none: its ids are plain.
    Outside,
}

fn say<N>(step: &mut Step<'_, N>, scope: &Scope, message: Vec<u8>) {
    let message = Bytes::new(message).expect("an answer ends below the limit of a message");
    step.send(Reconcile { scope: scope.clone(), message });
}

fn want<N>(step: &mut Step<'_, N>, scope: &Scope, ids: &[SaltedId]) {
    let ids = List::new(ids.iter().map(|id| Hash(id.0)).collect()).expect("a part fits a frame");
    step.send(Want { scope: scope.clone(), ids });
}

fn fault<E>(fault: reconcile::Fault) -> Fault<E> {
    let code = match fault {
        reconcile::Fault::Flood => Code::Flood,
        reconcile::Fault::Malformed(_) => Code::MalformedFrame,
    };
    Fault::Peer(code, fault.to_string())
}
