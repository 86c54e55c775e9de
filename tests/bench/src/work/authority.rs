//! W5: records judged against a set of delegations and revocations.

use anyhow::{Context, Result};
use node_authority::{Authority, Position};
use node_replication::store::MemStore;
use schema_wire::{Author, Hash, Revocation, SigningKey, Statement, Verified, VerifiedStatement};

use crate::founding::{self, CLERK, COMMUNITY, START_MS};
use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};

/// Records judged in one run.
const RECORDS: u64 = 20_000;

fn revocation(issuer: &str, proof: Option<Hash>, revokes: Hash) -> Verified<Revocation> {
    let key: SigningKey = founding::key(issuer);
    let revocation = Revocation {
        network: founding::genesis().network(),
        issuer: founding::public(&key),
        issuer_unit: founding::unit(issuer),
        proof,
        revokes,
        watermarks: vec![],
        keeps: vec![],
        at_ms: START_MS,
    };
    Verified::seal(revocation, &key)
}

/// A set with a chain of four grants (city, district, street, community, clerk) and `revoked`
/// other clerks' grants withdrawn; then records of the clerk are judged.
pub(crate) fn judge(revoked: u64, runs: usize) -> Result<Vec<Sample>> {
    let at = "220800/220802/220802001/220802001001";
    let mut authority = Authority::new(founding::genesis());
    let chain = founding::chain(at, "clerk");
    for grant in &chain {
        authority.insert(VerifiedStatement::Delegation(grant.clone()));
    }
    let above = Some(chain[chain.len() - 2].id());
    for number in 0..revoked {
        let subject = founding::public(&founding::key(&format!("clerk {number}")));
        let grant = founding::grant(at, above, subject, at, CLERK, number);
        let gone = revocation(at, above, grant.id());
        authority.insert(VerifiedStatement::Delegation(grant));
        authority.insert(VerifiedStatement::Revocation(gone));
    }
    let own = chain.last().context("a chain")?.id();
    let author = Author { key: founding::public(&founding::key("clerk")), incarnation: 1 };
    let owner = founding::unit(at);
    let id = schema_wire::DocumentId::new(owner, schema_wire::Class::Roster, "b1")?;
    repeat(runs, || {
        let watch = Watch::start()?;
        for seq in 1..=RECORDS {
            let position = Position { document: &id, author, seq, at_ms: START_MS + seq };
            authority.permits_write(&own, position).map_err(|why| anyhow::anyhow!("{why}"))?;
        }
        Ok(Sample { done: Some(RECORDS), ..watch.stop()? })
    })
}

/// A node takes in `grants` that a community issued, and revocations of the first `revoked` of
/// them, from another.
pub(crate) fn take(grants: u64, revoked: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<MemStore>::found();
    network.join(COMMUNITY, "left")?;
    let chain = founding::chain(COMMUNITY, "left");
    let above = Some(chain[chain.len() - 2].id());
    let subject = founding::public(&founding::key("clerk"));
    for number in 1..=grants {
        let grant = founding::grant(COMMUNITY, above, subject, COMMUNITY, CLERK, number);
        let id = grant.id();
        network.learn(0, founding::statement(&grant))?;
        if number <= revoked {
            let gone = revocation(COMMUNITY, above, id);
            network.learn(0, Statement::Revocation(gone.as_signed().clone()))?;
        }
    }
    let samples = super::cold::newcomers(network, grants + revoked, runs)?;
    let arrived = |sample: &Sample| sample.verifications >= sample.done;
    anyhow::ensure!(samples.iter().all(arrived), "a statement did not arrive");
    Ok(samples)
}

/// A key is revoked that wrote a tenth of `records` envelopes here: until all are judged anew.
pub(crate) fn revoke(records: u64, runs: usize) -> Result<Vec<Sample>> {
    repeat(runs, || {
        let mut network = Network::<MemStore>::pair()?;
        let tenth = records / 20;
        network.fill(1, tenth)?;
        let others = (tenth..records / 2).collect::<Vec<_>>();
        let author = network.author(0);
        let changes =
            others.iter().flat_map(|n| crate::network::two_changes(&author, *n)).collect();
        network.write_all(0, changes, 256)?;
        network.connect(0, 1);
        network.rest()?;
        network.cut_all();
        network.rest()?;
        let chain = founding::chain(COMMUNITY, "right");
        let proof = Some(chain[chain.len() - 2].id());
        let gone = revocation(COMMUNITY, proof, chain.last().context("a chain")?.id());
        network.clear();
        let watch = Watch::start()?;
        network.learn(0, Statement::Revocation(gone.as_signed().clone()))?;
        network.rest()?;
        let sample = watch.stop()?;
        let node = &network.nodes[0];
        let suspended: u64 = node.replica.status(&node.shelf)?.suspended.values().sum();
        anyhow::ensure!(suspended == tenth * 2, "{suspended} suspended of {}", tenth * 2);
        let mut sample = network.counted(sample);
        sample.done = Some(suspended);
        Ok(sample)
    })
}
