//! Reports over real replicas: what reads, what is counted, what is added, and who lies.

mod agree;
mod byzantine;
mod checks;
mod heard;
#[allow(dead_code)]
#[path = "../../../replication/tests/federation/net.rs"]
mod net;
mod office;
mod recount;
mod tiers;
