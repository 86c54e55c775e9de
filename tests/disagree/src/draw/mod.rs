//! From a seed and a number a case, the same on every machine.
//!
//! A case begins with a small tree that is founded (`base`), plays one or two `themes`, takes some
//! random statements (`noise`), and in some cases a few of its values are bent (`slips`). Then it
//! is asked (`ask`).

mod ask;
mod base;
mod issuers;
mod keeps;
mod logs;
mod make;
mod noise;
mod slips;
mod themes;
mod when;
mod world;

use tests_oracle::case::Case;

use crate::chance::Chance;
use world::World;

/// A case, and what was drawn into it.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub case: Case,
    pub themes: Vec<&'static str>,
}

/// The names of all themes.
pub fn themes() -> Vec<&'static str> {
    themes::THEMES.iter().map(|theme| theme.name).collect()
}

/// Case `number` under `seed`.
pub fn draw(seed: u64, number: u64) -> Drawn {
    let mut world = World::new(Chance::new(seed, number));
    world.found();
    let themes = world.play();
    world.noise();
    world.slips();
    world.ask();
    Drawn { case: world.case, themes }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use super::world::{MOST_ENVELOPES, MOST_STATEMENTS};

    #[test]
    fn a_number_gives_one_case() {
        for number in 0..200 {
            assert_eq!(draw(5, number).case, draw(5, number).case);
        }
    }

    #[test]
    fn cases_have_the_sizes_that_were_meant() {
        let cases: Vec<_> = (0..2_000).map(|number| draw(6, number).case).collect();
        for case in &cases {
            assert!((4..=MOST_STATEMENTS).contains(&case.statements.len()));
            assert!(case.envelopes.len() <= MOST_ENVELOPES);
            assert!((2..=3).contains(&case.orders.len()));
        }
        let mean = cases.iter().map(|case| case.statements.len()).sum::<usize>() / cases.len();
        assert!((10..=22).contains(&mean), "{mean}");
    }

    #[test]
    fn ids_are_of_one_length_and_differ() {
        for number in 0..500 {
            let case = draw(8, number).case;
            let mut ids: Vec<&str> = case.statements.iter().map(|made| made.id.as_str()).collect();
            ids.extend(case.envelopes.iter().map(|made| made.id.as_str()));
            ids.push(&case.genesis.id);
            assert!(ids.iter().all(|id| id.len() == 8));
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count);
        }
    }
}
