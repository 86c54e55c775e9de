//! Who speaks in the golden world, and what they say.

use schema_wire::{
    Adoption, Class, ClassSet, Delegation, Endorsement, Hash, Item, NetworkId, NodeKey, Record,
    Revocation, Signed, Statement, Succession, Suspension, UnitId, VerbSet, Watermark,
};

use crate::world::*;

/// When most statements but delegations are made.
pub(crate) const LATER: u64 = T0 + 100 * DAY_MS;

/// A record of authority, and the statement it travels in.
pub(crate) trait Stated: Record + Clone {
    fn stated(signed: Signed<Self>) -> Statement;
}

macro_rules! stated {
    ($($kind:ident),*) => {$(
        impl Stated for $kind {
            fn stated(signed: Signed<Self>) -> Statement {
                Statement::$kind(signed)
            }
        }
    )*};
}
stated!(Delegation, Revocation, Endorsement, Suspension, Adoption, Succession);

/// A key that speaks for a unit, as a root or under a delegation.
#[derive(Clone)]
pub(crate) struct Voice {
    network: NetworkId,
    by: Holder,
    unit: UnitId,
    proof: Option<Hash>,
}

pub(crate) fn root(by: Holder) -> Voice {
    root_of(network(), by)
}

pub(crate) fn root_of(network: NetworkId, by: Holder) -> Voice {
    Voice { network, by, unit: unit(CITY), proof: None }
}

/// The voice a delegation gives to its subject.
pub(crate) fn under(by: Holder, delegation: &Statement) -> Voice {
    let Statement::Delegation(signed) = delegation else { panic!("a delegation gives a voice") };
    let unit = signed.claims().unit.clone();
    Voice { network: delegation.network(), by, unit, proof: Some(delegation.id()) }
}

pub(crate) fn district() -> Voice {
    under(DISTRICT_DESK, &to_district())
}

pub(crate) fn office() -> Voice {
    under(COMMUNITY_OFFICE, &to_community())
}

impl Voice {
    pub(crate) fn say<T: Stated>(&self, value: T) -> Statement {
        T::stated(seal(value, self.by).as_signed().clone())
    }

    /// The same key under the same delegation, speaking for another unit.
    pub(crate) fn of_unit(&self, text: &str) -> Self {
        Self { unit: unit(text), ..self.clone() }
    }

    /// A grant that holds for a year and its grace.
    pub(crate) fn grant(&self, to: (Holder, &str), verbs: VerbSet) -> Delegation {
        Delegation {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            subject: to.0.key(),
            unit: unit(to.1),
            verbs,
            classes: ClassSet::ALL,
            not_before_ms: T0,
            not_after_ms: T0 + YEAR_MS,
            grace_ms: GRACE_MS,
            serial: 1,
        }
    }

    /// Lets a key govern and read: it founds a unit below, or shares one's own.
    pub(crate) fn lets_govern(&self, by: Holder, unit: &str) -> Statement {
        self.say(self.grant((by, unit), govern()))
    }

    pub(crate) fn lets_write(&self, by: Holder, unit: &str) -> Statement {
        self.say(self.grant((by, unit), clerk()))
    }

    /// A caretaker's grant, for a season.
    pub(crate) fn care(&self, by: Holder) -> Delegation {
        let mut grant = self.grant((by, COMMUNITY), clerk());
        (grant.not_after_ms, grant.grace_ms) = (T0 + 90 * DAY_MS, 0);
        grant
    }

    pub(crate) fn revocation(&self, of: &Statement, watermarks: Vec<Watermark>) -> Revocation {
        Revocation {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            revokes: of.id(),
            watermarks,
            keeps: vec![],
            at_ms: LATER,
        }
    }

    /// Withdraws something with all that rests on it.
    pub(crate) fn revokes(&self, of: &Statement) -> Statement {
        self.say(self.revocation(of, vec![]))
    }

    pub(crate) fn revokes_but(&self, of: &Statement, kept: &[&Statement]) -> Statement {
        self.say(Revocation { keeps: ids(kept), ..self.revocation(of, vec![]) })
    }

    pub(crate) fn endorsement(&self, of: &Statement) -> Endorsement {
        Endorsement {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            endorses: of.id(),
            at_ms: LATER,
        }
    }

    pub(crate) fn endorses(&self, of: &Statement) -> Statement {
        self.say(self.endorsement(of))
    }

    pub(crate) fn suspension(&self, of: &str) -> Suspension {
        Suspension {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            unit: unit(of),
            reason: "报数核查".into(),
            at_ms: LATER,
        }
    }

    pub(crate) fn suspends(&self, unit: &str) -> Statement {
        self.say(self.suspension(unit))
    }

    pub(crate) fn adoption(&self, items: &[&Item]) -> Adoption {
        let mut envelopes: Vec<Hash> = items.iter().map(|item| item.id()).collect();
        envelopes.sort_unstable();
        Adoption {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            proof: self.proof,
            envelopes,
            at_ms: LATER,
        }
    }

    pub(crate) fn adopts(&self, item: &Item) -> Statement {
        self.say(self.adoption(&[item]))
    }

    /// New root keys, each of which may act alone.
    pub(crate) fn succession(
        &self,
        previous: Hash,
        roots: &[Holder],
        kept: &[&Statement],
    ) -> Succession {
        Succession {
            network: self.network,
            issuer: self.by.key(),
            issuer_unit: self.unit.clone(),
            previous,
            roots: keys(roots),
            threshold: 1,
            keeps: ids(kept),
            at_ms: LATER,
        }
    }
}

/// The keys of some holders, ascending.
pub(crate) fn keys(of: &[Holder]) -> Vec<NodeKey> {
    let mut keys: Vec<NodeKey> = of.iter().map(|holder| holder.key()).collect();
    keys.sort_unstable();
    keys
}

/// The ids of some statements, ascending.
pub(crate) fn ids(of: &[&Statement]) -> Vec<Hash> {
    let mut ids: Vec<Hash> = of.iter().map(|statement| statement.id()).collect();
    ids.sort_unstable();
    ids
}

/// Root to district.
pub(crate) fn to_district() -> Statement {
    root(ROOT).lets_govern(DISTRICT_DESK, DISTRICT)
}

/// District to community.
pub(crate) fn to_community() -> Statement {
    district().lets_govern(COMMUNITY_OFFICE, COMMUNITY)
}

/// What the community grants the node that writes.
pub(crate) fn node_grant() -> Delegation {
    let mut value = office().grant((NODE, COMMUNITY), clerk());
    value.classes = ClassSet::of(&[Class::Roster, Class::Duty, Class::Report, Class::Keyring]);
    value
}

/// Community to the node that writes.
pub(crate) fn to_node() -> Statement {
    office().say(node_grant())
}

/// The node's chain, its own delegation first.
pub(crate) fn node_chain() -> Vec<Statement> {
    vec![to_node(), to_community(), to_district()]
}
