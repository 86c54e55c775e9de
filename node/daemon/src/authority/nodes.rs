//! Nodes of the own unit: taking one in, taking one out, and what the one that went had written.

use std::collections::BTreeMap;

use anyhow::Result;
use node_acts::deed::{self, DeedError};
use node_acts::role::Role;
use node_api::{Delegate, Delegated, Failure, Keep, NodeRole, Revoke, Revoked};
use node_authority::GrantState;
use node_replication::{history, log};
use schema_wire::{
    Band, DocumentId, Hash, Incarnation, Item, Mark, Ms, NodeKey, Reads, Scope, Statement,
    VerifiedStatement,
};

use super::issuer::{self, GRANT_DAYS};
use super::join::grant_of;
use crate::clock;
use crate::context::Context;
use crate::parse;

fn role_of(role: NodeRole) -> Role {
    match role {
        NodeRole::Node => Role::writing(),
        NodeRole::Backup => Role::holding(),
        NodeRole::Device => Role::device(),
        NodeRole::Governing => Role::governing(),
    }
}

/// Takes one more node into the unit. If it takes the place of another key, that one goes, and
/// what is known here of its work stays.
pub(crate) fn delegate(context: &mut Context<'_>, asked: &Delegate) -> Result<Delegated> {
    let subject = parse::key(&asked.to)?;
    let replaced = asked.replaces.as_deref().map(|text| node_named(context, text)).transpose()?;
    let by = match asked.role {
        NodeRole::Governing => issuer::operating_issuer(context)?,
        NodeRole::Node | NodeRole::Backup | NodeRole::Device => issuer::issuer(context)?,
    };
    let (term, serial) = (issuer::term(asked.days.unwrap_or(GRANT_DAYS)), issuer::serial()?);
    let delegation = by.delegate(subject, &role_of(asked.role), term, serial)?;
    let removed = match replaced {
        Some(old) => remove(context, old, Keep::Known)?.statements,
        None => Vec::new(),
    };
    let id = context.learn(delegation)?;
    for statement in &removed {
        context.learn(statement.clone())?;
    }
    let mut grant = grant_of(context, &id, Some(subject))?;
    grant.add(removed.into_iter().map(VerifiedStatement::into_statement));
    Ok(Delegated {
        delegation: id.to_string(),
        unit: context.unit().to_string(),
        lineage: context.lineage().to_string(),
        to: subject.to_string(),
        role: asked.role,
        until_ms: term.until.get(),
        grant: grant.to_text(),
    })
}

/// A node by its key, or by the beginning of it, if a grant of the unit names only one such.
fn node_named(context: &Context<'_>, text: &str) -> Result<NodeKey> {
    let lineage = context.lineage();
    let grants = context.authority().grants(&lineage, clock::now());
    Ok(parse::known_key(text, grants.map(|grant| grant.subject))?)
}

/// Takes a node out of the unit, and says how many entries cease to count here by it. Its keys
/// are of no use for what is sealed from now on: see [`last_loss`].
pub(crate) fn revoke(context: &mut Context<'_>, asked: &Revoke) -> Result<Revoked> {
    let node = node_named(context, &asked.node)?;
    if node == context.node() {
        return Err(Failure::OwnKey.into());
    }
    let before = history::suspended(&context.store)?.len() as u64;
    let removal = remove(context, node, asked.keep)?;
    let mut ended = Vec::new();
    for statement in removal.statements {
        if let Statement::Ending(ending) = statement.as_statement() {
            ended.push(ending.claims().ends.to_string());
        }
        context.learn(statement)?;
    }
    let after = history::suspended(&context.store)?.len() as u64;
    Ok(Revoked {
        node: node.to_string(),
        ended,
        logs_kept: removal.logs_kept,
        invalid_before: before,
        invalid_after: after,
    })
}

/// Nodes whose grants are closed in one step.
const CLOSED_AT_ONCE: usize = 8;

/// Closes what ran out and whose grace is over, if this node holds the unit's operating key: who
/// holds such a grant could else date back for ever. `at` is a time that others confirm, since a
/// closing is not taken back.
pub(crate) fn close_overdue(context: &mut Context<'_>, at: Ms) -> Result<Vec<NodeKey>> {
    if issuer::operating(context).is_none() {
        return Ok(Vec::new());
    }
    let overdue = deed::overdue(context.authority(), &context.lineage(), at);
    let own = context.node();
    let overdue = overdue.into_iter().filter(|(node, _)| *node != own);
    let mut closed = Vec::new();
    for (node, grants) in overdue.take(CLOSED_AT_ONCE) {
        let heard = heard(context, node)?;
        let statements = deed::close(&issuer::issuer(context)?, &grants, heard, at)?;
        for statement in statements {
            context.learn(statement)?;
        }
        closed.push(node);
    }
    Ok(closed)
}

