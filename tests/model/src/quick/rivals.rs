//! Rivals of a unit (section 6).

use tests_oracle::case::Record;

use super::path::Ask;
use super::{GENESIS, Place, Quick};

impl Quick<'_> {
    /// (H7)
    pub(super) fn not_rival(&self, place: Place) -> bool {
        let Record::Founding { below, lineage, .. } = self.record(place) else { return true };
        self.followed_for(below).as_ref() == Some(lineage)
    }

    fn open(&self, founding: Place, not_before: u64) -> bool {
        let Record::Founding { below, lineage, .. } = self.record(founding) else { return false };
        let charter = self.place(lineage).filter(|&n| n != GENESIS && self.is_kept(n));
        if !charter.is_some_and(
            |charter| matches!(self.record(charter), Record::Charter { unit, .. } if unit == below),
        ) {
            return false;
        }
        let ended = self
            .ends_of
            .get(&founding)
            .is_some_and(|endings| endings.iter().any(|&ending| self.effective(ending, founding)));
        let ask = Ask { at: Some(not_before), open: true, ..Ask::default() };
        !ended && self.outside_paths(founding).iter().any(|path| self.holds(path, ask))
    }

    pub(super) fn followed_for(&self, unit: &str) -> Option<String> {
        if let Some(known) = self.followed.borrow().get(unit) {
            return known.clone();
        }
        // How high each candidate is named: 0 by the root, else by the codes of the founder.
        let mut candidates: Vec<(usize, &String)> = Vec::new();
        for place in self.kept_places() {
            if let Record::Founding { unit: above, below, lineage, not_before, .. } =
                self.record(place)
                && below == unit
                && self.open(place, *not_before)
            {
                let root = self.root_act(place);
                candidates.push((if root { 0 } else { above.split('/').count() }, lineage));
            }
        }
        let own = unit == self.case.own.unit;
        let own = own.then_some(&self.case.own.lineage);
        let pin = own.or_else(|| self.case.pins.units.get(unit));
        let pinned = pin.filter(|pin| candidates.iter().any(|(_, lineage)| lineage == pin));
        let highest = candidates.iter().map(|(height, _)| *height).min();
        let mut named = candidates.iter().filter(|(height, _)| Some(*height) == highest);
        let followed = pinned.cloned().or_else(|| {
            let (_, one) = named.next()?;
            named.all(|(_, other)| other == one).then(|| (*one).clone())
        });
        self.followed.borrow_mut().insert(unit.to_owned(), followed.clone());
        followed
    }
}
