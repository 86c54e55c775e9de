//! What a member of a unit below makes up, and what the numbers above say then.

use anyhow::{Context, Result, ensure};
use node_api::{Report, ReportShown};
use node_replication::change::Scalar;
use schema_content::{Cell, Cells, EventId, Number, Revision, Sources};
use schema_wire::{Hash, Item, Ms, Wire as _};
use tests_cluster::{Node, planned, wait};

use crate::attacker::{Member, Victim, public};
use crate::forger::{Draft, Upon};
use crate::forgeries::{MEMBER, run};

/// A member of a unit below publishes what nobody counts, as much as fits, and the largest number
/// there is. The city's next number is the sum of what was entered.
#[test]
fn numbers_that_a_member_below_made_up_stop_no_report() -> Result<()> {
    const DISTRICT: &str = "220800/220802";
    let root = tempfile::tempdir()?;
    let mut city = Node::create(root.path(), "city")?;
    city.found()?;
    let mut district = Node::create(root.path(), "district")?;
    city.found_below(&district, DISTRICT)?;
    district.link(&city);
    let member = Member::granted(&[&district], &root.path().join("member.grant"), &MEMBER, run)?;
    city.start()?;
    district.start()?;
    let counted = |expected: u64| {
        wait("the city counts it", || {
            let report = city.ask(Report::default())?;
            ensure!(planned(&report) == expected, "{} of {expected}", planned(&report));
            Ok(report)
        })
    };
    for area in ["一", "二"] {
        district.enter(area)?;
    }
    counted(2)?;
    let shown = district.ask(Report::default())?;
    let victim = Victim::of(&district)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let taken = runtime.block_on(async { member.hands(&victim).await?.taken().await })?;
    let newest = taken.into_iter().find_map(|(_, item)| match item {
        Item::Envelope(envelope) if envelope.header().id().to_string() == shown.envelope => {
            Some(envelope)
        }
        _ => None,
    });
    let newest = newest.context("the newest revision travels")?;
    let draft = Draft::first(&shown.document, 1)?;
    let draft = Draft { dependencies: vec![newest.header().id()], ..draft };
    let lie = made_up(&shown, draft.at)?;
    let entity = format!("{:012}", shown.revision + 1);
    let id = EventId::of(&public(&member.pair)?, "revision", &entity, &lie);
    let value = (&*format!("!revision/{entity}/{id}"), Scalar::Bytes(&lie));
    let content = member.puts(&draft, &Upon::of(&newest)?, value, Vec::new())?;
    let lie = member.sign(&draft, content)?;
    let became =
        runtime.block_on(async { member.hands(&victim).await?.envelopes(vec![lie]).await })?;
    ensure!(became.refused == 0, "{became:?}");
    wait("the city adds what its district says", || {
        let report = city.ask(Report::default())?;
        let persons = report.cell("RES.PERSONS").map(|cell| cell.value);
        ensure!(persons == Some(Number::MAX.get()), "{persons:?}");
        ensure!(report.cells.iter().all(|cell| !cell.code.starts_with("X.")), "{report:?}");
        Ok(())
    })?;
    district.enter("三")?;
    let report = counted(3)?;
    let persons = report.cell("RES.PERSONS").map(|cell| cell.value);
    ensure!(persons == Some(0), "{persons:?}");
    ensure!(report.cells.iter().all(|cell| !cell.code.starts_with("X.")), "{report:?}");
    ensure!(!city.exited()? && !district.exited()?, "a node ended");
    Ok(())
}

/// The revision after one that was shown: a thousand codes that nobody knows, and more persons
/// than can be added to.
fn made_up(after: &ReportShown, as_of: Ms) -> Result<Vec<u8>> {
    let cell = |code: &str| {
        let (value, none) = (Number::MAX, Number::default());
        anyhow::Ok(Cell {
            code: schema_wire::Text::new(code)?,
            value,
            num: none,
            den: none,
            unknown: none,
        })
    };
    let codes = (0..1_000).map(|number| format!("X.{number}")).chain(["RES.PERSONS".to_owned()]);
    let cells: Result<Vec<Cell>> = codes.map(|code| cell(&code)).collect();
    let cells = Cells::new(cells?)?;
    let revision = Revision {
        period: schema_wire::Text::new("live")?,
        number: Number::of((after.revision + 1).into()),
        as_of,
        own: cells.clone(),
        cells,
        parts: schema_wire::List::default(),
        sources: Sources { documents: 0, digest: Hash([0; 32]) },
        rules: after.rules.parse()?,
    };
    Ok(revision.to_bytes())
}
