//! A unit's numbers.

use node_api::{CellShown, Coverage, Part, ReportShown};

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
        for (unit, part) in &self.parts {
            match part {
                Part::Counted { .. } => {}
                Part::Silent => page.line(say!("  未报送：{unit}", "  has not reported: {unit}")),
                Part::Suspended(reason) => {
                    page.line(say!("  已暂停：{unit}：{reason}", "  suspended: {unit}: {reason}"));
                }
            }
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
