//! What a node does for each operation of `node-api`: one handler each, and none can be forgotten.
//!
//! A handler hands over to the module of its subject; what runs on the engine's thread is answered
//! once it is durable, and what only reads runs beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use node_api::{
    AcceptAddressee, Adopt, Alarm, AnswerLetter, Arrive, Backup, Caller, Checkpoint, Contested,
    CutLinks, Delegate, Depart, Discard, Dissolve, Documents, Duplicates, Edit, Endorse, Enter,
    Erase, Events, Export, Failure, Follow, Handle, Happen, Import, ImportProgress, Imports,
    Inspect, Keys, Kinds, Letters, Lift, Lineage, Link, Linked, Merge, Move, Movements, NameCard,
    Operation, Quarantine, QuarantineShow, ReadLetter, Recognise, RecordShow, Records, Report,
    Revoke, Root, RunningStatus, Separate, Status, Suspend, UndoImport, WriteLetter,
};
use node_transport::{Cut, TransportHandle};
use schema_wire::NodeKey;

use crate::context::Context;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::queries::Query;
use crate::{authority, backup, failure, letters, parse, quarantine, records, report, status};

/// A node that answers: a running one, or one whose store was opened for a single command.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) running: Option<Running>,
}

/// What only a running node has.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) transport: TransportHandle,
    pub(crate) journal: Arc<Journal>,
    pub(crate) runtime: tokio::runtime::Handle,
}

impl Running {
    fn status(&self) -> RunningStatus {
        let Cut { all, peers, healed } = self.runtime.block_on(self.transport.cuts());
        let texts = |keys: BTreeSet<NodeKey>| keys.iter().map(NodeKey::to_string).collect();
        self.journal.status(CutLinks { all, peers: texts(peers), healed: texts(healed) })
    }
}

impl Node {
    fn running(&self) -> Result<&Running, Failure> {
        self.running.as_ref().ok_or(Failure::NotRunning)
    }

    /// Adds the alarms of what peers showed and this node does not hold.
    fn add_rivals(&self, unit: &str, alarms: &mut Vec<Alarm>) {
        if let Some(running) = &self.running {
            alarms.extend(running.journal.rivals(unit, alarms));
        }
    }

    /// Reads records as they are durable, beside the engine.
    fn query<R: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Query<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R, Failure> {
        self.engine.queries.records.ask(query).map_err(|error| failure::of(&error))
    }

    /// Asks of the node itself, beside the engine.
    fn look<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Query<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R, Failure> {
        self.engine.queries.node.ask(look).map_err(|error| failure::of(&error))
    }

    /// Runs a call on the engine's thread.
    fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Context<'_>) -> Result<R> + Send + 'static,
    ) -> Result<R, Failure> {
        self.engine.call(call).map_err(|error| failure::of(&error))
    }
}

/// Handlers that are one call of a function with the request.
macro_rules! handlers {
    ($($operation:ident: |$node:ident, $asked:pat_param| $body:expr;)*) => {
        $(impl Handle<$operation> for Node {
            fn handle(
                &self,
                _: &Caller,
                $asked: $operation,
            ) -> Result<<$operation as Operation>::Answer, Failure> {
                let $node = self;
                $body
            }
        })*
    };
}

