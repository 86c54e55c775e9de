//! Once all is healed: who may share a scope has one set of it, and judges it alike.

use std::collections::BTreeMap;

use node_replication::log::{DocumentRecord, SetRecord, validity};
use node_replication::{HeldKey, keys_of, subjects_of};
use schema_wire::{DocumentId, Hash, Holds, Scope};

use super::counts::{Places, places_in_set};
use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::talk::Line;
use crate::world::World;

impl World {
    /// What keeps the nodes from having agreed, if something does.
    pub fn disagreement(&self) -> Option<String> {
        let scopes: Vec<&Scope> = self.census.scopes().collect();
        let pairs: Vec<(&Site, &Site)> = self.pairs().map(|(_, one, other)| (one, other)).collect();
        let shared = |(one, other): &(&Site, &Site)| {
            let shared = scopes.iter().filter(|scope| self.share(one, other, scope));
            shared.copied().collect::<Vec<&Scope>>()
        };
        let shared: Vec<Vec<&Scope>> = pairs.iter().map(shared).collect();
        let all = || {
            pairs
                .iter()
                .zip(&shared)
                .flat_map(|(pair, scopes)| scopes.iter().map(move |scope| (pair.0, pair.1, *scope)))
        };
        let by_sum = all().find_map(|(one, other, scope)| sums_differ(one, other, scope));
        let by_verdict = || {
            let written: BTreeMap<&str, Written> =
                self.sites.iter().map(|site| (site.name.as_str(), Written::of(site))).collect();
            all().find_map(|(one, other, scope)| {
                verdicts_differ(one, other, written.get(one.name.as_str())?.of_scope(scope))
            })
        };
        by_sum.or_else(|| self.unresumed()).or_else(by_verdict)
    }

    fn unresumed(&self) -> Option<String> {
        self.pairs().find_map(|(line, one, other)| {
            let resumed = |site: &Site| line.talk.is_some_and(|talk| site.resumed.contains(&talk));
            let ends = [resumed(one), resumed(other)];
            let text = || {
                format!("{} and {} have resumed: {ends:?} {:?}", one.name, other.name, line.talk)
            };
            (ends != [true, true]).then(text)
        })
    }

    /// The lines between honest nodes that accept each other. With rivals, nodes with other pins
    /// may have other sets.
    fn pairs(&self) -> impl Iterator<Item = (&Line, &Site, &Site)> {
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        self.lines.iter().filter_map(move |line| {
            let [one, other] = line.ends.map(|end| &self.sites[end]);
            let pinned = self.options.byzantine && one.pins_differ(other, &units);
            let meet = one.honest && other.honest && !pinned && self.accept_each_other(one, other);
            meet.then_some((line, one, other))
        })
    }

    /// A key that one node has and another lacks, though they share its band.
    pub fn lacking_key(&self) -> Option<String> {
        self.pairs().find_map(|(_, one, other)| {
            let bands =
                self.census.scopes().filter(|scope| matches!(scope.holds(), Holds::Band(_)));
            let mut shared = bands.filter(|scope| self.share(one, other, scope));
            shared.find_map(|scope| {
                let of = |site: &Site| {
                    let subjects = subjects_of(&site.store, scope).unwrap_or_default();
                    let keys = subjects.iter().flat_map(|subject| {
                        keys_of(&site.store, scope, subject).unwrap_or_default()
                    });
                    keys.map(|key| (key.commitment, matches!(key.held, HeldKey::Lacking)))
                        .collect::<BTreeMap<Hash, bool>>()
                };
                let (here, there) = (of(one), of(other));
                let differs =
                    |(key, lacks): (&Hash, &bool)| there.get(key).is_some_and(|also| also != lacks);
                let text = || format!("{} or {} lacks a key of {scope}", one.name, other.name);
                here.iter().any(differs).then(text)
            })
        })
    }

