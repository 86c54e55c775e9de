//! What a reconnect costs between a city and a district of many communities.

use crate::net::*;

#[test]
fn a_reconnect_costs_the_change() {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    for communities in [1, 100, 1_000] {
        let mut net = Net::new();
        let (top, middle) = (net.first(&roots, &city), net.first(&roots, &district));
        let led = |n: u16| roots.below(&district, &format!("c/d/{n}"), 10 + n);
        for n in 0..communities {
            net.teach(middle, &[&led(n)]);
        }
        net.teach(top, &[&district]);
        for _ in 0..2 {
            let line = net.connect(top, middle);
            net.cut(line);
        }
        let line = net.connect(top, middle);
        let nothing = net.cost[&line];
        net.cut(line);
        for n in communities..communities + 10 {
            net.teach(middle, &[&led(n)]);
        }
        let line = net.connect(top, middle);
        let ten = net.cost[&line];
        println!("{communities} communities: {nothing:?}; ten more: {ten:?}");
        assert!(nothing.frames == 4 && nothing.bytes < 2_000, "{nothing:?}");
        assert!(ten.bytes < 20_000, "{ten:?}");
        assert_eq!(net.endings(top), Vec::<String>::new());
        assert!(net.disk_holds(top, &format!("c/d/{}", communities + 9)));
    }
}

/// A city of Baicheng's kind, whole: 10,500 communities in its districts. Both sides are taught the
/// statements as from a file, since to send them all takes minutes in this profile; the hellos are
/// those of whole replicas.
#[test]
fn a_reconnect_of_a_city_with_10_500_communities_reads_nothing_that_did_not_change() {
    let roots = Roots::new();
    let city = roots.city(1);
    let district = roots.below(&city, "c/d", 2);
    let mut measured = Vec::new();
    for communities in [10_u16, 10_500] {
        let mut net = Net::new();
        let (top, middle) = (net.first(&roots, &city), net.first(&roots, &district));
        net.teach(top, &[&district]);
        let led = |n: u16| roots.below(&district, &format!("c/d/{n}"), 10 + n);
        let below: Vec<Led> = (0..communities).map(led).collect();
        for at in [top, middle] {
            net.teach_below(at, &below);
        }
        let meet = |net: &mut Net| {
            net.reads.set(0);
            let line = net.connect(top, middle);
            let (cost, reads) = (net.cost[&line], net.reads.get());
            net.cut(line);
            (cost, reads)
        };
        let first = meet(&mut net);
        meet(&mut net);
        let nothing = meet(&mut net);
        let more: Vec<Led> = (communities..communities + 10).map(led).collect();
        net.teach_below(middle, &more);
        let ten = meet(&mut net);
        println!("{communities} communities: {nothing:?}; ten more: {ten:?}; first: {first:?}");
        assert!(net.disk_holds(top, &format!("c/d/{}", communities + 9)));
        assert!(net.endings(top).is_empty() && net.endings(middle).is_empty());
        measured.push((nothing, ten));
    }
    let [(small_nothing, small_ten), (nothing, ten)] = measured[..] else { panic!("two sizes") };
    assert!(nothing.0.frames == 4 && nothing.0.bytes < 2_000, "{nothing:?}");
    assert_eq!(nothing.1, small_nothing.1, "what did not change is read by nobody");
    assert!(ten.0.bytes < 20_000 && ten.1 < small_ten.1 + 50, "{ten:?}, of few {small_ten:?}");
}
