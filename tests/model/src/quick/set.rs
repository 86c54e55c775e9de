//! Which statements are set aside (section 7).

use tests_oracle::case::Record;

use super::kept::contains;
use super::path::Ask;
use super::{GENESIS, Place, Quick};
use crate::words::issued;

impl Quick<'_> {
    /// The ids of kept statements that are set aside, ascending.
    /// Cards and addresses count as in order here.
    pub(super) fn aside(&self, envelopes_aside: &[bool]) -> Vec<String> {
        let count = self.kept.len();
        let kept: Vec<Place> = (0..count).filter(|&place| self.is_kept(place)).collect();
        let mut set = vec![false; count];
        for &place in &kept {
            set[place] = self.is_in_order(place);
        }
        if self.rules.envelopes_bring {
            for (n, one) in self.case.envelopes.iter().enumerate() {
                if self.admitted(n)
                    && !envelopes_aside[n]
                    && let Some(place) = self.place(&one.delegation)
                {
                    set[place] = true;
                }
            }
        }
        loop {
            let before = set.clone();
            for &place in &kept {
                set[place] |= self.joins(place, &before);
                let adoption = matches!(self.record(place), Record::Adoption { .. });
                if before[place] && (!adoption || self.rules.envelopes_bring) {
                    self.bring(place, &mut set);
                }
            }
            if set == before {
                break;
            }
        }
        let aside = kept.into_iter().filter(|&place| !set[place]);
        let mut ids: Vec<String> = aside.map(|place| self.id(place).to_owned()).collect();
        ids.sort();
        ids
    }

    fn is_in_order(&self, place: Place) -> bool {
        let ask = Ask { signed: true, ..Ask::default() };
        if issued(self.record(place)).is_none() {
            return self.rules.loose_charters;
        }
        if self.root_act(place) {
            return self.outside_paths(place).iter().all(|path| self.holds(path, ask));
        }
        self.holds(&self.inside_path(place), ask)
    }

    /// What a statement of the set brings with it.
    fn bring(&self, place: Place, set: &mut [bool]) {
        let record = self.record(place);
        let mut named: Vec<&str> = issued(record).map(|(_, proof, _)| proof).into_iter().collect();
        match record {
            Record::Ending { ends, unit, .. } => {
                named.extend(Some(ends.as_str()).filter(|ends| self.draws(unit, ends)));
            }
            Record::Rotation { previous, .. } | Record::Succession { previous, .. } => {
                named.push(previous);
            }
            Record::Charter { .. } if !self.rules.loose_charters => {
                named.extend(self.foundings(place).min());
            }
            _ => {}
        }
        for named in named.into_iter().filter_map(|id| self.place(id)).filter(|&n| n != GENESIS) {
            set[named] |= self.is_kept(named);
        }
    }

    /// Whether an ending brings what it ends: not what lies above or beside its unit, and no
    /// adoption, which follows from its own order alone.
    fn draws(&self, unit: &str, ends: &str) -> bool {
        let ended = self.place(ends).filter(|&n| n != GENESIS).map(|n| self.record(n));
        ended.is_some_and(|ended| {
            !matches!(ended, Record::Adoption { .. })
                && issued(ended).is_some_and(|(of, ..)| contains(unit, of))
        })
    }

    /// The ids of the kept foundings that name a charter with its unit.
    fn foundings(&self, charter: Place) -> impl Iterator<Item = &str> {
        let names = move |&n: &Place| match (self.record(n), self.record(charter)) {
            (Record::Founding { below, lineage, .. }, Record::Charter { unit, .. }) => {
                self.is_kept(n) && below == unit && lineage == self.id(charter)
            }
            _ => false,
        };
        (0..self.kept.len()).filter(names).map(|n| self.id(n))
    }

    /// What comes into the set because of what is in it.
    fn joins(&self, place: Place, set: &[bool]) -> bool {
        let has = |id: &str| self.place(id).is_some_and(|n| n == GENESIS || set[n]);
        match self.record(place) {
            Record::Charter { .. } => self.foundings(place).any(has),
            Record::Rotation { previous, .. } | Record::Succession { previous, .. } => {
                has(previous)
            }
            Record::Endorsement { endorses, .. } => has(endorses),
            _ => false,
        }
    }
}
