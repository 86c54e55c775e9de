//! Persons: what was decided, who may be one human, who came and went.

use node_api::{Duplicate, DuplicatesShown, Moved, MovementsShown, PersonDecided};

use super::page::{Page, Render};
use super::table::Table;
use crate::lang::{lang, say, word};

impl Render for PersonDecided {
    fn render(&self, page: &mut Page) {
        let person = &self.person;
        page.line(match self.envelopes.is_empty() {
            false => say!("已决定并存于本机：{person}", "decided and saved here: {person}"),
            true => say!("{person}：未变", "{person}: unchanged"),
        });
    }
}

impl Render for Moved {
    fn render(&self, page: &mut Page) {
        let count = self.persons.len();
        page.line(say!("已迁居 {count} 人，存于本机", "{count} moved, saved here"));
    }
}

impl Render for DuplicatesShown {
    fn render(&self, page: &mut Page) {
        for Duplicate { one, other, why } in &self.pairs {
            page.line(format!("{one}  {other}  {}", why.said(lang())));
        }
        page.line(match (self.pairs.is_empty(), self.more) {
            (true, _) => word("没有可能重复的人员", "nobody is listed twice").to_owned(),
            (false, more) => {
                let count = self.pairs.len();
                let more = if more { word("，还有更多", ", and more") } else { "" };
                say!(
                    "{count} 对{more}；gongzhi persons merge 认定为同一人",
                    "{count} pairs{more}; `gongzhi persons merge` decides that two are one"
                )
            }
        });
    }
}

impl Render for MovementsShown {
    fn render(&self, page: &mut Page) {
        let headings = [
            word("月份", "month"),
            word("期初", "opening"),
            word("登记", "entered"),
            word("出生", "born"),
            word("迁入", "arrived"),
            word("死亡", "died"),
            word("迁出", "left"),
            word("期末", "closing"),
        ];
        let mut table = Table::new(&headings).numbers(&[1, 2, 3, 4, 5, 6, 7]);
        for line in self.months.iter().chain([&self.whole]) {
            let name = match line.month {
                Some(month) => format!("{}-{month:02}", self.year),
                None => word("全年", "year").to_owned(),
            };
            let numbers = [
                line.opening,
                line.entered,
                line.born,
                line.arrived,
                line.died,
                line.left,
                line.closing,
            ];
            table.row([name].into_iter().chain(numbers.map(|n| n.to_string())).collect());
        }
        table.lines().into_iter().for_each(|line| page.line(line));
        let (here, closing) = (self.here, self.newest_closing);
        if here != closing {
            page.line(say!(
                "在册 {here} 人，最近期末 {closing} 人：有人尚未说明如何来的，见 gongzhi persons arrive",
                "{here} are here by their records, the newest closing is {closing}: of some nobody said how they came, see `gongzhi persons arrive`"
            ));
        }
    }
}
