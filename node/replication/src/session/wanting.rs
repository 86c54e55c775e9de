//! Items wanted by id outside of reconciliations, and logs that are set aside, for those who
//! govern (section 9.5).

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::limits::{ASIDE_MAX, WANT_IDS_MAX};
use schema_wire::{Aside, Hash, List, Scope, Want};

use super::fault::{Code, Fault, refuse};
use super::node::Node;
use super::sharing::Sharing;
use super::step::Step;

/// Ids that one side wants of one scope in a session, outside of reconciliations.
const WANTED_MAX: usize = 8_192;
/// Items of one scope that are sent for what is wanted, in a session.
const SENT_MAX: usize = 65_536;
/// Scopes of which a peer may tell what is set aside.
const ASIDE_SCOPES_MAX: usize = 1_024;

/// What is wanted in a session.
#[derive(Debug, Default)]
pub(super) struct Wanting {
    /// What we want, and have asked for: each once in a session.
    asked: BTreeMap<Scope, BTreeSet<Hash>>,
    /// What we shall ask for.
    pending: BTreeMap<Scope, Vec<Hash>>,
    /// How many ids the peer wanted.
    by_peer: BTreeMap<Scope, usize>,
    /// What it was sent for them: each once in a session, or a few ids would make us read and send
    /// all that is set aside again and again.
    sent: BTreeMap<Scope, BTreeSet<Hash>>,
    /// Scopes of which the peer told what is set aside.
    told_aside: BTreeSet<Scope>,
}

impl Wanting {
    /// Wants an item, once in a session.
    pub(super) fn want(&mut self, scope: Scope, id: Hash) {
        let asked = self.asked.entry(scope.clone()).or_default();
        if asked.len() < WANTED_MAX && asked.insert(id) {
            self.pending.entry(scope).or_default().push(id);
        }
    }

    /// Wants what the node lacks, as far as it is shared.
    pub(super) fn want_what_lacks<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<(), Fault<N::Error>> {
        let lacking = step.node.lacks(|scope| sharing.shares(scope))?;
        lacking.into_iter().for_each(|(scope, id)| self.want(scope, id));
        Ok(())
    }

    /// Asks for what is wanted, but for scopes of which a want means something else now.
    pub(super) fn ask<N>(&mut self, step: &mut Step<'_, N>, is_taken: impl Fn(&Scope) -> bool) {
        let free: Vec<Scope> =
            self.pending.keys().filter(|scope| !is_taken(scope)).cloned().collect();
        for scope in free {
            let ids = self.pending.remove(&scope).unwrap_or_default();
            for part in ids.chunks(WANT_IDS_MAX) {
                let ids = List::new(part.to_vec()).expect("a part fits a frame");
                step.send(Want { scope: scope.clone(), ids });
            }
        }
    }

    /// What is sent for what the peer wants. What is not here is passed over.
    pub(super) fn wanted<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        want: &Want,
    ) -> Result<Vec<Hash>, Fault<N::Error>> {
        let mut sent = self.sent.remove(&want.scope).unwrap_or_default();
        let mut found = BTreeSet::new();
        for id in &want.ids {
            if sent.len() < SENT_MAX {
                let more = step.node.wanted(&want.scope, id, &sent)?;
                sent.extend(&more);
                found.extend(more);
            }
        }
        if !sent.is_empty() {
            self.sent.insert(want.scope.clone(), sent);
        }
        // What names scopes that are empty here is not counted: nothing is remembered or sent.
        if found.is_empty() && step.node.scope(&want.scope)?.head == 0 {
            return Ok(Vec::new());
        }
        let count = self.by_peer.entry(want.scope.clone()).or_default();
        *count += want.ids.len();
        if *count > WANTED_MAX {
            return refuse(Code::Flood, "more is wanted than may be");
        }
        Ok(step.node.in_order(&want.scope, found)?)
    }

    /// Tells a node of our own unit that governs which of its logs are set aside here.
    pub(super) fn tell_aside<N: Node>(
        &self,
        step: &mut Step<'_, N>,
        sharing: &Sharing,
    ) -> Result<(), Fault<N::Error>> {
        let peer = &sharing.peer.member;
        if !peer.governs || peer.inside.is_none() || peer.unit != sharing.own.member.unit {
            return Ok(());
        }
        for (scope, mut logs) in step.node.aside()? {
            logs.truncate(ASIDE_MAX);
            if sharing.shares(&scope) && !logs.is_empty() {
                let logs = List::new(logs).expect("as many as a frame takes");
                step.send(Aside { scope, logs });
            }
        }
        Ok(())
    }

    /// Wants the logs that the peer sets aside, if this node governs their unit.
    pub(super) fn aside<N: Node>(
        &mut self,
        step: &Step<'_, N>,
        sharing: &Sharing,
        aside: Aside,
    ) -> Result<(), Fault<N::Error>> {
        let Aside { scope, logs } = aside;
        if self.told_aside.len() >= ASIDE_SCOPES_MAX || !self.told_aside.insert(scope.clone()) {
            return refuse(Code::Flood, "what is set aside is told once in a session");
        }
        if logs.iter().any(|log| log.document.scope() != scope) {
            return refuse(Code::MalformedFrame, "a log that lies elsewhere");
        }
        if !sharing.own.member.governs {
            return Ok(());
        }
        for log in &logs {
            if !step.node.holds(&log.head)? {
                self.want(scope.clone(), log.head);
            }
        }
        Ok(())
    }

    /// The two no longer share these scopes.
    pub(super) fn cease(&mut self, shares: impl Fn(&Scope) -> bool) {
        self.pending.retain(|scope, _| shares(scope));
    }
}
