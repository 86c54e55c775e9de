//! A harness that cannot fail is no evidence: the checks are told lies, and must say so.

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;
use tests_cluster::lab::{Audit, City, Entry, Place};

/// Expects a check to fail, and to say this.
fn caught(outcome: Result<()>, says: &str) -> Result<()> {
    let said = outcome.err().map(|error| format!("{error:#}")).unwrap_or_default();
    ensure!(said.contains(says), "the check said {said:?}, not {says:?}");
    Ok(())
}

pub(crate) fn planted(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(2000);
    city.rest()?;
    Audit(city).all()?;
    let genuine = city.oracle.entries().into_values().flatten().next();

    // A word of a community on the disk of its district.
    let word = genuine.as_ref().map(|entry| entry.writer().to_owned()).unwrap_or_default();
    let note = city.at(Place::East).disk.path().join("note");
    std::fs::write(&note, &word)?;
    caught(Audit(city).nothing_leaked(), &word)?;

    // A process that ended by itself, and one that was left down.
    nix::sys::signal::kill(city.at(Place::River).pid()?, Signal::SIGTERM)?;
    tests_cluster::wait("it ends", || {
        let ended = Audit(city).nobody_ended();
        caught(ended, "ended by itself")
    })?;
    caught(Audit(city).nobody_ended(), "left down")?;
    city.at_mut(Place::River).start()?;

    // An entry that nobody holds, and an envelope that nobody holds.
    let unit = city.at(Place::Hill).unit.clone();
    city.oracle.note(Entry { unit, area: "never-000000".into(), envelope: None })?;
    caught(Audit(city).nothing_lost(), "lost never-000000")?;
    city.tally.add("lies caught", 4);
    // The words of this one lie where they should not, for good.
    Ok(())
}
