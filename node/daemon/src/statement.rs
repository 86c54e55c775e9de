//! Making statements of authority: founding a network, granting, joining.

use anyhow::{Context, Result, anyhow, bail};
use schema_wire::{
    ClassSet, Delegation, Genesis, Hash, NodeKey, SigningKey, Statement, UnitId, VerbSet, Verified,
};
use serde_json::{Value, json};

use crate::engine::{Desk, Engine, now_ms};
use crate::folder::{Folder, Grant, Membership};
use crate::keyfile;

const DAY_MS: u64 = 86_400_000;
/// A certificate stays usable this long after its expiry, for a unit cut off from renewal.
const GRACE_MS: u64 = 30 * DAY_MS;
/// A machine whose clock is behind must still accept what was granted a moment ago.
const CLOCK_SKEW_MS: u64 = DAY_MS;
/// What a node that founds or joins a unit with that unit's own key grants itself.
const OWN_DAYS: u32 = 3650;

const UNIT_KEY: VerbSet = VerbSet::GOVERN.with(VerbSet::READ);
const NODE: VerbSet = VerbSet::WRITE.with(VerbSet::READ);

struct Draft<'a> {
    genesis: &'a Genesis,
    issuer: &'a SigningKey,
    issuer_unit: &'a UnitId,
    proof: Option<Hash>,
}

impl Draft<'_> {
    fn seal(
        &self,
        subject: NodeKey,
        unit: &UnitId,
        verbs: VerbSet,
        days: u32,
    ) -> Result<Verified<Delegation>> {
        let now = now_ms();
        let delegation = Delegation {
            network: self.genesis.network(),
            issuer: keyfile::public(self.issuer),
            issuer_unit: self.issuer_unit.clone(),
            proof: self.proof,
            subject,
            unit: unit.clone(),
            verbs,
            classes: ClassSet::ALL,
            not_before_ms: now.saturating_sub(CLOCK_SKEW_MS),
            not_after_ms: now + u64::from(days) * DAY_MS,
            grace_ms: GRACE_MS,
            serial: u64::from_be_bytes(keyfile::random()?),
        };
        Ok(Verified::seal(delegation, self.issuer))
    }
}

fn as_statement(delegation: &Verified<Delegation>) -> Statement {
    Statement::Delegation(delegation.as_signed().clone())
}

/// Founds a network: this node's key becomes its root, and serves the city.
pub(crate) fn found(folder: &Folder, key: &SigningKey, city: &UnitId, name: &str) -> Result<()> {
    if city.depth() != 1 {
        bail!("a network is founded by a city: one code, not {city}");
    }
    let roots = vec![keyfile::public(key)];
    let (unit, name) = (city.clone(), name.to_owned());
    let genesis = Genesis { unit, name, roots, threshold: 1, at_ms: now_ms() };
    let draft = Draft { genesis: &genesis, issuer: key, issuer_unit: city, proof: None };
    let unit_key = draft.seal(keyfile::public(key), city, UNIT_KEY.with(NODE), OWN_DAYS)?;
    let delegation = unit_key.id();
    let statements = vec![as_statement(&unit_key)];
    let membership = Membership { genesis, unit: city.clone(), delegation, incarnation: 1 };
    join(folder, key, &membership, statements)
}

/// Joins a network with a grant. A grant that founds a unit makes this node's key the unit's own,
/// and the node grants itself what it needs to serve it.
pub(crate) fn accept(folder: &Folder, key: &SigningKey, grant: Grant) -> Result<()> {
    let me = keyfile::public(key);
    let Some(Statement::Delegation(leaf)) = grant.chain.first().cloned() else {
        bail!("the grant holds no delegation");
    };
    let leaf = leaf.verify().context("the grant's signature does not hold")?;
    let granted = leaf.value();
    if granted.subject != me {
        bail!("the grant is for node {}, this node is {me}", granted.subject);
    }
    let unit = granted.unit.clone();
    let mut statements: Vec<Statement> = grant.chain.iter().rev().cloned().collect();
    let mut delegation = leaf.id();
    if !granted.verbs.covers(NODE) {
        let draft = Draft {
            genesis: &grant.genesis,
            issuer: key,
            issuer_unit: &unit,
            proof: Some(leaf.id()),
        };
        let own = draft.seal(me, &unit, NODE, OWN_DAYS)?;
        delegation = own.id();
        statements.push(as_statement(&own));
    }
    let membership = Membership { genesis: grant.genesis, unit, delegation, incarnation: 1 };
    join(folder, key, &membership, statements)
}

fn join(
    folder: &Folder,
    key: &SigningKey,
    membership: &Membership,
    statements: Vec<Statement>,
) -> Result<()> {
    if folder.membership().exists() {
        bail!("{} belongs to a network already", folder.path().display());
    }
    let (engine, thread) = Engine::start(folder, key.clone(), membership, |_| {})?;
    let learned = engine.call(move |desk| statements.into_iter().try_for_each(|s| desk.learn(s)));
    engine.stop();
    thread.join().map_err(|_| anyhow!("the engine panicked"))?;
    learned?;
    // Last: a folder without this file belongs to no network, and init can be run again.
    membership.save(folder)
}

/// Issues a delegation: for a unit below, the key of that unit; for the own unit, one more node.
pub(crate) fn delegate(
    desk: &mut Desk<'_>,
    unit: &UnitId,
    to: NodeKey,
    days: u32,
) -> Result<Value> {
    let identity = desk.replica.identity().clone();
    let authority = desk.replica.authority();
    let genesis = authority.genesis().clone();
    let me = identity.public();
    let proof = governing(desk, me, &identity.unit)?;
    let own = *unit == identity.unit;
    let verbs = if own { NODE } else { UNIT_KEY };
    let draft = Draft {
        genesis: &genesis,
        issuer: &identity.key,
        issuer_unit: &identity.unit,
        proof: Some(proof),
    };
    let delegation = draft.seal(to, unit, verbs, days)?;
    desk.learn(as_statement(&delegation))?;
    let chain = desk.replica.authority().credentials(&delegation.id(), now_ms());
    let text = Grant { genesis, chain }.to_text()?;
    Ok(json!({
        "delegation": delegation.id().to_string(), "unit": unit.as_str(), "to": to.to_string(),
        "founds_unit": !own, "grant": text,
    }))
}

/// The delegation under which this node's key speaks for its unit.
fn governing(desk: &Desk<'_>, me: NodeKey, unit: &UnitId) -> Result<Hash> {
    let authority = desk.replica.authority();
    let governs = |d: &&Verified<Delegation>| {
        let value = d.value();
        value.subject == me
            && value.unit == *unit
            && value.verbs.covers(VerbSet::GOVERN)
            && authority.permits_session(&d.id(), me, now_ms()).is_ok()
    };
    let found = authority.delegations().find(governs).map(Verified::id);
    found.with_context(|| format!("this node does not hold the key of {unit}"))
}

/// Who signed under which delegation, in words.
pub(crate) fn describe(desk: &Desk<'_>, delegation: &Hash, at_ms: u64) -> Value {
    let authority = desk.replica.authority();
    let link = |d: &&Verified<Delegation>| {
        let value = d.value();
        json!({
            "delegation": d.id().to_string(), "issuer": value.issuer.to_string(),
            "subject": value.subject.to_string(), "unit": value.unit.as_str(),
            "not_after_ms": value.not_after_ms,
        })
    };
    match authority.route(delegation, at_ms) {
        Ok(route) => json!(route.iter().map(link).collect::<Vec<_>>()),
        Err(refusal) => {
            json!({ "delegation": delegation.to_string(), "problem": refusal.to_string() })
        }
    }
}
