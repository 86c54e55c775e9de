//! What others can make a node hold (section 11).

use node_replication::counts::Reason;
use node_replication::log::Offered;
use schema_wire::Incarnation;

use crate::sets::Scene;
use crate::world::{BEGIN, Writer};

#[test]
fn a_place_takes_sixteen_envelopes_until_one_is_chosen() {
    let mut scene = Scene::new();
    let mut sides = Vec::new();
    for n in 0..17 {
        let (header, _, content) = scene.envelope(&scene.writer, None, BEGIN + n);
        let offered = scene.offer(&header, content.clone());
        assert_eq!(offered, if n < 16 { Offered::Taken } else { Offered::Later });
        sides.push((header, content));
    }
    scene.node.learn(&[scene.world.adopt(&[&sides[3].0], BEGIN + 50)]);
    assert_eq!(scene.reason(&sides[3].0.id()), None);
    let (header, content) = sides.pop().expect("the last");
    assert_eq!(scene.offer(&header, content), Offered::Taken);
    assert_eq!(scene.reason(&header.id()), Some(Reason::Outvoted));
}

#[test]
fn a_key_has_so_many_lives_in_a_document() {
    let mut scene = Scene::new();
    for n in 0..1_025_u64 {
        let mut incarnation = [0; 16];
        incarnation[..8].copy_from_slice(&n.to_be_bytes());
        let writer = Writer { incarnation: Incarnation(incarnation), ..scene.writer.clone() };
        let (header, change, content) = scene.envelope(&writer, None, BEGIN);
        let offered = scene.offer(&header, content);
        assert_eq!(offered, if n < 1_024 { Offered::Taken } else { Offered::Later }, "life {n}");
        if n == 5 {
            // A life that is known goes on.
            let (header, _, content) = scene.envelope(&writer, Some((&header, &change)), BEGIN);
            assert_eq!(scene.offer(&header, content), Offered::Taken);
        }
    }
}
