//! W12: a city and a district meet again that share the statements of many units: what the hello
//! costs, with nothing new and with the units that the district recognised meanwhile.

use anyhow::Result;

use crate::founding::Led;
use crate::network::Network;
use crate::sample::{Sample, Watch, repeat};
use crate::store::BenchStore;

/// `scopes` units below the district, `new` more of them in each run.
pub(crate) fn measure<S: BenchStore>(scopes: u64, new: u64, runs: usize) -> Result<Vec<Sample>> {
    let (city, district) = (Led::city(), Led::district());
    let mut network = Network::<S>::found();
    network.join(&district, "district")?;
    network.join(&city, "city")?;
    network.learn(1, district.own_statements().to_vec())?;
    let mut known = 0;
    let mut recognise = |network: &mut Network<S>, count: u64| {
        let units = (known..known + count).map(|number| district.below(&number.to_string()));
        known += count;
        network.learn(0, units.flat_map(|unit| unit.own_statements().to_vec()))
    };
    recognise(&mut network, scopes)?;
    network.connect(0, 1);
    network.rest()?;
    repeat(runs, || {
        network.wake()?;
        network.cut_all();
        network.rest()?;
        recognise(&mut network, new)?;
        network.clear();
        let watch = Watch::start()?;
        network.connect(0, 1);
        network.rest()?;
        let sample = watch.stop()?;
        for unit in [&district, &district.below("0")] {
            let scope = schema_wire::Scope::statements(unit.unit.clone());
            network.must_agree_in(0, 1, &scope)?;
        }
        network.must_stay()?;
        Ok(network.counted(sample))
    })
}
