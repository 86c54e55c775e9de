//! The fold: what became of an entity, from the set of its events.
//!
//! A fold is a function of the set: no order of arrival, no repetition and no way over other
//! nodes changes it. Events are taken in their order; what the table of transitions does not let
//! apply is shown with its reason and changes nothing.

mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use verdict::{Told, Verdict, Void};

use crate::day::Day;
use crate::event::{By, Event};
use crate::id::{EventId, PersonId};
use crate::kind::Kind;
use crate::life::{Begins, Happening, Life, Role, State};
use crate::order::{Log, Place, ordered};

/// Who may do what, from the records of accounts and posts.
pub trait Office {
    /// Did the account hold a post with one of these roles on this day?
    fn may(&self, by: &By, who: &[Role], day: Day) -> bool;
    /// The person behind an account.
    fn person(&self, by: &By) -> Option<PersonId>;
}

/// A unit that keeps no accounts: whoever enters at its nodes may, and nobody is told apart.
#[derive(Debug, Clone, Copy)]
pub struct WithoutAccounts;

impl Office for WithoutAccounts {
    fn may(&self, _: &By, _: &[Role], _: Day) -> bool {
        true
    }
    fn person(&self, _: &By) -> Option<PersonId> {
        None
    }
}

/// One course of a life: of the entity, or of what an event began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Course {
    /// The life's name.
    pub life: &'static str,
    /// The event that began it; none for the entity's own.
    pub begun_by: Option<EventId>,
}

/// Where a course stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// The events that applied, in order.
    pub applied: Vec<EventId>,
}

/// An event with the places where it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Put {
    event: Event,
    places: BTreeMap<(u64, [u8; 16]), Place>,
}

impl Put {
    /// The smallest put places the event.
    fn place(&self) -> Option<&Place> {
        self.places.values().next()
    }
}

/// The events of one entity, and what became of it.
#[derive(Debug, Clone)]
pub struct Fold {
    kind: &'static Kind,
    puts: BTreeMap<EventId, Put>,
    /// By log, the last event of it: what an event that comes last must have seen.
    last: BTreeMap<Arc<Log>, EventId>,
    told: Vec<Told>,
    courses: BTreeMap<Course, Standing>,
}

/// Two folds are equal if they say the same.
impl PartialEq for Fold {
    fn eq(&self, other: &Self) -> bool {
        (self.kind.name, &self.told, &self.courses)
            == (other.kind.name, &other.told, &other.courses)
    }
}

