//! A unit's numbers.

use std::collections::BTreeMap;

use node_api::{
    CellShown, Counted, Coverage, Part, PartRevision, PartTold, ReportAlarm, ReportShown,
};

use super::page::{Page, Render, time};
use super::table::Table;
use crate::lang::{say, word};

impl Render for ReportShown {
    fn render(&self, page: &mut Page) {
        let (unit, revision, as_of) = (&self.unit, self.revision, time(self.as_of_ms));
        let coverage = coverage(self.coverage);
        page.line(say!(
            "{unit}  第 {revision} 版，{as_of}；{coverage}",
            "{unit}  revision {revision}, {as_of}; {coverage}"
        ));
        self.alarms.iter().for_each(|alarm| page.line(shown_alarm(alarm)));
        for (unit, part) in &self.parts {
            page.line(shown_part(unit, part));
        }
        render_told(&self.told, page);
        if let Some(now) = &self.now {
            render_now(now, page);
        }
        let mut table = Table::new(&[
            word("代码", "code"),
            word("指标", "indicator"),
            word("数值", "value"),
            word("说明", "of which"),
        ])
        .numbers(&[2]);
        for cell in &self.cells {
            let (value, remark) = shown(cell);
            table.row(vec![cell.code.clone(), name(cell), value, remark]);
        }
        page.table(&table);
    }
}

/// What the units below say of those below them: who is lacking, and how old the oldest numbers are.
fn render_told(told: &BTreeMap<String, PartTold>, page: &mut Page) {
    let mut by: BTreeMap<&str, Vec<(&str, &PartTold)>> = BTreeMap::new();
    for (unit, part) in told {
        by.entry(&part.by).or_default().push((unit, part));
    }
    for (teller, parts) in by {
        let counted = |(_, told): &(&str, &PartTold)| match &told.part {
            Part::Counted(revision) => Some(revision.age_ms),
            Part::Silent | Part::Suspended(_) | Part::OtherRules(_) => None,
        };
        let ages: Vec<u64> = parts.iter().filter_map(counted).collect();
        let (all, added) = (parts.len(), ages.len());
        let as_of = parts.first().map_or_else(String::new, |(_, told)| time(told.as_of_ms));
        page.line(match ages.iter().max().map(|oldest| age(*oldest)) {
            Some(oldest) => say!(
                "  {teller} 截至 {as_of}：计入下级 {added}/{all}，最旧 {oldest}",
                "  {teller} as of {as_of}: {added} of {all} units below added, the oldest {oldest}"
            ),
            None => say!(
                "  {teller} 截至 {as_of}：计入下级 0/{all}",
                "  {teller} as of {as_of}: none of {all} units below added"
            ),
        });
        for (unit, told) in parts.iter().filter(|part| counted(part).is_none()) {
            page.line(format!("  {}", shown_part(unit, &told.part)));
        }
    }
}

/// What became of a unit below, and how old its numbers are.
fn shown_part(unit: &str, part: &Part) -> String {
    match part {
        Part::Counted(PartRevision { revision, age_ms, .. }) => {
            let age = age(*age_ms);
            say!(
                "  已计入：{unit}，第 {revision} 版，{age}",
                "  added: {unit}, revision {revision}, {age}"
            )
        }
        Part::Silent => say!("  未报送：{unit}", "  has not reported: {unit}"),
        Part::Suspended(reason) => {
            say!("  已暂停：{unit}：{reason}", "  suspended: {unit}: {reason}")
        }
        Part::OtherRules(PartRevision { revision, age_ms, .. }) => {
            let age = age(*age_ms);
            say!(
                "  口径不同，未计入：{unit}，第 {revision} 版，{age}",
                "  counted by other rules, not added: {unit}, revision {revision}, {age}"
            )
        }
    }
}

