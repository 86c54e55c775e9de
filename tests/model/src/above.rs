//! What a unit published: a stolen and removed govern node above it, a hostile unit beside it, its
//! own removed member.
//!
//! The city (`kc`) founds the districts `c/d` (`kd`) and `c/e` (`ke`, hostile).
//! The district's govern node `gd` founded the community `c/d/m` (`ko`, clerk `w`), and was
//! stolen; the city's govern node `gc` was stolen too.
//! The honest act: the operating keys end both grants, keep by name what was honest, and the
//! district founds another community, `c/d/n`.
//!
//! Goals, after the act: anything honest ceases to stand or count outside, or is followed
//! otherwise; an attacker's statement stands outside where the attacker's own unit has no say;
//! the order, or what is set aside, decides.

use std::rc::Rc;

use tests_oracle::case::{Answer, Case, Document};

use crate::moves::{Menu, Party, moves};
use crate::quick::Rules;
use crate::search::{Model, Move, State, verdict};
use crate::stable::unstable;
use crate::world::{
    BOTH, EVER, Item, WRITE, World, charter, closing, delegation, ending, entry, envelope,
    founding, quiet_root, statement,
};

/// How the grants of the stolen nodes end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Withdrawn,
    /// They ran out at 40, and are closed.
    Closed,
}

#[derive(Debug)]
pub struct Above {
    end: End,
    rules: Rules,
    world: World,
    city: String,
    district: String,
    stolen: [String; 2],
    founded: String,
    party: Party,
    menu: Menu,
}

impl Above {
    /// With `pinned`, the node that judges follows the honest lineages by its pins.
    pub fn new(end: End, pinned: bool, rules: Rules) -> Self {
        let mut world = World::new(quiet_root());
        let top = world.case.genesis.id.clone();
        let city = world.say("city", charter("c", "kc", "pc"));
        let district = world.say("district", charter("c/d", "kd", "pd"));
        let beside = world.say("beside", charter("c/e", "ke", "pe"));
        let unit = world.say("community", charter("c/d/m", "ko", "po"));
        let another = world.say("another", charter("c/d/n", "kn", "pn"));
        world.say("city-founded", founding("c", &top, "r1", "c", &city));
        world.say("district-founded", founding("c", &city, "kc", "c/d", &district));
        world.say("beside-founded", founding("c", &city, "kc", "c/e", &beside));
        let until = if end == End::Closed { 40 } else { EVER };
        let gc = world.say("gc", delegation("c", &city, "kc", "gc", BOTH, (0, until)));
        let gd = world.say("gd", delegation("c/d", &district, "kd", "gd", BOTH, (0, until)));
        // A founding cannot outlast the grant that made it, so the district's key renews it.
        let founded = world.say("community-founded", founding("c/d", &gd, "gd", "c/d/m", &unit));
        if end == End::Closed {
            world.say("renewed", founding("c/d", &district, "kd", "c/d/m", &unit));
        }
        let w = world.say("w", delegation("c/d/m", &unit, "ko", "w", WRITE, (0, EVER)));
        let m = world.say("m", delegation("c/d/m", &unit, "ko", "m", WRITE, (0, EVER)));
        world.say("m-ended", ending("c/d/m", &unit, "ko", &m, &[], 20));
        let document = Document("c/d/m".into(), 0, "1".into());
        let early = entry(&document, "w", None, &w, &[], 30);
        world.write("w-entry", envelope('m', early));
        world.case.own.unit = "c/e".into();
        world.case.own.lineage = beside;
        if pinned {
            let pins = [("c", &city), ("c/d", &district), ("c/d/m", &unit), ("c/d/n", &another)];
            world.case.pins.units =
                pins.into_iter().map(|(unit, pin)| (unit.into(), pin.clone())).collect();
        }
        world.case.times = vec![5, 60];
        world.case.units = ["c", "c/d", "c/d/m", "c/d/n"].map(Into::into).into();
        let menu = Menu {
            kinds: "cdfeaow",
            subjects: vec!["x"],
            terms: vec![(0, EVER)],
            below: vec!["c/d", "c/d/m"],
            times: vec![5, 60],
            documents: vec![document],
            ranks: vec!['a'],
            incarnations: vec!["i1"],
            ..Menu::default()
        };
        let party = Party { who: "attacker", keys: vec!["gc", "gd", "ke", "m", "x"] };
        Self { end, rules, world, city, district, stolen: [gc, gd], founded, party, menu }
    }

    fn honest(&self) -> Vec<Item> {
        let end = |unit: &str, proof: &str, issuer: &str, grant: &str, keeps: &[&str]| {
            let record = ending(unit, proof, issuer, grant, keeps, 50);
            if self.end == End::Closed { closing(record) } else { record }
        };
        let city = end("c", &self.city, "kc", &self.stolen[0], &[]);
        let district = end("c/d", &self.district, "kd", &self.stolen[1], &[&self.founded]);
        let another = self.world.names.iter().find(|(_, name)| *name == "another");
        let another = another.map_or("", |(id, _)| id);
        let founded = founding("c/d", &self.district, "kd", "c/d/n", another);
        [city, district, founded].map(|record| Item::Say(statement(record))).into()
    }

    /// What an honest node sees after the act when nobody attacks.
    fn peace(&self) -> Answer {
        let mut case = self.world.case.clone();
        for item in self.honest() {
            if let Item::Say(said) = item {
                case.statements.push(said);
            }
        }
        verdict(&case, self.rules)
    }
}

impl Model for Above {
    fn name(&self) -> &'static str {
        match self.end {
            End::Withdrawn => "above, withdrawn",
            End::Closed => "above, closed",
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

    fn act(&self, _: &State, _: &Case, _: &Answer) -> Option<Move> {
        let items = self.honest().into_iter().map(Rc::new).collect();
        Some(Move { who: "city and district", items, cost: 0, act: true })
    }

    fn broken(&self, state: &State, case: &Case, answer: &Answer) -> Option<String> {
        let acted = state.acted?;
        let peace = self.peace();
        let count = self.world.case.statements.len();
        let before: usize = state.moves[..acted]
            .iter()
            .flat_map(|step| &step.items)
            .filter(|item| matches!(***item, Item::Say(_)))
            .count();
        let now = answer.stands[..count].iter().chain(&answer.stands[count + before..]);
        if !now.zip(&peace.stands).all(|(now, then)| now == then) {
            return Some("what stood does not, or the other way round".into());
        }
        if answer.envelopes.first() != peace.envelopes.first() {
            return Some("what was published ceases to count".into());
        }
        if answer.followed != peace.followed {
            return Some("another lineage is followed".into());
        }
        unstable(case, answer, self.rules)
    }
}
