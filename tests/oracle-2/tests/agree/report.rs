//! A disagreement, told so that a person can judge it by the text.

use std::fmt::Write;

use schema_wire::{Author, Delegation, Hash, VerbSet, VerifiedStatement};

use crate::ask::Query;
use crate::case::{Case, Disagreement};
use crate::universe::Universe;

/// The reduced set, the question, the answers, and how to see it again.
pub(crate) fn tell(
    universe: &Universe,
    case: &Case,
    found: &Disagreement,
    seed: u64,
    number: u64,
) -> String {
    let mut told = format!("case {number} of seed {seed}: the judges disagree\n");
    let mut line = |text: String| writeln!(told, "{text}").expect("a string takes all");
    line(set(universe, case, &found.query));
    let other: Vec<_> = case.other_order.iter().map(|it| it.id().short()).collect();
    line(format!("  node-authority, in the order above:  {:?}", found.one));
    line(format!("  node-authority, in the other order:  {:?}", found.other));
    line(format!("  the oracle:                          {:?}", found.oracle));
    line(format!("the other order: {}", other.join(" ")));
    line(format!(
        "again: GONGZHI_SEED={seed} GONGZHI_ORACLE_FIRST={number} GONGZHI_ORACLE_CASES=1 \
         cargo test -p tests-oracle-2 --test agree"
    ));
    told
}

/// A set, and what is asked of it.
pub(crate) fn set(universe: &Universe, case: &Case, query: &Query) -> String {
    let roots: Vec<_> = case.genesis.roots.iter().map(|key| universe.name(key)).collect();
    let (threshold, network) = (case.genesis.threshold, Hash(case.genesis.network().0).short());
    let mut lines = vec![format!("genesis {network}: roots {roots:?}, {threshold} act together")];
    lines.extend(case.one_order.iter().map(|it| format!("  {}", readable(universe, it))));
    lines.push(format!("asked: {}", question(universe, query)));
    lines.join("\n")
}

fn question(universe: &Universe, query: &Query) -> String {
    match query {
        Query::Kept(statement) => format!("is {} kept", statement.id().short()),
        Query::MayCarry(under, place) | Query::PermitsWrite(under, place) => {
            let carry = matches!(query, Query::MayCarry(..));
            let asked = if carry { "may carry" } else { "permits" };
            let author = universe.name(&place.author.key);
            let incarnation = place.author.incarnation;
            let (seq, at_ms) = (place.seq, place.at_ms);
            let document = place.document.to_string();
            format!(
                "{}: {asked} {author}.{incarnation} {document} #{seq} at {at_ms}",
                under.short()
            )
        }
        Query::InForce(id, at_ms) => format!("is {} in force at {at_ms}", id.short()),
        Query::PermitsSession(id, peer, now) => {
            format!("does {} prove {} at {now}", id.short(), universe.name(peer))
        }
        Query::Adopted(id, unit) => format!("is envelope {} adopted by {unit}", id.short()),
        Query::Suspended(unit) => format!("is {unit} suspended"),
        Query::Caretakers(unit, at_ms) => format!("who takes care of {unit} at {at_ms}"),
        Query::IsRoot(key) => format!("is {} a root", universe.name(key)),
        Query::Generation => "which generation of root keys is it".to_owned(),
    }
}

fn readable(universe: &Universe, statement: &VerifiedStatement) -> String {
    let claims = statement.to_statement();
    let issuer = claims.issuer();
    let proof = issuer.proof.map_or("no proof".to_owned(), |proof| format!("by {}", proof.short()));
    let by = format!("{} for {} ({proof})", universe.name(&issuer.key), issuer.unit);
    let what = match statement {
        VerifiedStatement::Delegation(it) => granted(universe, it.value()),
        VerifiedStatement::Revocation(it) => {
            let value = it.value();
            let marks = value.watermarks.iter().map(|mark| {
                let Author { key, incarnation } = mark.author;
                format!("{} {}.{incarnation} to #{}", mark.document, universe.name(&key), mark.seq)
            });
            let marks: Vec<_> = marks.collect();
            format!("revokes {}, keeps {} {marks:?}", value.revokes.short(), ids(&value.keeps))
        }
        VerifiedStatement::Endorsement(it) => {
            format!("endorses {} at {}", it.value().endorses.short(), it.value().at_ms)
        }
        VerifiedStatement::Suspension(it) => {
            format!("suspends {} at {}", it.value().unit, it.value().at_ms)
        }
        VerifiedStatement::Adoption(it) => {
            format!("adopts {} at {}", ids(&it.value().envelopes), it.value().at_ms)
        }
        VerifiedStatement::Succession(it) => {
            let value = it.value();
            let roots: Vec<_> = value.roots.iter().map(|key| universe.name(key)).collect();
            let (previous, keeps) = (value.previous.short(), ids(&value.keeps));
            let threshold = value.threshold;
            format!("after {previous}: roots {roots:?}, {threshold} together; keeps {keeps}")
        }
    };
    let elsewhere = if claims.network().0 == [7; 32] { " (another network)" } else { "" };
    format!("{} {by} {what}{elsewhere}", statement.id().short())
}

fn granted(universe: &Universe, it: &Delegation) -> String {
    let verbs: String = [(VerbSet::GOVERN, 'G'), (VerbSet::WRITE, 'W'), (VerbSet::READ, 'R')]
        .iter()
        .filter(|(verb, _)| it.verbs.covers(*verb))
        .map(|(_, letter)| letter)
        .collect();
    let (from, until, grace) = (it.not_before_ms, it.not_after_ms, it.grace_ms);
    let (subject, unit, classes) = (universe.name(&it.subject), &it.unit, it.classes.0);
    format!("grants {subject} {unit} {verbs} classes {classes:b} {from}..={until}+{grace}")
}

fn ids(of: &[Hash]) -> String {
    let short: Vec<String> = of.iter().map(Hash::short).collect();
    format!("[{}]", short.join(" "))
}
