//! What bytes claim is not what is allocated, and lists end at their limits.

use schema_wire::limits::{ITEMS_MAX, KEYS_MAX, MARKS_MAX, OFFERS_MAX, WANT_IDS_MAX};
use schema_wire::{
    Ack, Bytes, Frame, Hash, Items, Keys, List, Offer, Offers, Scope, SubjectKey, UnitId, Want,
    Wire,
};

use crate::{golden, read};

/// The most address space this process ever had, in KiB; none where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmPeak:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn unit(code: &str) -> UnitId {
    UnitId::parse(code).expect("a unit")
}

fn scope() -> Scope {
    Scope::public(unit("1"))
}

#[test]
fn a_claimed_length_allocates_nothing() {
    let golden: Vec<Vec<u8>> =
        golden().into_iter().filter(|bytes| bytes.len() < 2_000).step_by(3).collect();
    let before = peak_kib();
    let scope = scope().to_bytes();
    // Frames up to where a list or bytes stand: items, want, reconcile, aside, offers, interests.
    let starts: [&[&[u8]]; 6] = [
        &[&[0x82, 5, 0x84], &scope, &[0xf6, 0xf6]],
        &[&[0x82, 9, 0x82], &scope],
        &[&[0x82, 8, 0x82], &scope],
        &[&[0x82, 11, 0x82], &scope],
        &[&[0x82, 3, 0x82]],
        &[&[0x82, 10, 0x82]],
    ];
    for claim in [1u64 << 13, 1 << 16, 1 << 31, 1 << 36, 1 << 62, u64::MAX] {
        for major in [0x5b, 0x7b, 0x9b, 0xbb] {
            let huge = [&[major], claim.to_be_bytes().as_slice()].concat();
            read(&huge);
            for start in starts {
                read(&[&start.concat()[..], &huge].concat());
                read(&[&start.concat()[..], &[0x81], &huge].concat());
            }
            for bytes in &golden {
                // In the place of every list and text of the golden bytes.
                let places = (0..bytes.len()).filter(|at| bytes[*at] >> 5 == major >> 5);
                for at in places.take(20) {
                    read(&[&bytes[..at], &huge, &bytes[at + 1..]].concat());
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        let grown = after - before;
        assert!(grown < 4 * 1024 * 1024, "reading grew the address space by {grown} KiB");
    }
}

/// The same list with one more: its head, of three bytes, counts one more.
fn one_more(frame: &[u8], at: usize, element: &[u8], rest: usize) -> Vec<u8> {
    let count = u16::from_be_bytes([frame[at + 1], frame[at + 2]]) + 1;
    let end = frame.len() - rest;
    let head = [&[0x99], &count.to_be_bytes()[..]].concat();
    [&frame[..at], &head, &frame[at + 3..end], element, &frame[end..]].concat()
}

#[test]
fn lists_end_at_their_limits() {
    let ids = List::new(vec![Hash([7; 32]); WANT_IDS_MAX]).expect("at the limit");
    let want = Frame::from(Want { scope: scope(), ids }).to_bytes();
    let at = 3 + scope().to_bytes().len();
    assert!(Frame::from_bytes(&want).is_ok());
    assert!(Frame::from_bytes(&one_more(&want, at, &Hash([7; 32]).to_bytes(), 0)).is_err());

    let items = List::new(vec![Bytes::new([]).expect("none"); ITEMS_MAX]).expect("at the limit");
    let items = Frame::from(Items { scope: scope(), upto: None, sum: None, items }).to_bytes();
    assert!(Frame::from_bytes(&items).is_ok());
    assert!(Frame::from_bytes(&one_more(&items, at + 2, &[0x40], 0)).is_err());

    let offer = |code: usize| Offer {
        scope: Scope::public(unit(&format!("{code:04}"))),
        head: 0,
        sum: Hash([0; 32]),
        known: None,
    };
    let offers = List::new((0..OFFERS_MAX).map(offer).collect()).expect("at the limit");
    let offers = Frame::from(Offers { offers, more: true }).to_bytes();
    assert!(Frame::from_bytes(&offers).is_ok());
    assert!(Frame::from_bytes(&one_more(&offers, 3, &offer(OFFERS_MAX).to_bytes(), 1)).is_err());
}

#[test]
fn what_is_made_here_is_within_the_limits_too() {
    let key = |n: usize| SubjectKey::new([7; 16], Hash::of(&[&n.to_be_bytes()]).0);
    assert!(Keys::new((0..KEYS_MAX).map(key).collect()).is_ok());
    assert!(Keys::new((0..=KEYS_MAX).map(key).collect()).is_err());
    assert!(Keys::new(vec![]).is_err());
    assert!(List::<u64, 1, MARKS_MAX>::new(vec![]).is_err());
}

#[test]
fn a_frame_is_about_the_scope_that_it_names() {
    let ack = Ack { scope: scope(), upto: None, later: true, refused: 0, reason: None };
    assert_eq!(Frame::from(ack).scope(), Some(&scope()));
    let offers = Offers { offers: List::default(), more: false };
    assert_eq!(Frame::from(offers).scope(), None);
}
