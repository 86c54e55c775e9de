//! In some cases a value is bent, so that a statement or envelope is slightly wrong.

mod statements;

use tests_oracle::case::Envelope;

use statements::disorder;

use super::world::{LATEST, World};

/// Units that are in no tree, and texts that are no unit.
const ODD_UNITS: [&str; 12] = [
    "c/z",
    "x",
    "c/d/s/u/v",
    "c/d/s/u/v/w",
    "c/d/s/u/v/w/x",
    "c/abcdefghijklmnopqrst",
    "c/abcdefghijklmnopqrstu",
    "c//d",
    "c/d/",
    "/c",
    "c/d_",
    "",
];

/// Shards, and texts that are none; in the addressed range none is a unit below the city.
const ODD_SHARDS: [&str; 8] = [
    "s_.-9",
    "s/1",
    "s 1",
    "",
    "c//d",
    "c/d/s/u/v/w/x",
    "0123456789012345678901234567890123456789012345678901234567890123",
    "01234567890123456789012345678901234567890123456789012345678901234",
];

impl World {
    /// Bends up to three values.
    pub(crate) fn slips(&mut self) {
        let count = self.chance.weighted(&[(10, 0), (4, 1), (3, 2), (1, 3)]);
        for _ in 0..count {
            if self.chance.percent(70) || self.case.envelopes.is_empty() {
                let at = self.chance.below(self.case.statements.len());
                self.slip(at);
            } else {
                let at = self.chance.below(self.case.envelopes.len());
                self.envelope_slip(at);
            }
        }
    }

    /// Bends one field of a statement.
    fn slip(&mut self, at: usize) {
        let id = self.some_id();
        let key = self.key();
        let mut unit = self.chance.pick(&self.units).clone();
        if self.chance.percent(30) {
            unit = (*self.chance.pick(&ODD_UNITS)).to_owned();
        }
        let time = self.when();
        let which = self.chance.below(12);
        let record = &mut self.case.statements[at].record;
        statements::bend(record, which, (id, key, unit), time);
    }

    /// Bends one field of an envelope.
    fn envelope_slip(&mut self, at: usize) {
        let id = self.some_id();
        let key = self.key();
        let unit = self.chance.pick(&self.units).clone();
        let time = self.when();
        let class = *self.chance.pick(&[0, 64, 128, 192, 223, 224, 255]);
        let which = self.chance.below(17);
        let shard = (*self.chance.pick(&ODD_SHARDS)).to_owned();
        let others: Vec<String> = self.case.envelopes.iter().map(|made| made.id.clone()).collect();
        let other = self.chance.pick(&others).clone();
        let envelope: &mut Envelope = &mut self.case.envelopes[at];
        match which {
            0 => envelope.seq += 1,
            1 => envelope.seq = envelope.seq.saturating_sub(1),
            2 => envelope.backlink = None,
            3 => envelope.backlink = Some(id),
            4 => envelope.at = time,
            5 => envelope.dependencies.push(id),
            6 => disorder(&mut envelope.dependencies),
            7 => envelope.dependencies.push(envelope.id.clone()),
            8 => envelope.delegation = id,
            9 => envelope.author = key,
            10 => envelope.document.1 = class,
            11 => envelope.document.0 = unit,
            12 => envelope.dependencies.extend(envelope.backlink.clone()),
            13 | 14 => envelope.dependencies.push(other),
            15 => envelope.document.2 = shard,
            _ => envelope.document.2 = envelope.document.0.clone(),
        }
        if matches!(which, 5 | 12..15) && time != LATEST {
            envelope.dependencies.sort();
        }
    }
}
