//! What a node does for each operation of `node-api`: one handler each, and none can be forgotten.
//!
//! A handler hands over to the module of its subject; what runs on the engine's thread is answered
//! once it is durable.

use std::sync::Arc;

use anyhow::Result;
use node_api::{
    Adopt, Backup, Caller, Checkpoint, Delegate, Discard, Documents, Endorse, EndorseGrant, Enter,
    Events, Export, Failure, Handle, Import, Inspect, Keys, Lift, Link, Linked, NewRoots,
    Operation, Quarantine, QuarantineShow, Report, Revoke, Roster, Status, Suspend,
};
use node_transport::TransportHandle;

use crate::engine::{Context, Engine};
use crate::journal::Journal;
use crate::{authority, backup, failure, parse, quarantine, records, report, status};

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

impl Node {
    fn running(&self) -> Result<&Running, Failure> {
        self.running.as_ref().ok_or(Failure::NotRunning)
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
        let mut shown = node.call(status::status)?;
        if let Some(running) = &node.running {
            shown.running = true;
            shown.listening = running.journal.addresses();
            shown.unreached = running.journal.unreached();
        }
        Ok(shown)
    };
    Events: |node, asked| Ok(node.running()?.journal.seen(asked.after));
    Link: |node, asked| {
        let Running { transport, runtime, .. } = node.running()?;
        let peer = match asked.peer.as_str() {
            "all" => None,
            key => Some(parse::key(key)?),
        };
        runtime.block_on(transport.block(peer, asked.block));
        Ok(Linked { peer: asked.peer, blocked: asked.block })
    };

    Documents: |node, _| node.call(records::documents);
    Inspect: |node, asked| {
        let document = parse::document(&asked.document)?;
        node.call(move |context| records::inspect(context, &document))
    };
    Roster: |node, asked| {
        let document = parse::document(&asked.document)?;
        node.call(move |context| records::roster(context, &document))
    };
    Enter: |node, asked| node.call(move |context| records::enter(context, asked.entry));
    Import: |node, asked| {
        records::import(&node.engine, asked).map_err(|error| failure::of(&error))
    };
    Export: |node, asked| {
        records::export(&node.engine, asked).map_err(|error| failure::of(&error))
    };
    Report: |node, asked| node.call(move |context| {
        report::publish(context)?;
        report::read(context, &asked)
    });

    Delegate: |node, asked| node.call(move |context| authority::delegate(context, &asked));
    Revoke: |node, asked| node.call(move |context| authority::revoke(context, &asked));
    Suspend: |node, asked| node.call(move |context| authority::suspend(context, asked));
    Lift: |node, asked| node.call(move |context| authority::lift(context, asked));
    Endorse: |node, asked| node.call(move |context| authority::endorse(context, &asked));
    EndorseGrant: |node, asked| {
        node.call(move |context| authority::endorse_grant(context, &asked))
    };
    Keys: |node, _| node.call(|context| authority::keys(context));
    NewRoots: |node, asked| node.call(move |context| authority::succeed(context, &asked));

    Quarantine: |node, asked| node.call(move |context| quarantine::list(context, &asked));
    QuarantineShow: |node, asked| node.call(move |context| quarantine::show(context, &asked));
    Adopt: |node, asked| node.call(move |context| quarantine::adopt(context, &asked));
    Discard: |node, asked| node.call(move |context| quarantine::discard(context, &asked));

    Backup: |node, asked| node.call(move |context| backup::backup(context, &asked.out));
    Checkpoint: |node, asked| node.call(move |context| Ok(context.committed.checkpoint(asked.out)?));
}
