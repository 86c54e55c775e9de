//! What byzantine nodes think out. Each signs by hand, with a true key, what its own replica would refuse to
//! write, and all byzantine nodes hand it on together, each to whom it speaks with.
//!
//! ```text
//!   fork_a_past          another envelope at the first place of a log that others built on
//!   crowd_a_place        more envelopes at one place than a node takes
//!   write_out_of_time    within a term that is over, or at its far end, under a fresh life
//!   withhold_keys        a keyring's envelope without its keys
//!   build_on_nothing     a change upon a branch that its envelope does not name, or instead of a
//!                        value of another key
//!   live_often           more heads in a document than an envelope can name
//!   write_at_length      contents that do not fit one frame together
//! ```

use node_replication::change::OpId;
use rand::RngExt;
use schema_wire::limits::FRAME_BYTES_MAX;
use schema_wire::{
    Author, Bytes, Class, DocumentId, Envelope, Frame, Incarnation, Item, Items, List, Ms, Payload,
    Position, Scope, Wire as _,
};

use crate::chance::one_of;
use crate::city::{BEGIN_MS, TERM};
use crate::disk;
use crate::failure::Broken;
use crate::marks::mark;
use crate::pen::{Draft, Text};
use crate::talk::Sent;
use crate::world::World;

/// More than the sixteen that a place takes.
const CROWD: u64 = 24;
/// More heads than the 256 that an envelope names.
const LIVES: u64 = 270;
/// Two of these do not fit a frame.
const LENGTH: usize = 600_000;
const KEY: &str = "person/k0/name";

impl World {
    /// A byzantine node carries out one of these.
    ///
    /// # Errors
    /// If an honest node then breaks an invariant.
    pub(crate) fn plot(&mut self, at: usize) -> Result<(), Broken> {
        match self.chance.random_range(0..32) {
            0..=7 => self.fork_a_past(at),
            8..=10 => self.crowd_a_place(at),
            11..=17 => self.write_out_of_time(at),
            18..=23 => self.withhold_keys(at),
            24..=29 => self.build_on_nothing(at),
            30 => self.live_often(at),
            _ => self.write_at_length(at),
        }
    }

    fn fork_a_past(&mut self, at: usize) -> Result<(), Broken> {
        let own = self.sites[at].node;
        let firsts: Vec<Envelope> = disk::envelopes(&self.sites[at].store)
            .into_iter()
            .filter(|one| {
                let header = one.header().claims();
                let is_change = matches!(one.content(), Payload::Changes(_));
                header.author.key == own && header.seq() == 1 && is_change
            })
            .collect();
        let Some(first) = one_of(&mut self.chance, &firsts) else { return Ok(()) };
        let header = first.header().claims();
        let draft = Draft {
            document: header.document.clone(),
            author: header.author,
            position: Position::FIRST,
            delegation: header.delegation,
            at: header.at,
        };
        self.reach(if self.sites[at].removed {
            "a removed byzantine node forked a past that was kept"
        } else {
            "a byzantine node forked a past that others built on"
        });
        let sides = self.texts(at, &draft, 1);
        self.hand_round(at, sides)
    }

    fn crowd_a_place(&mut self, at: usize) -> Result<(), Broken> {
        let Some(draft) = self.fresh(at) else { return Ok(()) };
        self.reach("a byzantine node crowded a place");
        let sides = self.texts(at, &draft, CROWD);
        self.hand_round(at, sides)
    }

    fn write_out_of_time(&mut self, at: usize) -> Result<(), Broken> {
        let Some(mut draft) = self.fresh(at) else { return Ok(()) };
        let site = &self.sites[at];
        let is_over = site.removed || site.until <= site.clock(self.now).get();
        let early = TERM.from.get() + self.chance.random_range(0..BEGIN_MS - TERM.from.get());
        let (times, what) = if is_over {
            ([early, early], "a byzantine node whose grant is over dated back")
        } else {
            ([early, site.until], "a byzantine node dated far back or ahead")
        };
        draft.at = Ms::of(times[self.chance.random_range(0..2)]);
        self.reach(what);
        let texts = self.texts(at, &draft, 1);
        self.hand_round(at, texts)
    }

    fn withhold_keys(&mut self, at: usize) -> Result<(), Broken> {
        let withheld: Vec<Envelope> = disk::envelopes(&self.sites[at].store)
            .into_iter()
            .filter_map(|one| {
                let (header, content) = one.into_parts();
                let Payload::Keys(keys) = content else { return None };
                Envelope::new(header, Payload::Keys(keys.without(|_| true))).ok()
            })
            .collect();
        if withheld.is_empty() {
            return Ok(());
        }
        self.reach("a byzantine node withheld keys");
        self.hand_round(at, withheld)
    }

