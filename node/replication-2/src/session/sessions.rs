//! The sessions of a replica: by id, and by the unit of their peer, so that news of a scope costs
//! what its readers do, however many others are there.

use std::collections::{BTreeMap, BTreeSet};

use schema_wire::{Audience, Scope, UnitId};

use super::Session;
use crate::replica::SessionId;

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    /// Of those whose hello was accepted.
    by_unit: BTreeSet<(UnitId, SessionId)>,
}

impl Sessions {
    pub(crate) fn insert(&mut self, id: SessionId, session: Session) {
        self.by_id.insert(id, session);
    }

    pub(crate) fn get(&self, id: &SessionId) -> Option<&Session> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &SessionId) -> Option<&mut Session> {
        self.by_id.get_mut(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&SessionId, &Session)> {
        self.by_id.iter()
    }

    /// The peer's hello was accepted: it serves this unit.
    pub(crate) fn join(&mut self, id: SessionId, unit: UnitId) -> Option<&mut Session> {
        let session = self.by_id.get_mut(&id)?;
        self.by_unit.insert((unit.clone(), id));
        session.unit = Some(unit);
        Some(session)
    }

    pub(crate) fn remove(&mut self, id: &SessionId) -> Option<Session> {
        let session = self.by_id.remove(id)?;
        if let Some(unit) = session.unit.clone() {
            self.by_unit.remove(&(unit, *id));
        }
        Some(session)
    }

    /// The sessions whose unit lies where a scope's readers do: in the scope's unit or above it,
    /// and below it where it is public.
    pub(crate) fn around(&self, scope: &Scope) -> Vec<SessionId> {
        let mut ids = Vec::new();
        for unit in std::iter::successors(Some(scope.unit.clone()), UnitId::parent) {
            let here = (unit.clone(), SessionId(0))..=(unit, SessionId(u64::MAX));
            ids.extend(self.by_unit.range(here).map(|(_, id)| *id));
        }
        if scope.audience == Audience::Public {
            let behind = self.by_unit.range((scope.unit.clone(), SessionId(0))..);
            let begins = |unit: &UnitId| unit.as_str().starts_with(scope.unit.as_str());
            let below = behind
                .take_while(|(unit, _)| begins(unit))
                .filter(|(unit, _)| *unit != scope.unit && scope.unit.contains(unit));
            ids.extend(below.map(|(_, id)| *id));
        }
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use schema_wire::NodeKey;

    use super::*;
    use crate::replica::holds;

    #[test]
    fn around_a_scope_are_all_its_readers_and_no_strangers() {
        let units = ["22", "22/01", "22/01/7", "22/01/7/3", "22/01-a", "22/01-a/7", "22/010", "23"];
        let units = units.map(|unit| UnitId::parse(unit).expect("a unit"));
        let mut sessions = Sessions::default();
        for (id, unit) in (1..).map(SessionId).zip(&units) {
            sessions.insert(id, Session::new(NodeKey([0; 32]), true, BTreeMap::new()));
            sessions.join(id, unit.clone());
        }
        let of = |id: &SessionId| &units[id.0 as usize - 1];
        for unit in &units {
            for audience in Audience::ALL {
                let scope = Scope { unit: unit.clone(), audience };
                let around = sessions.around(&scope);
                let readers = sessions.iter().map(|(id, _)| *id).filter(|id| holds(of(id), &scope));
                let found = around.iter().copied().filter(|id| holds(of(id), &scope));
                assert!(readers.eq(found), "{scope}");
                let related = |id| unit.contains(of(id)) || of(id).contains(unit);
                assert!(around.iter().all(related), "{scope}");
            }
        }
        let gone = SessionId(3);
        assert!(sessions.remove(&gone).is_some());
        let scope = Scope { unit: of(&gone).clone(), audience: Audience::Unit };
        assert!(!sessions.around(&scope).contains(&gone));
    }
}
