//! Equal envelopes give equal heads and fingerprints, whatever the order of arrival.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use schema_wire::{Audience, Class, Scope};

use crate::world::{COMMUNITY_UNIT, LEFT, RIGHT, World, document, unit};

/// One thing that happens in a world of two nodes.
#[derive(Debug, Clone)]
enum Happening {
    Edit { right: bool, document: u8 },
    Deliver(u8),
    Reconnect { right_dials: bool },
    Restart { right: bool },
    DropCursors { right: bool },
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (any::<bool>(), 0..3u8)
            .prop_map(|(right, document)| Happening::Edit { right, document }),
        6 => (1..12u8).prop_map(Happening::Deliver),
        2 => any::<bool>().prop_map(|right_dials| Happening::Reconnect { right_dials }),
        1 => any::<bool>().prop_map(|right| Happening::Restart { right }),
        1 => any::<bool>().prop_map(|right| Happening::DropCursors { right }),
    ]
}

fn node(right: bool) -> usize {
    if right { RIGHT } else { LEFT }
}

/// The same worlds in every run; `GONGZHI_SEED` and `GONGZHI_CASES` ask for others and for more.
fn config() -> ProptestConfig {
    let asked =
        |name: &str| -> Option<u64> { std::env::var(name).ok().and_then(|text| text.parse().ok()) };
    ProptestConfig {
        cases: asked("GONGZHI_CASES").map_or(300, |cases| u32::try_from(cases).unwrap_or(300)),
        rng_seed: RngSeed::Fixed(asked("GONGZHI_SEED").unwrap_or(20_211_231)),
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_interleaving_of_edits_frames_cuts_and_restarts_converges(
        happenings in proptest::collection::vec(happening(), 1..40),
    ) {
        let mut world = World::found();
        let mut session = world.connect(LEFT, RIGHT);
        for (turn, happening) in happenings.into_iter().enumerate() {
            match happening {
                Happening::Edit { right, document: n } => {
                    let class = [Class::Roster, Class::Report, Class::Place][usize::from(n)];
                    let document = document(COMMUNITY_UNIT, class, "d");
                    world.put(node(right), &document, "x", &turn.to_string());
                }
                Happening::Deliver(count) => {
                    (0..count).for_each(|_| { world.deliver_one(); });
                }
                Happening::Reconnect { right_dials } => {
                    world.cut(session);
                    session = world.connect(node(right_dials), node(!right_dials));
                }
                Happening::Restart { right } => world.restart(node(right)),
                Happening::DropCursors { right } => world.drop_cursors(node(right)),
            }
        }
        world.cut(session);
        world.connect(LEFT, RIGHT);
        world.deliver();
        let scopes = Audience::ALL.map(|audience| Scope { unit: unit(COMMUNITY_UNIT), audience });
        prop_assert_eq!(world.nodes[LEFT].state(&scopes), world.nodes[RIGHT].state(&scopes));
        for class in [Class::Roster, Class::Report, Class::Place] {
            let document = document(COMMUNITY_UNIT, class, "d");
            let heads = [LEFT, RIGHT].map(|n| world.nodes[n].load(&document).get_heads());
            prop_assert_eq!(&heads[0], &heads[1]);
        }
        for n in [LEFT, RIGHT] {
            prop_assert!(world.nodes[n].rejections().is_empty());
            world.nodes[n].resumed();
        }
    }
}
