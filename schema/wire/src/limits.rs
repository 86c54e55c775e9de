//! Bounds on everything a stranger can send (section 11): more is malformed.

/// Bytes of one frame.
pub const FRAME_BYTES_MAX: usize = 1_048_576;
/// Bytes of one frame of a peer whose membership was not accepted yet.
pub const STRANGER_FRAME_BYTES_MAX: usize = 524_288;
/// Bytes of the past that a frame is packed against.
pub const PAST_BYTES: usize = 8_192;
/// Bytes of an envelope's content.
pub const CONTENT_BYTES_MAX: usize = 786_432;
/// Bytes of a statement.
pub const STATEMENT_BYTES_MAX: usize = 262_144;
/// Codes on the path of a unit.
pub const UNIT_DEPTH_MAX: usize = 6;
/// Characters of one code.
pub const UNIT_CODE_CHARS_MAX: usize = 20;
/// Characters of a shard.
pub const SHARD_CHARS_MAX: usize = 64;
/// Root keys, and commitments, of a genesis or succession.
pub const ROOTS_MAX: usize = 16;
/// Envelopes of other logs that one envelope builds on.
pub const DEPENDENCIES_MAX: usize = 256;
/// Statements that one rotation, succession or ending keeps.
pub const KEEPS_MAX: usize = 4_096;
/// Marks of one adoption.
pub const MARKS_MAX: usize = 1_024;
/// Units that continue the work of a dissolved one.
pub const SUCCESSORS_MAX: usize = 64;
/// Addresses of one node, and bytes of each.
pub const ADDRESSES_MAX: usize = 16;
/// Bytes of one address.
pub const ADDRESS_BYTES_MAX: usize = 256;
/// How long an address may be good: 31 days, in milliseconds.
pub const ADDRESS_MS_MAX: u64 = 2_678_400_000;
/// Keys or erasures in one envelope.
pub const KEYS_MAX: usize = 4_096;
/// Acknowledgements in one envelope.
pub const ACKNOWLEDGEMENTS_MAX: usize = 256;
/// Statements in one membership frame.
pub const MEMBERSHIP_STATEMENTS_MAX: usize = 256;
/// Statements of one chain, over all its frames.
pub const CHAIN_STATEMENTS_MAX: usize = 4_096;
/// Bytes of one chain, over all its frames.
pub const CHAIN_BYTES_MAX: usize = 16_777_216;
/// Items in one frame.
pub const ITEMS_MAX: usize = 4_096;
/// Offers in one frame.
pub const OFFERS_MAX: usize = 1_024;
/// Interests in one frame.
pub const INTERESTS_MAX: usize = 4_096;
/// Ids in one want.
pub const WANT_IDS_MAX: usize = 8_192;
/// Logs named in one frame as set aside.
pub const ASIDE_MAX: usize = 1_024;
/// Bytes of a message of a reconciliation.
pub const RECONCILE_BYTES_MAX: usize = 65_536;
/// Bytes of a name, and of a refusal's text.
pub const TEXT_BYTES_MAX: usize = 512;
/// Bytes of a short text: a kind, a code, a suspension's reason.
pub const WORD_BYTES_MAX: usize = 64;
