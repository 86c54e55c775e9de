//! Envelopes: verdicts, forks, choices, adoptions, what is needed.

use std::collections::BTreeMap;

use tests_oracle::case::{Envelope, Mark, Record};

use super::Tally;
use super::facts::Facts;

pub(crate) fn note(tally: &mut Tally, facts: &Facts<'_>) {
    for (at, envelope) in facts.case.envelopes.iter().enumerate() {
        tally.add(&format!("envelope {}", facts.verdict(at)));
        let named = |other: &(usize, &Envelope)| {
            facts.admitted(other.0) && other.1.dependencies.contains(&envelope.id)
        };
        let needed = facts.case.envelopes.iter().enumerate().any(|other| named(&other));
        tally.add_if(
            facts.verdict(at) == "unpermitted" && needed,
            "unpermitted, and in the set for what names it",
        );
        if facts.verdict(at) == "counts" {
            counting(tally, facts, envelope);
        }
        let across = envelope.dependencies.iter().filter_map(|id| facts.envelope(id));
        let across = across.filter(|on| on.document != envelope.document).count();
        tally.add_if(facts.admitted(at) && across > 0, "dependency in the opposite document");
        let unknown = envelope.document.1 >= 192 && !founded(facts, &envelope.document.2);
        tally.add_if(unknown && !facts.admitted(at), "addressee that nobody founds");
    }
    forks(tally, facts);
    marks(tally, facts);
}

fn founded(facts: &Facts<'_>, unit: &str) -> bool {
    facts
        .all_kept()
        .any(|at| matches!(facts.record(at), Record::Founding { below, .. } if below == unit))
}

/// An envelope that counts, although its delegation was withdrawn or never stood.
fn counting(tally: &mut Tally, facts: &Facts<'_>, envelope: &Envelope) {
    let Some(by) = facts.place(&envelope.delegation) else { return };
    let withdrawn = facts
        .endings(by)
        .iter()
        .any(|at| matches!(facts.record(*at), Record::Ending { ran_out: false, .. }));
    tally.add_if(withdrawn, "counts by adoption, its delegation withdrawn");
    let other = facts.lineage(by).is_some_and(|lineage| lineage != facts.case.own.lineage);
    let own = envelope.document.0 == facts.case.own.unit;
    let inner = (128..192).contains(&envelope.document.1);
    tally.add_if(other && own && inner, "counts by adoption, of another lineage");
    let recognised = facts.answer.followed.get(&envelope.document.0).is_none_or(Option::is_some);
    tally.add_if(inner && !recognised, "unit envelope counts, the unit not recognised");
    tally.add_if(inner, "unit envelope counts");
    tally.add_if(!inner && !own, "envelope of another unit counts");
}

fn forks(tally: &mut Tally, facts: &Facts<'_>) {
    let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, made) in facts.case.envelopes.iter().enumerate() {
        if facts.admitted(at) {
            places
                .entry((&made.document, &made.author, &made.incarnation, made.seq))
                .or_default()
                .push(at);
        }
    }
    let mut logs: BTreeMap<_, usize> = BTreeMap::new();
    for ((document, author, incarnation, _), sides) in &places {
        if sides.len() < 2 {
            continue;
        }
        *logs.entry((document, author, incarnation)).or_default() += 1;
        let has = |verdict: &str| sides.iter().any(|at| facts.verdict(*at).starts_with(verdict));
        tally.add_if(has("fork"), "fork that nobody chose");
        tally.add_if(has("outvoted") && has("counts"), "fork chosen");
        tally.add_if(
            has("unpermitted") && has("counts") && !has("outvoted"),
            "unpermitted side makes no fork",
        );
        if has("outvoted") {
            choices(tally, facts, sides);
        }
    }
    tally.add_if(logs.values().any(|forks| *forks > 1), "forks at two places of one log");
}

/// A fork of which several sides were adopted: what decided.
fn choices(tally: &mut Tally, facts: &Facts<'_>, sides: &[usize]) {
    let mut chosen: Vec<(u64, &str, usize)> = Vec::new();
    for side in sides {
        chosen.extend(adopters(facts, *side).into_iter().map(|(at, id)| (at, id, *side)));
    }
    chosen.sort_unstable();
    let other = chosen.iter().find(|choice| choice.2 != chosen[0].2);
    tally.add_if(
        other.is_some_and(|other| other.0 == chosen[0].0),
        "fork chosen on both sides at one time",
    );
    tally.add_if(
        other.is_some_and(|other| other.0 > chosen[0].0 && other.1 < chosen[0].1),
        "fork chosen on both sides, the earlier one by the greater id",
    );
}

/// The standing adoptions that name this envelope as head.
fn adopters<'a>(facts: &Facts<'a>, at: usize) -> Vec<(u64, &'a str)> {
    let id = &facts.case.envelopes[at].id;
    let mut found = Vec::new();
    for place in facts.all_kept().filter(|at| facts.inside(*at) || facts.outside(*at)) {
        if let Record::Adoption { marks, at, .. } = facts.record(place)
            && marks.iter().any(|mark| mark.head == *id)
        {
            found.push((*at, facts.id(place)));
        }
    }
    found
}

fn marks(tally: &mut Tally, facts: &Facts<'_>) {
    for at in facts.all_kept() {
        let Record::Adoption { marks, .. } = facts.record(at) else { continue };
        if !(facts.inside(at) || facts.outside(at)) {
            tally.add("adoption that does not stand");
            continue;
        }
        for mark in marks {
            one_mark(tally, facts, mark);
        }
    }
}

fn one_mark(tally: &mut Tally, facts: &Facts<'_>, mark: &Mark) {
    let log = |made: &Envelope| {
        made.document == mark.document
            && made.author == mark.author
            && made.incarnation == mark.incarnation
    };
    let of: Vec<usize> = (0..facts.case.envelopes.len())
        .filter(|at| facts.admitted(*at) && log(&facts.case.envelopes[*at]))
        .collect();
    let below = |at: &&usize| facts.case.envelopes[**at].seq <= mark.seq;
    let above = of.iter().any(|at| facts.case.envelopes[*at].seq > mark.seq);
    tally.add_if(above, "mark below the end of its log");
    match facts.envelope(&mark.head) {
        None if of.iter().any(|at| below(&at)) => tally.add("mark whose head is not admitted"),
        Some(head) if !log(head) || head.seq != mark.seq => {
            tally.add("mark whose head is admitted elsewhere")
        }
        _ => {}
    }
}
