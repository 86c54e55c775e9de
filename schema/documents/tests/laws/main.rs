//! One law for every kind with a life: the fold is a function of the set of events. Also for a
//! kind that exists here only, in which duties are apart and events give way to others.

#[path = "../scene/mod.rs"]
mod scene;
mod wish;

use proptest::prelude::*;
use proptest::sample::Index;
use scene::{Writer, Written, event, folded};
use schema_documents::{
    AnyRecord, By, Contents, Day, Declared, Entity, Event, Fold, Happening, Kind, Knowledge,
    Naming, Office, PersonId, Role, Said, Scalar, Spec, Type, compute, kinds,
};
use schema_wire::{DocumentId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

const WRITERS: u8 = 3;

/// Half of the accounts hold every post; each account is a person.
struct Halves;

impl Office for Halves {
    fn may(&self, by: &By, _: &[Role], _: Day) -> bool {
        by.account.first().is_none_or(|first| *first < 3)
    }
    fn person(&self, by: &By) -> Option<PersonId> {
        by.account.first().map(|first| PersonId([first % 2; 16]))
    }
}

fn kinds_with_lives() -> Vec<&'static Kind> {
    let living = kinds::ALL.iter().copied().filter(|kind| !kind.lives.is_empty());
    living.chain([&wish::Wish::KIND]).collect()
}

/// A step of a history.
#[derive(Debug, Clone)]
struct Step {
    writer: u8,
    /// Whom it hears before it writes.
    hears: Vec<u8>,
    event: Index,
    account: u8,
    causes: Vec<Index>,
    /// Does it leave out the body, or say it twice in one?
    spoils: bool,
    again: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        0..WRITERS,
        prop::collection::vec(0..WRITERS, 0..3),
        any::<Index>(),
        0..4u8,
        prop::collection::vec(any::<Index>(), 0..3),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    );
    let step = step.prop_map(|(writer, hears, event, account, causes, spoils, again)| Step {
        writer,
        hears,
        event,
        account,
        causes,
        spoils,
        again,
    });
    prop::collection::vec(step, 1..24)
}

fn said(spec: &Spec) -> (String, Said) {
    let text = |text: &str| Said::Text(text.to_owned());
    let value = match spec.holds {
        Type::Sealed(_) => Said::Bytes(vec![7; 76]),
        Type::Count => Said::Integer(3),
        Type::Flag => Said::Flag(true),
        _ => match spec.holds.inner() {
            Type::Code(table) => text(table[0].code),
            Type::Day | Type::PartialDay => text("2026-11-02"),
            Type::Time => text("08:30"),
            Type::Person => text(&"07".repeat(16)),
            Type::Text => text("甲"),
            _ => text("01KJ000000000000000000000Z"),
        },
    };
    let list = if spec.holds.is_list() { ".0" } else { "" };
    (format!("{}{list}", spec.name), value)
}

