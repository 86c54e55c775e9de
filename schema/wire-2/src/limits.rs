//! Bounds on everything a stranger can send. A value beyond one is refused before it is kept.

/// One frame on a session, in bytes.
pub const FRAME_BYTES_MAX: usize = 1 << 20;
/// The end of what was said on a session that the next frame is packed against, in bytes: a dozen
/// changes. Four times as much saves nothing that can be measured.
pub const PAST_BYTES: usize = 8 * 1024;
/// One envelope with its content, in bytes: it fits a frame with room for the frame's own fields.
pub const ENVELOPE_BYTES_MAX: usize = 768 * 1024;
/// One signed statement, in bytes. Watermarks are what makes a revocation long.
pub const STATEMENT_BYTES_MAX: usize = 256 * 1024;
/// Envelopes outside its own log that one envelope may depend on.
pub const DEPENDENCIES_MAX: usize = 256;
/// Codes on the path of a unit, from the city down to a grid.
pub const UNIT_DEPTH_MAX: usize = 6;
/// Characters of one unit code.
pub const UNIT_CODE_CHARS_MAX: usize = 20;
/// Characters of a shard name.
pub const SHARD_CHARS_MAX: usize = 64;
/// Scopes named in one hello.
pub const SCOPES_MAX: usize = 4096;
/// Items in one frame.
pub const ITEMS_MAX: usize = 4096;
/// Ids in one want.
pub const WANT_IDS_MAX: usize = 8192;
/// Items that one reconciliation of a scope may find to differ. The ids are kept in memory.
pub const RECONCILED_IDS_MAX: usize = 1 << 20;
/// Watermarks in one revocation.
pub const WATERMARKS_MAX: usize = 2048;
/// Statements that one revocation or succession keeps in force.
pub const KEEPS_MAX: usize = 4096;
/// Envelopes in one adoption.
pub const ADOPTED_MAX: usize = 4096;
/// Statements in a hello: a chain, the second signatures it needs, and the root's successions.
pub const HELLO_STATEMENTS_MAX: usize = 64;
/// How long a caretaker may act for a unit: half a year, in milliseconds.
pub const CARETAKER_MS_MAX: u64 = 183 * 86_400_000;
/// Root keys in a genesis statement.
pub const ROOT_KEYS_MAX: usize = 16;
/// Person keys in one key grant.
pub const KEY_GRANTS_MAX: usize = 4096;
/// Bytes of a text meant for people: names and reasons.
pub const TEXT_BYTES_MAX: usize = 512;
