//! Data folders that live twice: restored from a backup, started twice, copied; and other builds.

use anyhow::{Context, Result, ensure};
use nix::sys::signal::Signal;
use tests_cluster::lab::{Audit, City, Host, Place, Site};
use tests_cluster::{gongzhi, path};

/// Last week's backup is restored on an empty disk: what came after it comes back from the others.
pub(crate) fn restored(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    city.pause(3000);
    let backup = city.folder().join("backup");
    city.at(Place::Office).order(&["backup", "--out", path(&backup)?])?;
    city.pause(4000);
    city.rest()?;
    Audit(city).converged()?;
    let office = city.at_mut(Place::Office);
    office.stop(Signal::SIGKILL)?;
    let dir = office.dir();
    std::fs::remove_dir_all(&dir)?;
    gongzhi(&["restore", "--from", path(&backup)?, "--data", path(&dir)?])?;
    city.tally.add("restores", 1);
    city.at_mut(Place::Office).start()?;
    city.work(&Place::OFFICES);
    city.pause(3000);
    city.rest()?;
    Audit(city).all()
}

/// A second process on the same folder is told so; the first one goes on.
pub(crate) fn twice(city: &mut City) -> Result<()> {
    city.work(&Place::OFFICES);
    for _ in 0..10 {
        city.pause(300);
        let second = city.at(Place::Office).order(&["run"]);
        let said = second.err().context("a second process ran")?.to_string();
        ensure!(said.contains("正在使用"), "{said}");
        city.tally.add("second starts refused", 1);
    }
    city.rest()?;
    Audit(city).all()
}

/// A disk is cloned, and both machines run with one key: they go on under lives of their own, and
/// a third node of the unit gathers what both have.
pub(crate) fn copied(city: &mut City) -> Result<()> {
    city.work(&[Place::Office, Place::River]);
    city.pause(2000);
    city.at_mut(Place::Office).stop(Signal::SIGKILL)?;
    let mut clone = {
        let office = city.at(Place::Office);
        let disk = office.disk.copy(&city.folder(), "clone")?;
        let host = Host::create(city.lan(Place::Office), 4)?;
        let (unit, key) = (office.unit.clone(), office.key.clone());
        Site::on(&city.folder(), "clone", &unit, key, host, disk)?
    };
    let standby = city.at(Place::Standby);
    clone.dial(&standby.key, standby.address());
    city.at_mut(Place::Office).start()?;
    clone.start()?;
    city.tally.add("disks cloned", 1);
    city.work_at(&clone);
    city.pause(10_000);
    city.rest()?;
    // One key has one place in the network, and who dials first has it: the office steps aside
    // while the clone hands over what it has, and is taken out of service.
    city.at_mut(Place::Office).stop(Signal::SIGTERM)?;
    Audit(city).handed_over(&clone, Place::Standby)?;
    clone.stop(Signal::SIGTERM)?;
    city.at_mut(Place::Office).start()?;
    Audit(city).all()
}

/// The build before this one and this one work side by side, and go over to each other.
pub(crate) fn previous(city: &mut City) -> Result<()> {
    for place in [Place::City, Place::Office, Place::River] {
        city.at_mut(place).stop(Signal::SIGTERM)?;
        city.at_mut(place).run_previous_build()?;
        city.at_mut(place).start()?;
    }
    city.work(&Place::OFFICES);
    city.pause(4000);
    for place in [Place::City, Place::Office, Place::River] {
        city.at_mut(place).stop(Signal::SIGTERM)?;
        city.at_mut(place).run_this_build()?;
        city.at_mut(place).start()?;
        city.tally.add("upgrades", 1);
        city.pause(1000);
    }
    city.rest()?;
    Audit(city).all()
}
