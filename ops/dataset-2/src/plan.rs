//! The published totals, divided over districts, streets and communities.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::allocate::{evenly, largest_remainder};
use crate::people::place_name;

const CITY: &str = "220800";
/// Spread of community sizes: log-normal, cut off at these multiples of the median.
const SIZE_SIGMA: f64 = 0.42;
const SIZE_RANGE: (f64, f64) = (0.2486, 2.486);
const STREETS_MAX: u64 = 99;
/// The random stream that sizes are drawn from; communities use those from 0.
const SIZES_STREAM: u64 = u64::MAX;

/// Code, name, urban residents, communities, streets.
const DISTRICTS: [(&str, &str, u64, u64, u64); 6] = [
    ("220802", "洮北区", 284_843, 35, 9),
    ("220871", "白城经济开发区", 100_489, 13, 3),
    ("220881", "洮南市", 138_247, 17, 8),
    ("220882", "大安市", 124_619, 16, 5),
    ("220821", "镇赉县", 97_824, 12, 3),
    ("220822", "通榆县", 98_610, 12, 3),
];

/// City totals of what is written as rows.
#[derive(Debug, Clone, Copy)]
struct Totals {
    communities: u64,
    households: u64,
    estates: u64,
    grids: u64,
    buildings: u64,
    entrances: u64,
    branches: u64,
    groups: u64,
    centre_households: u64,
    party_members: u64,
    volunteers: u64,
}

const BAICHENG: Totals = Totals {
    communities: 105,
    households: 368_800,
    estates: 303,
    grids: 1_050,
    buildings: 6_700,
    entrances: 26_800,
    branches: 252,
    groups: 638,
    centre_households: 1_850,
    party_members: 7_600,
    volunteers: 40_000,
};

const DEMO: Totals = Totals {
    communities: 4,
    households: 524,
    estates: 6,
    grids: 8,
    buildings: 20,
    entrances: 44,
    branches: 10,
    groups: 24,
    centre_households: 56,
    party_members: 60,
    volunteers: 80,
};

/// Streams of which `truth.json` holds the number and the workbooks hold no rows yet.
pub const COUNTED_ONLY: [(&str, u64); 16] = [
    ("units_checked_in", 667),
    ("cadres_checked_in", 19_000),
    ("in_service_members", 16_000),
    ("deputies", 4_000),
    ("wishes_claimed", 16_000),
    ("wishes_fulfilled", 15_000),
    ("visits", 40_000),
    ("appeals_received", 20_000),
    ("appeals_closed_on_time", 19_100),
    ("redemption_items", 10_500),
    ("property_companies", 241),
    ("owner_committee_party_orgs", 82),
    ("social_organisations", 300),
    ("alliance_members", 130),
    ("service_centres", 357),
    ("volunteer_stations", 150),
];
/// “每社区至少 5 支”: 105 communities with five teams each are the article's 500 and more.
const TEAMS: u64 = 5;

/// What is to be generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub seed: u64,
    pub scale: f64,
    /// Year and month of the patrols written.
    pub months: Vec<(i16, i8)>,
    pub city: String,
    pub city_name: String,
    pub districts: Vec<DistrictPlan>,
}

/// A district and its communities.
#[derive(Debug, Clone, PartialEq)]
pub struct DistrictPlan {
    pub code: String,
    pub name: String,
    pub streets: u64,
    pub communities: Vec<CommunityPlan>,
}

/// How much of everything a community has.
#[derive(Debug, Clone, PartialEq)]
pub struct CommunityPlan {
    /// Place in the city, from 0, and how many there are: who may use which citizen ids.
    pub index: u64,
    pub of: u64,
    /// Unit path: city/district/street/community.
    pub path: String,
    pub code: String,
    pub name: String,
    pub residents: u64,
    pub households: u64,
    pub estates: u64,
    pub grids: u64,
    pub buildings: u64,
    pub entrances: u64,
    pub branches: u64,
    pub groups: u64,
    pub centre_households: u64,
    pub party_members: u64,
    pub volunteers: u64,
    pub teams: u64,
    pub counted_only: BTreeMap<String, u64>,
}

impl Plan {
    /// The whole city at a scale: 1 is Baicheng with its 105 communities; other scales have fewer
    /// or more communities of the same size. One month of patrols.
    pub fn baicheng(seed: u64, scale: f64) -> Self {
        assert!(scale > 0.0 && scale <= 100.0, "a scale above 0 and up to 100");
        let times = |count: u64| (count as f64 * scale).round() as u64;
        let totals = BAICHENG.times(times);
        let weights: Vec<f64> = DISTRICTS.iter().map(|district| district.3 as f64).collect();
        let whole = DISTRICTS.map(|district| ((district.3 as f64 * scale) as u64).max(1));
        let communities = largest_remainder(totals.communities, &weights, &whole);
        let sizes = DISTRICTS.iter().zip(communities).map(|(district, communities)| DistrictSize {
            code: district.0,
            name: district.1,
            residents: times(district.2),
            streets: times(district.4).clamp(1, STREETS_MAX).min(communities),
            communities,
        });
        Self::new(seed, scale, &sizes.collect::<Vec<_>>(), totals, times)
    }

    /// A small city: two districts with two communities each, about 300 residents in each.
    pub fn demo(seed: u64) -> Self {
        let sizes = [("220802", "洮北区"), ("220881", "洮南市")].map(|(code, name)| DistrictSize {
            code,
            name,
            residents: 600,
            streets: 1,
            communities: 2,
        });
        let scale = 1_200.0 / 844_632.0;
        let times = |count: u64| (count as f64 * scale).ceil() as u64;
        Self::new(seed, scale, &sizes, DEMO, times)
    }

