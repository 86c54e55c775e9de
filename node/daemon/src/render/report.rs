//! A unit's numbers.

use node_api::{CellShown, Counted, Coverage, Part, PartRevision, ReportAlarm, ReportShown};

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
