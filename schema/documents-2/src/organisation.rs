//! 组织架构: the five levels from street work committee to centre household, in one document.

use automerge::AutoCommit;
use serde::{Deserialize, Serialize};

use crate::record::{Fields, flag, read, set, text};

/// The map of bodies.
pub const BODIES: &str = "bodies";

/// The five levels (`domain.md` 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 街道党工委
    StreetCommittee,
    /// 社区党委
    CommunityCommittee,
    /// 网格党支部
    GridBranch,
    /// 楼栋党小组
    BuildingGroup,
    /// 党员中心户
    CenterHousehold,
}

impl Level {
    /// Every level, from above.
    pub const ALL: [Self; 5] = [
        Self::StreetCommittee,
        Self::CommunityCommittee,
        Self::GridBranch,
        Self::BuildingGroup,
        Self::CenterHousehold,
    ];

    /// The word offices use.
    pub fn word(self) -> &'static str {
        match self {
            Self::StreetCommittee => "街道党工委",
            Self::CommunityCommittee => "社区党委",
            Self::GridBranch => "网格党支部",
            Self::BuildingGroup => "楼栋党小组",
            Self::CenterHousehold => "党员中心户",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word.trim())
    }
}

/// One body of the organisation, named by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub number: String,
    pub level: Level,
    pub name: String,
    /// The number of the body above; empty at the top.
    pub above: String,
    /// ISO date, or empty.
    pub founded: String,
    pub active: bool,
}

/// Writes a body; returns whether anything changed.
pub fn put(document: &mut AutoCommit, body: &Body) -> bool {
    let number = body.number.as_str();
    let fields: [(&str, &str); 5] = [
        ("number", number),
        ("level", body.level.word()),
        ("name", &body.name),
        ("above", &body.above),
        ("founded", &body.founded),
    ];
    let mut changed = false;
    for (field, value) in fields {
        changed |= set(document, BODIES, number, field, value);
    }
    changed | set(document, BODIES, number, "active", body.active)
}

/// Every body, by number. One whose level no version knows is left out.
pub fn bodies(document: &AutoCommit) -> Vec<Body> {
    let body = |fields: Fields| {
        Some(Body {
            number: text(&fields, "number").into(),
            level: Level::parse(text(&fields, "level"))?,
            name: text(&fields, "name").into(),
            above: text(&fields, "above").into(),
            founded: text(&fields, "founded").into(),
            active: flag(&fields, "active"),
        })
    };
    read(document, BODIES).into_values().filter_map(body).collect()
}
