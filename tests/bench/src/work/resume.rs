//! W6: a transfer that is killed again and again: bytes sent over bytes needed.

use anyhow::Result;

use crate::founding::Led;
use crate::network::{Network, document};
use crate::sample::{Sample, Watch, repeat};
use crate::store::BenchStore;

/// The receiver is killed `kills` times, evenly spread over the transfer; frames on the way and
/// what was not committed are lost.
pub(crate) fn measure<S: BenchStore>(
    documents: u64,
    kills: u64,
    runs: usize,
) -> Result<Vec<Sample>> {
    let (mut network, community) = (Network::<S>::found(), Led::community());
    network.join(&community, "left")?;
    network.fill(0, documents)?;
    let scope = document(0).scope();
    let mut number = 0;
    let mut whole = |network: &mut Network<S>, kills: u64| -> Result<Sample> {
        number += 1;
        let name = format!("newcomer {number}");
        let newcomer = network.join(&community, &name)?;
        network.clear();
        let watch = Watch::start()?;
        network.connect(newcomer, 0);
        for kill in 1..=kills {
            let enough = documents * 2 * kill / (kills + 1);
            while network.held(newcomer, &scope)? < enough {
                network.step()?;
            }
            network.restart(newcomer, &community, &name, false)?;
            network.connect(newcomer, 0);
        }
        network.rest()?;
        let sample = watch.stop()?;
        network.must_agree(0, newcomer)?;
        network.must_stay()?;
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
