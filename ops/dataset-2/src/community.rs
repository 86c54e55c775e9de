//! One community: its organisation, buildings, residents, duties and volunteers.

use jiff::civil::{Date, date};
use node_sheets::{
    Birth, Chief, DutyRow, Level, OrgRow, OrgState, PlaceRow, RosterRow, Sex, VolunteerRow,
    VolunteerState,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::allocate::evenly;
use crate::people::{Ids, birth_day, name, phone};
use crate::plan::CommunityPlan;
use crate::truth::Counts;

const HOUSEHOLD_PERSONS_MAX: u64 = 6;
const ADULT_YEARS: f64 = 18.0;
const POST_FILLED: f64 = 0.97;
const FOUNDED: Date = date(2020, 7, 1);

/// The rows of one community, patrols apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityRows {
    pub organisation: Vec<OrgRow>,
    pub places: Vec<PlaceRow>,
    pub roster: Vec<RosterRow>,
    pub duties: Vec<DutyRow>,
    pub volunteers: Vec<VolunteerRow>,
    /// Counted as the rows were made.
    pub counts: Counts,
}

/// The random stream of one community: the same whatever else is generated.
pub(crate) fn stream(seed: u64, community: &CommunityPlan) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(community.index * 2);
    rng
}

/// All rows of a community: a function of seed and plan.
pub fn community_rows(seed: u64, community: &CommunityPlan) -> CommunityRows {
    let mut rng = stream(seed, community);
    let buildings = buildings(community);
    let (mut roster, ages) = residents(community, &buildings, &mut rng);
    let mut adults: Vec<usize> = (0..roster.len()).filter(|i| ages[*i] >= ADULT_YEARS).collect();
    adults.shuffle(&mut rng);
    set_political(&mut roster, &ages, &adults, community.party_members);
    adults.shuffle(&mut rng);
    let volunteers = volunteers(community, &roster, &adults, &mut rng);
    let duties = duties(community, &buildings, &roster, &adults, &mut rng);
    let organisation = organisation(community);
    let places: Vec<PlaceRow> = buildings.into_iter().map(|building| building.row).collect();
    let mut rows = CommunityRows {
        organisation,
        places,
        roster,
        duties,
        volunteers,
        counts: Counts::default(),
    };
    rows.counts = rows.count(community);
    rows
}

impl CommunityRows {
    fn count(&self, community: &CommunityPlan) -> Counts {
        let level =
            |level| self.organisation.iter().filter(|row| row.level == level).count() as u64;
        let distinct = |values: Vec<&str>| {
            values.into_iter().collect::<std::collections::BTreeSet<_>>().len() as u64
        };
        let roster = || self.roster.iter();
        Counts {
            communities: 1,
            residents: self.roster.len() as u64,
            households: distinct(roster().map(|row| &*row.household).collect()),
            residents_with_id: roster().filter(|row| row.citizen_id.is_some()).count() as u64,
            party_members: roster().filter(|row| is_member(row)).count() as u64,
            grids: distinct(self.places.iter().map(|row| &*row.grid).collect()),
            estates: distinct(self.places.iter().map(|row| &*row.estate).collect()),
            buildings: self.places.len() as u64,
            entrances: self.places.iter().map(|row| u64::from(row.entrances)).sum(),
            branches: level(Level::GridBranch),
            groups: level(Level::BuildingGroup),
            centre_households: level(Level::CentreHousehold),
            duty_posts: self.duties.len() as u64,
            duty_posts_filled: self.duties.iter().filter(|row| row.name.is_some()).count() as u64,
            volunteers: self.volunteers.len() as u64,
            teams: community.teams,
            ..Counts::default()
        }
    }
}

fn is_member(row: &RosterRow) -> bool {
    row.political.as_deref() == Some("中共党员")
}

struct Building {
    row: PlaceRow,
    /// Households behind each entrance.
    entrances: Vec<u64>,
}