    /// Two sides of a fork, and upon the one what was built on the other; and a value put instead
    /// of one of another key. Neither may ever be part of a document.
    fn build_on_nothing(&mut self, at: usize) -> Result<(), Broken> {
        let Some(draft) = self.fresh(at) else { return Ok(()) };
        let text = |world: &mut Self| mark(&draft.document.scope(), world.draw());
        let texts = [text(self), text(self), text(self), text(self)];
        let key = &self.sites[at].key;
        let network = self.city.genesis.network();
        let sides = || {
            let [(one, upon), (other, elsewhere)] = [
                draft.puts(&[], Text::new(KEY, &texts[0]))?,
                draft.puts(&[], Text::new(KEY, &texts[1]))?,
            ];
            let [one, other] =
                [draft.clone().sign(network, key, one)?, draft.clone().sign(network, key, other)?];
            let behind = Position::behind(1, one.header().id()).ok()?;
            let next = Draft { position: behind, ..draft.clone() };
            let (upon_the_other, _) = next.puts(&[elsewhere], Text::new(KEY, &texts[2]))?;
            let put = OpId { counter: 1, actor: draft.author.actor(&draft.document) };
            let instead = Text { key: "person/k1/name", text: &texts[3], instead: vec![put] };
            let (of_another_key, _) = next.puts(&[upon], instead)?;
            let bad = [upon_the_other, of_another_key]
                .map(|content| next.clone().sign(network, key, content));
            let [Some(first), Some(second)] = bad else { return None };
            Some(([one, other], [first, second]))
        };
        let Some((sides, bad)) = sides() else { return Ok(()) };
        self.reach("a byzantine node built on a past that its envelope does not have");
        self.unfounded.extend(bad.clone());
        self.hand_round(at, sides.into_iter().chain(bad).collect())
    }

    fn live_often(&mut self, at: usize) -> Result<(), Broken> {
        let mut all = Vec::new();
        let Some(draft) = self.fresh(at) else { return Ok(()) };
        for _ in 0..LIVES {
            let life = Incarnation(self.chance.random());
            let author = Author { incarnation: life, ..draft.author };
            all.extend(self.texts(at, &Draft { author, ..draft.clone() }, 1));
        }
        self.reach("a byzantine node left more heads than an envelope names");
        self.hand_round(at, all)
    }

    fn write_at_length(&mut self, at: usize) -> Result<(), Broken> {
        let Some(draft) = self.fresh(at) else { return Ok(()) };
        let network = self.city.genesis.network();
        let mut all = Vec::new();
        for number in 0..2 {
            let author = Author { incarnation: Incarnation([number; 16]), ..draft.author };
            let draft = Draft { author, ..draft.clone() };
            let text = mark(&draft.document.scope(), self.draw()) + &"长".repeat(LENGTH / 3);
            let made = draft.puts(&[], Text::new(KEY, &text));
            all.extend(
                made.and_then(|(content, _)| draft.sign(network, &self.sites[at].key, content)),
            );
        }
        self.reach("a byzantine node wrote what does not fit a frame together");
        self.hand_round(at, all)
    }

    /// The first place of a fresh life of a byzantine node, in a document of its unit.
    fn fresh(&mut self, at: usize) -> Option<Draft> {
        let number = [64, 128, 144, 160][self.chance.random_range(0..4)];
        let class = Class::new(number).ok()?;
        let life = Incarnation(self.chance.random());
        let site = &self.sites[at];
        Some(Draft {
            document: DocumentId::new(site.path.clone(), class, "a").ok()?,
            author: Author { key: site.node, incarnation: life },
            position: Position::FIRST,
            delegation: site.delegation,
            at: site.clock(self.now),
        })
    }

    /// So many envelopes at one place, each with another text.
    fn texts(&mut self, at: usize, draft: &Draft, count: u64) -> Vec<Envelope> {
        let network = self.city.genesis.network();
        let mut all = Vec::new();
        for _ in 0..count {
            let text = mark(&draft.document.scope(), self.draw());
            let made = draft.puts(&[], Text::new(KEY, &text));
            let key = &self.sites[at].key;
            all.extend(made.and_then(|(content, _)| draft.clone().sign(network, key, content)));
        }
        all
    }

    /// All byzantine nodes offer these, the one that made them to everybody it speaks with, the others to
    /// somebody.
    fn hand_round(&mut self, at: usize, envelopes: Vec<Envelope>) -> Result<(), Broken> {
        let Some(scope) = envelopes.first().map(|one| one.header().claims().document.scope())
        else {
            return Ok(());
        };
        let frames = frames(&scope, envelopes);
        let byzantine: Vec<usize> =
            (0..self.sites.len()).filter(|one| !self.sites[*one].honest).collect();
        for node in byzantine {
            let open: Vec<u64> = self.sites[node].open.keys().copied().collect();
            let talks = if node == at {
                open
            } else {
                one_of(&mut self.chance, &open).copied().into_iter().collect()
            };
            for talk in talks {
                for frame in &frames {
                    self.send(node, talk, Sent::Frame(frame.clone()))?;
                }
            }
        }
        Ok(())
    }
}

/// As many frames as it takes.
fn frames(scope: &Scope, envelopes: Vec<Envelope>) -> Vec<Vec<u8>> {
    let mut portions: Vec<(usize, Vec<Bytes<0, FRAME_BYTES_MAX>>)> = Vec::new();
    for envelope in envelopes {
        let item = Item::Envelope(Box::new(envelope)).to_bytes();
        match portions.last_mut().filter(|(bytes, _)| bytes + item.len() < FRAME_BYTES_MAX / 2) {
            Some((bytes, items)) => {
                *bytes += item.len();
                items.extend(Bytes::new(item));
            }
            None => portions.push((item.len(), Bytes::new(item).into_iter().collect())),
        }
    }
    let frame = |items| {
        let items = List::new(items).expect("few");
        Frame::Items(Items { scope: scope.clone(), upto: None, sum: None, items }).to_bytes()
    };
    portions.into_iter().map(|(_, items)| frame(items)).collect()
}
