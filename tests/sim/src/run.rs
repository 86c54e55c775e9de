//! One run from seed to summary, and sums over many.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::auditor::Counts;
use crate::clock::{HOUR, Time};
use crate::failure::{Broken, Failure};
use crate::invariants;
use crate::mutant::Mutant;
use crate::plan::{Plan, Size};
use crate::world::World;
use node_authority::canary::Bug;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Where all chance comes from.
    pub seed: u64,
    /// How large the world is.
    pub size: Size,
    /// How long the plan lasts, if not as long as its size says.
    pub hours: Option<u64>,
    /// The bug planted in the shell, if any.
    pub mutant: Option<Mutant>,
    /// The bug planted in the core, if any: only where the feature `canary` is on.
    pub bug: Option<Bug>,
}

impl Options {
    /// A small world.
    pub fn small(seed: u64) -> Self {
        Self { seed, size: Size::Small, hours: None, mutant: None, bug: None }
    }
}

/// What a run came to, or many.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Of everything that happened; of the last run, if there were many.
    pub digest: String,
    /// Runs.
    pub runs: u64,
    /// Most nodes in a run.
    pub nodes: usize,
    /// Virtual time.
    pub time: Time,
    /// Bytes sent.
    pub bytes: u64,
    /// Edits acknowledged.
    pub edits: u64,
    /// Events by kind.
    pub events: Counts,
    /// Faults by kind.
    pub faults: Counts,
    /// Rare situations that did happen.
    pub reached: Counts,
    /// Evaluations by invariant.
    pub evaluated: Counts,
}

impl Summary {
    fn of(world: &World) -> Self {
        let auditor = &world.auditor;
        Self {
            digest: auditor.digest(),
            runs: 1,
            nodes: world.nodes.len(),
            time: world.now,
            bytes: auditor.bytes,
            edits: world.oracle.acknowledged.len() as u64,
            events: auditor.events.clone(),
            faults: auditor.faults.clone(),
            reached: auditor.reached.clone(),
            evaluated: auditor.evaluated.clone(),
        }
    }

    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.digest.clone_from(&other.digest);
        self.runs += other.runs;
        self.nodes = self.nodes.max(other.nodes);
        self.time += other.time;
        self.bytes += other.bytes;
        self.edits += other.edits;
        let pairs = [
            (&mut self.events, &other.events),
            (&mut self.faults, &other.faults),
            (&mut self.reached, &other.reached),
            (&mut self.evaluated, &other.evaluated),
        ];
        for (mine, theirs) in pairs {
            theirs.iter().for_each(|(name, count)| *mine.entry(name).or_insert(0) += count);
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:<44}{:>14}", "runs", self.runs)?;
        writeln!(f, "{:<44}{:>14}", "most nodes", self.nodes)?;
        writeln!(f, "{:<44}{:>14}", "virtual hours", self.time / HOUR)?;
        writeln!(f, "{:<44}{:>14}", "bytes sent", self.bytes)?;
        writeln!(f, "{:<44}{:>14}", "edits acknowledged", self.edits)?;
        let parts = [
            ("event", &self.events),
            ("fault", &self.faults),
            ("reached", &self.reached),
            ("evaluated", &self.evaluated),
        ];
        for (part, counts) in parts {
            for (name, count) in counts {
                writeln!(f, "{:<44}{count:>14}", format!("{part}: {name}"))?;
            }
        }
        write!(f, "digest {}", self.digest)
    }
}

/// Runs the plan that the seed draws.
pub fn run(options: Options) -> Result<Summary, Box<Failure>> {
    run_plan(options.seed, Plan::draw(options))
}

/// Runs a plan: faults until its horizon, then healing, agreement and silence.
pub fn run_plan(seed: u64, plan: Plan) -> Result<Summary, Box<Failure>> {
    #[cfg(feature = "canary")]
    node_authority::canary::plant(plan.bug);
    let mut world = World::new(seed, plan);
    let outcome = catch_unwind(AssertUnwindSafe(|| live(&mut world)));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        let detail = text.unwrap_or_default();
        Err(Broken { invariant: "PANIC", node: None, detail })
    });
    match outcome {
        Ok(()) => Ok(Summary::of(&world)),
        Err(broken) => Err(Box::new(world.failure(broken))),
    }
}

fn live(world: &mut World) -> Result<(), Broken> {
    let horizon = world.plan.horizon;
    for part in 1..=4 {
        world.run_until(horizon / 4 * part)?;
        invariants::sweep(world)?;
    }
    world.heal();
    world.converge()?;
    invariants::sweep(world)
}
