//! The whole network in one thread: every node, its disk, its clock and the links between them,
//! driven by one seed.
//!
//! **What it is.** A [`World`] of real [`Replica`](node_replication::Replica)s, each in a shell
//! that commits in groups as the daemon does, over disks that crash and fill, links that break
//! and clocks that lie. A seed draws a [`Plan`]; the run is a function of both.
//!
//! **What it is not.** It has no threads, sockets, files or entropy, and tests none of them.
//!
//! **What must always hold.** One seed gives one digest. Every invariant is judged by code that
//! shares nothing with what it judges. After the plan all faults stop: then the nodes must agree
//! within a bound of virtual time and fall quiet.
//!
//! **Where to start reading.** [`plan`], then [`world`], then [`invariants`].

mod acts;
pub mod auditor;
pub mod clock;
pub mod disk;
pub mod failure;
pub mod invariants;
pub mod liars;
pub mod liveness;
pub mod mutant;
pub mod nemesis;
pub mod net;
pub mod node;
pub mod offices;
pub mod oracle;
pub mod plan;
pub mod queue;
pub mod reduce;
pub mod run;
pub mod streams;
pub mod topology;
pub mod verifier;
pub mod workload;
pub mod world;

pub use failure::Failure;
pub use mutant::Mutant;
pub use plan::{Plan, Size};
pub use run::{Options, Summary, run, run_plan};
pub use world::World;
