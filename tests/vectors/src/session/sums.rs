//! Sums of sets of ids.

use serde_json::{Value, json};

use crate::keys::{Hash, sha256};
use crate::vector::vector;

/// The vector of an item.
fn of_item(id: &Hash) -> [u16; 1024] {
    let mut bytes = [0; 2048];
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"gongzhi/sum/3").update(id);
    hasher.finalize_xof().fill(&mut bytes);
    std::array::from_fn(|at| u16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]))
}

/// The vector of a set, as bytes.
pub(crate) fn vector_of(ids: &[Hash]) -> Vec<u8> {
    let mut sum = [0_u16; 1024];
    for id in ids {
        let item = of_item(id);
        sum.iter_mut().zip(item).for_each(|(sum, number)| *sum = sum.wrapping_add(number));
    }
    sum.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The sum of a set.
pub(crate) fn sum_of(ids: &[Hash]) -> Hash {
    sha256(&[&vector_of(ids)])
}

fn sum(name: &str, ids: &[Hash]) -> Value {
    let facts = json!({
        "ids": ids.iter().map(hex::encode).collect::<Vec<_>>(),
        "vector_begins": hex::encode(&vector_of(ids)[..32]),
        "sum": hex::encode(sum_of(ids)),
    });
    vector(name, "sum", None, facts)
}

/// So many ids, which depend on their number alone.
pub(crate) fn numbered(to: u64) -> Vec<Hash> {
    (0..to).map(|number| sha256(&[b"golden item", &number.to_be_bytes()])).collect()
}

pub(crate) fn vectors() -> Vec<Value> {
    let three = numbered(3);
    let turned: Vec<Hash> = three.iter().rev().copied().collect();
    vec![
        sum("sum-of-none", &[]),
        sum("sum-of-one", &three[..1]),
        sum("sum-of-two", &three[..2]),
        sum("sum-of-three", &three),
        sum("sum-of-three-in-another-order", &turned),
        sum("sum-of-zeros", &[[0; 32]]),
        sum("sum-of-a-hundred", &numbered(100)),
    ]
}
