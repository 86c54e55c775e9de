//! Writing: the puts by which keys come to say something.

use super::{Document, Value};
use crate::change::Put;

impl Document {
    /// The puts by which each key says just this value: none where it does already. Keys are
    /// named once. The change starts at [`Document::next_counter`].
    pub fn edit<'a>(&self, wanted: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Vec<Put<'a>> {
        let put = |(key, value): (&'a str, &'a Value)| {
            let before = self.keys.get(key).map_or(&[][..], Vec::as_slice);
            let says = !before.is_empty() && before.iter().all(|(_, other)| other == value);
            let instead = before.iter().map(|(id, _)| *id).collect();
            (!says).then(|| Put { key, value: value.as_scalar(), instead })
        };
        wanted.into_iter().filter_map(put).collect()
    }
}
