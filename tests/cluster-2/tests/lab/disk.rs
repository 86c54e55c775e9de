//! Disks that are full, fail, or are slow.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use node_api::{Enter, Half};
use rand_chacha::rand_core::Rng;
use tests_cluster::lab::{Audit, City, Entry, Place};
use tests_cluster::wait;

/// Starts tried on a full disk.
const STARTS: u32 = 5;
/// Within seconds.
const NOTICED_MAX: Duration = Duration::from_secs(12);
/// Entries of 24 KB, tried on a full disk.
const ENTRIES_MAX: u32 = 4000;

/// A full disk ends the node, loudly; with space back it goes on where it was.
pub(crate) fn full(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(2000);
    for (place, while_running) in [(Place::Office, true), (Place::East, false)] {
        if !while_running {
            city.at_mut(place).stop(Signal::SIGKILL)?;
        }
        city.at(place).disk.fill(0)?;
        match while_running {
            true => exhaust(city, place)?,
            false => city.at_mut(place).launch()?,
        }
        let code = city.at_mut(place).end()?;
        ensure!(code != 0, "{place:?} ended as if all were well");
        let said = city.at(place).last_words();
        let why = ["No space left on device", "磁盘已满"].iter().any(|why| said.contains(why));
        ensure!(why, "{place:?} does not say why: {said}");
        city.tally.add("disks filled", 1);
        // Whoever watches over processes starts it again and again.
        for _ in 0..STARTS {
            city.at_mut(place).launch()?;
            std::thread::sleep(Duration::from_millis(300));
            // One that is slow to find out must not be left to run beside the next.
            city.at_mut(place).stop(Signal::SIGKILL)?;
        }
        city.at(place).disk.free()?;
        city.at_mut(place).start()?;
        city.pause(2000);
    }
    city.rest()?;
    Audit(city).all()
}

/// A node that runs has room set aside for its log: it goes on until long entries filled that.
fn exhaust(city: &mut City, place: Place) -> Result<()> {
    for number in 0..ENTRIES_MAX {
        let words: Vec<String> =
            (0..1500).map(|_| format!("{:016x}", city.chance.next_u64())).collect();
        let entry = node_api::Entry::Patrol {
            date: "2026-11-02".into(),
            half: Half::Morning,
            area: words.concat(),
            started: "08:00".into(),
            ended: "08:30".into(),
            findings: 1,
            by: None,
            id: Some(format!("long-{number}")),
        };
        if city.at(place).ask(Enter { entry }).is_err() {
            return Ok(());
        }
        city.oracle.note(Entry {
            unit: city.at(place).unit.clone(),
            id: format!("long-{number}"),
            envelope: None,
        })?;
    }
    bail!("{ENTRIES_MAX} long entries did not fill the disk of {place:?}")
}

/// A disk turns read-only under nodes to which nobody writes just then: they notice within
/// seconds, say so and end. Mended, nothing that was acknowledged is missing.
pub(crate) fn read_only(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(2000);
    city.rest()?;
    for place in [Place::Office, Place::City] {
        city.at(place).disk.abort()?;
        let began = std::time::Instant::now();
        let code = city.at_mut(place).end()?;
        let noticed = began.elapsed();
        let said = city.at(place).last_words();
        ensure!(code == 6 && said.contains("磁盘"), "{place:?} ended with {code}: {said}");
        ensure!(noticed < NOTICED_MAX, "{place:?} took {noticed:?} to notice");
        let status = city.at(place).order(&["status"]).err().context("no status")?.to_string();
        ensure!(status.contains("磁盘"), "{status}");
        city.at(place).disk.mend()?;
        city.at_mut(place).start()?;
        city.tally.add("disks turned read-only", 1);
    }
    city.rest()?;
    Audit(city).all()
}

/// A sync that fails ends the node: nobody knows what is on the disk. The next start does.
pub(crate) fn failing(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    for place in [Place::Office, Place::East, Place::Hill, Place::Office] {
        city.pause(1500);
        let after = 1 + city.draw(4);
        let injection =
            city.at(place).inject(&format!("fdatasync,fsync:error=EIO:when={after}+"))?;
        let code = city.at_mut(place).end().context("a sync that failed")?;
        ensure!(code != 0, "{place:?} ended as if all were well");
        drop(injection);
        city.tally.add("syncs failed", 1);
        city.at_mut(place).start()?;
    }
    city.pause(1000);
    city.rest()?;
    Audit(city).all()
}

/// A slow disk makes a slow node, and nothing else: others go on at their pace.
pub(crate) fn slow(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(1000);
    let before = city.oracle.len();
    let slow = [Place::Office, Place::East]
        .map(|place| city.at(place).inject("fdatasync:delay_enter=200000"));
    wait("clerks go on at the slow node and elsewhere", || {
        ensure!(city.oracle.len() > before + 300, "{} entries", city.oracle.len() - before);
        let units = city.oracle.entries();
        ensure!(units.len() == 3, "{} units", units.len());
        Ok(())
    })?;
    city.tally.add("slow disks", slow.len() as u64);
    slow.into_iter().try_for_each(|slow| slow.map(drop))?;
    city.rest()?;
    Audit(city).all()
}
