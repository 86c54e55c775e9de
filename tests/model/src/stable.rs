//! What the text promises of every set: the order of items says nothing, and neither does what is
//! set aside.

use std::collections::BTreeMap;

use tests_oracle::case::{Answer, Case, Envelope, Record, Scope};

use crate::quick::Rules;
use crate::search::verdict;
use crate::words::{find, issued};

type Told = BTreeMap<String, String>;

/// What is said of each item, by its id.
fn told(case: &Case, answer: &Answer) -> Told {
    let aside = |id: &str| if answer.aside.iter().any(|one| one == id) { "+aside" } else { "" };
    let said = case.statements.iter().zip(answer.kept.chars().zip(&answer.stands));
    let written = case.envelopes.iter().zip(&answer.envelopes);
    said.map(|(one, (kept, stands))| {
        (one.id.clone(), format!("{kept} {stands:?}{}", aside(&one.id)))
    })
    .chain(written.map(|(one, verdict)| (one.id.clone(), verdict.clone())))
    .collect()
}

/// A difference that there must not be.
pub fn unstable(case: &Case, answer: &Answer, rules: Rules) -> Option<String> {
    let whole = told(case, answer);
    let mut turned = case.clone();
    turned.statements.reverse();
    turned.envelopes.reverse();
    if told(&turned, &verdict(&turned, rules)) != whole {
        return Some("the order decides".into());
    }
    elsewhere(case, &whole, rules).or_else(|| without(case, &whole, rules))
}

/// A node that never got what others set aside: all of it, or one item.
fn without(case: &Case, whole: &Told, rules: Rules) -> Option<String> {
    let aside: Vec<&str> = whole
        .iter()
        .filter(|(_, told)| told.ends_with("+aside"))
        .map(|(id, _)| id.as_str())
        .collect();
    let wanted = wanted(case, whole);
    let aside: Vec<&str> = aside.into_iter().filter(|id| !wanted.contains(id)).collect();
    let mut lacking: Vec<Vec<&str>> = aside.iter().map(|id| vec![*id]).collect();
    if aside.len() > 1 {
        lacking.push(aside.clone());
    }
    lacking.iter().find_map(|lacking| {
        let mut less = case.clone();
        less.statements.retain(|one| !lacking.contains(&one.id.as_str()));
        less.envelopes.retain(|one| !lacking.contains(&one.id.as_str()));
        let other = told(&less, &verdict(&less, rules));
        let differs = |(id, told): (&String, &String)| {
            let before = &whole[id];
            // What is set aside may wait for another that is; and what is refused, which is in no
            // set either, for what would show that it is to be refused.
            let outside = before.ends_with("+aside") || before.starts_with('r');
            let waits = outside && (told == "absent" || told.starts_with('w'));
            let differs = before != told && !waits;
            differs.then(|| format!("without what is set aside: {before} becomes {told}"))
        };
        other.iter().find_map(differs)
    })
}

/// Statements that envelopes and adoptions of the set rest on: whoever lacks them wants them by
/// id, set aside or not.
fn wanted<'a>(case: &'a Case, whole: &Told) -> Vec<&'a str> {
    let in_set = |id: &str| !whole[id].ends_with("+aside");
    let written = case.envelopes.iter().filter(|one| in_set(&one.id));
    let mut wanted: Vec<&str> = written.map(|one| one.delegation.as_str()).collect();
    wanted.extend(case.statements.iter().filter_map(|said| match &said.record {
        Record::Adoption { proof, .. } if in_set(&said.id) => Some(proof.as_str()),
        _ => None,
    }));
    let mut n = 0;
    while let Some(id) = wanted.get(n).copied() {
        n += 1;
        match find(case, id) {
            Some(Record::Rotation { previous, .. } | Record::Succession { previous, .. }) => {
                wanted.push(previous);
            }
            Some(Record::Charter { .. }) => {
                let founding = case.statements.iter().filter(|said| {
                    matches!(&said.record, Record::Founding { lineage, .. } if lineage == id)
                });
                wanted.extend(
                    founding
                        .map(|said| said.id.as_str())
                        .filter(|id| !wanted.contains(id))
                        .collect::<Vec<_>>(),
                );
            }
            Some(record) => wanted.extend(issued(record).map(|(_, proof, _)| proof)),
            None => {}
        }
    }
    wanted
}

/// A node that holds the unit's statements and none of its bands: the set of statements is the
/// same.
fn elsewhere(case: &Case, whole: &Told, rules: Rules) -> Option<String> {
    let band = |one: &Envelope| one.document.1 >= 128;
    if !case.envelopes.iter().any(band) {
        return None;
    }
    let mut less = case.clone();
    less.envelopes.retain(|one| !band(one));
    less.statements
        .retain(|one| !matches!(&one.record, Record::Adoption { scope: Scope::Own(_, 4..), .. }));
    let other = told(&less, &verdict(&less, rules));
    let differs = |(id, told): (&String, &String)| {
        let before = &whole[id];
        (before != told).then(|| format!("without the bands: {before} becomes {told}"))
    };
    other.iter().find_map(differs)
}