handlers! {
    Status: |node, _| {
        let mut shown = node.look(|query| status::status(&query.view))?;
        node.add_rivals(&shown.unit, &mut shown.alarms);
        shown.running = node.running.as_ref().map(Running::status);
        Ok(shown)
    };
    Events: |node, asked| Ok(node.running()?.journal.seen(asked.after));
    Link: |node, asked| {
        let Running { transport, runtime, .. } = node.running()?;
        let peer = match asked.peer.as_str() {
            "all" => None,
            key => Some(parse::known_key(key, node.running()?.journal.peers())?),
        };
        runtime.block_on(transport.block(peer, asked.block));
        Ok(Linked { peer: asked.peer, blocked: asked.block })
    };

    Documents: |node, _| node.look(|query| records::documents(&query.view.store));
    Inspect: |node, asked| {
        let document = parse::document(&asked.document)?;
        node.look(move |query| records::inspect(&mut query.view, &document))
    };
    Records: |node, asked| node.query(move |query| records::list(query, &asked));
    RecordShow: |node, asked| node.query(move |query| records::show(query, &asked));
    Contested: |node, _| node.query(records::contested);
    Kinds: |_node, asked| records::kinds(&asked);
    Duplicates: |node, _| node.query(records::duplicates);
    Merge: |node, asked| node.call(move |context| records::merge(context, &asked));
    Separate: |node, asked| node.call(move |context| records::separate(context, &asked));
    Movements: |node, asked| node.query(move |query| records::movements(query, &asked));
    Arrive: |node, asked| node.call(move |context| records::arrive(context, &asked));
    Move: |node, asked| node.call(move |context| records::move_into(context, &asked));
    Depart: |node, asked| node.call(move |context| records::depart(context, &asked));
    Erase: |node, asked| node.call(move |context| records::erase(context, &asked));
    Enter: |node, asked| node.call(move |context| records::enter(context, &asked));
    Edit: |node, asked| node.call(move |context| records::edit(context, &asked));
    Happen: |node, asked| node.call(move |context| records::happen(context, &asked));
    Letters: |node, asked| node.look(move |query| letters::list(&mut query.view, &asked));
    ReadLetter: |node, asked| node.call(move |context| letters::read(context, &asked));
    WriteLetter: |node, asked| node.call(move |context| letters::write(context, asked));
    AnswerLetter: |node, asked| node.call(move |context| letters::answer(context, asked));
    AcceptAddressee: |node, asked| node.call(move |context| letters::accept(context, &asked));
    NameCard: |node, asked| node.call(move |context| letters::name_card(context, &asked));
    Import: |node, asked| {
        records::import(&node.engine, asked).map_err(|error| failure::of(&error))
    };
    ImportProgress: |node, _| Ok(node.engine.imports.shown());
    Imports: |node, asked| node.query(move |query| records::imports(query, &asked));
    UndoImport: |node, asked| node.call(move |context| records::undo(context, &asked));
    Export: |node, asked| {
        records::export(&node.engine.queries.records, asked).map_err(|error| failure::of(&error))
    };
    Report: |node, asked| {
        // A running node counts by itself; one that was opened for this question did not yet.
        if node.running.is_none() {
            node.call(report::publish_if_permitted)?;
        }
        node.look(move |query| report::read(query, &asked))
    };

    Delegate: |node, asked| node.call(move |context| authority::delegate(context, &asked));
    Recognise: |node, asked| node.call(move |context| authority::recognise(context, &asked));
    Revoke: |node, asked| node.call(move |context| authority::revoke(context, &asked));
    Suspend: |node, asked| node.call(move |context| authority::suspend(context, asked));
    Lift: |node, asked| node.call(move |context| authority::lift(context, asked));
    Dissolve: |node, asked| node.call(move |context| authority::dissolve(context, &asked));
    Endorse: |node, asked| node.call(move |context| authority::endorse(context, &asked));
    Follow: |node, asked| node.call(move |context| authority::follow(context, &asked));
    Keys: |node, _| {
        let mut shown = node.look(|query| authority::keys(&query.view))?;
        node.add_rivals(&shown.unit, &mut shown.alarms);
        Ok(shown)
    };
    Lineage: |node, _| {
        let mut shown = node.look(|query| authority::lineage(&query.view))?;
        node.add_rivals(&shown.unit, &mut shown.alarms);
        Ok(shown)
    };
    Root: |node, _| node.look(|query| authority::root(&query.view));

    Quarantine: |node, asked| node.look(move |query| quarantine::list(&query.view, &asked));
    QuarantineShow: |node, asked| node.look(move |query| quarantine::show(&query.view, &asked));
    Adopt: |node, asked| node.call(move |context| quarantine::adopt(context, &asked));
    Discard: |node, asked| node.call(move |context| quarantine::discard(context, &asked));

    Backup: |node, asked| node.call(move |context| backup::backup(context, &asked.out));
    Checkpoint: |node, asked| node.call(move |context| Ok(context.committed.checkpoint(asked.out)?));
}
