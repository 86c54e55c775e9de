//! What a run says when something that must hold did not.

use std::fmt;

/// What a checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which invariant, such as `INV-09`.
    pub invariant: &'static str,
    /// What was found.
    pub detail: String,
}

impl Broken {
    /// An invariant that does not hold.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

/// A run that failed, with all that repeats it.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed of the run.
    pub seed: u64,
    /// What was found.
    pub broken: Broken,
    /// When, in virtual milliseconds.
    pub at: u64,
    /// The last steps.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, broken: Broken { invariant, detail }, at, trace } = self;
        trace.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        writeln!(f, "{invariant} broken in seed {seed} at {at} ms: {detail}")?;
        write!(f, "GONGZHI_WORLD_SEED={seed} cargo test -p tests-world --test worlds -- --nocapture")
    }
}

impl std::error::Error for Failure {}
