//! One community: its organisation, buildings, residents, duties and volunteers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schema_documents::Row;
use schema_documents::kinds::body::BodyLevel;
use schema_documents::kinds::chief::ChiefRole;
use schema_documents::kinds::person::Sex;

use crate::allocate::evenly;
use crate::people::{Ids, birth_day, name, phone};
use crate::plan::CommunityPlan;
use crate::rows::{Body, Building, Home, MEMBER, Post, Resident};
use crate::truth::Counts;

const HOUSEHOLD_PERSONS_MAX: u64 = 6;
const ADULT_YEARS: f64 = 18.0;
const POST_FILLED: f64 = 0.97;

/// The rows of one community, patrols apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityRows {
    /// 组织架构
    pub organisation: Vec<Row>,
    /// 空间台账
    pub places: Vec<Row>,
    /// 居民名册
    pub roster: Vec<Row>,
    /// 五长岗位
    pub duties: Vec<Row>,
    /// 志愿者
    pub volunteers: Vec<Row>,
    /// Counted as the rows were made.
    pub counts: Counts,
    /// Who walks its patrols: holders of posts whom the roster has no namesakes of.
    pub(crate) walkers: Vec<String>,
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
    let posts = posts(community, &buildings, &roster, &adults, &mut rng);
    let bodies = bodies(community);
    let counts = count(community, &bodies, &buildings, &roster, &posts, volunteers.len());
    CommunityRows {
        walkers: walkers(&roster, &posts),
        organisation: bodies.iter().map(Body::row).collect(),
        places: buildings.iter().map(Building::row).collect(),
        roster: roster.iter().map(Resident::row).collect(),
        duties: posts.iter().map(Post::row).collect(),
        volunteers,
        counts,
    }
}

fn count(
    community: &CommunityPlan,
    bodies: &[Body],
    buildings: &[Building],
    roster: &[Resident],
    posts: &[Post<'_>],
    volunteers: usize,
) -> Counts {
    let level = |level| bodies.iter().filter(|body| body.level == level).count() as u64;
    let distinct =
        |values: &mut dyn Iterator<Item = &str>| values.collect::<BTreeSet<_>>().len() as u64;
    let entrances = |building: &Building| building.entrances.len() as u64;
    Counts {
        communities: 1,
        residents: roster.len() as u64,
        households: distinct(&mut roster.iter().map(|own| &*own.household)),
        residents_with_id: roster.iter().filter(|own| own.number.is_some()).count() as u64,
        party_members: roster.iter().filter(|own| own.is_member()).count() as u64,
        grids: distinct(&mut buildings.iter().map(|own| &*own.grid)),
        estates: distinct(&mut buildings.iter().map(|own| &*own.estate)),
        buildings: buildings.len() as u64,
        entrances: buildings.iter().map(entrances).sum(),
        branches: level(BodyLevel::GridBranch),
        groups: level(BodyLevel::BuildingGroup),
        duty_posts: posts.len() as u64,
        duty_posts_filled: posts.iter().filter(|post| post.holder.is_some()).count() as u64,
        volunteers: volunteers as u64,
        teams: community.teams,
        ..Counts::default()
    }
}

/// The holders of posts who have no namesakes among the residents: a sheet of patrols says no more
/// of them than their names.
fn walkers(roster: &[Resident], posts: &[Post<'_>]) -> Vec<String> {
    let mut named: BTreeMap<&str, u32> = BTreeMap::new();
    for resident in roster {
        *named.entry(&resident.name).or_default() += 1;
    }
    let holders = posts.iter().filter_map(|post| post.holder);
    let alone = holders.map(|holder| &*holder.name).filter(|name| named.get(name) == Some(&1));
    alone.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
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
            buildings.push(Building {
                grid: format!("{}{grid:03}", community.code),
                estate: format!("{}家园{estate}区", community.name.trim_end_matches("社区")),
                number: number.to_string(),
                entrances: own,
            });
        }
    }
    buildings
}