fn buildings(community: &CommunityPlan) -> Vec<Building> {
    let entrances = evenly(community.entrances, community.buildings);
    let mut households = evenly(community.households, community.entrances).into_iter();
    let mut buildings = Vec::new();
    let per_estate = evenly(community.buildings, community.estates);
    for (estate, count) in (1..).zip(per_estate) {
        for number in 1..=count {
            let place = buildings.len() as u64;
            let grid = place * community.grids / community.buildings + 1;
            let own: Vec<u64> =
                households.by_ref().take(entrances[place as usize] as usize).collect();
            let most = own.iter().max().copied().unwrap_or_default();
            let row = PlaceRow {
                grid: format!("{}{grid:03}", community.code),
                estate: format!("{}家园{estate}区", community.name.trim_end_matches("社区")),
                building: number.to_string(),
                entrances: own.len() as u32,
                floors: Some(most.div_ceil(2).max(1) as u32),
                households: Some(own.iter().sum::<u64>() as u32),
            };
            buildings.push(Building { row, entrances: own });
        }
    }
    buildings
}

/// Everybody, household by household, and how old each is.
fn residents(
    community: &CommunityPlan,
    buildings: &[Building],
    rng: &mut ChaCha8Rng,
) -> (Vec<RosterRow>, Vec<f64>) {
    let mut sizes = household_sizes(community, rng).into_iter();
    let mut ids = Ids::new(community.index, community.of);
    let (mut roster, mut ages) = (Vec::new(), Vec::new());
    let mut household = 0;
    for building in buildings {
        for (entrance, count) in (1..).zip(&building.entrances) {
            for dwelling in 0..*count {
                household += 1;
                let home = RosterRow {
                    estate: building.row.estate.clone(),
                    building: building.row.building.clone(),
                    entrance: u64::to_string(&entrance),
                    room: format!("{}", (dwelling / 2 + 1) * 100 + dwelling % 2 + 1),
                    household: format!("{}-{household:05}", community.code),
                    name: String::new(),
                    relation: String::new(),
                    sex: Sex::Unknown,
                    birth: None,
                    citizen_id: None,
                    phone: None,
                    political: None,
                    note: None,
                };
                let size = sizes.next().expect("a size for each household");
                for (relation, sex, age) in family(size, rng) {
                    let (birth, citizen_id) = ids.next(birth_day(age), sex);
                    let phone = (age >= 12.0).then(|| phone(rng));
                    let (name, relation) = (name(rng), relation.to_owned());
                    let birth = Some(Birth::on(birth));
                    roster.push(RosterRow {
                        name,
                        relation,
                        sex,
                        birth,
                        citizen_id,
                        phone,
                        ..home.clone()
                    });
                    ages.push(age);
                }
            }
        }
    }
    (roster, ages)
}

/// One person each, the others wherever there is room.
fn household_sizes(community: &CommunityPlan, rng: &mut ChaCha8Rng) -> Vec<u64> {
    let mut sizes = vec![1; community.households as usize];
    let mut left = community.residents - community.households;
    assert!(
        left <= community.households * (HOUSEHOLD_PERSONS_MAX - 1),
        "a plan has room for all its residents"
    );
    while left > 0 {
        let place = rng.random_range(0..sizes.len());
        if sizes[place] < HOUSEHOLD_PERSONS_MAX {
            sizes[place] += 1;
            left -= 1;
        }
    }
    sizes
}

/// Relation to the head, sex and age of everybody in a household.
fn family(size: u64, rng: &mut ChaCha8Rng) -> Vec<(&'static str, Sex, f64)> {
    let coin = |rng: &mut ChaCha8Rng| if rng.random_bool(0.5) { Sex::Male } else { Sex::Female };
    let head_sex = coin(rng);
    let head_age = rng.random_range(26.0..82.0);
    let mut family = vec![("户主", head_sex, head_age)];
    for place in 1..size {
        let sex = coin(rng);
        let (child, parent) = if sex == Sex::Male { ("子", "父亲") } else { ("女", "母亲") };
        family.push(match place {
            1 => {
                let sex = if head_sex == Sex::Male { Sex::Female } else { Sex::Male };
                let age: f64 = head_age + rng.random_range(-5.0..5.0);
                ("配偶", sex, age.max(22.0))
            }
            2 | 3 => (child, sex, (head_age - rng.random_range(22.0..34.0)).max(0.1)),
            _ if head_age < 60.0 => (parent, sex, head_age + rng.random_range(22.0..30.0)),
            _ => ("其他亲属", sex, rng.random_range(1.0..60.0)),
        });
    }
    family
}