fn age(ms: u64) -> String {
    let minutes = ms / 60_000;
    match (minutes / 1_440, minutes / 60, minutes) {
        (0, 0, 0) => word("不到一分钟前", "less than a minute old").to_owned(),
        (0, 0, minutes) => say!("{minutes} 分钟前", "{minutes} min old"),
        (0, hours, _) => say!("{hours} 小时前", "{hours} h old"),
        (1, ..) => word("1 天前", "a day old").to_owned(),
        (days, ..) => say!("{days} 天前", "{days} days old"),
    }
}

/// What somebody must look into, since a sum is not what it rests on.
fn shown_alarm(alarm: &ReportAlarm) -> String {
    match alarm {
        ReportAlarm::Sum { unit, revision, codes } => {
            let codes = codes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            say!(
                "  警报：{unit} 第 {revision} 版与下级之和不符：{codes}",
                "  alarm: revision {revision} of {unit} is not the sum of its parts: {codes}"
            )
        }
        ReportAlarm::NotPublished { unit, revision, part } => say!(
            "  警报：{unit} 第 {revision} 版计入了 {part} 未曾发布的报表",
            "  alarm: revision {revision} of {unit} adds what {part} never published"
        ),
        ReportAlarm::OtherRules { unit, revision, part } => say!(
            "  警报：{unit} 第 {revision} 版计入了口径不同的 {part}",
            "  alarm: revision {revision} of {unit} adds {part}, which counts by other rules"
        ),
    }
}

fn render_now(now: &Counted, page: &mut Page) {
    let (at, documents) = (time(now.at_ms), now.documents.len());
    page.line(say!(
        "  本单位的数依据 {documents} 个文档，统计于 {at}",
        "  the own numbers rest on {documents} documents, counted at {at}"
    ));
    if now.is_behind {
        page.line(word(
            "  此后另有新条目，尚未统计在内",
            "  something is new since, and not counted yet",
        ));
    }
    for (unit, successors) in &now.dissolved {
        let successors = successors.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        page.line(match successors.is_empty() {
            true => say!("  已撤销：{unit}", "  dissolved: {unit}"),
            false => say!(
                "  已撤销：{unit}，由 {successors} 接续",
                "  dissolved: {unit}, continued by {successors}"
            ),
        });
    }
    for unit in &now.contested {
        page.line(say!(
            "  警报：{unit} 有两个谱系，只计一个",
            "  alarm: two lineages claim to be {unit}; one is counted"
        ));
    }
    for (unit, codes) in &now.unknown {
        let codes = codes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        page.line(say!(
            "  未知指标，未计入：{unit}：{codes}",
            "  unknown indicators, left out: {unit}: {codes}"
        ));
    }
    for code in &now.beyond {
        page.line(say!("  超出最大数：{code}", "  beyond the largest number: {code}"));
    }
    if now.without_room > 0 {
        let units = now.without_room;
        page.line(say!(
            "  {units} 个单位未列入：中间需再设一级",
            "  {units} units have no room: a tier between is needed"
        ));
    }
}

fn name(cell: &CellShown) -> String {
    let (zh, en) = (&cell.name_zh, &cell.name_en);
    say!("{zh}", "{en}")
}

fn coverage(Coverage { reporting, expected }: Coverage) -> String {
    match expected {
        0 => word("本单位记录", "own records").to_owned(),
        _ => say!("覆盖 {reporting}/{expected} 个单位", "{reporting} of {expected} units"),
    }
}

/// The number, and what it rests on.
fn shown(cell: &CellShown) -> (String, String) {
    let CellShown { num, den, unknown, .. } = cell;
    if !cell.rate {
        return (cell.value.to_string(), String::new());
    }
    let remark = say!("{num}/{den}，未知 {unknown}", "{num}/{den}, unknown {unknown}");
    let value = match den {
        0 => "-".to_owned(),
        _ => format!("{:.1}%", *num as f64 * 100.0 / *den as f64),
    };
    (value, remark)
}
