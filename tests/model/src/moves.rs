//! Everything that a party can sign with the keys it holds, from small sets of values.
//!
//! Nothing is left out because it looks pointless or because a rule forbids it: the judge decides.
//! What bounds the search is in the [`Menu`]: kinds, units, times, subjects, and which subsets
//! of ids an ending keeps.

use std::rc::Rc;

use tests_oracle::case::{Case, Document, Envelope, Record, Statement};

use crate::generations;
use crate::search::Move;
use crate::words::{by_generation, issued};
use crate::world::{
    BOTH, Item, Term, WRITE, adoption, closing, delegation, ending, founding, statement,
};
use crate::writing;

/// A party: its name in traces and the keys it holds.
#[derive(Debug, Clone)]
pub struct Party {
    pub who: &'static str,
    pub keys: Vec<&'static str>,
}

/// The values that statements are made from.
#[derive(Debug, Clone, Default)]
pub struct Menu {
    /// Letters of the kinds: `c`harter, `r`otation, `s`uccession, `d`elegation, `f`ounding,
    /// `e`nding, `a`doption, `o`ther (suspension, dissolution, card, address), `n` endorsement,
    /// `w`riting.
    pub kinds: &'static str,
    pub subjects: Vec<&'static str>,
    pub terms: Vec<Term>,
    /// Units that foundings, suspensions and dissolutions name.
    pub below: Vec<&'static str>,
    pub times: Vec<u64>,
    /// Documents in which envelopes are written.
    pub documents: Vec<Document>,
    /// First letters of the ids of envelopes.
    pub ranks: Vec<char>,
    /// Whether envelopes may depend on those of others.
    pub depends: bool,
    /// Whether adoptions name heads that lie elsewhere.
    pub elsewhere: bool,
    pub incarnations: Vec<&'static str>,
}

/// All moves of a party, each of one item.
pub fn moves(case: &Case, party: &Party, menu: &Menu) -> Vec<Move> {
    let mut items = Vec::new();
    let has = |kind| menu.kinds.contains(kind);
    if has('c') {
        generations::charters(case, party, menu, &mut items);
    }
    if has('r') {
        generations::rotations(case, party, &mut items);
    }
    if has('s') {
        generations::successions(case, party, &mut items);
    }
    if has('n') {
        generations::endorsements(case, party, &mut items);
    }
    for (unit, proof, key) in issuers(case, party) {
        let issuer = (unit.as_str(), proof.as_str(), key.as_str());
        issue(case, menu, issuer, &mut items);
    }
    let mut items: Vec<Item> = items.into_iter().map(|said| Item::Say(statement(said))).collect();
    if has('w') {
        writing::envelopes(case, party, menu, &mut items);
    }
    items.retain(|item| !holds(case, item.id()));
    items
        .into_iter()
        .map(|item| Move { who: party.who, items: vec![Rc::new(item)], cost: 1, act: false })
        .collect()
}

fn holds(case: &Case, id: &str) -> bool {
    case.statements.iter().any(|statement| statement.id == id)
        || case.envelopes.iter().any(|envelope| envelope.id == id)
}

type Issuer<'a> = (&'a str, &'a str, &'a str);

/// Every unit, proof and key by which a party can issue something: rule 7.
fn issuers(case: &Case, party: &Party) -> Vec<(String, String, String)> {
    let mut issuers = Vec::new();
    let held = |key: &String| party.keys.contains(&key.as_str());
    for root in case.genesis.roots.iter().filter(|key| held(key)) {
        issuers.push((case.genesis.unit.clone(), case.genesis.id.clone(), root.clone()));
    }
    for said in &case.statements {
        match &said.record {
            Record::Charter { unit, key, .. } | Record::Rotation { unit, key, .. } if held(key) => {
                issuers.push((unit.clone(), said.id.clone(), key.clone()));
            }
            Record::Delegation { unit, subject, .. } if held(subject) => {
                issuers.push((unit.clone(), said.id.clone(), subject.clone()));
            }
            Record::Succession { roots, .. } => {
                for root in roots.iter().filter(|key| held(key)) {
                    issuers.push((case.genesis.unit.clone(), said.id.clone(), root.clone()));
                }
            }
            _ => {}
        }
    }
    issuers
}

fn issue(case: &Case, menu: &Menu, issuer: Issuer<'_>, items: &mut Vec<Record>) {
    let has = |kind| menu.kinds.contains(kind);
    if has('d') {
        delegations(menu, issuer, items);
    }
    if has('f') {
        foundings(case, menu, issuer, items);
    }
    if has('e') {
        endings(case, menu, issuer, items);
    }
    if has('a') {
        adoptions(case, menu, issuer, items);
    }
    if has('o') {
        others(menu, issuer, items);
    }
}