fn set_political(roster: &mut [RosterRow], ages: &[f64], adults: &[usize], members: u64) {
    for (row, age) in roster.iter_mut().zip(ages) {
        let word = match age {
            age if *age < 14.0 => continue,
            age if *age < 24.0 => "共青团员",
            _ => "群众",
        };
        row.political = Some(word.to_owned());
    }
    for place in adults.iter().take(members as usize) {
        roster[*place].political = Some("中共党员".to_owned());
    }
}

fn organisation(community: &CommunityPlan) -> Vec<OrgRow> {
    let street = community.code[..9].to_owned();
    let row = |level, code: &str, name: String, parent: &str| OrgRow {
        level,
        code: code.to_owned(),
        name,
        parent: Some(parent.to_owned()),
        founded: Some(FOUNDED),
        state: OrgState::Active,
    };
    let top = &community.code;
    let mut rows =
        vec![row(Level::CommunityCommittee, top, format!("{}党委", community.name), &street)];
    let mut households = evenly(community.centre_households, community.groups).into_iter();
    for (b, groups) in (1..).zip(evenly(community.groups, community.branches)) {
        let branch = branch_code(community, b);
        rows.push(row(Level::GridBranch, &branch, format!("第{b}网格党支部"), top));
        for g in 1..=groups {
            let group = format!("{branch}-G{g:02}");
            rows.push(row(
                Level::BuildingGroup,
                &group,
                format!("第{b}网格第{g}楼栋党小组"),
                &branch,
            ));
            for h in 1..=households.next().expect("a number for each group") {
                let name = format!("第{b}网格第{g}楼栋党小组{h}号党员中心户");
                rows.push(row(Level::CentreHousehold, &format!("{group}-H{h:02}"), name, &group));
            }
        }
    }
    rows
}

/// The code of a branch; the area it patrols has the same.
pub(crate) fn branch_code(community: &CommunityPlan, number: u64) -> String {
    format!("{}-B{number:02}", community.code)
}

fn volunteers(
    community: &CommunityPlan,
    roster: &[RosterRow],
    adults: &[usize],
    rng: &mut ChaCha8Rng,
) -> Vec<VolunteerRow> {
    let chosen = adults.iter().take(community.volunteers as usize).map(|place| &roster[*place]);
    let volunteer = |(number, person): (u64, &RosterRow)| VolunteerRow {
        name: person.name.clone(),
        citizen_id: person.citizen_id.clone(),
        number: format!("V{}{number:05}", community.code),
        registered: date(
            rng.random_range(2018..2024),
            rng.random_range(1..=12),
            rng.random_range(1..=28),
        ),
        state: VolunteerState::Active,
        team: Some(format!("第{}志愿服务队", number % community.teams + 1)),
    };
    (1..).zip(chosen).map(volunteer).collect()
}

/// One chief for the community, and one for each grid, building and entrance.
fn duties(
    community: &CommunityPlan,
    buildings: &[Building],
    roster: &[RosterRow],
    adults: &[usize],
    rng: &mut ChaCha8Rng,
) -> Vec<DutyRow> {
    let mut posts = vec![(Chief::Community, community.name.clone())];
    posts.extend((1..=community.grids).map(|g| (Chief::Grid, format!("{}{g:03}", community.code))));
    for building in buildings {
        let area = format!("{}{}栋", building.row.estate, building.row.building);
        let entrances = 1..=building.entrances.len();
        let of = area.clone();
        posts.push((Chief::Building, area));
        posts.extend(entrances.map(|e| (Chief::Entrance, format!("{of}{e}单元"))));
    }
    let duty = |(chief, area): (Chief, String)| {
        let holder = &roster[adults[rng.random_range(0..adults.len())]];
        let filled = chief == Chief::Community || rng.random_bool(POST_FILLED);
        let holder = filled.then_some(holder);
        DutyRow {
            chief,
            area,
            name: holder.map(|person| person.name.clone()),
            citizen_id: holder.and_then(|person| person.citizen_id.clone()),
            party_member: holder.is_some_and(is_member),
            from: holder.map(|_| date(2023, 1, 1)),
            to: None,
        }
    };
    posts.into_iter().map(duty).collect()
}
