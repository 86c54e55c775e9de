//! Envelopes and the adoptions that name them.

use tests_oracle::case::{Document, Envelope, Mark, Record, Scope};

use super::make::ascending;
use super::world::{Grant, Issuer, MOST_ENVELOPES, World};

/// The compartment of a class; 3 for what is refused anyway.
pub(crate) fn compartment(class: u8) -> u8 {
    match class {
        0..64 => 1,
        64..128 => 2,
        128..144 => 4,
        144..160 => 5,
        160..176 => 6,
        176..192 => 7,
        _ => 3,
    }
}

/// Where a document replicates.
pub(crate) fn scope_of(document: &Document) -> Scope {
    let Document(owner, class, shard) = document;
    match compartment(*class) {
        3 => {
            let (one, two) = if owner <= shard { (owner, shard) } else { (shard, owner) };
            Scope::Pair(one.clone(), 3, two.clone())
        }
        other => Scope::Own(owner.clone(), other),
    }
}

/// The document with owner and addressee exchanged.
pub(crate) fn opposite(document: &Document) -> Document {
    Document(document.2.clone(), document.1, document.0.clone())
}

impl World {
    /// A document of this unit in a class that the grant mostly has.
    pub(crate) fn document(&mut self, grant: &Grant) -> Document {
        let all = [0, 63, 64, 127, 128, 142, 144, 160, 191, 192, 223];
        let fits =
            |class: &u8| grant.classes.iter().any(|(first, last)| (*first..=*last).contains(class));
        let good: Vec<u8> = all.iter().copied().filter(|class| fits(class)).collect();
        let class = match self.chance.any(&good) {
            Some(class) if self.chance.percent(94) => *class,
            _ => *self.chance.pick(&all),
        };
        let shard = if class >= 192 {
            let others: Vec<String> =
                self.units.iter().filter(|unit| **unit != grant.unit).cloned().collect();
            self.chance.any(&others).cloned().unwrap_or_else(|| "c/z".to_owned())
        } else {
            (*self.chance.pick(&["s1", "s2"])).to_owned()
        };
        Document(grant.unit.clone(), class, shard)
    }

    /// An envelope after `after`, while there is room.
    pub(crate) fn write(
        &mut self,
        grant: &Grant,
        document: &Document,
        incarnation: &str,
        after: Option<usize>,
        at: u64,
    ) -> Option<usize> {
        if self.case.envelopes.len() >= MOST_ENVELOPES {
            return None;
        }
        let before = after.map(|at| &self.case.envelopes[at]);
        let envelope = Envelope {
            document: document.clone(),
            author: grant.subject.clone(),
            incarnation: incarnation.to_owned(),
            seq: before.map_or(1, |before| before.seq + 1),
            backlink: before.map(|before| before.id.clone()),
            dependencies: Vec::new(),
            delegation: grant.id.clone(),
            at: before.map_or(at, |before| before.at.max(at)),
            id: self.id(),
        };
        self.case.envelopes.push(envelope);
        Some(self.case.envelopes.len() - 1)
    }

    /// A log of up to `length` envelopes; the places of those written.
    pub(crate) fn log(&mut self, grant: &Grant, document: &Document, length: usize) -> Vec<usize> {
        let incarnation = if self.chance.percent(80) { "i1" } else { "i2" };
        let at = self.time_in(grant);
        let mut written: Vec<usize> = Vec::new();
        for _ in 0..length {
            let Some(next) = self.write(grant, document, incarnation, written.last().copied(), at)
            else {
                break;
            };
            if self.chance.percent(30) {
                self.depend(next);
            }
            written.push(next);
        }
        written
    }

    /// A time at which the grant is mostly valid.
    pub(crate) fn time_in(&mut self, grant: &Grant) -> u64 {
        let (begin, end) = (grant.window.not_before, grant.window.not_after);
        let at = self.when();
        if self.chance.percent(90) { at.clamp(begin.min(end), end) } else { at }
    }

    /// Adds dependencies to an envelope: others of its document or the opposite one.
    pub(crate) fn depend(&mut self, on: usize) {
        let of = self.case.envelopes[on].clone();
        let same_log = |other: &Envelope| {
            other.document == of.document
                && other.author == of.author
                && other.incarnation == of.incarnation
        };
        let fits = |other: &Envelope| {
            (other.document == of.document
                || (of.document.1 >= 192 && other.document == opposite(&of.document)))
                && !same_log(other)
        };
        let others: Vec<String> = self.case.envelopes[..on]
            .iter()
            .filter(|other| fits(other))
            .map(|other| other.id.clone())
            .collect();
        let chosen = self.chance.some(&others, 60);
        self.case.envelopes[on].dependencies = ascending(chosen);
    }

    /// A mark of an envelope: mostly right, else off by one, of another head, log or document.
    pub(crate) fn mark(&mut self, of: usize) -> Mark {
        let envelope = self.case.envelopes[of].clone();
        let seq = match self.chance.below(20) {
            0 => envelope.seq.saturating_sub(1),
            1 | 2 => envelope.seq + 1,
            _ => envelope.seq,
        };
        let head = match self.chance.below(20) {
            0..4 => self.id(),
            4 => self.chance.pick(&self.case.envelopes).id.clone(),
            _ => envelope.id,
        };
        let incarnation =
            if self.chance.percent(4) { "i2".to_owned() } else { envelope.incarnation };
        let author = if self.chance.percent(3) { self.key() } else { envelope.author };
        Mark { document: envelope.document, author, incarnation, seq, head }
    }

    /// An adoption of those envelopes that lie in the scope of the first, one mark for each log.
    pub(crate) fn adoption(
        &mut self,
        issuer: &Issuer,
        envelopes: &[usize],
        at: u64,
    ) -> Option<String> {
        let first = self.case.envelopes[*envelopes.first()?].document.clone();
        let scope = scope_of(&first);
        let mut marks: Vec<Mark> = Vec::new();
        for place in envelopes {
            let document = &self.case.envelopes[*place].document;
            if scope_of(document) == scope && document.0 == first.0 {
                marks.push(self.mark(*place));
            }
        }
        marks.sort();
        marks.dedup_by(|one, two| {
            (&one.document, &one.author, &one.incarnation)
                == (&two.document, &two.author, &two.incarnation)
        });
        Some(self.other(issuer, |unit, proof, issuer| Record::Adoption {
            unit,
            proof,
            issuer,
            scope,
            marks,
            at,
        }))
    }

    /// Adopts these envelopes, mostly by their owner.
    pub(crate) fn adopt(&mut self, envelopes: &[usize]) -> Option<String> {
        let owner = self.case.envelopes[*envelopes.first()?].document.0.clone();
        let issuer = match self.lineage_of(&owner) {
            Some(lineage) if self.chance.percent(92) => self.issuer_in(lineage),
            _ => self.any_issuer(),
        };
        let at = self.when();
        self.adoption(&issuer, envelopes, at)
    }
}
