//! Properties of the codec: what is written is read back, and no bytes make it panic, take
//! another encoding, or allocate what they merely claim.

mod bounds;
mod frames;
mod mutation;
#[path = "../golden/reader.rs"]
#[allow(dead_code, reason = "the golden tests read more of the file")]
mod reader;
mod values;

use proptest::collection::vec;
use proptest::prelude::*;
use schema_wire::{
    Adoption, DocumentId, Ed25519, Equivocation, Frame, Genesis, Header, Item, Keys, Statement,
    Verified, Wire,
};

use frames::frame;
use mutation::Mutation;
use values::*;

/// Reads bytes as everything a stranger can send. What is taken must be the one encoding.
pub(crate) fn read(bytes: &[u8]) {
    fn read_as<T: Wire>(bytes: &[u8]) {
        if let Ok(value) = T::from_bytes(bytes) {
            assert!(value.to_bytes() == bytes, "a second encoding was taken");
        }
    }
    read_as::<Frame>(bytes);
    read_as::<Item>(bytes);
    read_as::<Statement>(bytes);
    read_as::<Equivocation>(bytes);
    read_as::<Genesis>(bytes);
    read_as::<DocumentId>(bytes);
    read_as::<Keys>(bytes);
    read_as::<Adoption>(bytes);
    if let Ok(Item::Envelope(envelope)) = Item::from_bytes(bytes) {
        envelope.content_matches();
        let _ = envelope.header().clone().verify();
    }
}

/// The bytes of golden vectors, good and bad.
pub(crate) fn golden() -> Vec<Vec<u8>> {
    let kinds = ["encoding", "frame", "equivocation"];
    kinds.iter().flat_map(|kind| reader::vectors(kind)).map(|vector| vector.bytes()).collect()
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
        let item = Item::Envelope(Box::new(envelope));
        let read = Item::from_bytes(&item.to_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&item));
        let Ok(Item::Envelope(read)) = read else { unreachable!("compared above") };
        prop_assert!(read.content_matches());
        prop_assert!(read.header().clone().verify().is_ok());
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
        let other = Header { payload_hash: content, ..header.clone() };
        let (one, two) = (signed(header, &by), signed(other, &by));
        let proof = Equivocation::of(one.clone(), two.clone()).expect("two ids");
        prop_assert_eq!(Some(proof.clone()), Equivocation::of(two, one));
        prop_assert!(proof.holds(&Ed25519));
        prop_assert_eq!(Equivocation::from_bytes(&proof.to_bytes()), Ok(proof));
    }

    #[test]
    fn a_document_id_is_read_from_its_text(document in document()) {
        prop_assert_eq!(document.to_string().parse::<DocumentId>(), Ok(document));
    }

    #[test]
    fn destroying_a_key_leaves_its_envelope_valid(
        keys in keys(), which in any::<prop::sample::Index>(),
    ) {
        let gone = which.get(&keys.iter().cloned().collect::<Vec<_>>()).clone();
        let without = keys.without(|key| *key == gone);
        prop_assert_ne!(&without, &keys);
        let read = Keys::from_bytes(&without.to_bytes());
        prop_assert_eq!(read.map(|read| read.payload_hash()), Ok(keys.payload_hash()));
    }

    #[test]
    fn nobody_but_the_signer_that_it_names_seals_a_record(header in header(), other in signing()) {
        let (header, by) = header;
        prop_assert!(Verified::seal(header.clone(), &by).is_ok());
        prop_assert!(Verified::seal(header, &other).is_err());
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
