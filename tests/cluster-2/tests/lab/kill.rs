//! Processes that are killed and machines that lose their power, under load.

use anyhow::Result;
use tests_cluster::lab::{Audit, City, Place};

/// A place drawn from the seed.
fn somewhere(city: &mut City, places: &[Place]) -> Result<Place> {
    let drawn = city.draw(places.len() as u64);
    Ok(places[usize::try_from(drawn)?])
}

fn storm(city: &mut City, rounds: u64, fault: fn(&mut City, Place) -> Result<()>) -> Result<()> {
    city.work(&Place::OFFICES);
    for _ in 0..rounds {
        // Communities bear most of it: that is where entries are.
        let places =
            if city.draw(3) == 0 { Place::ALL.as_slice() } else { Place::OFFICES.as_slice() };
        let place = somewhere(city, places)?;
        city.pause(400);
        fault(city, place)?;
    }
    city.rest()?;
    Audit(city).all()
}

pub(crate) fn killed(city: &mut City) -> Result<()> {
    storm(city, 40, City::kill)
}

pub(crate) fn cut_off(city: &mut City) -> Result<()> {
    storm(city, 30, City::cut_power)
}

pub(crate) fn for_long(city: &mut City) -> Result<()> {
    storm(city, 300, |city, place| match city.draw(2) {
        0 => city.kill(place),
        _ => city.cut_power(place),
    })
}
