//! Items that were refused: kept apart, as evidence, the newest of them (section 11).

use schema_wire::{Hash, Item, Ms, NodeKey, Reason, Wire};

use crate::log::Step;
use crate::names::{Fields, corrupt};
use crate::store::{ReadError, ReadStore, Table};

/// How many are kept, and how many bytes of each.
const KEPT_MAX: u64 = 1_000;
const BYTES_MAX: usize = 65_536;
/// How many were ever refused.
const COUNT: &[u8] = b"refused-count";
/// How many were ever kept.
const KEPT: &[u8] = b"refused-kept";

/// An item that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedItem {
    /// Who sent it.
    pub peer: NodeKey,
    /// When, by this node's clock.
    pub at: Ms,
    /// Why: a code of section 12.
    pub code: String,
    /// Why, in words.
    pub text: String,
    /// Its bytes, as many of them as are kept.
    pub item: Vec<u8>,
}

impl RefusedItem {
    /// The id that it has, or, where it does not read, that of its bytes.
    #[must_use]
    pub fn id(&self) -> Hash {
        Item::from_bytes(&self.item).map_or_else(|_| Hash::of(&[&self.item]), |item| item.id())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.peer.0.to_vec();
        bytes.extend_from_slice(&self.at.get().to_be_bytes());
        for text in [&self.code, &self.text] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(&self.item);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let (peer, at) = (NodeKey(fields.array()?), Ms::of(fields.number()?));
        let (code, text) = (text(&mut fields)?, text(&mut fields)?);
        Some(Self { peer, at, code, text, item: fields.0.to_vec() })
    }
}

fn text(fields: &mut Fields<'_>) -> Option<String> {
    let length = usize::try_from(fields.number()?).ok()?;
    let (text, rest) = fields.0.split_at_checked(length)?;
    fields.0 = rest;
    String::from_utf8(text.to_vec()).ok()
}

/// Keeps an item that was refused, instead of the oldest one. It stands for `more` of its frame.
pub(super) fn keep(
    step: &mut Step<'_, impl ReadStore>,
    (peer, now): (NodeKey, Ms),
    item: &[u8],
    reason: &Reason,
    more: u64,
) -> Result<(), ReadError> {
    let number = number(&step.overlay, KEPT)?;
    let item = item.get(..BYTES_MAX).unwrap_or(item).to_vec();
    let (code, text) = (reason.code.to_string(), reason.text.to_string());
    let refused = RefusedItem { peer, at: now, code, text, item };
    step.overlay.put(Table::Refused, number.to_be_bytes().to_vec(), refused.to_bytes());
    if let Some(oldest) = number.checked_sub(KEPT_MAX) {
        step.overlay.delete(Table::Refused, oldest.to_be_bytes().to_vec());
    }
    let count = count(&step.overlay)?.saturating_add(more);
    for (name, number) in [(KEPT, number + 1), (COUNT, count)] {
        step.overlay.put(Table::Meta, name.to_vec(), number.to_be_bytes().to_vec());
    }
    Ok(())
}

/// How many items were ever refused; of these the newest are kept.
///
/// # Errors
/// If the store cannot answer.
pub fn count(store: &impl ReadStore) -> Result<u64, ReadError> {
    number(store, COUNT)
}

fn number(store: &impl ReadStore, name: &[u8]) -> Result<u64, ReadError> {
    let Some(bytes) = store.read(Table::Meta, name)? else { return Ok(0) };
    Fields(&bytes).number().ok_or_else(|| corrupt("count"))
}

/// The items that were refused and are kept, the newest first.
///
/// # Errors
/// If the store cannot answer.
pub fn refused(store: &impl ReadStore) -> Result<Vec<RefusedItem>, ReadError> {
    let all = store.range(Table::Refused, &[], &[u8::MAX; 9], usize::MAX >> 1)?;
    let parse = |(_, bytes): (Vec<u8>, Vec<u8>)| {
        RefusedItem::from_bytes(&bytes).ok_or_else(|| corrupt("refused item"))
    };
    all.into_iter().rev().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use schema_wire::Text;

    use super::*;
    use crate::store::MemStore;

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let mut store = MemStore::default();
        let reason = Reason {
            code: Text::new("signature").expect("short"),
            text: Text::cut("does not hold"),
        };
        for number in 0..KEPT_MAX + 5 {
            let mut step = Step::new(&store);
            let item = vec![u8::try_from(number % 251).expect("a byte"); BYTES_MAX + 1];
            let from = (NodeKey([3; 32]), Ms::of(number));
            keep(&mut step, from, &item, &reason, 1).expect("kept");
            let batch = step.overlay.into_batch();
            store.apply(&batch);
        }
        let kept = refused(&store).expect("reads");
        assert_eq!(count(&store), Ok(KEPT_MAX + 5));
        assert_eq!(kept.len() as u64, KEPT_MAX);
        assert_eq!((kept[0].at, kept[999].at), (Ms::of(KEPT_MAX + 4), Ms::of(5)));
        assert!(kept.iter().all(|item| item.item.len() == BYTES_MAX && item.code == "signature"));
    }
}
