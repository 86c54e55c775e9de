//! Who may do what: the posts that accounts hold, read from the strata below.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::event::By;
use crate::fold::Office;
use crate::id::{PersonId, Ulid};
use crate::kinds::account::{self, Account};
use crate::kinds::alias::{Alias, Aliases};
use crate::kinds::post::{self, Post};
use crate::life::Role;
use crate::strata::{Lower, Records};

/// The accounts and posts of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offices {
    accounts: BTreeMap<Ulid, Holder>,
    posts: BTreeMap<Ulid, Held>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Holder {
    person: PersonId,
    until: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    account: Ulid,
    role: Role,
    from: Day,
    to: Option<Day>,
}

impl Offices {
    /// Reads them. What lacks something that it needs holds nothing.
    pub fn read(lower: &Lower<'_, Records>) -> Self {
        let aliases = Aliases::of(lower.records::<Alias>());
        let holder = |own: &crate::record::Record<'_, Account>| {
            let person = aliases.resolve(own.get(&account::PERSON)?);
            let until = own.get(&account::UNTIL);
            Some((Ulid::parse(own.name())?, Holder { person, until }))
        };
        let held = |own: &crate::record::Record<'_, Post>| {
            let account = Ulid::parse(own.get(&post::ACCOUNT)?)?;
            let (role, from) = (own.get(&post::ROLE)?, own.get(&post::FROM)?);
            let to = own.get(&post::TO);
            Some((Ulid::parse(own.name())?, Held { account, role, from, to }))
        };
        Self {
            accounts: lower.records::<Account>().iter().filter_map(holder).collect(),
            posts: lower.records::<Post>().iter().filter_map(held).collect(),
        }
    }
}

impl Office for Offices {
    fn may(&self, by: &By, who: &[Role], day: Day) -> bool {
        let Some((account, post)) = ulid(&by.account).zip(ulid(&by.post)) else {
            return false;
        };
        let used = |holder: &Holder| holder.until.is_none_or(|until| day <= until);
        let held = |held: &Held| {
            let in_term = held.from <= day && held.to.is_none_or(|to| day <= to);
            held.account == account && in_term && who.contains(&held.role)
        };
        self.accounts.get(&account).is_some_and(used) && self.posts.get(&post).is_some_and(held)
    }

    fn person(&self, by: &By) -> Option<PersonId> {
        self.accounts.get(&ulid(&by.account)?).map(|holder| holder.person)
    }
}

fn ulid(bytes: &[u8]) -> Option<Ulid> {
    bytes.try_into().ok().map(Ulid)
}
