//! Persons: what was decided, who may be one human, who came and went.

use node_api::{Arrived, Duplicate, DuplicatesShown, Erased, Moved, MovementsShown, PersonDecided};

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

impl Render for Arrived {
    fn render(&self, page: &mut Page) {
        let person = &self.person;
        page.line(say!("已登记并存于本机：{person}", "registered and saved here: {person}"));
        if self.lives_nowhere {
            page.line(say!(
                "  尚无住处，不在居民名册中：gongzhi persons move {person} --to 小区/楼栋/单元/房号 --day …",
                "  no dwelling is known, so the roster has nobody: gongzhi persons move {person} --to ESTATE/BUILDING/ENTRANCE/ROOM --day …"
            ));
        }
    }
}

impl Render for Erased {
    fn render(&self, page: &mut Page) {
        let person = &self.person;
        page.line(say!(
            "已清除：{person}；七日后各机销毁其密钥",
            "erased: {person}; in seven days every node destroys the keys"
        ));
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
        let (here, erased, closing) = (self.here, self.erased, self.newest_closing);
        if erased > 0 {
            page.line(say!(
                "其中已清除的 {erased} 人仍计在表内",
                "{erased} of them were erased and are still counted in it"
            ));
        }
        if here + erased != closing {
            page.line(say!(
                "在册 {here} 人，最近期末 {closing} 人：有人尚未说明如何来的，见 gongzhi persons arrive",
                "{here} are here by their records, the newest closing is {closing}: of some nobody said how they came, see `gongzhi persons arrive`"
            ));
        }
    }
}
