//! Who may do what: granting, withdrawing, signing what others signed, keys.

use serde::{Deserialize, Serialize};

/// Grants a unit below, one more node of the own unit, a caretaker, or a new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    pub unit: String,
    /// The node's key.
    pub to: String,
    #[serde(default)]
    pub days: Option<u32>,
    #[serde(default)]
    pub caretaker: bool,
    /// The key that this one takes the place of.
    #[serde(default)]
    pub replaces: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegated {
    pub delegation: String,
    pub unit: String,
    pub to: String,
    pub founds_unit: bool,
    pub caretaker: bool,
    pub until_ms: u64,
    /// What it still lacks to be in force.
    pub waits_for: Option<String>,
    /// The text of the grant file.
    pub grant: String,
}

/// What stays of what was done under a withdrawn grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Everything this node holds of it.
    Known,
    /// Nothing: the key was stolen.
    None,
}

impl Keep {
    pub const ALL: [Self; 2] = [Self::Known, Self::None];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::None => "none",
        }
    }
}

/// Withdraws what was granted to a node, or one grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    #[serde(default)]
    pub node: Option<String>,
    #[serde(default)]
    pub delegation: Option<String>,
    /// Whose grants: this unit's own, unless one below is named.
    #[serde(default)]
    pub unit: Option<String>,
    pub keep: Keep,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub revoked: Vec<Withdrawn>,
    /// Entries here that do not count.
    pub invalid_before: u64,
    pub invalid_after: u64,
    pub invalid_by_this: u64,
}

/// One grant that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    pub delegation: String,
    pub unit: String,
    pub node: String,
    pub revocation: String,
    pub logs_kept: u64,
    pub statements_kept: u64,
    pub in_effect: bool,
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

/// Signs a statement known here that another key signed.
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

/// Signs what a grant file grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndorseGrant {
    /// The signed grant, in hexadecimal.
    pub delegation: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndorsedGrant {
    pub delegation: String,
    /// What to add to the file, in hexadecimal.
    pub statements: Vec<String>,
}

/// What a grant permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    Govern,
    Write,
    Read,
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
    pub is_root: bool,
    /// The key that is to follow this node's.
    pub next_node: Option<String>,
    pub roots: Vec<String>,
    pub threshold: u64,
    /// The statement that named the present roots.
    pub generation: String,
    pub grants: Vec<HeldGrant>,
}

/// A grant of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGrant {
    pub delegation: String,
    pub unit: String,
    pub rights: Vec<Right>,
    pub from_unit: String,
    pub issuer: String,
    pub until_ms: u64,
    pub grace_until_ms: u64,
    pub acts_under_it: bool,
    /// Why it is not in force.
    pub problem: Option<String>,
}

/// Names new root keys; as many of the present ones as their threshold says must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRoots {
    pub roots: Vec<String>,
    pub threshold: u8,
    /// What stays of what the present root keys signed.
    pub keep: Keep,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    pub statement: String,
    pub statements_kept: u64,
    pub signatures: u64,
    /// How many of the present root keys must sign.
    pub threshold: u64,
    pub in_effect: bool,
}