/// Everybody, household by household, and how old each is.
fn residents(
    community: &CommunityPlan,
    buildings: &[Building],
    rng: &mut ChaCha8Rng,
) -> (Vec<Resident>, Vec<f64>) {
    let mut sizes = household_sizes(community, rng).into_iter();
    let mut ids = Ids::new(community.index, community.of);
    let (mut roster, mut ages) = (Vec::new(), Vec::new());
    let mut household = 0;
    for building in buildings {
        for (entrance, count) in (1..).zip(&building.entrances) {
            for dwelling in 0..*count {
                household += 1;
                let home = Home {
                    estate: building.estate.clone(),
                    building: building.number.clone(),
                    entrance: u64::to_string(&entrance),
                    room: format!("{}", (dwelling / 2 + 1) * 100 + dwelling % 2 + 1),
                };
                let household = format!("{}-{household:05}", community.code);
                let size = sizes.next().expect("a size for each household");
                for (relation, sex, age) in family(size, rng) {
                    let (birth, number) = ids.next(birth_day(age), sex);
                    let phone = (age >= 12.0).then(|| phone(rng));
                    roster.push(Resident {
                        home: home.clone(),
                        household: household.clone(),
                        name: name(rng),
                        relation,
                        sex,
                        birth,
                        number,
                        phone,
                        politics: None,
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

fn set_political(roster: &mut [Resident], ages: &[f64], adults: &[usize], members: u64) {
    for (row, age) in roster.iter_mut().zip(ages) {
        let word = match age {
            age if *age < 14.0 => continue,
            age if *age < 24.0 => "共青团员",
            _ => "群众",
        };
        row.politics = Some(word);
    }
    for place in adults.iter().take(members as usize) {
        roster[*place].politics = Some(MEMBER);
    }
}

fn bodies(community: &CommunityPlan) -> Vec<Body> {
    let body = |level, number: &str, name: String, above: &str| Body {
        level,
        number: number.to_owned(),
        name,
        above: above.to_owned(),
    };
    let top = &community.code;
    // What stands above the community's own committee is another unit's.
    let mut bodies = vec![body(BodyLevel::Committee, top, format!("{}党委", community.name), "")];
    for (b, groups) in (1..).zip(evenly(community.groups, community.branches)) {
        let branch = branch_code(community, b);
        bodies.push(body(BodyLevel::GridBranch, &branch, format!("第{b}网格党支部"), top));
        for g in 1..=groups {
            let (group, name) = (format!("{branch}-G{g:02}"), format!("第{b}网格第{g}楼栋党小组"));
            bodies.push(body(BodyLevel::BuildingGroup, &group, name, &branch));
        }
    }
    bodies
}

/// The code of a branch; the area it patrols has the same.
pub(crate) fn branch_code(community: &CommunityPlan, number: u64) -> String {
    format!("{}-B{number:02}", community.code)
}

fn volunteers(
    community: &CommunityPlan,
    roster: &[Resident],
    adults: &[usize],
    rng: &mut ChaCha8Rng,
) -> Vec<Row> {
    let chosen = adults.iter().take(community.volunteers as usize).map(|place| &roster[*place]);
    let volunteer = |(number, person): (u64, &Resident)| {
        let (year, month, day) =
            (rng.random_range(2018..2024), rng.random_range(1..=12), rng.random_range(1..=28));
        let code = format!("V{}{number:05}", community.code);
        let team = format!("第{}志愿服务队", number % community.teams + 1);
        person.volunteers(&code, date(year, month, day), &team)
    };
    (1..).zip(chosen).map(volunteer).collect()
}

/// One chief for the community, and one for each grid, building and entrance.
fn posts<'a>(
    community: &CommunityPlan,
    buildings: &[Building],
    roster: &'a [Resident],
    adults: &[usize],
    rng: &mut ChaCha8Rng,
) -> Vec<Post<'a>> {
    let mut posts = vec![(ChiefRole::Community, community.name.clone())];
    let grids = 1..=community.grids;
    posts.extend(grids.map(|g| (ChiefRole::Grid, format!("{}{g:03}", community.code))));
    for building in buildings {
        let area = format!("{}{}栋", building.estate, building.number);
        let entrances = 1..=building.entrances.len();
        let of = area.clone();
        posts.push((ChiefRole::Building, area));
        posts.extend(entrances.map(|e| (ChiefRole::Entrance, format!("{of}{e}单元"))));
    }
    let post = |(role, area): (ChiefRole, String)| {
        let holder = &roster[adults[rng.random_range(0..adults.len())]];
        let filled = role == ChiefRole::Community || rng.random_bool(POST_FILLED);
        Post { role, area, holder: filled.then_some(holder) }
    };
    posts.into_iter().map(post).collect()
}
