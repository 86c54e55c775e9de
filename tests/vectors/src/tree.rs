//! The tree of the golden world: who was founded by whom, and one node that writes.

use crate::keys::*;
use crate::signed::Statement;
use crate::world::*;

/// What the tree consists of.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) city: Statement,
    pub(crate) city_founding: Statement,
    pub(crate) city_second: Statement,
    pub(crate) district: Statement,
    pub(crate) district_founding: Statement,
    pub(crate) community: Statement,
    pub(crate) community_founding: Statement,
    /// The community's delegation of the node that writes.
    pub(crate) node: Statement,
}

pub(crate) fn tree() -> Tree {
    let city = chartered(CITY, CITY_KEY, CITY_PAPER);
    let [city_founding, city_second] = twice(|root| root.founds(CITY, &city));
    let district = chartered(DISTRICT, DISTRICT_KEY, DISTRICT_PAPER);
    let district_founding = issuer(CITY_KEY, CITY, city.id).founds(DISTRICT, &district);
    let community = chartered(COMMUNITY, COMMUNITY_KEY, COMMUNITY_PAPER);
    let by_district = issuer(DISTRICT_KEY, DISTRICT, district.id);
    let community_founding = by_district.founds(COMMUNITY, &community);
    let node = issuer(COMMUNITY_KEY, COMMUNITY, community.id).lets_write(NODE);
    Tree {
        city,
        city_founding,
        city_second,
        district,
        district_founding,
        community,
        community_founding,
        node,
    }
}

impl Tree {
    /// All of it, each kept by those before.
    pub(crate) fn all(&self) -> Vec<Statement> {
        let Self { city, city_founding, city_second, district, .. } = self.clone();
        let Self { district_founding, community, community_founding, node, .. } = self.clone();
        vec![
            city_founding,
            city_second,
            city,
            district_founding,
            district,
            community_founding,
            community,
            node,
        ]
    }

    pub(crate) fn by_city(&self) -> Issuer {
        issuer(CITY_KEY, CITY, self.city.id)
    }

    pub(crate) fn by_district(&self) -> Issuer {
        issuer(DISTRICT_KEY, DISTRICT, self.district.id)
    }

    pub(crate) fn by_community(&self) -> Issuer {
        issuer(COMMUNITY_KEY, COMMUNITY, self.community.id)
    }

    /// The node, by its delegation.
    pub(crate) fn by_node(&self) -> Issuer {
        issuer(NODE, COMMUNITY, self.node.id)
    }
}
