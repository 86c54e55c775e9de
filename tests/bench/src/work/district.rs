//! W5-district: the city ends the recognition of a district, and all below it ceases to count.

use anyhow::{Result, ensure};
use node_replication::history;
use node_replication::store::MemStore;
use schema_wire::Scope;

use super::authority::ending;
use crate::founding::Led;
use crate::network::{Entry, GROUP_MAX, NOTE, Network, report, text};
use crate::sample::{Sample, Watch, repeat};
use crate::store::Counting;

/// Communities of a street.
const STREET: u64 = 100;

/// A city of so many communities, each with a report there, and a district to be ended that has
/// some of them. The other streets have a district each.
struct City {
    led: Led,
    district: Led,
    /// Of the city's two nodes.
    stores: [MemStore; 2],
}

impl City {
    fn found(communities: u64, ended: u64) -> Result<Self> {
        let led = Led::city();
        let district = led.below("district-0");
        let mut network = Network::<MemStore>::found();
        network.join(&led, "first")?;
        network.join(&led, "second")?;
        for number in 0..communities / STREET {
            let above = match number < ended / STREET {
                true => district.clone(),
                false => led.below(&format!("district-{}", number + 1)),
            };
            let street = above.below(&format!("street-{number}"));
            let store = Counting::over(collected(&street)?);
            let node = network.start(&street, "street", store, false)?;
            network.connect(node, 0);
            network.rest()?;
            network.must_stay()?;
            network.cut_all();
            network.nodes.pop();
            network.rest()?;
        }
        network.connect(0, 1);
        network.rest()?;
        network.must_agree_in(0, 1, &Scope::statements(district.unit.clone()))?;
        network.must_stay()?;
        let nodes: Vec<_> = network.nodes.into_iter().map(|node| node.store.inner).collect();
        Ok(Self { led, district, stores: nodes.try_into().expect("two nodes") })
    }

    /// Its two nodes, joined, as they were when it was founded.
    fn open(&self) -> Result<Network<MemStore>> {
        let mut network = Network::found();
        let [first, second] = self.stores.clone().map(Counting::over);
        network.start(&self.led, "first", first, false)?;
        network.start(&self.led, "second", second, false)?;
        network.connect(0, 1);
        network.rest()?;
        Ok(network)
    }
}

/// What the node of a street holds once all its communities have reported to it.
fn collected(street: &Led) -> Result<MemStore> {
    let mut network = Network::<MemStore>::found();
    network.join(street, "street")?;
    for number in 0..STREET {
        let community = street.below(&number.to_string());
        network.learn(0, community.own_statements().to_vec())?;
        let node = network.join(&community, &format!("node of {}", community.unit))?;
        let document = report(&community.unit, 0);
        let entry = Entry::new(&document, NOTE, text(number, 0));
        network.enter(node, &[entry], GROUP_MAX)?;
        network.connect(node, 0);
        network.rest()?;
        network.must_agree_in(0, node, &document.scope())?;
        network.cut_all();
        network.nodes.pop();
        network.rest()?;
    }
    let street = network.nodes.pop().expect("the street");
    Ok(street.store.inner)
}

/// Until nothing of the `ended` communities counts at either node of the city, of which one makes
/// the statement and the other hears of it.
pub(crate) fn measure(communities: u64, ended: u64, runs: usize) -> Result<Vec<Sample>> {
    let city = City::found(communities, ended)?;
    repeat(runs, || {
        let mut network = city.open()?;
        let gone = ending(&city.led, city.district.founding);
        network.clear();
        let watch = Watch::start()?;
        network.learn(0, [gone.into()])?;
        network.rest()?;
        let sample = watch.stop()?;
        network.must_agree_in(0, 1, &Scope::statements(city.led.unit.clone()))?;
        network.must_stay()?;
        for node in &network.nodes {
            let suspended = history::suspended(&node.store.inner)?.len() as u64;
            ensure!(suspended == ended, "{suspended} reports do not count of {ended}");
        }
        let mut sample = network.counted(sample);
        sample.done = Some(ended);
        Ok(sample)
    })
}
