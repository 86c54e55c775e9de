//! Properties of the codec: what is written is read back, and no bytes make it panic, take
//! another encoding, or allocate what they merely claim.

mod values;

use proptest::collection::vec;
use proptest::prelude::*;
use schema_wire::{
    Adoption, Audience, DocumentId, Ed25519, Equivocation, Frame, Genesis, Hash, Header, Item,
    Items, KeyGrant, NetworkId, Payload, Scope, SigningKey, Statement, UnitId, Wire,
};

use values::*;

/// Reads bytes as everything a stranger can send. What is taken must be the one encoding.
fn read(bytes: &[u8]) {
    fn read_as<T: Wire>(bytes: &[u8]) {
        if let Ok(value) = T::from_bytes(bytes) {
            assert_eq!(value.to_bytes(), bytes, "a second encoding was taken");
        }
    }
    read_as::<Frame>(bytes);
    read_as::<Item>(bytes);
    read_as::<Statement>(bytes);
    read_as::<Equivocation>(bytes);
    read_as::<Genesis>(bytes);
    read_as::<DocumentId>(bytes);
    if let Ok(grants) = KeyGrant::list_from_bytes(bytes) {
        assert_eq!(KeyGrant::list_to_bytes(&grants), bytes, "a second encoding was taken");
    }
    if let Ok(Item::Envelope(envelope)) = Item::from_bytes(bytes) {
        envelope.content_matches();
        let _ = envelope.header.verify();
    }
}

/// The bytes of every golden vector, good and bad.
fn golden() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden-2/vectors.json");
    let text = std::fs::read_to_string(path).expect("the golden file is there");
    let file: serde_json::Value = serde_json::from_str(&text).expect("the golden file is JSON");
    let vectors = file["vectors"].as_array().expect("a list of vectors");
    let texts = vectors.iter().filter_map(|vector| vector["bytes"].as_str());
    texts.map(|text| hex::decode(text).expect("bytes in hex")).collect()
}

/// One change of some bytes. Positions wrap around.
#[derive(Debug, Clone)]
enum Mutation {
    Cut(usize),
    Delete(usize, usize),
    Flip(usize, u8),
    Insert(usize, Vec<u8>),
}

