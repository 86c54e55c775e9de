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
