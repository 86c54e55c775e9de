//! Clocks that are wrong: a dead battery, a wrong year, and back again.

use anyhow::Result;
use nix::sys::signal::Signal;
use tests_cluster::lab::{Audit, City, Place};

/// What the clocks say in turn: right, years behind, months ahead.
const OFFSETS: [&str; 4] = ["+0", "-26y", "+300d", "-1d"];

/// The clock is a hint and never an order: nothing is lost, whatever it says.
pub(crate) fn lying(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    for round in 0..OFFSETS.len() {
        for (index, place) in Place::ALL.into_iter().enumerate() {
            let offset = OFFSETS[(round + index) % OFFSETS.len()];
            let site = city.at_mut(place);
            site.stop(Signal::SIGTERM)?;
            site.misdate(offset);
            site.start()?;
            city.tally.add("clocks set wrong", u64::from(offset != "+0"));
        }
        city.pause(3000);
    }
    for place in Place::ALL {
        let site = city.at_mut(place);
        site.stop(Signal::SIGTERM)?;
        site.misdate("+0");
        site.start()?;
    }
    city.pause(1000);
    city.rest()?;
    Audit(city).all()
}
