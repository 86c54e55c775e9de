//! 到位率: silence is unknown; missed is what was not entered though everybody was heard from.

use node_acts::role::Role;

use crate::net::*;
use crate::office::*;

const DAY_MS: u64 = 86_400_000;

fn rate(office: &Office) -> (u64, u64) {
    let total = office.report.total().cells;
    let cell = total.iter().find(|cell| &*cell.code == "PAT.RATE").expect("it is there");
    (cell.den.get(), cell.unknown.get())
}

#[test]
fn an_outage_never_makes_neglect_out_of_silence() {
    let roots = Roots::new();
    let city = roots.city(1);
    let second = city.admit(&roots, 9, &Role::writing());
    let holding = city.admit(&roots, 10, &Role::holding());
    let (delegation, key) = (second.id(), key(9));
    let statements: Vec<_> =
        city.statements.iter().cloned().chain([second.into(), holding.into()]).collect();
    let mut net = Net::new();
    let at = net.add(&roots, &city, city.key.clone(), city.delegation, &statements);
    let other = net.add(&roots, &city, key, delegation, &statements);
    let mut office = Office::new(at, "c");
    let name = schema_documents::made("slot", &["1970-01-01", "AM", "1"]);
    let says = [
        (&*format!("slot/{name}/day"), text("1970-01-01")),
        (&*format!("slot/{name}/half"), text("AM")),
        (&*format!("slot/{name}/area"), text("1")),
    ];
    put(&mut net, at, "c:147:1970-01", &says);
    net.clock += 2 * DAY_MS;
    office.today = day("1970-01-03");
    // The one that only holds is waited for by nobody; the other may have entered a run.
    office.refresh(&mut net);
    assert_eq!(rate(&office), (0, 1), "unknown");
    put(&mut net, other, "c:128:h00", &[("note/1/text", text("anything"))]);
    office.refresh(&mut net);
    assert_eq!(rate(&office), (0, 1), "it was not heard here yet");
    net.connect(at, other);
    office.refresh(&mut net);
    assert_eq!(rate(&office), (1, 0), "missed");
    // The same after a restart, by a view.
    office.restart();
    office.refresh(&mut net);
    assert_eq!((rate(&office), office.read.0), ((1, 0), 0), "no envelope is read");
}
