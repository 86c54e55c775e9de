//! One run: a seed, a world, and what it came to.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::{Broken, Failure};
use crate::mutant::Mutant;
use crate::world::World;

/// Virtual time until everything heals, at most.
const WORK_MS_MAX: u64 = 180_000;
/// The same of a whole Baicheng.
const BAICHENG_MS: u64 = 90_000;
/// Within how much virtual time all must agree then.
const AGREE_MS: u64 = 120_000;
/// How often that is looked at.
const LOOK_MS: u64 = 5_000;

/// How often lines are cut and laid again for keys that were withheld: a node wants them once in
/// each session, and they may come by way of others.
const RECONNECTS_MAX: usize = 8;

/// Which units there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A few, drawn from the seed.
    Drawn,
    /// A city of 6 districts, 31 streets and 105 communities.
    Baicheng,
}

/// What a world is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Everything follows from it.
    pub seed: u64,
    /// Which units there are.
    pub shape: Shape,
    /// A planted bug.
    pub mutant: Option<Mutant>,
    /// May a store be set back without anybody noticing?
    pub unnoticed: bool,
    /// Are there byzantine nodes?
    pub byzantine: bool,
    /// Does a failure tell everything that happened?
    pub whole_trace: bool,
}

impl Options {
    /// The world of a seed: some with byzantine nodes, some with disks that are set back unnoticed.
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            shape: Shape::Drawn,
            mutant: None,
            unnoticed: seed.is_multiple_of(3),
            byzantine: seed.is_multiple_of(2),
            whole_trace: false,
        }
    }

    /// A whole Baicheng with byzantine nodes in every tier.
    pub fn baicheng(seed: u64) -> Self {
        Self { shape: Shape::Baicheng, byzantine: true, ..Self::of(seed) }
    }
}

/// What runs came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Worlds.
    pub worlds: u64,
    /// Nodes.
    pub nodes: u64,
    /// Things that happened.
    pub steps: u64,
    /// Envelopes on all disks at the end.
    pub envelopes: u64,
    /// The longest time that agreeing took, in virtual milliseconds.
    pub agreed_ms: u64,
    /// Rare situations.
    pub reached: BTreeMap<&'static str, u64>,
    /// The SHA-256 of all disks' envelopes and statements, of the last world.
    pub digest: String,
}

impl Summary {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.worlds += other.worlds;
        self.nodes += other.nodes;
        self.steps += other.steps;
        self.envelopes += other.envelopes;
        self.agreed_ms = self.agreed_ms.max(other.agreed_ms);
        for (what, times) in &other.reached {
            *self.reached.entry(what).or_default() += times;
        }
        self.digest.clone_from(&other.digest);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { worlds, nodes, steps, envelopes, agreed_ms, reached, .. } = self;
        writeln!(f, "{worlds} worlds, {nodes} nodes, {steps} steps, {envelopes} envelopes")?;
        writeln!(f, "agreed within {agreed_ms} virtual milliseconds of the last fault")?;
        reached.iter().try_for_each(|(what, times)| writeln!(f, "{times:>8} {what}"))
    }
}

/// Runs the world of some options.
///
/// # Errors
/// If an invariant does not hold.
pub fn run(options: Options) -> Result<Summary, Box<Failure>> {
    let mut world = World::new(options);
    let lived = catch_unwind(AssertUnwindSafe(|| live(&mut world)));
    let lived = lived.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Broken::new("panic", text.unwrap_or_default()))
    });
    lived.map_err(|broken| {
        let (seed, at, trace) = (options.seed, world.now, world.trace());
        Box::new(Failure { seed, broken, at, trace })
    })
}

fn live(world: &mut World) -> Result<Summary, Broken> {
    use rand::RngExt;
    world.build()?;
    let end = match world.options.shape {
        Shape::Drawn => world.chance.random_range(30_000..WORK_MS_MAX),
        Shape::Baicheng => BAICHENG_MS,
    };
    world.run_until(end)?;
    world.heal()?;
    let agreed_ms = agree(world)?;
    find_keys(world)?;
    world.bend_disks();
    world.check_end()?;
    let envelopes = world.sites.iter().map(|site| crate::disk::envelopes(&site.store).len() as u64);
    Ok(Summary {
        worlds: 1,
        nodes: world.sites.len() as u64,
        steps: world.steps,
        envelopes: envelopes.sum(),
        agreed_ms,
        reached: world.reached.clone(),
        digest: world.digest(),
    })
}

fn agree(world: &mut World) -> Result<u64, Broken> {
    let healed = world.now;
    loop {
        world.run_until(world.now + LOOK_MS)?;
        match world.disagreement() {
            None => return Ok(world.now - healed),
            // Whoever governs chooses of each fork, as the product does by itself.
            Some(_) if world.settle_forks()? => {}
            Some(what) if world.now - healed >= AGREE_MS => {
                return Err(Broken::new("liveness", what));
            }
            Some(_) => {}
        }
    }
}

/// Nodes meet anew until all who share a band have the keys that one of them has.
fn find_keys(world: &mut World) -> Result<(), Broken> {
    for _ in 0..RECONNECTS_MAX {
        if world.lacking_key().is_none() {
            return Ok(());
        }
        world.reach("nodes met again for keys that were withheld");
        let open: Vec<u64> = world.talks.keys().copied().collect();
        open.into_iter().for_each(|talk| world.cut(talk));
        agree(world)?;
    }
    world.lacking_key().map_or(Ok(()), |what| Err(Broken::new("liveness", what)))
}
