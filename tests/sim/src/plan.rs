//! What a seed decides before a run begins: the network, which faults exist, and every step.
//!
//! The run is a function of (seed, plan). So a failing plan can be made smaller and run again.

use node_authority::canary::Bug;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use schema_wire::{DocumentId, UnitId};

use crate::clock::{HOUR, MILLI, MINUTE, Time};
use crate::disk::DiskFault;
use crate::mutant::Mutant;
use crate::run::Options;
use crate::streams::Streams;
use crate::topology::Topology;
use crate::{nemesis, workload};

/// How large the world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// 3 to 12 nodes, half an hour, dense faults.
    Small,
    /// All 105 communities, a day, one district cut off for the middle third.
    Baicheng,
}

impl Size {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Baicheng => "baicheng",
        }
    }
}

/// A clerk sets one field of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// On which node.
    pub node: usize,
    /// Of which document.
    pub document: DocumentId,
    /// In which of its maps.
    pub map: &'static str,
    /// Which record.
    pub record: String,
    /// The new text of its field; no two edits of a run write the same.
    pub value: String,
    /// How long ago the clerk says it was.
    pub late_ms: u64,
}

/// What happens to the world from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A clerk enters something.
    Edit(Edit),
    /// A clerk looks something up.
    Read { node: usize, document: DocumentId },
    /// The process ends, at once or in the middle of its next commit; the pending batch was kept
    /// whole, or is lost.
    Crash { node: usize, kept: bool, committing: bool, down: Time },
    /// The disk fails for a while.
    Disk { node: usize, fault: DiskFault, lasts: Time },
    /// Somebody copies the data folder.
    Backup { node: usize },
    /// The data folder is replaced by the last copy.
    Rollback { node: usize, down: Time },
    /// The data folder is gone.
    Lose { node: usize, down: Time },
    /// Links carry nothing, or nothing towards one end, for a while.
    Cut { links: Vec<usize>, towards: Option<usize>, loud: bool, lasts: Time },
    /// A link carries everything later, for a while.
    Clog { link: usize, delay: Time, lasts: Time },
    /// A link's connection breaks.
    Reset { link: usize },
    /// A clock is wrong from now on.
    Clock { node: usize, offset_ms: i64, drift_ppm: i64 },
    /// A node joins its unit.
    Join { node: usize },
    /// A node leaves for good.
    Leave { node: usize },
    /// The data folder is replaced by the last copy, and nobody tells the node.
    Relapse { node: usize, down: Time },
    /// The data folder is copied and started on a second machine.
    Double { node: usize, twin: usize },
    /// The keeper of a unit's key signs something, at a node.
    Sign { at: usize, power: Power },
}

/// What a unit's key can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Power {
    /// Withdraw a node's grant; keep what is known of it, or nothing.
    Revoke { node: usize, keep: bool },
    /// Grant a node anew; it begins a new life.
    Regrant { node: usize },
    /// Take what is suspended as the unit's own.
    Adopt,
    /// Do not count the reports of a unit below.
    Suspend { unit: UnitId },
    /// Count them again.
    Lift { unit: UnitId },
    /// Give a unit below another key.
    Replace { unit: UnitId },
}

/// An action and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Time,
    /// What.
    pub action: Action,
}

/// Which faults exist in a run, how strong, and how the shells are tuned.
#[derive(Debug, Clone)]
pub struct Swarm {
    /// Weights by kind of fault; zero for most kinds in most runs.
    pub weights: [u32; nemesis::KINDS],
    /// Mean time between faults.
    pub pause: Time,
    /// Single frames are lost, doubled and overtaken: chance of each, in 1000.
    pub datagram: u32,
    /// Latency of links: least and most.
    pub latency: [Time; 2],
    /// Latency of disks: least and most.
    pub sync: [Time; 2],
    /// Bytes of items in one frame.
    pub batch_bytes: usize,
    /// Inputs that share one sync.
    pub group_max: usize,
}

impl Swarm {
    fn draw(chance: &mut ChaCha8Rng) -> Self {
        let weights = std::array::from_fn(|_| {
            if chance.random_bool(0.45) { chance.random_range(1..8) } else { 0 }
        });
        Self {
            weights,
            pause: MINUTE / [6, 2, 1][chance.random_range(0..3)],
            datagram: if chance.random_bool(0.15) { chance.random_range(5..60) } else { 0 },
            latency: [MILLI, MILLI * [3, 40, 400][chance.random_range(0..3)]],
            sync: [MILLI / 2, MILLI * [2, 20, 200][chance.random_range(0..3)]],
            batch_bytes: [1024, 8 * 1024, 256 * 1024][chance.random_range(0..3)],
            group_max: [1, 16, 256][chance.random_range(0..3)],
        }
    }

    /// A calm network of good machines.
    fn calm() -> Self {
        Self {
            weights: [0; nemesis::KINDS],
            pause: HOUR,
            datagram: 0,
            latency: [MILLI, 40 * MILLI],
            sync: [MILLI, 10 * MILLI],
            batch_bytes: 256 * 1024,
            group_max: 256,
        }
    }
}

/// Everything that will be done to a world.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How large it is.
    pub size: Size,
    /// The planted bug, if any.
    pub mutant: Option<Mutant>,
    /// The bug planted in the core, if any.
    pub bug: Option<Bug>,
    /// Who there is.
    pub topology: Topology,
    /// Which faults exist.
    pub swarm: Swarm,
    /// When faults stop and everything heals.
    pub horizon: Time,
    /// What happens until then, in order of time.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan that a seed draws.
    pub fn draw(options: Options) -> Self {
        let Options { seed, size, hours, mutant, bug } = options;
        let streams = Streams::new(seed);
        let mut plan = match size {
            Size::Small => Self::small(&streams, hours.map_or(HOUR / 2, |h| h * HOUR)),
            Size::Baicheng => Self::baicheng(&streams, hours.unwrap_or(24) * HOUR),
        };
        (plan.mutant, plan.bug) = (mutant, bug);
        plan.steps.sort_by_key(|step| step.at);
        plan
    }

    fn small(streams: &Streams, horizon: Time) -> Self {
        let topology = Topology::small(&mut streams.stream("topology"));
        let swarm = Swarm::draw(&mut streams.stream("swarm"));
        let edits = usize::try_from(horizon / (10 * crate::clock::SECOND)).expect("few");
        let mut steps = workload::steps(&mut streams.stream("workload"), &topology, horizon, edits);
        let mut chance = streams.stream("nemesis");
        steps.extend(nemesis::steps(&mut chance, &topology, &swarm, horizon));
        Self { size: Size::Small, mutant: None, bug: None, topology, swarm, horizon, steps }
    }

    fn baicheng(streams: &Streams, horizon: Time) -> Self {
        let topology = Topology::baicheng();
        let swarm = Swarm::calm();
        let edits = 2 * topology.members.len();
        let mut chance = streams.stream("workload");
        let mut steps = workload::steps(&mut chance, &topology, horizon, edits);
        let mut chance = streams.stream("nemesis");
        steps.push(nemesis::district_off_city(&mut chance, &topology, horizon));
        steps.extend(nemesis::a_hard_day(&mut chance, &topology, horizon));
        Self { size: Size::Baicheng, mutant: None, bug: None, topology, swarm, horizon, steps }
    }
}
