//! Small scenarios, each about one part of the text; chance makes them cross.

mod aside;
mod envelopes;
mod founders;
mod generations;
mod members;
mod outside;
mod statements;
mod twists;

pub(crate) use statements::address_end;

use super::world::World;

/// A scenario: what it is called, how often it is drawn, and what it adds.
pub(crate) struct Theme {
    pub(crate) name: &'static str,
    pub(crate) weight: usize,
    pub(crate) play: fn(&mut World),
}

const fn theme(name: &'static str, weight: usize, play: fn(&mut World)) -> Theme {
    Theme { name, weight, play }
}

/// All of them.
pub(crate) const THEMES: &[Theme] = &[
    theme("foundings that race", 6, founders::foundings),
    theme("the highest founders", 5, founders::highest),
    theme("an heir recognised", 3, founders::restored),
    theme("an heir that adopts", 4, founders::heir),
    theme("rotations that rival", 6, generations::rotations),
    theme("chains undecided", 4, generations::undecided),
    theme("successions by quorum", 6, generations::successions),
    theme("root acts by threshold", 4, generations::root_acts),
    theme("what a rotation keeps", 4, generations::rotation_keeps),
    theme("adopted after an ending", 5, members::adopted),
    theme("closings beside renewals", 5, members::closings),
    theme("keeps of the next statement", 4, members::keeps),
    theme("several carriers", 3, members::carriers),
    theme("endings of each other", 4, members::mutual),
    theme("forks and adoptions", 6, envelopes::forks),
    theme("a log forked twice", 5, envelopes::forked_twice),
    theme("marks that cut each other", 4, envelopes::cuts),
    theme("letters both ways", 4, envelopes::letters),
    theme("what others need", 5, aside::needed),
    theme("statements out of order", 4, aside::out_of_order),
    theme("endings of outer statements", 5, outside::outer_endings),
    theme("suspensions and dissolutions", 4, outside::reports),
    theme("cards", 4, statements::cards),
    theme("addresses", 4, statements::addresses),
    theme("readers", 4, statements::readers),
    theme("keys with many roles", 3, twists::roles),
    theme("loops of ids", 3, twists::loops),
    theme("pins", 3, twists::pins),
];

impl World {
    /// Plays one theme, and seldom a second one, and says which.
    pub(crate) fn play(&mut self) -> Vec<&'static str> {
        let weights: Vec<(usize, usize)> =
            THEMES.iter().enumerate().map(|(at, of)| (of.weight, at)).collect();
        let count = self.chance.weighted(&[(6, 1), (3, 2)]);
        let mut played = Vec::new();
        for _ in 0..count {
            let theme = &THEMES[self.chance.weighted(&weights)];
            (theme.play)(self);
            played.push(theme.name);
        }
        played
    }
}