fn delegations(menu: &Menu, (unit, proof, issuer): Issuer<'_>, items: &mut Vec<Record>) {
    for subject in &menu.subjects {
        for term in &menu.terms {
            for verbs in [BOTH, WRITE] {
                items.push(delegation(unit, proof, issuer, subject, verbs, *term));
            }
        }
    }
}

fn foundings(case: &Case, menu: &Menu, (unit, proof, issuer): Issuer<'_>, items: &mut Vec<Record>) {
    for said in &case.statements {
        let Record::Charter { unit: below, .. } = &said.record else { continue };
        if menu.below.contains(&below.as_str()) {
            items.push(founding(unit, proof, issuer, below, &said.id));
        }
    }
}

/// Endings and closings of everything that can be ended, by a unit that contains its unit.
fn endings(case: &Case, menu: &Menu, (unit, proof, issuer): Issuer<'_>, items: &mut Vec<Record>) {
    for said in &case.statements {
        let Some((ended_unit, ..)) = issued(&said.record) else { continue };
        let over = match &said.record {
            Record::Delegation { not_after, .. } | Record::Founding { not_after, .. } => {
                Some(*not_after)
            }
            Record::Adoption { .. } | Record::Suspension { .. } | Record::Dissolution { .. } => {
                None
            }
            _ => continue,
        };
        if !ended_unit.starts_with(unit) {
            continue;
        }
        for keeps in subsets(&behind(case, said)) {
            let keeps: Vec<&str> = keeps.iter().map(String::as_str).collect();
            for at in &menu.times {
                let record = ending(unit, proof, issuer, &said.id, &keeps, *at);
                if over.is_some_and(|over| *at > over) {
                    items.push(closing(record.clone()));
                }
                items.push(record);
            }
        }
    }
}

/// What may stand next after a statement in a path.
fn behind(case: &Case, ended: &Statement) -> Vec<String> {
    let next = |said: &&Statement| {
        let Some((unit, proof, _)) = issued(&said.record) else { return false };
        match &ended.record {
            Record::Delegation { .. } => proof == ended.id,
            Record::Founding { below, .. } => unit == below && by_generation(case, &said.record),
            _ => false,
        }
    };
    case.statements.iter().filter(next).map(|said| said.id.clone()).collect()
}

/// Of up to two ids every subset; of more, none, all, each alone, and all but each.
pub fn subsets(ids: &[String]) -> Vec<Vec<String>> {
    let mut ids = ids.to_vec();
    ids.sort();
    let mut sets = vec![Vec::new()];
    sets.extend(ids.iter().map(|id| vec![id.clone()]));
    if ids.len() > 2 {
        for without in &ids {
            sets.push(ids.iter().filter(|id| *id != without).cloned().collect());
        }
    }
    if ids.len() > 1 {
        sets.push(ids);
    }
    sets
}

/// Adoptions of each envelope alone as a head, for each log of a head that nobody has, and of
/// heads that lie elsewhere than the mark says.
fn adoptions(case: &Case, menu: &Menu, (unit, proof, issuer): Issuer<'_>, items: &mut Vec<Record>) {
    let mut heads: Vec<Envelope> = case.envelopes.clone();
    for written in case.envelopes.iter().filter(|envelope| envelope.seq == 1) {
        heads.push(Envelope { id: "zz-not-there".into(), seq: 9, ..written.clone() });
        let elsewhere = case.envelopes.iter().filter(|other| {
            menu.elsewhere && (other.author != written.author || other.document != written.document)
        });
        heads.extend(elsewhere.map(|other| Envelope { id: other.id.clone(), ..written.clone() }));
    }
    for head in heads.iter().filter(|head| head.document.0 == unit) {
        for at in &menu.times {
            items.push(adoption(unit, proof, issuer, &[head], *at));
        }
    }
}

fn others(menu: &Menu, (unit, proof, issuer): Issuer<'_>, items: &mut Vec<Record>) {
    let (unit, proof, issuer) = (unit.to_owned(), proof.to_owned(), issuer.to_owned());
    for below in menu.below.iter().filter(|below| below.starts_with(&unit)) {
        let below = (*below).to_owned();
        let (unit, proof, issuer) = (unit.clone(), proof.clone(), issuer.clone());
        items.push(Record::Suspension {
            unit: unit.clone(),
            proof: proof.clone(),
            issuer: issuer.clone(),
            below: below.clone(),
            at: 1,
        });
        items.push(Record::Dissolution { unit, proof, issuer, below, successors: vec![], at: 1 });
    }
    items.push(Record::Card {
        unit: unit.clone(),
        proof: proof.clone(),
        issuer: issuer.clone(),
        serial: 9,
        at: 1,
    });
    items.push(Record::Address { unit, proof, issuer, at: 1, until: 2 });
}

/// The ids of all statements, ascending.
pub fn all_statements(case: &Case) -> Vec<String> {
    let mut ids: Vec<String> = case.statements.iter().map(|said| said.id.clone()).collect();
    ids.sort();
    ids
}
