//! Who is the unit: outsiders, a stolen node, a stolen operating key, and the recovery from both.
//!
//! The city (key `kc`) founds the district (`kd`, hostile), which founds the community
//! `c/d/m`: operating key `ko`, phrase `po`, a govern node `g` (grant by the operating key), a
//! clerk `w` (grant by the govern node) and a removed member `m`.
//! The clerk's entry depends on the govern node's.
//!
//! Goals of the attackers:
//! - a key that no delegation of the community's lineage names holds one of its bands;
//! - outsiders change what stands or counts inside;
//! - an honest entry does not count after the honest act: the ending of the stolen node's grants
//!   by the operating key, or the rotation by the phrase.

use std::rc::Rc;

use tests_oracle::case::{Answer, Case, Document, Envelope, Read, Record, Scope};

use crate::moves::{Menu, Party, moves};
use crate::quick::Rules;
use crate::search::{Model, Move, State, verdict};
use crate::stable::unstable;
use crate::words::{find, issued};
use crate::world::{
    BOTH, EVER, Item, WRITE, World, adoption, charter, commitment, delegation, ending, entry,
    envelope, founding, quiet_root, statement,
};
use crate::writing::honest_entries;

/// Who attacks, and how the community answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theft {
    /// City, district and the removed member; the community does nothing.
    Outsiders,
    /// They and the key of the govern node; the operating key ends its grants.
    Node,
    /// They and the operating key; the phrase rotates.
    Operating,
}

/// The world and the names in it that the model needs.
#[derive(Debug)]
pub struct Lineage {
    theft: Theft,
    rules: Rules,
    world: World,
    charter: String,
    govern: String,
    clerk: String,
    adopted: String,
    honest: Vec<String>,
    inside: Answer,
    parties: Vec<(Party, Menu)>,
}

const UNIT: &str = "c/d/m";
const STOLEN_AT: u64 = 50;
const AFTER: u64 = 51;

fn document() -> Document {
    Document(UNIT.into(), 128, "1".into())
}

/// A new govern node, its clerk and the clerk's entry.
fn successors(proof: &str, issuer: &str) -> Vec<Item> {
    let govern = statement(delegation(UNIT, proof, issuer, "g2", BOTH, (AFTER, EVER)));
    let clerk = statement(delegation(UNIT, &govern.id, "g2", "w2", WRITE, (AFTER, EVER)));
    let written = envelope('m', entry(&document(), "w2", None, &clerk.id, &[], AFTER + 1));
    vec![Item::Say(govern), Item::Say(clerk), Item::Write(written)]
}

impl Lineage {
    pub fn new(theft: Theft, rules: Rules) -> Self {
        let mut world = World::new(quiet_root());
        let city = world.say("city", charter("c", "kc", "pc"));
        let district = world.say("district", charter("c/d", "kd", "pd"));
        let unit = world.say("community", charter(UNIT, "ko", "po"));
        let top = world.case.genesis.id.clone();
        world.say("city-founded", founding("c", &top, "r1", "c", &city));
        world.say("district-founded", founding("c", &city, "kc", "c/d", &district));
        world.say("community-founded", founding("c/d", &district, "kd", UNIT, &unit));
        let govern = world.say("govern", delegation(UNIT, &unit, "ko", "g", BOTH, (0, EVER)));
        let clerk = world.say("clerk", delegation(UNIT, &govern, "g", "w", WRITE, (0, EVER)));
        let member = world.say("member", delegation(UNIT, &unit, "ko", "m", WRITE, (0, EVER)));
        let mut put = |name: &str, draft: Envelope| {
            let one = envelope('m', draft);
            world.write(name, one.clone());
            one
        };
        let e0 = put("m-entry", entry(&document(), "m", None, &member, &[], 1));
        let e1 = put("g-entry", entry(&document(), "g", None, &govern, &[&e0.id], 10));
        let e2 = put("w-entry", entry(&document(), "w", None, &clerk, &[&e1.id], 20));
        world.say("member-ended", ending(UNIT, &unit, "ko", &member, &[], 30));
        let adopted = world.say("member-adopted", adoption(UNIT, &unit, "ko", &[&e0], 30));
        world.case.own.unit = UNIT.into();
        world.case.own.lineage = unit.clone();
        world.case.times = vec![5, 60];
        world.case.units = vec![UNIT.into()];
        for key in ["x", "m", "kc", "kd", "ko", "g", "w"] {
            for compartment in [4, 7] {
                let scope = Scope::Own(UNIT.into(), compartment);
                world.case.reads.push(Read { key: key.into(), at: 60, scope });
            }
        }
        let honest = vec![e0.id, e1.id, e2.id];
        let inside = verdict(&world.case, rules);
        let parties = parties(theft);
        Self { theft, rules, world, charter: unit, govern, clerk, adopted, honest, inside, parties }
    }

