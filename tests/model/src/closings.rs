//! Closings and time: grants that ran out, closings and withdrawals by honest nodes that had
//! heard different things, and what those whose grants ended can still sign.
//!
//! The community's operating key `ko` granted GOVERN to `g` for good, to `h` until 20, and to `q`
//! for good; `g` granted WRITE to `m` until 20; `h` to the clerks `w` and `r`; `q` to `v`.
//! `h` removed `r` at 12.
//! Two nodes of the operating key closed `h` at 30: one had heard of `w` alone, the other of the
//! removal of `r` too. `g` closed `m` and adopted its entry. The operating key withdrew `q` at 15,
//! kept `v` and adopted the entry of `q`.
//! `h`, `m`, `r` and `q` are hostile from now on.
//!
//! Goals: what stands inside of what there is, which entries count, or what a key may hold
//! changes; the order, or what is set aside, decides.

use tests_oracle::case::{Answer, Case, Document, Envelope, Read, Scope};

use crate::moves::{Menu, Party, moves};
use crate::quick::Rules;
use crate::search::{Model, Move, State, verdict};
use crate::stable::unstable;
use crate::world::{
    BOTH, EVER, WRITE, World, adoption, charter, closing, delegation, ending, entry, envelope,
    quiet_root,
};

const UNIT: &str = "c/m";

#[derive(Debug)]
pub struct Closings {
    rules: Rules,
    world: World,
    before: Answer,
    party: Party,
    menu: Menu,
}

fn grants(world: &mut World, unit: &str) -> [String; 7] {
    let g = world.say("g", delegation(UNIT, unit, "ko", "g", BOTH, (0, EVER)));
    let h = world.say("h", delegation(UNIT, unit, "ko", "h", BOTH, (0, 20)));
    let q = world.say("q", delegation(UNIT, unit, "ko", "q", BOTH, (0, EVER)));
    let m = world.say("m", delegation(UNIT, &g, "g", "m", WRITE, (0, 20)));
    let w = world.say("w", delegation(UNIT, &h, "h", "w", WRITE, (0, EVER)));
    let r = world.say("r", delegation(UNIT, &h, "h", "r", WRITE, (0, EVER)));
    let v = world.say("v", delegation(UNIT, &q, "q", "v", WRITE, (0, EVER)));
    [g, h, q, m, w, r, v]
}

impl Closings {
    pub fn new(rules: Rules) -> Self {
        let mut world = World::new(quiet_root());
        let unit = world.say("community", charter(UNIT, "ko", "po"));
        let document = Document(UNIT.into(), 128, "1".into());
        let [g, h, q, m, w, r, v] = grants(&mut world, &unit);
        let mut put = |name: &str, author: &str, grant: &str, on: &[&str], at| -> Envelope {
            let one = envelope('m', entry(&document, author, None, grant, on, at));
            world.write(name, one.clone());
            one
        };
        let m1 = put("m-entry", "m", &m, &[], 8);
        let q1 = put("q-entry", "q", &q, &[], 8);
        put("w-entry", "w", &w, &[&m1.id], 10);
        put("v-entry", "v", &v, &[&q1.id], 10);
        let removed = world.say("r-ended", ending(UNIT, &h, "h", &r, &[], 12));
        let close = |keeps: &[&str], at| closing(ending(UNIT, &unit, "ko", &h, keeps, at));
        world.say("h-closed", close(&[&w], 30));
        world.say("h-closed-again", close(&[&w, &removed], 31));
        world.say("m-closed", closing(ending(UNIT, &g, "g", &m, &[], 30)));
        world.say("m-adopted", adoption(UNIT, &g, "g", &[&m1], 30));
        world.say("q-ended", ending(UNIT, &unit, "ko", &q, &[&v], 15));
        world.say("q-adopted", adoption(UNIT, &unit, "ko", &[&q1], 15));
        world.case.own.unit = UNIT.into();
        world.case.own.lineage = unit;
        world.case.times = vec![5, 40];
        for key in ["g", "h", "q", "m", "w", "r", "v", "x"] {
            let scope = Scope::Own(UNIT.into(), 4);
            world.case.reads.push(Read { key: key.into(), at: 15, scope });
        }
        let before = verdict(&world.case, rules);
        let menu = Menu {
            kinds: "dearow",
            subjects: vec!["x", "r", "h"],
            terms: vec![(0, EVER), (0, 6)],
            below: vec![],
            times: vec![8, 40],
            documents: vec![document],
            ranks: vec!['a'],
            depends: true,
            elsewhere: true,
            incarnations: vec!["i1", "i2"],
        };
        let party = Party { who: "attacker", keys: vec!["h", "m", "r", "q", "x"] };
        Self { rules, world, before, party, menu }
    }
}

impl Model for Closings {
    fn name(&self) -> &'static str {
        "closings"
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
        let count = self.world.case.statements.len();
        if answer.stands[..count] != self.before.stands[..] {
            return Some("what stood does not, or the other way round".into());
        }
        if answer.stands[count..].iter().flatten().any(|(inside, _)| inside == "i") {
            return Some("a statement of an ended grant stands".into());
        }
        let count = self.world.case.envelopes.len();
        if answer.envelopes[..count] != self.before.envelopes[..] {
            return Some("an honest entry ceases to count".into());
        }
        if answer.envelopes[count..].iter().any(|told| told == "counts") {
            return Some("an entry under an ended grant counts".into());
        }
        if answer.reads != self.before.reads {
            return Some("a key holds more or less".into());
        }
        unstable(case, answer, self.rules)
    }
}