    /// Both sides of a fork come to those who share its document (INV-11).
    ///
    /// # Errors
    /// If one is hidden from somebody.
    pub fn check_forks(&self) -> Result<(), Broken> {
        let places: BTreeMap<&str, Places> =
            self.sites.iter().map(|site| (site.name.as_str(), places_in_set(site))).collect();
        let hidden = self.pairs().find_map(|(_, one, other)| {
            let sides = [places.get(one.name.as_str())?, places.get(other.name.as_str())?];
            self.fork_is_hidden((one, sides[0]), (other, sides[1]))
        });
        hidden.map_or(Ok(()), |hidden| Err(Broken::new("INV-11", hidden)))
    }

    /// Does each see the other as a member?
    fn accept_each_other(&self, one: &Site, other: &Site) -> bool {
        let sees = |by: &Site, whom: &Site| {
            let Some(replica) = &by.replica else {
                return false;
            };
            let own = Scope::statements(whom.path.clone());
            replica.authority().may_hold(&whom.node, &own, by.clock(self.now)).is_some()
        };
        sees(one, other) && sees(other, one) && sees(one, one) && sees(other, other)
    }

    /// Do two nodes share a scope, as section 9.3 says, by what both have judged? What only
    /// interests make them share is left out.
    pub(super) fn share(&self, one: &Site, other: &Site, scope: &Scope) -> bool {
        let may = |by: &Site, whom: &Site| {
            let authority = by.replica.as_ref().map(|replica| replica.authority());
            authority
                .is_some_and(|own| own.may_hold(&whom.node, scope, by.clock(self.now)).is_some())
        };
        let related =
            |site: &Site| site.path.contains(scope.unit()) || scope.unit().contains(&site.path);
        let both = may(one, one) && may(one, other) && may(other, one) && may(other, other);
        let is_related = match scope.holds() {
            Holds::Statements | Holds::Public => related(one) && related(other),
            Holds::Path | Holds::Pair(_) | Holds::Band(_) => true,
        };
        both && is_related
    }
}

fn sums_differ(one: &Site, other: &Site, scope: &Scope) -> Option<String> {
    let [Ok(here), Ok(there)] = [one, other].map(|site| SetRecord::load(&site.store, scope)) else {
        return Some(format!("{scope} cannot be read"));
    };
    let text = || {
        let (names, items) = ([&one.name, &other.name], [here.items, there.items]);
        format!("{names:?} have {items:?} items of {scope}")
    };
    (here.vector.sum() != there.vector.sum()).then(text)
}

fn verdicts_differ(one: &Site, other: &Site, written: &[(DocumentId, Hash)]) -> Option<String> {
    written.iter().find_map(|(document, id)| {
        let stands = [one, other].map(|site| validity(&site.store, document, id).ok());
        let in_set = |at: usize| stands[at].is_some_and(|validity| !validity.is_aside());
        let heads = [one, other].map(|site| {
            DocumentRecord::load(&site.store, document).map(|record| record.heads).ok()
        });
        let differ = heads[0] != heads[1] || (in_set(0) && in_set(1) && stands[0] != stands[1]);
        let names = [&one.name, &other.name];
        differ.then(|| format!("{names:?} judge {document} differently"))
    })
}

/// The envelopes on a disk, by scope.
struct Written(BTreeMap<Scope, Vec<(DocumentId, Hash)>>);

impl Written {
    fn of(site: &Site) -> Self {
        let mut all: BTreeMap<Scope, Vec<(DocumentId, Hash)>> = BTreeMap::new();
        for envelope in disk::envelopes(&site.store) {
            let (document, id) =
                (envelope.header().claims().document.clone(), envelope.header().id());
            all.entry(document.scope()).or_default().push((document, id));
        }
        Self(all)
    }

    fn of_scope(&self, scope: &Scope) -> &[(DocumentId, Hash)] {
        self.0.get(scope).map_or(&[], Vec::as_slice)
    }
}
