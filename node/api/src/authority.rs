//! Who may do what: taking nodes in, recognising units below, withdrawing, signing what others
//! signed; and what of it is an alarm.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A recovery phrase on its way to the one who writes it down. Nothing else shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhraseShown(pub String);

impl fmt::Debug for PhraseShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhraseShown(..)")
    }
}

/// What a node is taken into the unit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeRole {
    /// Another node of the office: writes and holds everything.
    Node,
    /// Holds everything and writes nothing.
    Backup,
    /// On the way: holds and writes what is not of persons.
    Device,
    /// Speaks as the unit.
    Governing,
}

impl NodeRole {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Node, Self::Backup, Self::Device, Self::Governing];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Backup => "backup",
            Self::Device => "device",
            Self::Governing => "governing",
        }
    }
}

/// Takes one more node into the own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    /// The node's key.
    pub to: String,
    /// What for.
    pub role: NodeRole,
    /// For how long.
    #[serde(default)]
    pub days: Option<u32>,
    /// The key that this one takes the place of.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// A node that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegated {
    pub delegation: String,
    pub unit: String,
    pub lineage: String,
    pub to: String,
    pub role: NodeRole,
    pub until_ms: u64,
    /// The text of the grant file.
    pub grant: String,
}

/// Recognises a lineage as a unit below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    /// The text of the unit's request file.
    pub request: String,
    #[serde(default)]
    pub days: Option<u32>,
    /// Withdraw what recognises another lineage as this unit first.
    #[serde(default)]
    pub instead: bool,
}

/// A unit below that is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    pub founding: String,
    pub by: String,
    pub unit: String,
    pub lineage: String,
    pub until_ms: u64,
    /// Lineages that are recognised no more.
    pub instead_of: Vec<String>,
    /// The text of the grant file.
    pub grant: String,
}

/// What stays of what was written by a node, or signed by roots, that acts no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Everything this node holds of it.
    Known,
    /// Nothing: the key was stolen.
    None,
}

impl Keep {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Known, Self::None];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::None => "none",
        }
    }
}

/// Takes a node out of the own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    pub node: String,
    pub keep: Keep,
}

/// A node that is no member any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub node: String,
    /// The grants that were ended.
    pub ended: Vec<String>,
    pub logs_kept: u64,
    /// Entries here that do not count.
    pub invalid_before: u64,
    pub invalid_after: u64,
}

/// Stops counting the reports of a unit below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    pub unit: String,
    /// The suspended unit reads it.
    pub reason: String,
}

/// Counts the reports of a unit below again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    pub unit: String,
}

/// Are the reports of a unit counted?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspensionState {
    pub unit: String,
    /// Why not, where they are not.
    pub suspended: Option<String>,
    /// The statements that were made for it.
    pub statements: Vec<String>,
}

/// Says that a unit below exists no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dissolve {
    pub unit: String,
    /// Who continues its work.
    #[serde(default)]
    pub successors: Vec<String>,
}

/// A unit that exists no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dissolved {
    pub unit: String,
    pub successors: Vec<String>,
    pub statement: String,
}

/// Signs a statement known here that another root key signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorse {
    pub statement: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endorsed {
    pub statement: String,
    pub signatures: u64,
    pub threshold: u64,
    pub in_effect: bool,
}

/// Follows one of several successors of a generation: of the root, or of a lineage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// The successor's id.
    pub generation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub after: String,
    pub generation: String,
}

/// What a grant permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    Govern,
    Write,
    Read,
}

/// What people have to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alarm", rename_all = "kebab-case")]
pub enum Alarm {
    /// The units above recognise two lineages as one unit.
    TwoLineages {
        unit: String,
        /// Is it this node's own unit?
        own: bool,
        lineages: Vec<String>,
        /// Whom this node follows.
        followed: Option<String>,
    },
    /// The unit exists no more: who continues its work.
    Dissolved { unit: String, successors: Vec<String> },
    /// Another lineage than this node's own is recognised as its unit.
    Displaced { unit: String, own: String, recognised: String },
    /// A recovery phrase was used twice.
    Rivals {
        /// The generations that are not followed.
        generations: Vec<String>,
        /// Of the root, or of a lineage?
        of_root: bool,
    },
}

/// Asks for the root's keys, and what this node may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysHeld {
    pub node: String,
    pub unit: String,
    pub incarnation: String,
    /// Who the unit is for this node.
    pub lineage: String,
    /// Is this node's key the unit's operating key?
    pub is_operating: bool,
    pub is_root: bool,
    /// The key that is to follow this node's.
    pub next_node: Option<String>,
    pub grants: Vec<HeldGrant>,
    pub root: RootShown,
    pub alarms: Vec<Alarm>,
}

/// Asks for the root's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {}

/// The root's present generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootShown {
    pub network: String,
    pub name: String,
    /// The genesis, or the succession that named the present keys.
    pub generation: String,
    pub roots: Vec<String>,
    pub threshold: u64,
    /// How many recovery phrases make the next generation.
    pub next_threshold: u64,
}

/// Asks who the unit is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {}

/// Who the unit is, and who its nodes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageShown {
    pub unit: String,
    pub lineage: String,
    /// Lineages that this node belonged to before.
    pub former: Vec<String>,
    /// The charter, or the rotation that named the present operating key.
    pub generation: Option<String>,
    pub operating_key: Option<String>,
    /// Who recognises which lineage as this unit.
    pub recognised: Vec<RecognisedBy>,
    pub grants: Vec<HeldGrant>,
    pub alarms: Vec<Alarm>,
}

/// A founding that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognisedBy {
    pub founding: String,
    pub by: String,
    pub lineage: String,
    pub until_ms: u64,
}

/// A grant of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGrant {
    pub delegation: String,
    pub node: String,
    pub rights: Vec<Right>,
    pub from_ms: u64,
    pub until_ms: u64,
    pub state: GrantState,
}

/// Where a grant stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantState {
    Holds,
    NotYet,
    /// Its time is over, and nobody closed it.
    RanOut,
    Ended,
    /// What it rests on does not hold.
    Void,
}