impl Mutation {
    fn any() -> impl Strategy<Value = Self> {
        // Initial bytes of arrays, maps, strings, tags and floats: they change what follows.
        let heads = prop::sample::select(vec![
            vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            vec![0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            vec![0xbf],
            vec![0x9f],
            vec![0xd2, 0x84],
            vec![0xf6],
            vec![0xfb],
        ]);
        prop_oneof![
            any::<usize>().prop_map(Self::Cut),
            (any::<usize>(), 1..40usize).prop_map(|(at, len)| Self::Delete(at, len)),
            (any::<usize>(), 1..=255u8).prop_map(|(at, bits)| Self::Flip(at, bits)),
            (any::<usize>(), vec(any::<u8>(), 1..9)).prop_map(|(at, b)| Self::Insert(at, b)),
            (any::<usize>(), heads).prop_map(|(at, b)| Self::Insert(at, b)),
        ]
    }

    fn apply(self, bytes: &mut Vec<u8>) {
        let len = bytes.len() + 1;
        match self {
            Self::Cut(at) => bytes.truncate(at % len),
            Self::Delete(at, count) => {
                let at = at % len;
                bytes.drain(at..(at + count).min(len - 1));
            }
            Self::Flip(at, bits) => {
                if let Some(byte) = bytes.get_mut(at % len) {
                    *byte ^= bits;
                }
            }
            Self::Insert(at, more) => {
                let at = at % len;
                bytes.splice(at..at, more);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_is_read_as_it_was_written(frame in frame()) {
        prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }

    #[test]
    fn a_genesis_is_read_as_it_was_written(genesis in genesis()) {
        prop_assert_eq!(Genesis::from_bytes(&genesis.to_bytes()), Ok(genesis));
    }

    #[test]
    fn an_envelope_verifies_after_its_journey(envelope in envelope()) {
        let item = Item::Envelope(envelope);
        let read = Item::from_bytes(&item.to_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&item));
        let Ok(Item::Envelope(read)) = read else { unreachable!("compared above") };
        prop_assert!(read.content_matches());
        prop_assert!(read.header.verify().is_ok());
    }

    #[test]
    fn a_statement_verifies_after_its_journey(statement in statement()) {
        let read = Statement::from_bytes(&statement.to_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&statement));
        prop_assert!(statement.verify_with(&Ed25519).is_ok());
    }

    #[test]
    fn two_headers_of_one_place_prove_an_equivocation_in_either_order(
        header in header(), content in hash(),
    ) {
        let (header, by) = header;
        let other = Header { payload: Payload::Changes(content), ..header.clone() };
        let (one, two) = (sealed(&header, &by), sealed(&other, &by));
        let proof = Equivocation::of(one.clone(), two.clone()).expect("two ids");
        prop_assert_eq!(Some(proof.clone()), Equivocation::of(two, one));
        prop_assert!(proof.holds(&Ed25519));
        let read = Equivocation::from_bytes(&proof.to_bytes());
        prop_assert_eq!(read, Ok(proof));
    }

    #[test]
    fn a_document_id_is_read_from_its_text(document in document()) {
        prop_assert_eq!(document.to_string().parse::<DocumentId>(), Ok(document));
    }

    #[test]
    fn destroying_a_key_leaves_its_envelope_valid(
        grants in vec(any::<([u8; 16], [u8; 32])>(), 1..5), which in any::<prop::sample::Index>(),
    ) {
        let mut grants: Vec<KeyGrant> =
            grants.into_iter().map(|grant| KeyGrant::new(grant.0, grant.1)).collect();
        let before = KeyGrant::commitment(&grants);
        let at = which.index(grants.len());
        grants[at].key = None;
        let read = KeyGrant::list_from_bytes(&KeyGrant::list_to_bytes(&grants));
        prop_assert_eq!(read.as_deref().map(KeyGrant::commitment), Ok(before));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn no_change_of_golden_bytes_makes_the_decoder_panic(
        which in any::<prop::sample::Index>(), mutations in vec(Mutation::any(), 1..5),
    ) {
        thread_local!(static GOLDEN: Vec<Vec<u8>> = golden());
        let mut bytes = GOLDEN.with(|golden| which.get(golden).clone());
        for mutation in mutations {
            mutation.apply(&mut bytes);
        }
        read(&bytes);
    }
}

/// The most address space this process ever had, in KiB; none where the system does not say.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmPeak:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_claimed_length_allocates_nothing() {
    let before = peak_kib();
    let scope = Scope { unit: UnitId::parse("1").expect("a unit"), audience: Audience::Path };
    let scope = scope.to_bytes();
    let frames: [&[u8]; 4] =
        [&[0x82, 5, 0x82], &[0x82, 4, 0x82], &[0x82, 2, 0x84], &[0x82, 3, 0x84]];
    for claim in [1u64 << 13, 1 << 16, 1 << 31, 1 << 36, 1 << 62, u64::MAX] {
        for major in [0x5b, 0x7b, 0x9b, 0xbb] {
            let huge = [&[major], claim.to_be_bytes().as_slice()].concat();
            read(&huge);
            for start in frames {
                read(&[start, &scope, &huge].concat());
                read(&[start, &scope, &[0xf6, 0xf6], &huge].concat());
                read(&[start, &scope, &[0xf6, 0xf6, 0x81], &huge].concat());
            }
            for bytes in golden() {
                // In the place of every list and text of the golden bytes.
                let places = (0..bytes.len()).filter(|at| bytes[*at] >> 5 == major >> 5);
                for at in places.take(40) {
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

#[test]
fn lists_end_at_their_limits() {
    let scope = Scope { unit: UnitId::parse("1").expect("a unit"), audience: Audience::Path };
    let want = |n| Frame::Want { scope: scope.clone(), ids: vec![Hash([7; 32]); n] }.to_bytes();
    assert!(Frame::from_bytes(&want(8192)).is_ok());
    assert!(Frame::from_bytes(&want(8193)).is_err());
    let items = |n| {
        let items = vec![vec![]; n];
        Frame::Items(Items { scope: scope.clone(), upto: None, fingerprint: None, items })
            .to_bytes()
    };
    assert!(Frame::from_bytes(&items(4096)).is_ok());
    assert!(Frame::from_bytes(&items(4097)).is_err());
    let by = SigningKey::from_bytes(&[1; 32]);
    let adoption = |n: u32| adopting(&by, n).to_bytes();
    assert!(Statement::from_bytes(&adoption(4096)).is_ok());
    assert!(Statement::from_bytes(&adoption(4097)).is_err());
}

/// An adoption of some envelopes.
fn adopting(by: &SigningKey, n: u32) -> Statement {
    let mut envelopes: Vec<Hash> = (0..n).map(|n| Hash::of(&n.to_be_bytes())).collect();
    envelopes.sort_unstable();
    let issuer_unit = UnitId::parse("1").expect("a unit");
    let (network, issuer) = (NetworkId([0; 32]), public(by));
    let adoption = Adoption { network, issuer, issuer_unit, proof: None, envelopes, at_ms: 0 };
    Statement::Adoption(sealed(&adoption, by))
}
