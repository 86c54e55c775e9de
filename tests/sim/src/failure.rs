//! What a run says when something that must hold did not.

use std::fmt;

use crate::clock::{Time, stamp};
use crate::plan::Size;

/// What a checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which invariant, such as `INV-05`.
    pub invariant: &'static str,
    /// On which node, if on one.
    pub node: Option<usize>,
    /// What was found.
    pub detail: String,
}

impl Broken {
    /// An invariant that does not hold on a node.
    pub fn at(invariant: &'static str, node: usize, detail: impl Into<String>) -> Self {
        Self { invariant, node: Some(node), detail: detail.into() }
    }
}

/// A run that failed, with all that repeats it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed of the run.
    pub seed: u64,
    /// Its size.
    pub size: Size,
    /// Which invariant.
    pub invariant: &'static str,
    /// The node's name, or `world`.
    pub node: String,
    /// When.
    pub at: Time,
    /// What was found.
    pub detail: String,
    /// The last events.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, size, invariant, node, at, detail, trace } = self;
        writeln!(f, "seed={seed} invariant={invariant} node={node} t={}", stamp(*at))?;
        writeln!(f, "{detail}")?;
        trace.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        let size = size.name();
        write!(f, "cargo run -p tests-sim --bin sim -- --seed {seed} --size {size}")
    }
}

impl std::error::Error for Failure {}