/// Plays a history, and gives what was written, each with where it was put.
fn history(kind: &'static Kind, steps: &[Step]) -> Vec<Written> {
    let all: Vec<&Happening> = kind.lives.iter().flat_map(|life| life.events).collect();
    let mut writers: Vec<Writer> = (0..WRITERS).map(|number| Writer::new(number + 1)).collect();
    let mut written: Vec<Written> = Vec::new();
    for step in steps {
        for other in step.hears.iter().filter(|other| **other != step.writer) {
            let other = writers[usize::from(*other)].clone();
            writers[usize::from(step.writer)].hear(&other);
        }
        let happening = all[step.event.index(all.len())];
        let causes: Vec<_> = (step.causes.iter().filter(|_| !written.is_empty()))
            .map(|cause| written[cause.index(written.len())].id)
            .collect();
        let mut made: Event = event(happening.name, &causes, &[]);
        made.by.account = vec![step.account; 16];
        if !step.spoils {
            made.body = happening.body.iter().map(said).collect();
            made.body.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        let writer = &mut writers[usize::from(step.writer)];
        let entity = (kind, "n00000000000000000000000000000000");
        written.push(writer.put(&entity, made.clone()));
        if step.again {
            written.push(writer.put(&entity, made));
        }
    }
    written
}

/// The order by its definition: of the events before which every other was taken, the least id.
fn order_by_definition(written: &[Written]) -> Vec<schema_documents::EventId> {
    let mut placed: BTreeMap<_, &Written> = BTreeMap::new();
    for one in written {
        let own = placed.entry(one.id).or_insert(one);
        if one.place.put < own.place.put {
            *own = one;
        }
    }
    let mut order = Vec::new();
    while !placed.is_empty() {
        let free = |(_, own): &(&_, &&Written)| {
            !placed.values().any(|other| other.id != own.id && other.place.is_before(&own.place))
        };
        let (id, _) = placed.iter().find(free).expect("pasts have no circle");
        let id = *id;
        placed.remove(&id);
        order.push(id);
    }
    order
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_split_and_repetition_folds_to_the_same(
        steps in steps(),
        kind in prop::sample::select(kinds_with_lives()),
        shuffle in prop::collection::vec(any::<Index>(), 64),
        split in prop::collection::vec(any::<bool>(), 64),
    ) {
        let written = history(kind, &steps);
        let whole = folded(kind, &written, &Halves);
        let ids: BTreeSet<_> = written.iter().map(|one| one.id).collect();
        prop_assert_eq!(whole.told().len(), ids.len(), "each event is told once");
        let order: Vec<_> = whole.told().iter().map(|told| told.event).collect();
        prop_assert_eq!(order, order_by_definition(&written));
        let at_once = written.iter().map(|one| (one.id, one.event.clone(), one.place.clone()));
        prop_assert_eq!(&Fold::of(kind, at_once, &Halves), &whole);

        // Any permutation.
        let mut permuted = written.clone();
        for (at, with) in (0..permuted.len()).zip(&shuffle) {
            let with = with.index(permuted.len());
            permuted.swap(at, with);
        }
        prop_assert_eq!(&folded(kind, &permuted, &Halves), &whole);

        // Any split over two replicas that meet later, with what both had told twice.
        let (left, right): (Vec<_>, Vec<_>) =
            permuted.iter().zip(&split).partition(|(_, left)| **left);
        let sides = [left, right].map(|side| side.into_iter().map(|(one, _)| one).collect::<Vec<_>>());
        let [left, right] = sides;
        for (first, then) in [(&left, &right), (&right, &left)] {
            let mut fold = folded(kind, first.iter().copied(), &Halves);
            for one in then.iter().chain(first) {
                fold.add(one.id, one.event.clone(), one.place.clone(), &Halves);
            }
            prop_assert_eq!(&fold, &whole);
            fold.refold(&Halves);
            prop_assert_eq!(&fold, &whole, "kept incrementally, it equals a refold");
        }
    }

    #[test]
    fn what_ceases_to_count_leaves_nothing_behind(
        steps in steps(),
        kind in prop::sample::select(kinds_with_lives()),
        goes in prop::collection::vec(any::<bool>(), 64),
    ) {
        let written = history(kind, &steps);
        let mut fold = folded(kind, &written, &Halves);
        let (gone, stays): (Vec<_>, Vec<_>) =
            written.iter().zip(&goes).partition(|(_, goes)| **goes);
        for (one, _) in gone {
            fold.remove(one.id, one.place.put, &Halves);
        }
        let rest = folded(kind, stays.into_iter().map(|(one, _)| one), &Halves);
        prop_assert_eq!(fold, rest);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What is declared to depend on no day is the same on every day: a report would else show the
    /// number of a day that is over.
    #[test]
    fn what_is_not_by_day_is_the_same_on_every_day(
        steps in steps(),
        kind in prop::sample::select(kinds::ALL),
    ) {
        let written = if kind.lives.is_empty() { Vec::new() } else { history(kind, &steps) };
        let fold = folded(kind, &written, &Halves);
        let record = record(kind);
        let entity = Entity { record: Some(&record), fold: Some(&fold) };
        for own in kind.indicators.iter().filter(|own| !own.by_day) {
            let on = |day: &str| {
                let today = Day::parse(day).expect("a day");
                let nothing_opened = |_: &str, _: &str| None;
                let knowledge = Knowledge {
                    today,
                    heard_until: today,
                    opened: &nothing_opened,
                    present: &|_| true,
                };
                compute(own, [entity], &knowledge)
            };
            for day in ["2026-11-02", "2026-11-03", "2027-06-01"] {
                prop_assert_eq!(on("2020-01-01"), on(day), "{}: say that it is by day", own.code);
            }
        }
    }
}

/// A record of a kind in which every field says something.
fn record(kind: &'static Kind) -> AnyRecord {
    let name = match kind.naming {
        Naming::Ulid => "01KJ000000000000000000000Z".to_owned(),
        Naming::Person => "07".repeat(16),
        Naming::Made(_) => format!("n{}", "07".repeat(16)),
        Naming::Digits(_) => "220802001001001".to_owned(),
    };
    let said: BTreeMap<String, Said> = kind.fields.iter().map(said).collect();
    let told = kind.shard.asks().and_then(|field| match said.get(field)? {
        Said::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let shard = kind.shard.of(&name, told).expect("a shard");
    let unit = UnitId::parse("220800/220802").expect("a unit");
    let document = DocumentId::new(unit, kind.home.class(), &shard).expect("a document");
    let values: Vec<(String, [Scalar; 1])> = (said.iter())
        .filter_map(|(field, said)| {
            Some((format!("{}/{name}/{field}", kind.name), [said.scalar()?]))
        })
        .collect();
    let values = values.iter().map(|(key, values)| (key.as_str(), values.as_slice()));
    let read = Contents::read(&[kind], &document, values);
    read.records.into_values().next().expect("a record")
}

/// Nothing is asserted by histories in which nothing happens.
#[test]
fn histories_reach_every_verdict() {
    let mut reached = BTreeSet::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for kind in kinds_with_lives() {
        for _ in 0..300 {
            let tree = steps().new_tree(&mut runner).expect("a history");
            let written = history(kind, &proptest::strategy::ValueTree::current(&tree));
            for told in folded(kind, &written, &Halves).told() {
                reached.insert(name_of(&told.verdict));
                reached.extend((!told.missing.is_empty()).then_some("missing"));
            }
        }
    }
    let all = [
        "applies",
        "body",
        "missing",
        "no course",
        "not permitted",
        "same hand",
        "state",
        "yields",
    ];
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), all);
}

fn name_of(verdict: &schema_documents::Verdict) -> &'static str {
    use schema_documents::{Verdict, Void};
    match verdict {
        Verdict::Applies { .. } => "applies",
        Verdict::Void(void) => match void {
            Void::Unknown | Void::Day => "unknown",
            Void::Missing(_) | Void::Field(..) | Void::OtherField => "body",
            Void::NotPermitted => "not permitted",
            Void::NoCourse => "no course",
            Void::YieldsTo(_) => "yields",
            Void::SameHand(_) => "same hand",
            Void::State { .. } => "state",
        },
    }
}

#[test]
fn an_empty_entity_is_as_it_began() {
    for kind in kinds_with_lives() {
        assert!(Fold::new(kind).told().is_empty());
    }
}
