//! Forks: an author and a thief with the same key, two nodes that govern, and entries of others.
//!
//! The author `a` wrote two entries; the thief has its key and writes where it likes, under any
//! time, with any id.
//! The clerk `b` is honest and depends on what counts where it is; `r` was removed, and its key
//! writes still.
//! The honest act: the govern node `g` adopts the honest head, and every other head that it holds.
//! The govern node `g2` may have held another side first, and adopts that one, earlier or later.
//!
//! Goals: after the act of `g` alone an honest entry up to the adopted head does not count; after
//! acts of both, a forked place up to the heads has no winner; a removed key's entry counts; the
//! order, or what is set aside, decides.

use std::rc::Rc;

use tests_oracle::case::{Answer, Case, Document, Envelope, Record};

use crate::moves::{Menu, Party, moves};
use crate::quick::Rules;
use crate::search::{Model, Move, State};
use crate::stable::unstable;
use crate::world::{
    BOTH, EVER, Item, WRITE, World, adoption, charter, delegation, ending, entry, envelope,
    quiet_root, statement,
};
use crate::writing::honest_entries;

const UNIT: &str = "c/m";

/// Who attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whoever has the key of the author, and the removed member.
    Thief,
    /// They and a node that governs, and may write one class of two: order and set only.
    Insider,
}

#[derive(Debug)]
pub struct Events {
    side: Side,
    rules: Rules,
    world: World,
    govern: [String; 2],
    honest: Vec<String>,
    thief: (Party, Menu),
    clerk: (Party, Menu),
}

impl Events {
    pub fn new(side: Side, rules: Rules) -> Self {
        let mut world = World::new(quiet_root());
        let unit = world.say("community", charter(UNIT, "ko", "po"));
        let document = Document(UNIT.into(), 128, "1".into());
        let mut grant = |name: &str, verbs| {
            world.say(name, delegation(UNIT, &unit, "ko", name, verbs, (0, EVER)))
        };
        let (g, g2) = (grant("g", BOTH), grant("g2", BOTH));
        let (a, r) = (grant("a", WRITE), grant("r", WRITE));
        grant("b", WRITE);
        world.say("r-ended", ending(UNIT, &unit, "ko", &r, &[], 5));
        let a1 = envelope('m', entry(&document, "a", None, &a, &[], 10));
        let a2 = envelope('m', entry(&document, "a", Some(&a1), &a, &[], 20));
        world.write("a-one", a1.clone());
        world.write("a-two", a2.clone());
        world.case.own.unit = UNIT.into();
        world.case.own.lineage = unit;
        world.case.times = vec![5];
        let menu = Menu {
            kinds: "wa",
            times: vec![10, 30],
            documents: vec![document.clone()],
            ranks: vec!['a', 'z'],
            depends: true,
            incarnations: vec!["i1"],
            ..Menu::default()
        };
        let clerk = Menu { kinds: "w", times: vec![30], ranks: vec!['m'], ..menu.clone() };
        let mut thief = (Party { who: "thief", keys: vec!["a", "r"] }, menu);
        if side == Side::Insider {
            thief.0.keys.push("g2");
            thief.1.documents.push(Document(UNIT.into(), 144, "1".into()));
            thief.1.ranks = vec!['a'];
            thief.1.elsewhere = true;
            limit(&mut world, &g2);
        }
        Self {
            side,
            rules,
            world,
            govern: [g, g2],
            honest: vec![a1.id, a2.id],
            thief,
            clerk: (Party { who: "clerk", keys: vec!["b"] }, clerk),
        }
    }

    fn adopts(&self, n: usize, head: &Envelope, at: u64) -> Item {
        let issuer = ["g", "g2"][n];
        Item::Say(statement(adoption(UNIT, &self.govern[n], issuer, &[head], at)))
    }

    /// Whether an entry rests, by backlinks and dependencies, on honest entries alone.
    fn honest_past(&self, case: &Case, state: &State, id: &str) -> bool {
        let clerk = state.moves.iter().filter(|step| step.who == "clerk");
        let written = clerk.flat_map(|step| &step.items).any(|item| item.id() == id);
        let honest = written || self.honest.iter().any(|one| one == id);
        let one = case.envelopes.iter().find(|one| one.id == id);
        honest
            && one.is_some_and(|one| {
                let past = one.backlink.iter().chain(&one.dependencies);
                past.into_iter().all(|id| self.honest_past(case, state, id))
            })
    }
}

/// The grant is for the band of people alone. (Its id stays: nothing reads it.)
fn limit(world: &mut World, grant: &str) {
    for said in world.case.statements.iter_mut().filter(|said| said.id == grant) {
        if let Record::Delegation { classes, .. } = &mut said.record {
            *classes = vec![(128, 143)];
        }
    }
}

impl Model for Events {
    fn name(&self) -> &'static str {
        match self.side {
            Side::Thief => "events, thief",
            Side::Insider => "events, insider",
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn moves(&self, state: &State, case: &Case, answer: &Answer) -> Vec<Move> {
        let mut all = moves(case, &self.thief.0, &self.thief.1);
        if self.side == Side::Insider {
            return all;
        }
        all.extend(honest_entries(case, answer, &self.clerk.0, &self.clerk.1));
        // The other govern node held another side first: it adopts once.
        if !state.moves.iter().any(|step| step.who == "g2") {
            for head in case.envelopes.iter().filter(|one| one.author == "a") {
                for at in [40, 60] {
                    let items = vec![Rc::new(self.adopts(1, head, at))];
                    all.push(Move { who: "g2", items, cost: 1, act: false });
                }
            }
        }
        all
    }

    fn act(&self, _: &State, case: &Case, _: &Answer) -> Option<Move> {
        if self.side == Side::Insider {
            return None;
        }
        let head = case.envelopes.iter().find(|one| one.id == self.honest[1])?;
        let items = vec![Rc::new(self.adopts(0, head, 50))];
        Some(Move { who: "g", items, cost: 0, act: true })
    }

    fn broken(&self, state: &State, case: &Case, answer: &Answer) -> Option<String> {
        let told = |id: &str| {
            let n = case.envelopes.iter().position(|one| one.id == id);
            n.map_or("absent", |n| answer.envelopes[n].as_str())
        };
        for (one, told) in case.envelopes.iter().zip(&answer.envelopes) {
            if self.side == Side::Thief && one.author == "r" && told == "counts" {
                return Some("a removed key's entry counts".into());
            }
        }
        let both = state.moves.iter().any(|step| step.who == "g2");
        if state.acted.is_some() && !both {
            for one in &case.envelopes {
                if self.honest_past(case, state, &one.id) && told(&one.id) != "counts" {
                    return Some(format!("an honest entry is {} after the act", told(&one.id)));
                }
            }
        }
        if state.acted.is_some() {
            let forked = |seq| {
                let mut place =
                    case.envelopes.iter().filter(|one| one.author == "a" && one.seq == seq);
                place.any(|one| told(&one.id) == "fork")
            };
            if forked(1) {
                return Some("a place has no winner after the act".into());
            }
        }
        unstable(case, answer, self.rules)
    }
}