    /// The stolen node's grants end, with what it honestly issued kept and what counts adopted;
    /// another node governs, and takes in a clerk, who writes.
    fn end_node(&self, case: &Case, answer: &Answer) -> Vec<Item> {
        let mut items = Vec::new();
        let grants = case.statements.iter().filter(|said| {
            matches!(&said.record, Record::Delegation { subject, proof, .. }
                if subject == "g" && *proof == self.charter)
        });
        for grant in grants {
            let keeps = [self.clerk.as_str()];
            let end = ending(UNIT, &self.charter, "ko", &grant.id, &keeps, AFTER);
            items.push(Item::Say(statement(end)));
        }
        let heads = self.heads(case, answer, "g");
        let adopted = adoption(UNIT, &self.charter, "ko", &heads, AFTER);
        items.push(Item::Say(statement(adopted)));
        items.extend(successors(&self.charter, "ko"));
        items
    }

    /// The phrase rotates: everything honest is kept by name; then as in [`Self::end_node`].
    fn rotate(&self) -> Vec<Item> {
        let mut keeps = vec![self.govern.clone(), self.clerk.clone(), self.adopted.clone()];
        keeps.sort();
        let rotation = statement(Record::Rotation {
            unit: UNIT.into(),
            previous: self.charter.clone(),
            reveal: "po".into(),
            key: "k2".into(),
            next: commitment("p2"),
            keeps,
            at: AFTER,
        });
        let mut items = successors(&rotation.id, "k2");
        items.push(Item::Say(rotation));
        items
    }

    /// Of each log of an author the honest head: of what the world began with, else of what counts.
    fn heads<'a>(&self, case: &'a Case, answer: &Answer, author: &str) -> Vec<&'a Envelope> {
        let mut logs: Vec<&Envelope> = Vec::new();
        let counted = case.envelopes.iter().zip(&answer.envelopes);
        let mut good: Vec<&Envelope> = counted
            .filter(|(one, told)| {
                one.author == author && (*told == "counts" || self.honest.contains(&one.id))
            })
            .map(|(one, _)| one)
            .collect();
        good.sort_by_key(|one| (!self.honest.contains(&one.id), one.seq));
        for one in good {
            let same = |other: &&Envelope| other.incarnation == one.incarnation;
            match logs.iter().position(same) {
                None => logs.push(one),
                Some(n) if one.backlink.as_ref() == Some(&logs[n].id) => logs[n] = one,
                Some(_) => {}
            }
        }
        logs
    }

    fn named(&self, case: &Case, key: &str) -> bool {
        case.statements.iter().any(|said| {
            matches!(&said.record, Record::Delegation { subject, unit, .. }
                if subject == key && unit == UNIT)
                && self.of_lineage(case, &said.record)
        })
    }

    fn of_lineage(&self, case: &Case, record: &Record) -> bool {
        match record {
            Record::Charter { .. } => false,
            Record::Rotation { previous: proof, .. } => self.leads(case, proof),
            record => issued(record).is_some_and(|(_, proof, _)| self.leads(case, proof)),
        }
    }

    fn leads(&self, case: &Case, proof: &str) -> bool {
        proof == self.charter
            || find(case, proof).is_some_and(|record| self.of_lineage(case, record))
    }

    fn reads(&self, state: &State, case: &Case, answer: &Answer) -> Option<String> {
        for (read, allowed) in case.reads.iter().zip(&answer.reads) {
            let key = read.key.as_str();
            let honest =
                matches!(key, "w" | "w2" | "g2") || key == "g" && self.theft != Theft::Node;
            let named = self.named(case, key);
            if *allowed && (!named || state.acted.is_some() && !honest) {
                return Some(format!("{key} holds a band, named by the lineage: {named}"));
            }
        }
        None
    }
}

