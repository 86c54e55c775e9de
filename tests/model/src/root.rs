//! The root: old quorums, spent keys from paper, rival successions.
//!
//! Genesis: roots `a`, `b`, `c`, of whom two sign; keys from paper `p`, `q`, `s`, of which two are
//! revealed.
//! The present generation was revealed by `p` and `q`: roots `d`, `e`, both sign; it keeps the
//! founding of the city.
//! After it the root founds `c/e`, and the city founds the district `c/d`.
//!
//! Goals of the attackers:
//! - a succession by roots alone, whichever;
//! - by an old quorum, with or without spent keys: anything outside ceases to stand, or begins to.

use tests_oracle::case::{Answer, Case, Genesis, Record};

use crate::moves::{Menu, Party, moves};
use crate::quick::Rules;
use crate::search::{Model, Move, State, verdict};
use crate::stable::unstable;
use crate::world::{EVER, World, charter, commitment, founding};

/// Which keys the attackers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Every root, old and present, but nothing from paper.
    Roots,
    /// Every old root, one present root and one spent key from paper.
    Old,
    /// Every old root and both spent keys from paper, at a node that followed first.
    Spent,
}

#[derive(Debug)]
pub struct Root {
    keys: Keys,
    rules: Rules,
    world: World,
    present: String,
    before: Answer,
    party: Party,
    menu: Menu,
}

fn genesis() -> Genesis {
    let mut next: Vec<String> = ["p", "q", "s"].map(commitment).into();
    next.sort();
    Genesis {
        id: "gn0000000000".into(),
        unit: "c".into(),
        roots: ["a", "b", "c"].map(Into::into).into(),
        threshold: 2,
        next,
        next_threshold: 2,
    }
}

fn endorsement(proof: &str, issuer: &str, endorses: &str) -> Record {
    let (proof, issuer, endorses) = (proof.into(), issuer.into(), endorses.into());
    Record::Endorsement { proof, issuer, endorses }
}

impl Root {
    pub fn new(keys: Keys, rules: Rules) -> Self {
        let mut world = World::new(genesis());
        let top = world.case.genesis.id.clone();
        let city = world.say("city", charter("c", "kc", "pc"));
        let district = world.say("district", charter("c/d", "kd", "pd"));
        let other = world.say("other", charter("c/e", "ke", "pe"));
        let founded = world.say("city-founded", founding("c", &top, "a", "c", &city));
        world.say("city-endorsed", endorsement(&top, "b", &founded));
        let present = world.say(
            "present",
            Record::Succession {
                previous: top.clone(),
                reveal: "p".into(),
                roots: vec!["d".into(), "e".into()],
                threshold: 2,
                next: ["u", "v"].map(commitment).into(),
                next_threshold: 2,
                keeps: vec![founded],
                at: 10,
            },
        );
        world.say("present-endorsed", endorsement(&top, "q", &present));
        world.say("district-founded", founding("c", &city, "kc", "c/d", &district));
        let founded = world.say("other-founded", founding("c", &present, "d", "c/e", &other));
        world.say("other-endorsed", endorsement(&present, "e", &founded));
        if keys == Keys::Spent {
            world.case.pins.generations.insert(top, present.clone());
        }
        world.case.own.unit = "c/d".into();
        world.case.own.lineage = district;
        world.case.times = vec![5, 60];
        world.case.units = ["c", "c/d", "c/e"].map(Into::into).into();
        let before = verdict(&world.case, rules);
        let keys_held = match keys {
            Keys::Roots => vec!["a", "b", "d", "e", "x"],
            Keys::Old => vec!["a", "b", "d", "p", "x"],
            Keys::Spent => vec!["a", "b", "p", "q", "x"],
        };
        let menu = Menu {
            kinds: "csfenodr",
            subjects: vec!["x"],
            terms: vec![(0, EVER)],
            below: vec!["c", "c/d", "c/e"],
            times: vec![5, 50],
            ..Menu::default()
        };
        let party = Party { who: "attacker", keys: keys_held };
        Self { keys, rules, world, present, before, party, menu }
    }
}

impl Model for Root {
    fn name(&self) -> &'static str {
        match self.keys {
            Keys::Roots => "root, all roots",
            Keys::Old => "root, old quorum and one spent key",
            Keys::Spent => "root, old quorum and two spent keys",
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn moves(&self, _: &State, case: &Case, _: &Answer) -> Vec<Move> {
        moves(case, &self.party, &self.menu)
    }

    fn broken(&self, _: &State, case: &Case, answer: &Answer) -> Option<String> {
        if answer.root != self.present {
            return Some("the root passed on".into());
        }
        if self.keys == Keys::Roots {
            return None;
        }
        let count = self.world.case.statements.len();
        if answer.stands[..count] != self.before.stands[..] {
            return Some("what stood does not, or the other way round".into());
        }
        // Of an attacker's statements only those stand that its own lineages' keys made, and none
        // of them outside.
        let outside = answer.stands[count..].iter().flatten().any(|(_, told)| told == "o");
        let followed = answer.followed != self.before.followed;
        if outside || followed {
            return Some("an attacker's statement stands outside".into());
        }
        unstable(case, answer, self.rules)
    }
}