    /// The same plan with patrols in `count` months from the one given.
    pub fn with_months(mut self, year: i16, month: i8, count: u16) -> Self {
        let first = i32::from(year) * 12 + i32::from(month) - 1;
        let months =
            (first..first + i32::from(count)).map(|m| ((m / 12) as i16, (m % 12 + 1) as i8));
        self.months = months.collect();
        self
    }

    /// Every community, in the city's order.
    pub fn communities(&self) -> impl Iterator<Item = &CommunityPlan> {
        self.districts.iter().flat_map(|district| &district.communities)
    }

    fn new(
        seed: u64,
        scale: f64,
        sizes: &[DistrictSize],
        totals: Totals,
        times: impl Fn(u64) -> u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(SIZES_STREAM);
        let residents: Vec<Vec<u64>> = sizes.iter().map(|size| size.residents(&mut rng)).collect();
        let mut shares = shares(&residents.concat(), totals, times).into_iter();
        let mut index = 0;
        let of = residents.iter().map(|district| district.len() as u64).sum();
        let districts = sizes.iter().map(|size| {
            let communities = size.places().into_iter().map(|(street, code)| {
                let share = shares.next().expect("one share for each community");
                let name = format!("{}社区", place_name(index));
                let path = format!("{CITY}/{}/{street}/{code}", size.code);
                index += 1;
                CommunityPlan { index: index - 1, of, path, code, name, ..share }
            });
            DistrictPlan {
                code: size.code.to_owned(),
                name: size.name.to_owned(),
                streets: size.streets,
                communities: communities.collect(),
            }
        });
        let districts = districts.collect();
        let (city, city_name) = (CITY.to_owned(), "白城市".to_owned());
        Self { seed, scale, months: vec![(2024, 3)], city, city_name, districts }
    }
}

#[derive(Debug)]
struct DistrictSize {
    code: &'static str,
    name: &'static str,
    residents: u64,
    streets: u64,
    communities: u64,
}

impl DistrictSize {
    /// Residents of each community: drawn, then brought to the district's exact total.
    fn residents(&self, rng: &mut ChaCha8Rng) -> Vec<u64> {
        let draw = |_| {
            // Sum of uniforms: near enough to normal, and the same on every machine.
            let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
            (SIZE_SIGMA * normal).exp().clamp(SIZE_RANGE.0, SIZE_RANGE.1)
        };
        let weights: Vec<f64> = (0..self.communities).map(draw).collect();
        largest_remainder(self.residents, &weights, &vec![1; weights.len()])
    }

    /// Street and community codes.
    fn places(&self) -> Vec<(String, String)> {
        let streets = (1..).zip(evenly(self.communities, self.streets));
        let places = streets.flat_map(|(street, communities)| {
            let street = format!("{}{street:03}", self.code);
            (1..=communities).map(move |place| (street.clone(), format!("{street}{place:03}")))
        });
        places.collect()
    }
}

impl Totals {
    /// Scaled, with at least one of everything in each community.
    fn times(self, times: impl Fn(u64) -> u64) -> Self {
        let communities = times(self.communities).max(DISTRICTS.len() as u64);
        let each = |count| times(count).max(communities);
        Self {
            communities,
            households: each(self.households),
            estates: each(self.estates),
            grids: each(self.grids),
            buildings: each(self.buildings),
            entrances: each(self.entrances),
            branches: each(self.branches),
            groups: each(self.groups),
            centre_households: each(self.centre_households),
            party_members: each(self.party_members),
            volunteers: each(self.volunteers),
        }
    }
}

/// The city's totals divided over its communities in proportion to residents.
fn shares(residents: &[u64], totals: Totals, times: impl Fn(u64) -> u64) -> Vec<CommunityPlan> {
    let weights: Vec<f64> = residents.iter().map(|count| *count as f64).collect();
    let ones = vec![1; residents.len()];
    let divide = |total, minimums: &[u64]| largest_remainder(total, &weights, minimums);
    let households = divide(totals.households, &ones);
    let estates = divide(totals.estates, &ones);
    let grids = divide(totals.grids, &ones);
    let most: Vec<u64> = estates.iter().zip(&grids).map(|(a, b)| *a.max(b)).collect();
    let buildings = divide(totals.buildings, &most);
    let entrances = divide(totals.entrances, &buildings);
    let branches = divide(totals.branches, &ones);
    let groups = divide(totals.groups, &branches);
    let centre_households = divide(totals.centre_households, &groups);
    let party_members = divide(totals.party_members, &ones);
    let volunteers = divide(totals.volunteers, &ones);
    let none = vec![0; residents.len()];
    let counted = COUNTED_ONLY.map(|(stream, total)| (stream, divide(times(total), &none)));
    let share = |place: usize| CommunityPlan {
        index: 0,
        of: 0,
        path: String::new(),
        code: String::new(),
        name: String::new(),
        residents: residents[place],
        households: households[place].min(residents[place]),
        estates: estates[place],
        grids: grids[place],
        buildings: buildings[place],
        entrances: entrances[place],
        branches: branches[place],
        groups: groups[place],
        centre_households: centre_households[place],
        party_members: party_members[place],
        volunteers: volunteers[place],
        teams: TEAMS,
        counted_only: counted.iter().map(|(s, parts)| ((*s).to_owned(), parts[place])).collect(),
    };
    (0..residents.len()).map(share).collect()
}