fn parties(theft: Theft) -> Vec<(Party, Menu)> {
    let menu = Menu {
        kinds: "cdfeaorw",
        subjects: vec!["x", "g", "ko"],
        terms: vec![(0, EVER)],
        below: vec!["c/d", UNIT],
        times: vec![5, STOLEN_AT],
        documents: vec![document()],
        ranks: vec!['a'],
        depends: false,
        elsewhere: false,
        incarnations: vec!["i1"],
    };
    let mut parties = vec![
        (Party { who: "district", keys: vec!["kd", "kc", "x"] }, menu.clone()),
        (Party { who: "member", keys: vec!["m"] }, menu.clone()),
    ];
    let clerk = Menu { kinds: "w", depends: true, times: vec![STOLEN_AT], ..menu.clone() };
    match theft {
        Theft::Outsiders => return parties,
        Theft::Node => parties.push((Party { who: "thief", keys: vec!["g", "x"] }, menu)),
        Theft::Operating => parties.push((Party { who: "thief", keys: vec!["ko", "x"] }, menu)),
    }
    parties.push((Party { who: "clerk", keys: vec!["w"] }, clerk));
    parties
}

impl Model for Lineage {
    fn name(&self) -> &'static str {
        match self.theft {
            Theft::Outsiders => "lineage, outsiders",
            Theft::Node => "lineage, stolen node",
            Theft::Operating => "lineage, stolen operating key",
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn moves(&self, state: &State, case: &Case, answer: &Answer) -> Vec<Move> {
        let mut all = Vec::new();
        for (party, menu) in &self.parties {
            if party.who == "clerk" {
                if state.acted.is_none() {
                    all.extend(honest_entries(case, answer, party, menu));
                }
            } else {
                all.extend(moves(case, party, menu));
            }
        }
        all
    }

    fn act(&self, _: &State, case: &Case, answer: &Answer) -> Option<Move> {
        let items = match self.theft {
            Theft::Outsiders => return None,
            Theft::Node => self.end_node(case, answer),
            Theft::Operating => self.rotate(),
        };
        let items = items.into_iter().map(Rc::new).collect();
        Some(Move { who: "community", items, cost: 0, act: true })
    }

    fn broken(&self, state: &State, case: &Case, answer: &Answer) -> Option<String> {
        if let Some(goal) = self.reads(state, case, answer) {
            return Some(goal);
        }
        let before = self.world.case.statements.len();
        if self.theft == Theft::Outsiders {
            let of_unit = |n: &usize| {
                issued(&self.world.case.statements[*n].record)
                    .is_some_and(|(unit, ..)| unit == UNIT)
            };
            let same = (0..before).filter(of_unit).all(|n| {
                answer.kept.as_bytes()[n] == self.inside.kept.as_bytes()[n]
                    && answer.stands[n]
                        .iter()
                        .map(|told| &told.0)
                        .eq(self.inside.stands[n].iter().map(|told| &told.0))
            });
            let count = self.honest.len();
            let alike = answer.envelopes[..count] == self.inside.envelopes[..count];
            let unnamed = answer.suspended.is_empty();
            return (!same || !alike || !unnamed)
                .then(|| "outsiders change what stands inside".into())
                .or_else(|| unstable(case, answer, self.rules));
        }
        let acted = state.acted?;
        let written: Vec<&str> = state.moves[..=acted]
            .iter()
            .filter(|step| step.who == "clerk" || step.act)
            .flat_map(|step| step.items.iter().map(|item| item.id()))
            .collect();
        let lost = case.envelopes.iter().zip(&answer.envelopes).find(|(one, told)| {
            let honest = self.honest.contains(&one.id) || written.contains(&one.id.as_str());
            honest && *told != "counts"
        });
        lost.map(|(_, told)| format!("an honest entry is {told} after the honest act"))
            .or_else(|| unstable(case, answer, self.rules))
    }
}
