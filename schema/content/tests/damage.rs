//! Damaged bytes: nothing panics, and what is taken has one encoding.

#[path = "../../wire/tests/codec/mutation.rs"]
mod mutation;
#[path = "../../wire/tests/golden/reader.rs"]
#[allow(dead_code, reason = "the golden tests of the wire read more of the file")]
mod reader;

use mutation::Mutation;
use proptest::collection::vec;
use proptest::prelude::*;
use reader::vectors;
use schema_content::{Cells, Event, Letter, Message, Revision, Value};
use schema_wire::Wire;

/// Reads bytes as everything that stands inside of an envelope.
fn read(bytes: &[u8]) {
    fn read_as<T: Wire>(bytes: &[u8]) {
        if let Ok(value) = T::from_bytes(bytes) {
            assert!(value.to_bytes() == bytes, "a second encoding was taken");
        }
    }
    read_as::<Cells>(bytes);
    read_as::<Event>(bytes);
    read_as::<Letter>(bytes);
    read_as::<Message>(bytes);
    read_as::<Value>(bytes);
    read_as::<Revision>(bytes);
    let _ = Revision::read(bytes);
}

/// Golden bytes of every kind, good and bad.
fn golden() -> Vec<Vec<u8>> {
    let fields =
        [("event", "value"), ("revision", "value"), ("cells", "own"), ("letter", "content")];
    let messages = vectors("letter").into_iter().filter(|vector| vector.refuse().is_none());
    let of = |(kind, field): (&str, &'static str)| {
        vectors(kind).into_iter().map(move |vector| vector.hex(field))
    };
    fields.into_iter().flat_map(of).chain(messages.map(|vector| vector.hex("message"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }

    #[test]
    fn no_change_of_golden_bytes_makes_a_reader_panic(
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
