//! Charters, rotations, successions and endorsements that a party can sign.

use tests_oracle::case::{Case, Record};

use crate::moves::{Menu, Party, all_statements};
use crate::words::{find, issued};
use crate::world::{charter, commitment};

pub(crate) fn charters(case: &Case, party: &Party, menu: &Menu, items: &mut Vec<Record>) {
    let own = [case.own.unit.as_str()];
    for unit in menu.below.iter().copied().chain(own.into_iter().filter(|_| menu.below.is_empty()))
    {
        for key in &party.keys {
            items.push(charter(unit, key, "nobody"));
        }
    }
}

pub(crate) fn rotations(case: &Case, party: &Party, items: &mut Vec<Record>) {
    let keeps: Vec<Vec<String>> = vec![Vec::new(), all_statements(case)];
    for said in &case.statements {
        let (Record::Charter { unit, .. } | Record::Rotation { unit, .. }) = &said.record else {
            continue;
        };
        for reveal in &party.keys {
            for key in party.keys.iter().filter(|key| *key != reveal) {
                for keeps in &keeps {
                    items.push(Record::Rotation {
                        unit: unit.clone(),
                        previous: said.id.clone(),
                        reveal: (*reveal).into(),
                        key: (*key).into(),
                        next: commitment("nobody"),
                        keeps: keeps.clone(),
                        at: 0,
                    });
                }
            }
        }
    }
}

pub(crate) fn successions(case: &Case, party: &Party, items: &mut Vec<Record>) {
    let kept = case.statements.iter();
    let later = kept.filter(|said| matches!(said.record, Record::Succession { .. }));
    let previous: Vec<&String> =
        std::iter::once(&case.genesis.id).chain(later.map(|said| &said.id)).collect();
    for previous in previous {
        for reveal in &party.keys {
            for key in party.keys.iter().filter(|key| *key != reveal) {
                for keeps in [Vec::new(), all_statements(case)] {
                    items.push(Record::Succession {
                        previous: previous.clone(),
                        reveal: (*reveal).into(),
                        roots: vec![(*key).into()],
                        threshold: 1,
                        next: vec![commitment("nobody")],
                        next_threshold: 1,
                        keeps,
                        at: 0,
                    });
                }
            }
        }
    }
}

pub(crate) fn endorsements(case: &Case, party: &Party, items: &mut Vec<Record>) {
    let mut proofs = vec![case.genesis.id.clone()];
    let mut endorsed = Vec::new();
    for said in &case.statements {
        match &said.record {
            Record::Succession { .. } => {
                proofs.push(said.id.clone());
                endorsed.push(said.id.clone());
            }
            record => {
                let root = issued(record).is_some_and(|(_, proof, _)| {
                    proof == case.genesis.id
                        || matches!(find(case, proof), Some(Record::Succession { .. }))
                });
                if root {
                    endorsed.push(said.id.clone());
                }
            }
        }
    }
    for proof in &proofs {
        for issuer in &party.keys {
            for endorses in &endorsed {
                items.push(Record::Endorsement {
                    proof: proof.clone(),
                    issuer: (*issuer).into(),
                    endorses: endorses.clone(),
                });
            }
        }
    }
}
