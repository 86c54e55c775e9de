//! Once all is healed: who may share a scope has one set of it, and judges it alike.

use node_replication::log::{DocumentRecord, SetRecord, validity};
use schema_wire::{Holds, Scope};

use super::all_scopes;
use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::world::World;

impl World {
    /// What keeps the nodes from having agreed, if something does.
    pub fn disagreement(&self) -> Option<String> {
        let units: Vec<_> = self.city.units.iter().map(|unit| unit.path.clone()).collect();
        let scopes = all_scopes(&units);
        for line in &self.lines {
            let [one, other] = line.ends.map(|end| &self.sites[end]);
            if !(one.honest && other.honest && self.accept_each_other(one, other)) {
                continue;
            }
            for scope in &scopes {
                // With rivals, other pins may have other sets.
                if self.options.byzantine && one.pins_differ(other) {
                    continue;
                }
                if is_founded(one, scope)
                    && is_founded(other, scope)
                    && self.share(one, other, scope)
                    && let Some(what) = differ(one, other, scope)
                {
                    return Some(what);
                }
            }
            let resumed = |site: &Site| line.talk.is_some_and(|talk| site.resumed.contains(&talk));
            if !(resumed(one) && resumed(other)) {
                let ends = [resumed(one), resumed(other)];
                return Some(format!(
                    "{} and {} have resumed: {ends:?} {:?}",
                    one.name, other.name, line.talk
                ));
            }
        }
        None
    }

    /// Both sides of a fork come to those who share its document (INV-11).
    ///
    /// # Errors
    /// If one is hidden from somebody.
    pub fn check_forks(&self) -> Result<(), Broken> {
        for line in &self.lines {
            let [one, other] = line.ends.map(|end| &self.sites[end]);
            let pinned = self.options.byzantine && one.pins_differ(other);
            if one.honest
                && other.honest
                && !pinned
                && self.accept_each_other(one, other)
                && let Some(hidden) = self.fork_is_hidden(one, other)
            {
                return Err(Broken::new("INV-11", hidden));
            }
        }
        Ok(())
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

/// Does a node know foundings of both ends of a pair? Where it does not, a letter waits for one
/// (section 7, step 9), in a scope that is shared only once a letter is held (section 9.3,
/// interests): it may wait for ever.
fn is_founded(site: &Site, scope: &Scope) -> bool {
    let Holds::Pair(other) = scope.holds() else {
        return true;
    };
    let authority = site.replica.as_ref().map(|replica| replica.authority());
    authority.is_some_and(|own| [scope.unit(), other].iter().all(|unit| own.is_founded(unit)))
}

fn differ(one: &Site, other: &Site, scope: &Scope) -> Option<String> {
    let records = [one, other].map(|site| SetRecord::load(&site.store, scope));
    let [Ok(here), Ok(there)] = records else {
        return Some(format!("{scope} cannot be read"));
    };
    if here.vector.sum() != there.vector.sum() {
        let (names, items) = ([&one.name, &other.name], [here.items, there.items]);
        return Some(format!("{names:?} have {items:?} items of {scope}"));
    }
    for envelope in disk::envelopes(&one.store) {
        let header = envelope.header().claims();
        if header.document.scope() != *scope {
            continue;
        }
        let id = envelope.header().id();
        let stands = [one, other].map(|site| validity(&site.store, &header.document, &id).ok());
        let in_set = |at: usize| stands[at].is_some_and(|validity| !validity.is_aside());
        let heads = [one, other].map(|site| {
            DocumentRecord::load(&site.store, &header.document).map(|record| record.heads).ok()
        });
        if heads[0] != heads[1] || (in_set(0) && in_set(1) && stands[0] != stands[1]) {
            let names = [&one.name, &other.name];
            return Some(format!("{names:?} judge {} differently", header.document));
        }
    }
    None
}
