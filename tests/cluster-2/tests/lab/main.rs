//! Real processes under real faults: what of the shipped binary, the kernel and the disk the
//! simulated world cannot know.
//!
//! A scenario founds a city of seven nodes, lets clerks work, breaks something, mends it, and
//! asks [`tests_cluster::lab::Audit`] whether all that must hold does. Scenarios that take long run
//! only with `GONGZHI_LAB_ALL=1` (`make cluster`); one that this machine cannot run is counted as
//! ignored, and said so loudly. `GONGZHI_SEED` shapes all of them.

mod baicheng;
mod canary;
mod clock;
mod disk;
mod kill;
mod lives;
mod network;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use libtest_mimic::{Arguments, Trial};
use tests_cluster::lab::{City, Mechanism, Tally, enter, inside};

/// A scenario that has not ended by then is stuck.
const SCENARIO_MAX: Duration = Duration::from_secs(15 * 60);

/// What is done to a city.
type Scenario = fn(&mut City) -> Result<()>;

/// A scenario, what it needs beyond namespaces and disks, and whether it is part of every run.
struct Case {
    name: &'static str,
    needs: &'static [Mechanism],
    core: bool,
    run: Scenario,
}

const fn core(name: &'static str, needs: &'static [Mechanism], run: Scenario) -> Case {
    Case { name, needs, core: true, run }
}

const fn long(name: &'static str, needs: &'static [Mechanism], run: Scenario) -> Case {
    Case { name, needs, core: false, run }
}

const CASES: [Case; 19] = [
    core("the_checks_find_what_is_planted", &[], canary::planted),
    core("killed_again_and_again", &[], kill::killed),
    core("power_cut_again_and_again", &[], kill::cut_off),
    core("disk_full_and_space_back", &[], disk::full),
    core("disk_that_turns_read_only", &[], disk::read_only),
    core("disk_that_fails_to_sync", &[Mechanism::Strace], disk::failing),
    core("cut_loud_and_silent_along_the_tree", &[], network::cut),
    core("links_that_break_corrupt_and_wait", &[], network::foul),
    core("found_on_the_local_network", &[], network::discovered),
    core("clocks_that_lie", &[Mechanism::FalseClock], clock::lying),
    core("an_old_backup_restored", &[], lives::restored),
    core("a_folder_started_twice", &[], lives::twice),
    core("a_disk_copied_and_both_started", &[], lives::copied),
    long("disk_that_syncs_slowly", &[Mechanism::Strace], disk::slow),
    long("one_way_links", &[], network::one_way),
    long("frozen_and_thawed", &[], network::frozen),
    long("the_build_before_beside_this_one", &[Mechanism::PreviousBuild], lives::previous),
    long("killed_and_cut_for_long", &[], kill::for_long),
    long("baicheng_with_a_district_gone", &[], baicheng::whole),
];

fn main() -> Result<()> {
    let mut arguments = Arguments::from_args();
    // One after the other: they share the machine's namespaces, and its two cores.
    arguments.test_threads = Some(1);
    let missing = [Mechanism::Namespaces, Mechanism::Disks]
        .into_iter()
        .find_map(|needed| if inside() { None } else { needed.missing() });
    if missing.is_none() && !inside() && !arguments.list {
        enter()?;
    }
    let all = std::env::var_os("GONGZHI_LAB_ALL").is_some();
    let figures = Arc::new(Mutex::new(Tally::default()));
    let trials: Vec<Trial> = CASES
        .into_iter()
        .filter(|case| all || case.core)
        .map(|case| trial(case, missing.clone(), &figures))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
    println!("in all: {figures}\n");
    if conclusion.num_ignored > 0 {
        println!("SKIPPED {} scenarios, see above: NOT PROVED HERE\n", conclusion.num_ignored);
    }
    conclusion.exit()
}

fn trial(case: Case, missing: Option<String>, figures: &Arc<Mutex<Tally>>) -> Trial {
    let Case { name, needs, run, .. } = case;
    let missing = missing.or_else(|| needs.iter().find_map(|needed| needed.missing()));
    if let Some(reason) = &missing {
        println!("SKIPPED {name}: {reason}");
    }
    let figures = figures.clone();
    let trial = Trial::test(name, move || {
        let tally = scenario(name, run).map_err(|error| format!("{error:#}"))?;
        figures.lock().unwrap_or_else(PoisonError::into_inner).absorb(&tally);
        Ok(())
    });
    trial.with_ignored_flag(missing.is_some())
}

/// Runs one scenario on a city of its own.
fn scenario(name: &'static str, run: Scenario) -> Result<Tally> {
    let seed = seed()?;
    let began = Instant::now();
    let (ended, watched) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(SCENARIO_MAX) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            // This is the first process of its namespaces: all others end with it.
            eprintln!("{name} did not end within {SCENARIO_MAX:?}");
            std::process::exit(1);
        }
    });
    let mut city = City::found(seed).context("cannot found the city")?;
    let outcome = run(&mut city);
    drop(ended);
    outcome.with_context(|| {
        let folder = city.keep();
        format!(
            "GONGZHI_SEED={seed} cargo test --workspace --test lab {name}; {}; logs in {}",
            city.tally,
            folder.display()
        )
    })?;
    println!("{name}: {:.0} s, {}", began.elapsed().as_secs_f32(), city.tally);
    Ok(city.tally.clone())
}

fn seed() -> Result<u64> {
    match std::env::var("GONGZHI_SEED") {
        Ok(seed) => seed.parse().with_context(|| format!("GONGZHI_SEED={seed:?} is no number")),
        Err(_) => Ok(1),
    }
}
