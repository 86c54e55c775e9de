//! Frames at their limits and above.

use serde_json::Value;

use super::frame::*;
use crate::frames::*;
use crate::keys::Hash;
use crate::records::Scope;
use crate::vector::{Run, shortened};
use crate::world::tree;

pub(crate) fn vectors() -> Vec<Value> {
    [limits(), sizes()].concat()
}

fn limits() -> Vec<Value> {
    let text = |length: usize| "t".repeat(length);
    let judged = |name, frame: &Frame, good: bool, runs: &[Run]| {
        let refuse = (!good).then_some(REFUSED);
        shortened(of(name, refuse, &frame.bytes()), runs)
    };
    let hashes = |count: u64| {
        let bytes = Run::hashes(count).bytes();
        bytes.chunks(34).map(|one| one[2..].try_into().expect("a hash")).collect::<Vec<Hash>>()
    };
    let want = |count| Frame::Want { scope: public(), ids: hashes(count) };
    let message = |bytes: u64| Frame::Reconcile {
        scope: public(),
        message: [&[0x61][..], &Run::repeat(&[0x2e], bytes - 1).bytes()].concat(),
    };
    let dots = |bytes: u64| [Run::repeat(&[0x2e; 128], (bytes - 1) / 128)];
    let many = |count: u64| Frame::Items {
        scope: public(),
        upto: None,
        sum: None,
        items: vec![vec![0x2e]; usize::try_from(count).expect("few")],
    };
    let one = |count| [Run::repeat(&[0x41, 0x2e], count)];
    let refusal = |code, length| Frame::Refusal((code, text(length)));
    let long_code: &'static str =
        "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
    let cbor = refusal(long_code, 1).cbor();
    vec![
        judged("frame-want-8192", &want(8192), true, &[Run::hashes(8192)]),
        judged("frame-want-8193", &want(8193), false, &[Run::hashes(8193)]),
        judged("frame-reconcile-65536", &message(65_536), true, &dots(65_536)),
        judged("frame-reconcile-65537", &message(65_537), false, &dots(65_537)),
        judged("frame-items-4096", &many(4096), true, &one(4096)),
        judged("frame-items-4097", &many(4097), false, &one(4097)),
        good("frame-refusal-text-at-limit", &refusal("over", 512)),
        ill("frame-refusal-text-beyond", &refusal("over", 513)),
        good("frame-refusal-code-at-limit", &refusal(long_code, 1)),
        bad("frame-refusal-code-beyond", &cbor.with(&[1, 0], text(65))),
        bad("frame-refusal-code-empty", &cbor.with(&[1, 0], "")),
    ]
}

/// Lists of what is larger.
fn sizes() -> Vec<Value> {
    let judged = |name, frame: &Frame, good: bool| {
        let refuse = (!good).then_some(REFUSED);
        of(name, refuse, &frame.bytes())
    };
    let numbered = |count: usize| {
        let units: Vec<String> = (0..count).map(|number| format!("a/{number:04}")).collect();
        Frame::Interests { units, more: false }
    };
    let offered = |count: usize| {
        let offer =
            |number| Offer { head: 0, known: None, ..offer(Scope::of(&format!("{number:04}"), 0)) };
        Frame::Offers { offers: (0..count).map(offer).collect(), more: false }
    };
    let chain = |count: usize| {
        let Frame::Membership { unit, lineage, chain, epoch, .. } = membership() else {
            panic!("a membership")
        };
        let chain = vec![chain[1].clone(); count];
        Frame::Membership { unit, lineage, chain, more: true, epoch, head: 0, digest: None }
    };
    let statement = tree().community.bytes();
    let in_chain = |name, count: u64, good| {
        let one = Run::repeat(&statement, count);
        shortened(judged(name, &chain(usize::try_from(count).expect("few")), good), &[one])
    };
    vec![
        judged("frame-interests-4096", &numbered(4096), true),
        judged("frame-interests-4097", &numbered(4097), false),
        judged("frame-offers-1024", &offered(1024), true),
        judged("frame-offers-1025", &offered(1025), false),
        in_chain("frame-membership-256", 256, true),
        in_chain("frame-membership-257", 257, false),
    ]
}
