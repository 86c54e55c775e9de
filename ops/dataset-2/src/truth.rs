//! What an honest report must show: counted by the generator while it writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! counts {
    ($($(#[$doc:meta])* $field:ident),* $(,)?) => {
        /// Exact numbers of what stands in the workbooks.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Counts { $($(#[$doc])* pub $field: u64),* }

        impl Counts {
            /// Adds another unit's numbers.
            pub fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)*
            }
        }
    };
}

counts! {
    communities,
    streets,
    residents,
    households,
    /// Residents whose row has a citizen id.
    residents_with_id,
    /// 中共党员 among the residents of the roster.
    party_members,
    grids,
    estates,
    buildings,
    entrances,
    /// 网格党支部
    branches,
    /// 楼栋党小组
    groups,
    /// 党员中心户
    centre_households,
    duty_posts,
    duty_posts_filled,
    volunteers,
    teams,
    patrols_planned,
    /// With an end time: these alone count as done.
    patrols_finished,
    /// Begun and without an end time.
    patrols_unfinished,
    patrol_findings,
}

/// One unit and its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitTruth {
    /// Unit path: city/district/street/community.
    pub path: String,
    pub name: String,
    /// Where its workbooks lie below the output folder; communities only.
    pub folder: Option<String>,
    pub counts: Counts,
    /// Streams of which only the number is generated so far.
    pub counted_only: BTreeMap<String, u64>,
}

impl UnitTruth {
    /// A unit of which nothing is counted yet.
    pub(crate) fn new(path: &str, name: &str) -> Self {
        let counts = Counts::default();
        let (path, name) = (path.to_owned(), name.to_owned());
        Self { path, name, folder: None, counts, counted_only: BTreeMap::new() }
    }

    /// Adds a unit below.
    pub(crate) fn add(&mut self, below: &Self) {
        self.counts.add(&below.counts);
        for (stream, count) in &below.counted_only {
            *self.counted_only.entry(stream.clone()).or_default() += count;
        }
    }
}

/// Everything that was generated, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    pub seed: u64,
    pub scale: f64,
    /// Months with patrols, `2024-03`.
    pub months: Vec<String>,
    pub city: UnitTruth,
    pub districts: Vec<UnitTruth>,
    pub communities: Vec<UnitTruth>,
}
