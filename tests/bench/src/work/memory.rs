//! W10: what a node keeps in memory that holds many documents and does nothing with them.

use anyhow::Result;

use crate::founding::Led;
use crate::network::{Network, document};
use crate::sample::{Sample, Watch, memory_mib};
use crate::store::OnDisk;

/// The memory of this process after a node was opened over `documents` documents on disk, in MiB.
///
/// The store is filled by another process, so that what filling left behind is not counted.
pub(crate) fn measure(documents: u64) -> Result<Vec<Sample>> {
    let dir = crate::store::folder()?;
    let place = dir.path().join("store");
    let fill = std::process::Command::new(std::env::current_exe()?)
        .args(["fill", &documents.to_string()])
        .arg(&place)
        .status()?;
    anyhow::ensure!(fill.success(), "filling the store failed");
    let before = memory_mib("VmRSS")?;
    let watch = Watch::start()?;
    let mut network = Network::<OnDisk>::found();
    let store = OnDisk::at(&place)?;
    network.start(&Led::community(), "left", store, false)?;
    anyhow::ensure!(
        network.held(0, &document(0).scope())? == documents * 2,
        "the store is not full"
    );
    network.wake()?;
    let mut sample = watch.stop()?;
    sample.done = Some(documents);
    sample.ratio = Some(memory_mib("VmRSS")? - before);
    Ok(vec![sample])
}

/// Fills a store that outlives this process.
pub(crate) fn fill(documents: u64, place: &std::path::Path) -> Result<()> {
    let mut network = Network::<OnDisk>::found();
    let store = OnDisk::at(place)?;
    network.start(&Led::community(), "left", store, false)?;
    network.fill(0, documents)
}
