//! negentropy alone: the floor of finding a difference without a cursor. It moves no data, checks
//! no signature and stores nothing; the sets are in memory and sealed before the watch starts.

use anyhow::Result;
use negentropy::{Id, Negentropy, NegentropyStorageVector};

use crate::founding::{START_MS, named};
use crate::sample::{Sample, Watch, repeat};

/// As `node-replication` limits a message.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;

/// Two sets of `documents` ids; `changes` of them differ on the side with the updates.
pub(crate) fn measure(documents: u64, changes: u64, runs: usize) -> Result<Vec<Sample>> {
    let set = |newer: bool| -> Result<NegentropyStorageVector> {
        let mut set = NegentropyStorageVector::with_capacity(documents as usize);
        let every = documents.checked_div(changes).unwrap_or(u64::MAX);
        for number in 0..documents {
            let version =
                u64::from(newer && number.is_multiple_of(every) && number / every < changes);
            let id = named(&format!("{number}/{version}"));
            set.insert(START_MS + number / 100, Id::from_byte_array(id.0))?;
        }
        set.seal()?;
        Ok(set)
    };
    let (updated, old) = (set(true)?, set(false)?);
    repeat(runs, || {
        let (mut out, mut back, mut trips) = (0, 0, 0);
        let (mut have, mut want) = (Vec::new(), Vec::new());
        let watch = Watch::start()?;
        let mut dialer = Negentropy::borrowed(&updated, MESSAGE_BYTES_MAX)?;
        let mut listener = Negentropy::borrowed(&old, MESSAGE_BYTES_MAX)?;
        let mut next = Some(dialer.initiate()?);
        while let Some(message) = next {
            out += message.len() as u64;
            let answer = listener.reconcile(&message)?;
            back += answer.len() as u64;
            trips += 1;
            next = dialer.reconcile_with_ids(&answer, &mut have, &mut want)?;
        }
        let sample = watch.stop()?;
        anyhow::ensure!(have.len() as u64 == changes, "found {} of {changes}", have.len());
        Ok(Sample {
            bytes_out: Some(out),
            bytes_in: Some(back),
            frames: Some(trips * 2),
            legs: Some(trips * 2),
            ..sample
        })
    })
}
