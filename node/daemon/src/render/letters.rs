//! Letters between units.

use node_api::{
    AddresseeAccepted, CardShown, Direction, LetterListed, LetterShown, LetterState, LetterValue,
    LetterWritten, LettersShown,
};

use super::page::{Page, Render, short, time};
use super::table::Table;
use crate::lang::{say, word};

impl Render for LettersShown {
    fn render(&self, page: &mut Page) {
        match &self.card {
            Some(card) => card.render(page),
            None => page.line(word(
                "名片：还没有；能代表本单位的节点运行后会自动生成",
                "card: none yet; a running node that speaks as the unit makes it",
            )),
        }
        let count = self.letters.len();
        page.line(say!("信件：{count} 封", "letters: {count}"));
        let headings = [
            word("编号", "id"),
            word("时间", "when"),
            "",
            word("对方单位", "unit"),
            word("状态", "state"),
        ];
        let mut table = Table::new(&headings);
        for letter in &self.letters {
            table.row(vec![
                short(&letter.id),
                letter.at_ms.map_or_else(|| "-".to_owned(), time),
                direction(letter.direction).to_owned(),
                letter.unit.clone(),
                state(letter),
            ]);
        }
        if count > 0 {
            page.table(&table);
        }
        if self.more {
            page.line(word(
                "更早的未列出（--with 只列某一单位）",
                "older ones are left out (--with UNIT lists those of one unit)",
            ));
        }
    }
}

impl Render for CardShown {
    fn render(&self, page: &mut Page) {
        let (id, name, at) = (short(&self.id), &self.name, time(self.at_ms));
        page.line(say!("名片：{name}（{id}，{at}）", "card: {name} ({id}, {at})"));
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::In => word("收", "in"),
        Direction::Out => word("发", "out"),
    }
}

/// How far a letter has come, and what to do where people must do something.
fn state(letter: &LetterListed) -> String {
    let unit = &letter.unit;
    match &letter.state {
        LetterState::NoCard => say!(
            "待发：{unit} 的名片还没有收到，已索取；请核对单位代码，并确认通往它的节点已连接",
            "waits: the card of {unit} is not here yet and was asked for; check the code, and that the nodes on the way are linked"
        ),
        LetterState::OtherLineage { recognised } => {
            let all = recognised.join(", ");
            say!(
                "待发：上级认可为 {unit} 的谱系有变（{all}），请先当面核对，再执行 gongzhi letters accept",
                "waits: the lineage recognised as {unit} is another, or several are ({all}); ask in person, then `gongzhi letters accept`"
            )
        }
        LetterState::Dissolved { successors } if successors.is_empty() => {
            say!("不能发：{unit} 已撤并", "cannot be sent: {unit} exists no more")
        }
        LetterState::Dissolved { successors } => {
            let successors = successors.join(word("、", ", "));
            say!(
                "不能发：{unit} 已撤并，请改寄 {successors}",
                "cannot be sent: {unit} exists no more; write to {successors}"
            )
        }
        LetterState::Waiting => say!(
            "待发：由写信的节点发出；若它在运行，是因为 {unit} 尚未确认此前的信",
            "waits: the node at which it was written sends it; if that runs, {unit} has not acknowledged those before"
        ),
        LetterState::OnItsWay => word("在途", "on its way").to_owned(),
        LetterState::Arrived => word("已到", "arrived").to_owned(),
        LetterState::Held => match letter.direction {
            Direction::In => word("未读", "not read yet"),
            Direction::Out => word("已送达", "held there"),
        }
        .to_owned(),
        LetterState::Opened => match letter.direction {
            Direction::In => word("已读", "read"),
            Direction::Out => word("对方已读", "opened there"),
        }
        .to_owned(),
        LetterState::Unreadable => match letter.direction {
            Direction::In => word("读不出来，已告知对方", "unreadable; the sender was told"),
            Direction::Out => word(
                "对方读不出来，待其更换名片后自动重发",
                "unreadable there; it is sealed again once they have another card",
            ),
        }
        .to_owned(),
        LetterState::Lacking => {
            word("内容还没有收到，已索取", "its content is not here yet and was asked for")
                .to_owned()
        }
    }
}

impl Render for LetterWritten {
    fn render(&self, page: &mut Page) {
        let (id, state) = (short(&self.letter.id), state(&self.letter));
        page.line(say!("已写信 {id}：{state}", "written, letter {id}: {state}"));
    }
}

impl Render for LetterShown {
    fn render(&self, page: &mut Page) {
        let (id, unit) = (&self.letter.id, &self.letter.unit);
        page.line(match self.letter.direction {
            Direction::In => say!("信件 {id}，来自 {unit}", "letter {id}, from {unit}"),
            Direction::Out => say!("信件 {id}，发往 {unit}", "letter {id}, to {unit}"),
        });
        page.line(state(&self.letter));
        let Some(message) = &self.message else {
            return page.line(word(
                "内容打不开：密钥可能尚未收到",
                "it does not open: the key may not have come yet",
            ));
        };
        let (kind, thread) = (&message.kind, &message.thread);
        page.line(say!("类别 {kind}，往来 {thread}", "kind {kind}, conversation {thread}"));
        for letter in &message.answers {
            page.line(say!("回复 {letter}", "answers {letter}"));
        }
        for field in &message.body {
            let (name, value) = (&field.field, value(&field.value));
            page.line(format!("{name}: {value}"));
        }
    }
}

fn value(value: &LetterValue) -> String {
    match value {
        LetterValue::Null => "-".to_owned(),
        LetterValue::Flag(flag) => super::page::yes_or_no(*flag).to_owned(),
        LetterValue::Integer(number) => number.to_string(),
        LetterValue::Text(text) => text.clone(),
        LetterValue::Bytes { bytes } => bytes.clone(),
    }
}

impl Render for AddresseeAccepted {
    fn render(&self, page: &mut Page) {
        let (unit, lineage) = (&self.unit, &self.lineage);
        page.line(say!(
            "本机此后把 {lineage} 当作 {unit}",
            "this node holds {lineage} to be {unit} from now on"
        ));
    }
}
