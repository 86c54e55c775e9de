//! Planted faults: each loosens a rule by rewriting the case before it is judged.
//!
//! A search that cannot fail proves nothing: `tests/faults.rs` shows that each of these, and each
//! sentence of [`crate::quick::Rules`], makes its search reach a goal.

use tests_oracle::case::{Case, Record};

use crate::moves::all_statements;

/// A founding from above sets the lineage of a node.
pub fn founding_is_pin(case: &mut Case) {
    let named = case.statements.iter().rev().find_map(|said| match &said.record {
        Record::Founding { below, lineage, .. } if *below == case.own.unit => Some(lineage.clone()),
        _ => None,
    });
    case.own.lineage = named.unwrap_or_else(|| case.own.lineage.clone());
}

/// Every generation and ending keeps everything.
pub fn everything_is_kept(case: &mut Case) {
    let all = all_statements(case);
    for said in &mut case.statements {
        if let Record::Rotation { keeps, .. }
        | Record::Succession { keeps, .. }
        | Record::Ending { keeps, .. } = &mut said.record
        {
            keeps.clone_from(&all);
        }
    }
}

/// The operating key reveals as the phrase does.
pub fn operating_key_reveals(case: &mut Case) {
    for said in &mut case.statements {
        if let Record::Rotation { reveal, .. } = &mut said.record
            && reveal == "ko"
        {
            *reveal = "po".into();
        }
    }
}

/// Whoever has a delegation has GOVERN.
pub fn everybody_governs(case: &mut Case) {
    for said in &mut case.statements {
        if let Record::Delegation { verbs, .. } = &mut said.record {
            *verbs |= 1;
        }
    }
}

/// Withdrawals have no effect.
pub fn nothing_is_withdrawn(case: &mut Case) {
    for said in &mut case.statements {
        if let Record::Ending { ran_out: false, ends, .. } = &mut said.record {
            *ends = "nothing00000".into();
        }
    }
}

/// Whoever governed once speaks as the node `g`, which governs (at 8, when only attackers speak).
pub fn once_is_always(case: &mut Case) {
    let govern = case.statements.iter().find_map(|said| match &said.record {
        Record::Delegation { subject, verbs: 3, .. } if subject == "g" => Some(said.id.clone()),
        _ => None,
    });
    let Some(govern) = govern else { return };
    for said in &mut case.statements {
        if let Record::Ending { proof, issuer, at: 8, .. }
        | Record::Adoption { proof, issuer, at: 8, .. } = &mut said.record
            && matches!(issuer.as_str(), "h" | "q")
        {
            *issuer = "g".into();
            proof.clone_from(&govern);
        }
    }
}

/// A founding by somebody withdrawn is an act of the root.
pub fn founding_is_root_act(case: &mut Case) {
    let root = case.genesis.id.clone();
    for said in &mut case.statements {
        if let Record::Founding { unit, proof, issuer, .. } = &mut said.record
            && issuer == "gc"
        {
            *unit = "c".into();
            *issuer = "r1".into();
            proof.clone_from(&root);
        }
    }
}

/// The unit beside is taken for the district.
pub fn beside_is_above(case: &mut Case) {
    let district = case.statements.iter().find_map(|said| match &said.record {
        Record::Charter { unit, .. } if unit == "c/d" => Some(said.id.clone()),
        _ => None,
    });
    for said in &mut case.statements {
        if let Record::Founding { unit, proof, issuer, .. }
        | Record::Ending { unit, proof, issuer, .. } = &mut said.record
            && issuer == "ke"
        {
            *unit = "c/d".into();
            *issuer = "kd".into();
            proof.clone_from(district.as_ref().unwrap_or(&String::new()));
        }
    }
}

/// Roots are among the keys from paper.
pub fn roots_reveal(case: &mut Case) {
    let roots = case.genesis.roots.clone();
    case.genesis.next.extend(roots.iter().map(|root| crate::world::commitment(root)));
    case.genesis.next.sort();
}

/// One revealed key is enough.
pub fn one_key_is_enough(case: &mut Case) {
    case.genesis.next_threshold = 1;
}

/// One root's signature is enough, and what it does is kept.
pub fn one_root_is_enough(case: &mut Case) {
    case.genesis.threshold = 1;
    everything_is_kept(case);
}

/// A node does not remember what it followed first.
pub fn pins_are_forgotten(case: &mut Case) {
    case.pins.generations.clear();
}

/// Adoptions are left out.
pub fn nothing_is_adopted(case: &mut Case) {
    case.statements.retain(|said| !matches!(said.record, Record::Adoption { .. }));
}

/// An adoption is for a log as far as its place, whichever branch it names.
pub fn marks_without_heads(case: &mut Case) {
    let written = case.envelopes.clone();
    for said in &mut case.statements {
        let Record::Adoption { marks, .. } = &mut said.record else { continue };
        for mark in marks {
            let other = written.iter().rev().find(|one| {
                one.author == mark.author && one.seq == mark.seq && one.document == mark.document
            });
            if let Some(other) = other {
                mark.head.clone_from(&other.id);
            }
        }
    }
}