impl Fold {
    /// An entity to which nothing happened.
    pub fn new(kind: &'static Kind) -> Self {
        let own = kind.lives.iter().filter(|life| life.begins == Begins::WithEntity);
        let begun = |life: &'static Life| {
            let standing = Standing { state: *life.states.first()?, applied: Vec::new() };
            Some((Course { life: life.name, begun_by: None }, standing))
        };
        let courses = own.filter_map(begun).collect();
        let (puts, last, told) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { kind, puts, last, told, courses }
    }

    /// The fold of events that count, each where it was put: sooner done than one by one.
    pub fn of(
        kind: &'static Kind,
        events: impl IntoIterator<Item = (EventId, Event, Place)>,
        office: &dyn Office,
    ) -> Self {
        let mut fold = Self::new(kind);
        for (id, event, place) in events {
            let put = fold.puts.entry(id).or_insert_with(|| Put { event, places: BTreeMap::new() });
            put.places.insert(place.put, place);
        }
        fold.refold(office);
        fold
    }

    /// Takes in an event that counts, where it was put. What was taken in before changes nothing.
    pub fn add(&mut self, id: EventId, event: Event, place: Place, office: &dyn Office) {
        let is_new = !self.puts.contains_key(&id);
        let comes_last = is_new && self.last.values().all(|last| self.is_before(*last, &place));
        let log = Arc::clone(&place.log);
        let put = self.puts.entry(id).or_insert_with(|| Put { event, places: BTreeMap::new() });
        let before = put.place().cloned();
        put.places.insert(place.put, place);
        if comes_last {
            self.last.insert(log, id);
            self.apply(id, office);
        } else if put.place() != before.as_ref() {
            self.refold(office);
        }
    }

    /// Takes an event out that ceased to count, as far as it was put there.
    pub fn remove(&mut self, id: EventId, put: (u64, [u8; 16]), office: &dyn Office) {
        let Some(own) = self.puts.get_mut(&id) else { return };
        own.places.remove(&put);
        if own.places.is_empty() {
            self.puts.remove(&id);
        }
        self.refold(office);
    }

    /// Folds anew: what is read of accounts and posts has changed.
    pub fn refold(&mut self, office: &dyn Office) {
        let mut anew = Self::new(self.kind);
        anew.puts = std::mem::take(&mut self.puts);
        let placed = anew.puts.iter().filter_map(|(id, put)| Some((*id, put.place()?)));
        for id in ordered(placed) {
            if let Some(place) = anew.puts.get(&id).and_then(Put::place) {
                anew.last.insert(Arc::clone(&place.log), id);
            }
            anew.apply(id, office);
        }
        *self = anew;
    }

    /// Its kind.
    pub const fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Each event, in order, and what became of it.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// An event that was taken in.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.puts.get(&id).map(|put| &put.event)
    }

    /// The courses of a life, and where each stands.
    pub fn courses(&self, life: &str) -> impl Iterator<Item = (Option<EventId>, &Standing)> {
        let of = move |(course, standing): (&Course, _)| {
            (course.life == life).then_some((course.begun_by, standing))
        };
        self.courses.iter().filter_map(of)
    }

    /// The events that applied and are called so, in order.
    pub fn applied<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (EventId, &'a Event)> {
        let applied = self.told.iter().filter(|told| told.verdict.applies());
        let event = move |told: &Told| Some((told.event, self.event(told.event)?));
        applied.filter_map(event).filter(move |(_, event)| event.kind == name)
    }

    fn is_before(&self, id: EventId, place: &Place) -> bool {
        let own = self.puts.get(&id).and_then(Put::place);
        own.is_some_and(|own| own.is_before(place))
    }

    fn apply(&mut self, id: EventId, office: &dyn Office) {
        let Some(put) = self.puts.get(&id) else { return };
        let unseen =
            |cause: &&EventId| put.place().is_some_and(|place| !self.is_before(**cause, place));
        let missing = put.event.causes.iter().filter(unseen).copied().collect();
        let verdict = self.judge(id, put, office);
        if let Verdict::Applies { course, to } = verdict {
            let begun = || Standing { state: to, applied: Vec::new() };
            let standing = self.courses.entry(course).or_insert_with(begun);
            standing.state = to;
            standing.applied.push(id);
        }
        self.told.push(Told { event: id, verdict, missing });
    }

    fn judge(&self, id: EventId, put: &Put, office: &dyn Office) -> Verdict {
        let event = &put.event;
        let Some((life, happening)) = self.kind.event(&event.kind) else {
            return Verdict::Void(Void::Unknown);
        };
        let Some(day) = event.on() else {
            return Verdict::Void(Void::Day);
        };
        if let Some(void) = verdict::body(event, happening) {
            return Verdict::Void(void);
        }
        if !office.may(&event.by, happening.who, day) {
            return Verdict::Void(Void::NotPermitted);
        }
        let begun_by = match self.begun_by(id, event, life, happening) {
            Ok(begun_by) => begun_by,
            Err(void) => return Verdict::Void(void),
        };
        let course = Course { life: life.name, begun_by };
        let standing = self.courses.get(&course);
        if let Some(winner) = self.yields_to(put, happening, begun_by) {
            return Verdict::Void(Void::YieldsTo(winner));
        }
        if let Some(other) = self.same_hand(event, happening, standing, office) {
            return Verdict::Void(Void::SameHand(other));
        }
        match standing {
            Some(standing) if !happening.from.contains(&standing.state) => {
                Verdict::Void(Void::State { is: standing.state, told: happening.refused })
            }
            _ => Verdict::Applies { course, to: happening.to },
        }
    }

    /// Which course an event goes on with: the entity's, its own, or that of the one cause that
    /// began a course of this life.
    fn begun_by(
        &self,
        id: EventId,
        event: &Event,
        life: &'static Life,
        happening: &Happening,
    ) -> Result<Option<EventId>, Void> {
        if life.begins == Begins::WithEntity {
            return Ok(None);
        }
        if happening.begins() {
            return Ok(Some(id));
        }
        let of_life = |cause: &EventId| {
            self.courses.contains_key(&Course { life: life.name, begun_by: Some(*cause) })
        };
        let mut begun = event.causes.iter().copied().filter(of_life);
        match (begun.next(), begun.next()) {
            (Some(begun_by), None) => Ok(Some(begun_by)),
            _ => Err(Void::NoCourse),
        }
    }

    /// An event that goes before this one, if neither had seen the other.
    fn yields_to(
        &self,
        put: &Put,
        happening: &Happening,
        begun_by: Option<EventId>,
    ) -> Option<EventId> {
        if happening.yields.is_empty() {
            return None;
        }
        let place = put.place()?;
        let wins = |(id, other): (&EventId, &Put)| {
            let named = happening.yields.contains(&&*other.event.kind);
            let same = begun_by.is_none_or(|begun| other.event.causes.contains(&begun));
            let at = other.place()?;
            let apart = !at.is_before(place) && !place.is_before(at);
            (named && same && apart).then_some(*id)
        };
        self.puts.iter().find_map(wins)
    }

    /// An event of the course that this person made, and that this one must be apart from.
    fn same_hand(
        &self,
        event: &Event,
        happening: &Happening,
        standing: Option<&Standing>,
        office: &dyn Office,
    ) -> Option<EventId> {
        if happening.apart.is_empty() {
            return None;
        }
        let person = office.person(&event.by)?;
        let by_same = |id: &&EventId| {
            self.event(**id).is_some_and(|other| {
                let named = happening.apart.contains(&&*other.kind);
                named && office.person(&other.by) == Some(person)
            })
        };
        standing?.applied.iter().find(by_same).copied()
    }
}
