//! W6: a transfer that is killed again and again: bytes sent over bytes needed.

use anyhow::Result;

use crate::founding::COMMUNITY;
use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};
use crate::shelf::Shelf;

/// The receiver is killed `kills` times, evenly spread over the transfer; frames on the way and
/// what was not committed are lost.
pub(crate) fn measure<S: Shelf>(documents: u64, kills: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut network = Network::<S>::found();
    network.join(COMMUNITY, "left")?;
    network.fill(0, documents)?;
    let mut number = 0;
    let mut whole = |network: &mut Network<S>, kills: u64| -> Result<Sample> {
        number += 1;
        let name = format!("newcomer {number}");
        let newcomer = network.join(COMMUNITY, &name)?;
        network.introduce("left", &name)?;
        network.clear();
        let watch = Watch::start()?;
        network.connect(newcomer, 0);
        for kill in 1..=kills {
            let enough = documents * 2 * kill / (kills + 1);
            while network.held(newcomer)?.0 < enough {
                network.step()?;
            }
            network.restart(newcomer, &name, 1)?;
            network.connect(newcomer, 0);
        }
        network.rest()?;
        let sample = watch.stop()?;
        network.must_agree(0, newcomer)?;
        let sample = network.counted(sample);
        network.cut_all();
        network.nodes.truncate(1);
        network.rest()?;
        Ok(sample)
    };
    let needed = whole(&mut network, 0)?.bytes_out.unwrap_or(0);
    repeat(runs, || {
        let mut sample = whole(&mut network, kills)?;
        sample.ratio = Some(sample.bytes_out.unwrap_or(0) as f64 / needed as f64);
        Ok(sample)
    })
}
