//! Exhaustive search for attacks on the gongzhi protocol, version 3, in small worlds.
//!
//! **What it is.** Five worlds, each with an honest side and attackers, and an enumerator that
//! makes every set of items that the attackers can reach with a number of moves. A move is one
//! item that a key they hold can sign: every kind of statement, proof, target and `keeps` from
//! small sets of values, and every envelope at every place of their logs, whether or not it looks
//! useful and whether or not a rule forbids it ([`moves`], [`writing`]). Each set is judged, and
//! a goal that is reached is told with its moves as a trace.
//!
//! **What it is not.** No proof: beyond the bound nothing is said, and sets of `keeps` are none,
//! all, each alone and all but each. Sessions, signatures, cards and who reads outside a unit are
//! not in it.
//!
//! **What must always hold.** Verdicts are functions of sets, so a state is a set of items and
//! counted once whichever way it came about; ids are hashes, so every set can be built from
//! causes to effects and none is missed. Fresh keys are interchangeable, so there is one (`x`).
//! A statement that is refused is refused for ever, and is not added twice.
//!
//! **The judges.** The searches ask [`quick`], which answers less than the oracle in about 50
//! microseconds; `tests/arbiter.rs` compares the two, in two orders, on a share of all sets.
//! [`stable`] asks of every set what the text promises: the order says nothing, what is set aside
//! can be missing (all of it, or one item), and the statements' set is the same at a node
//! without the bands.
//!
//! | world | attackers | honest act |
//! |---|---|---|
//! | [`lineage`] | city, district, removed member; and a stolen node, or the operating key | grants end, or the phrase rotates; a new clerk |
//! | [`above`] | stolen nodes of city and district, a unit beside | grants end or are closed; another founding |
//! | [`closings`] | four keys whose grants ran out or were withdrawn | closings by who heard different things |
//! | [`root`] | all roots; old quorum and a spent key; old quorum and both spent keys | (before) a succession |
//! | [`facts`] | a member of the unit, with any change of one or two operations | (before) two events |
//! | [`events`] | thief of an author's key, removed member, other govern node; or an insider that governs | adoption of a head |
//!
//! **How it is tested.** `tests/bounds.rs`: no goal within the bound. `tests/faults.rs`: each
//! planted fault ([`faults`]) and each sentence that the text had once ([`quick::Rules`]) makes
//! its search reach a goal, which it does not reach without an attacker.
//! `GONGZHI_MODEL_DEPTH=n` searches every world n moves deep.
//!
//! **Measured** with the text as it is (opt-level 3, two cores; sets judged and time by the clock):
//!
//! | world | keys, items before | fast | larger |
//! |---|---|---|---|
//! | lineage, outsiders | 4, 15 | 2 moves: 6,213, 2 s | |
//! | lineage, stolen node | 6, 15 | 1: 349 | 2: 35,766, 10 s |
//! | lineage, stolen operating key | 6, 15 | 1: 318 | 2: 31,117, 11 s |
//! | above, withdrawn (pinned or not) | 5, 15 | 1: 232 | 2: 14,971, 5 s |
//! | above, closed (pinned or not) | 5, 16 | 1: 316 | 2: 27,608, 11 s |
//! | closings | 5, 18 | 1: 281 | 2: 47,146, 19 s |
//! | root, all roots | 5, 10 | 2: 4,765, 1 s | 3: 302,195, 22 s |
//! | root, old quorum, one spent key | 5, 10 | 2: 4,368, 1 s | 3: 306,858, 41 s |
//! | root, old quorum, two spent keys | 5, 10 | 2: 3,974, 1 s | 3: 303,271, 39 s |
//! | events, thief | 3, 9 | 2: 1,592 | 3: 47,746, 5 s |
//! | events, insider | 3, 9 | 3: 19,475, 3 s | |
//!
//! Beyond the sets judged, about half as many to four times as many were dropped because their
//! last item is refused.
//!
//! **Where to start reading.** [`search::search`], then [`lineage`]. What was found is in
//! `FOUND.md`.

pub mod above;
pub mod arbiter;
pub mod closings;
pub mod events;
pub mod facts;
pub mod faults;
mod generations;
pub mod lineage;
pub mod moves;
pub mod quick;
pub mod root;
pub mod search;
pub mod stable;
pub mod words;
pub mod world;
pub mod writing;
