//! W5: what grants and their ends cost: envelopes judged against them, statements taken from
//! another node, and the end of a node.

use anyhow::{Result, anyhow, ensure};
use node_authority::{Authority, Pins, Written};
use node_replication::history;
use node_replication::store::MemStore;
use schema_wire::{DocumentId, Ending, Hash, Keeps, Ms, Scope, Verified, VerifiedStatement};

use crate::founding::{self, Led, START_MS};
use crate::network::{Network, document};
use crate::sample::{Sample, Watch, repeat};

/// Records judged in one run.
const RECORDS: u64 = 20_000;

/// A unit ends a statement of its own, and keeps nothing of what rests on it.
pub(super) fn ending(unit: &Led, ends: Hash) -> Verified<Ending> {
    let at = Ms::of(START_MS);
    unit.issuer().withdraw(ends, Keeps::default(), at).expect("an ending")
}

/// A set with a chain (city, district, street, community, clerk) and `revoked` other clerks whose
/// grants were withdrawn; then records of the clerk are judged.
pub(crate) fn judge(revoked: u64, runs: usize) -> Result<Vec<Sample>> {
    let unit = Led::district().below("220802001").below("220802001001");
    let pins = Pins::of(unit.unit.clone(), unit.lineage);
    let mut authority = Authority::new(founding::genesis(), pins);
    let grant = unit.grant("clerk", 0);
    let mut statements = unit.statements().to_vec();
    statements.push(grant.clone().into());
    for number in 0..revoked {
        let other = unit.grant(&format!("clerk {number}"), 0);
        let gone = ending(&unit, other.id());
        statements.extend([other.into(), gone.into()]);
    }
    for statement in &statements {
        authority.insert(statement);
        ensure!(authority.is_kept(&statement.id()), "a statement is not kept");
    }
    let document = DocumentId::new(unit.unit, document(0).class(), "b1")?;
    let author = founding::public(&founding::key("clerk"));
    repeat(runs, || {
        let watch = Watch::start()?;
        for number in 0..RECORDS {
            let at = Ms::of(START_MS + number);
            let written = Written { document: &document, author, delegation: grant.id(), at };
            authority.permits(&written, []).map_err(|why| anyhow!("{why:?}"))?;
        }
        Ok(Sample { done: Some(RECORDS), ..watch.stop()? })
    })
}

/// A node that holds nothing takes `grants` of a community, and endings of the first `revoked` of
/// them, from another.
pub(crate) fn take(grants: u64, revoked: u64, runs: usize) -> Result<Vec<Sample>> {
    let (mut network, unit) = (Network::<MemStore>::found(), Led::community());
    network.join(&unit, "left")?;
    let mut statements: Vec<VerifiedStatement> = Vec::new();
    for number in 0..grants {
        let grant = unit.grant(&format!("clerk {number}"), 0);
        let id = grant.id();
        statements.push(grant.into());
        statements.extend((number < revoked).then(|| ending(&unit, id).into()));
    }
    network.learn(0, statements)?;
    let scope = Scope::statements(unit.unit);
    let samples = super::cold::newcomers(network, &scope, grants + revoked, runs)?;
    let arrived = |sample: &Sample| sample.verifications >= sample.done;
    ensure!(samples.iter().all(arrived), "a statement did not arrive");
    Ok(samples)
}

/// A node is taken out that wrote a tenth of `records` envelopes here, and nothing of it is kept:
/// until all are judged anew.
pub(crate) fn revoke(records: u64, runs: usize) -> Result<Vec<Sample>> {
    repeat(runs, || {
        let mut network = Network::<MemStore>::pair()?;
        let tenth = records / 20;
        network.fill(1, tenth)?;
        network.fill_from(0, tenth..records / 2)?;
        network.connect(0, 1);
        network.rest()?;
        network.must_agree(0, 1)?;
        network.cut_all();
        network.rest()?;
        let unit = Led::community();
        let gone = ending(&unit, unit.grant("right", 0).id());
        network.clear();
        let watch = Watch::start()?;
        network.learn(0, [gone.into()])?;
        network.rest()?;
        let sample = watch.stop()?;
        let suspended = history::suspended(&network.nodes[0].store.inner)?.len() as u64;
        ensure!(suspended == tenth * 2, "{suspended} suspended of {}", tenth * 2);
        let mut sample = network.counted(sample);
        sample.done = Some(suspended);
        Ok(sample)
    })
}
