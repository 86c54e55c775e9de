//! Links that are cut, silent, one-way, foul; nodes that stand still; nodes that find each other.

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use node_api::LinkState;
use tests_cluster::lab::{Audit, City, Place, Weather};
use tests_cluster::wait;

/// Waits until a node sees another one, or sees it no more.
fn sees(city: &City, one: Place, other: Place, connected: bool) -> Result<()> {
    let key = &city.at(other).key;
    wait(&format!("{one:?} sees {other:?}: {connected}"), || {
        let status = city.at(one).status()?;
        let seen =
            status.peers.iter().any(|peer| peer.peer == *key && peer.link != LinkState::Away);
        ensure!(seen == connected, "{:?}", status.peers);
        Ok(())
    })
}

/// A district cut off the city, a community off its district, a cable pulled, a switch gone mute:
/// clerks notice nothing.
pub(crate) fn cut(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(1000);
    city.weather(Place::East, Weather::CUT);
    city.at(Place::River).host.plug(false)?;
    city.tally.add("loud cuts", 2);
    sees(city, Place::City, Place::East, false)?;
    city.pause(3000);
    // Silence is found out by pings that nobody answers.
    city.weather(Place::Office, Weather::SILENT);
    city.at(Place::West).host.silence(true)?;
    city.tally.add("silent cuts", 2);
    sees(city, Place::East, Place::Office, false)?;
    sees(city, Place::City, Place::West, false)?;
    // The operator sees whom the node cannot reach, and why.
    let unreached = city.at(Place::East).status()?.running.context("it runs")?.unreached;
    let key = &city.at(Place::City).key;
    ensure!(unreached.iter().any(|dialled| dialled.address.contains(key)), "{unreached:?}");
    let before = city.oracle.entries();
    city.pause(3000);
    for (unit, entries) in city.oracle.entries() {
        ensure!(entries.len() > before[&unit].len(), "the clerks of {unit} were held up");
    }
    city.heal();
    city.at(Place::River).host.plug(true)?;
    city.at(Place::West).host.silence(false)?;
    city.rest()?;
    Audit(city).all()
}

/// What is said is heard on one side only.
pub(crate) fn one_way(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    let deaf = Weather { silent_in: true, ..Weather::FAIR };
    let mute = Weather { silent_out: true, ..Weather::FAIR };
    for (place, weather) in [(Place::Office, deaf), (Place::East, mute), (Place::River, mute)] {
        city.weather(place, weather);
        city.tally.add("one-way cuts", 1);
    }
    sees(city, Place::City, Place::East, false)?;
    city.pause(5000);
    city.heal();
    city.rest()?;
    Audit(city).all()
}

/// Latency, jitter, flipped bits, connections that break: all at once.
pub(crate) fn foul(city: &mut City) -> Result<()> {
    let foul = Weather {
        latency_ms: 40,
        jitter_ms: 80,
        corrupt_ppm: 10_000,
        break_ppm: 10_000,
        ..Weather::FAIR
    };
    Place::ALL.into_iter().for_each(|place| city.weather(place, foul));
    city.work(&Place::OFFICES);
    city.pause(30_000);
    let (broken, corrupted) = city.damage();
    ensure!(broken > 10 && corrupted > 10, "{broken} broken, {corrupted} corrupted");
    city.tally.add("connections broken", broken);
    city.tally.add("pieces corrupted", corrupted);
    city.rest()?;
    city.heal();
    Audit(city).all()
}

/// Two nodes of a unit on one local network need no centre to find each other.
pub(crate) fn discovered(city: &mut City) -> Result<()> {
    for place in [Place::Office, Place::Standby] {
        let site = city.at_mut(place);
        site.stop(Signal::SIGTERM)?;
        site.discover();
        site.start()?;
    }
    city.work(&[Place::Office, Place::Standby]);
    sees(city, Place::Standby, Place::Office, true)?;
    city.tally.add("peers discovered", 1);
    city.pause(1000);
    city.rest()?;
    let mut audit = Audit(city);
    audit.nobody_ended()?;
    audit.unit_converged(Place::Office)?;
    audit.nothing_lost()
}

/// A machine that stands still holds nobody up, and catches up when it goes on.
pub(crate) fn frozen(city: &mut City) -> Result<()> {
    city.work(&[Place::Office, Place::Hill, Place::River]);
    for place in [Place::East, Place::Standby, Place::City] {
        city.pause(1000);
        city.at(place).freeze()?;
        let before = city.oracle.entries();
        // Long enough for pings to fail.
        city.pause(60_000);
        for (unit, entries) in city.oracle.entries() {
            ensure!(entries.len() > before[&unit].len(), "the clerks of {unit} were held up");
        }
        city.at(place).thaw()?;
        city.tally.add("freezes", 1);
    }
    city.rest()?;
    Audit(city).all()
}