/// What takes a node out, made and not learned yet.
pub(super) struct Removal {
    pub(super) statements: Vec<VerifiedStatement>,
    pub(super) logs_kept: u64,
}

pub(super) fn remove(context: &Context<'_>, node: NodeKey, keep: Keep) -> Result<Removal> {
    let heard = match keep {
        Keep::Known => heard(context, node)?,
        Keep::None => Vec::new(),
    };
    let logs_kept = heard.iter().map(|(_, marks)| marks.len() as u64).sum();
    let (by, lineage) = (issuer::issuer(context)?, context.lineage());
    may_end(context, node)?;
    let statements =
        deed::remove_node(context.authority(), &by, &lineage, node, heard, clock::now());
    let statements = statements.map_err(|error| match error {
        DeedError::NoSuchNode(node) => {
            let (unit, named) = (context.unit().to_string(), node.to_string());
            Failure::NothingToRevoke { unit, named }.into()
        }
        other => anyhow::Error::from(other),
    })?;
    Ok(Removal { statements, logs_kept })
}

/// A node that governs by delegation ends only what it granted itself; the operating key, all.
fn may_end(context: &Context<'_>, node: NodeKey) -> Result<()> {
    if issuer::operating(context).is_some() {
        return Ok(());
    }
    let over = |state| matches!(state, GrantState::Ended | GrantState::Void(_));
    for grant in context.authority().grants(&context.lineage(), clock::now()) {
        if grant.subject != node || over(grant.state) {
            continue;
        }
        let granted = log::item(&context.store, &grant.id)?.map(|stored| stored.item);
        let own = matches!(&granted, Some(Item::Statement(statement))
            if statement.claims().issued().is_some_and(|issued| issued.issuer == context.node()));
        if !own {
            issuer::operating_issuer(context)?;
        }
    }
    Ok(())
}

/// Where each log of a node in this unit's documents ends, as far as it counts here.
pub(super) fn heard(context: &Context<'_>, node: NodeKey) -> Result<Vec<(Scope, Vec<Mark>)>> {
    let mut scopes: BTreeMap<Scope, Vec<Mark>> = BTreeMap::new();
    for document in log::documents(&context.store)? {
        if document.owner() != context.unit() {
            continue;
        }
        let marks = heard_in(context, &document, node)?;
        if !marks.is_empty() {
            scopes.entry(document.scope()).or_default().extend(marks);
        }
    }
    Ok(scopes.into_iter().collect())
}

fn heard_in(context: &Context<'_>, document: &DocumentId, node: NodeKey) -> Result<Vec<Mark>> {
    let mut last: BTreeMap<Incarnation, (u64, Hash)> = BTreeMap::new();
    for entry in history::counting_after(&context.store, document, 0)? {
        if entry.author.key == node {
            let head = last.entry(entry.author.incarnation).or_insert((entry.seq, entry.id));
            *head = (*head).max((entry.seq, entry.id));
        }
    }
    let mark = |(incarnation, (seq, head))| Mark {
        document: document.clone(),
        author: node,
        incarnation,
        seq,
        head,
    };
    Ok(last.into_iter().map(mark).collect())
}

/// When a node of the unit last lost a band, as is known here: what is sealed afterwards lies
/// under a key that it never held.
pub(crate) fn last_loss(context: &Context<'_>, band: Band) -> Option<Ms> {
    let (authority, lineage, now) = (context.authority(), context.lineage(), clock::now());
    let holds = |node: NodeKey| {
        authority.grants(&lineage, now).any(|grant| {
            grant.subject == node
                && grant.state == GrantState::Holds
                && grant.reads.covers(Reads::band(band))
        })
    };
    let lost = authority.grants(&lineage, now).filter(|grant| {
        let over = !matches!(grant.state, GrantState::Holds | GrantState::NotYet);
        over && grant.reads.covers(Reads::band(band)) && !holds(grant.subject)
    });
    let when = lost.map(|grant| match grant.state {
        GrantState::Unclosed => grant.until,
        GrantState::Void(_) => passed_on_at(context).unwrap_or(now),
        _ => authority.ended_at(&grant.id).unwrap_or(now),
    });
    when.max()
}

/// When the present generation began: what it did not keep ended then.
fn passed_on_at(context: &Context<'_>) -> Option<Ms> {
    let present = context.authority().present(&context.lineage())?;
    match log::item(&context.store, &present).ok()??.item {
        Item::Statement(statement) => statement.claims().at(),
        Item::Envelope(_) => None,
    }
}
