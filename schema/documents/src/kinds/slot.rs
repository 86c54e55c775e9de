//! 一日两巡: who is to patrol an area in a half day, and what came of it.
//!
//! What is planned is a record; what happened are events. A slot has three lives: the rota (who
//! swapped with whom), each run, and each finding.

use std::collections::BTreeSet;

use super::declaring::*;
use crate::day::Day;
use crate::fold::Fold;
use crate::id::{EventId, PersonId};
use crate::record::Record;
use crate::value::Value;

/// 巡查
#[derive(Debug)]
pub enum Slot {}

codes! {
    /// The two patrols of a day.
    pub enum Half {
        Morning = "AM": "上午" / "morning" | "早";
        Afternoon = "PM": "下午" / "afternoon" | "晚";
    }
}

codes! {
    /// How grave a finding is.
    pub enum Severity {
        Slight = "一般": "一般" / "slight";
        Grave = "重要": "重要" / "grave";
        Urgent = "紧急": "紧急" / "urgent";
    }
}

fields! {
    /// The fields of a slot: what is planned.
    FIELDS of Slot {
        /// The day.
        DAY: OnDay = Field::new("day", words("日期", "day"), Typed)
            .required().headings(&["计划日期", "巡查日期"]);
        /// Which half of it.
        HALF: OneOf<Half> = Field::new("half", words("时段", "half"), Typed)
            .required().headings(&["上午/下午", "班次"]);
        /// Where, as people call it.
        AREA: Text = Field::new("area", words("区域", "area"), Line(60))
            .required()
            .headings(&["责任区域", "区域名称", "负责区域", "网格", "巡查区域", "包保区域"]);
        /// Where, as a record of it.
        PLACE: PlaceRef = Field::new("place", words("区域记录", "area's record"), Typed);
        /// Who is to walk.
        PERSONS: List<PersonRef> = Field::new("persons", words("计划巡查人", "to be walked by"), Typed)
            .headings(&["巡查人", "责任人", "值班人"]);
    }
}

fields! {
    /// What the events of the rota say.
    SWAP of Slot {
        /// Who leaves the slot, or takes it.
        WHO: PersonRef = Field::new("person", words("人员", "person"), Typed).required();
    }
}

fields! {
    /// What the beginning of a run says.
    START of Slot {
        /// When it began.
        STARTED: AtTime = Field::new("started", words("开始时间", "started"), Typed)
            .required().headings(&["起始时间", "巡查开始时间"]);
        /// Who walked.
        WALKERS: List<PersonRef> = Field::new("walkers", words("巡查人", "walked by"), Typed)
            .required().headings(&["巡查人员", "责任人", "姓名"]);
    }
}

fields! {
    /// What the end of a run says.
    FINISH of Slot {
        /// When it ended.
        ENDED: AtTime = Field::new("ended", words("结束时间", "ended"), Typed)
            .required().headings(&["巡查结束时间", "完成时间"]);
    }
}

/// What a run says that is entered when it is over.
pub const RUN: &[crate::Spec] = &[STARTED.spec, ENDED.spec, WALKERS.spec];

fields! {
    /// What a finding says. Its text lies under a key of its own, not the walker's.
    FINDING of Slot {
        /// What its key is of: a random id.
        SUBJECT: PersonRef = Field::new("subject", words("密钥编号", "subject of the key"), Typed)
            .required();
        /// What was found.
        TEXT: Closed<Text> = Field::new("text", words("发现问题", "finding"), Lines(1000))
            .required().headings(&["问题", "存在问题", "发现的问题", "问题描述"]);
        /// How grave it is.
        SEVERITY: OneOf<Severity> = Field::new("severity", words("程度", "severity"), Typed);
    }
}

fields! {
    /// What the opening of a case says.
    CASE of Slot {
        /// The case.
        CASE_ID: Text = Field::new("case", words("诉求编号", "case"), Line(26)).required();
    }
}

const PLANNED: State = State::new("planned", words("按计划", "as planned"));
const OPEN: State = State::new("open", words("待接班", "open"));
const TAKEN: State = State::new("taken", words("已换班", "swapped"));
const UNDER_WAY: State = State::new("under-way", words("巡查中", "under way"));
const FINISHED: State = State::new("finished", words("已完成", "finished"));
const NOTED: State = State::new("noted", words("已记录", "noted"));
const HANDLED: State = State::new("handled", words("当场处理", "handled on the spot"));
const CASE_OPENED: State = State::new("case-opened", words("已立案", "case opened"));

const WALKS: &[Role] = &[
    Role::CommunitySecretary,
    Role::GridChief,
    Role::BuildingChief,
    Role::EntranceChief,
    Role::CheckedInMember,
];

const ROTA: Life = Life {
    name: "rota",
    words: words("排班", "rota"),
    begins: Begins::WithEntity,
    states: &[PLANNED, OPEN, TAKEN],
    events: &[
        Happening {
            name: "release",
            words: words("让班", "release"),
            from: &[PLANNED, TAKEN],
            to: OPEN,
            who: WALKS,
            body: SWAP,
            apart: &[],
            yields: &[],
            refused: words("已在待接班", "the slot is open already"),
        },
        Happening {
            name: "accept",
            words: words("接班", "accept"),
            from: &[OPEN],
            to: TAKEN,
            who: WALKS,
            body: SWAP,
            apart: &[],
            yields: &[],
            refused: words(
                "未让班，或已由他人接班，列为候补",
                "nobody released the slot, or somebody else took it; kept as stand-by",
            ),
        },
    ],
};

const RUNS: Life = Life {
    name: "run",
    words: words("巡查", "run"),
    begins: Begins::WithEvent,
    states: &[UNDER_WAY, FINISHED],
    events: &[
        Happening {
            name: "start",
            words: words("开始巡查", "start"),
            from: &[],
            to: UNDER_WAY,
            who: WALKS,
            body: START,
            apart: &[],
            yields: &[],
            refused: words("已开始", "it has begun"),
        },
        Happening {
            name: "finish",
            words: words("结束巡查", "finish"),
            from: &[UNDER_WAY],
            to: FINISHED,
            who: WALKS,
            body: FINISH,
            apart: &[],
            yields: &[],
            refused: words("已结束", "it has ended"),
        },
        Happening {
            name: "record",
            words: words("补记巡查", "enter a run"),
            from: &[],
            to: FINISHED,
            who: WALKS,
            body: RUN,
            apart: &[],
            yields: &[],
            refused: words("已补记", "it was entered"),
        },
    ],
};

const FINDINGS: Life = Life {
    name: "finding",
    words: words("发现问题", "finding"),
    begins: Begins::WithEvent,
    states: &[NOTED, HANDLED, CASE_OPENED],
    events: &[
        Happening {
            name: "note",
            words: words("记录问题", "note a finding"),
            from: &[],
            to: NOTED,
            who: WALKS,
            body: FINDING,
            apart: &[],
            yields: &[],
            refused: words("已记录", "it was noted"),
        },
        Happening {
            name: "handle",
            words: words("当场处理", "handle on the spot"),
            from: &[NOTED],
            to: HANDLED,
            who: WALKS,
            body: &[],
            apart: &[],
            yields: &[],
            refused: words("问题已有结果", "the finding is settled"),
        },
        Happening {
            name: "open-case",
            words: words("立案", "open a case"),
            from: &[NOTED],
            to: CASE_OPENED,
            who: WALKS,
            body: CASE,
            apart: &[],
            yields: &[],
            refused: words("问题已有结果", "the finding is settled"),
        },
    ],
};

/// 巡查计划
pub const PLAN_SHEET: Sheet = Sheet {
    name: "巡查计划",
    words: words("巡查计划", "patrol plan"),
    announced_by: &["巡查计划", "排班"],
    found_by: &[],
    columns: &[
        Column::must(Slot::NAME, DAY.spec),
        Column::must(Slot::NAME, HALF.spec),
        Column::must(Slot::NAME, AREA.spec),
        Column::may(Slot::NAME, PERSONS.spec),
    ],
};

/// 巡查记录
pub const RUN_SHEET: Sheet = Sheet {
    name: "巡查记录",
    words: words("巡查记录", "patrol runs"),
    announced_by: &["巡查记录", "巡查日志"],
    found_by: &[],
    columns: &[
        Column::must(Slot::NAME, DAY.spec),
        Column::must(Slot::NAME, HALF.spec),
        Column::must(Slot::NAME, AREA.spec),
        Column::must(Slot::NAME, STARTED.spec).of_event("record"),
        Column::must(Slot::NAME, ENDED.spec).of_event("record"),
        Column::must(Slot::NAME, WALKERS.spec).of_event("record"),
        Column::may(Slot::NAME, TEXT.spec).of_event("note"),
    ],
};

impl Named for Slot {
    const NAME: &'static str = "slot";
}

impl Declared for Slot {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("巡查", "patrol slot"),
        home: class::PATROL,
        also: &[class::SLOT],
        published: None,
        shard: Shard::MonthOf(DAY.spec.name),
        naming: Naming::Made(&[DAY.spec.name, HALF.spec.name, AREA.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[ROTA, RUNS, FINDINGS],
        indicators: &[
            Indicator {
                code: "PAT.RATE",
                words: words("巡查到位率", "patrols made"),
                formula: "slots finished / (planned - unknown)",
                rate: true,
                version: 1,
                by_day: true,
                measure: Measure::Sum(|slot, known| {
                    let day = slot.record::<Self>()?.get(&DAY)?;
                    Some(match outcome(day, slot.fold, known.today, known.heard_until) {
                        Outcome::Done => Cell::part(true),
                        Outcome::Missed => Cell::part(false),
                        Outcome::Pending | Outcome::Unknown => Cell::unknown(),
                    })
                }),
            },
            Indicator {
                code: "PAT.FINDINGS",
                words: words("巡查发现问题", "patrol findings"),
                formula: "sum of findings of runs",
                rate: false,
                version: 1,
                by_day: false,
                measure: Measure::Sum(|slot, _| {
                    let found = slot.fold?.applied("note").count();
                    Some(Cell::count(u64::try_from(found).unwrap_or(u64::MAX)))
                }),
            },
        ],
        sheets: &[PLAN_SHEET, RUN_SHEET],
    };
}

/// What became of a slot. Missed and unknown are derived from the day, never events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its day is not over.
    Pending,
    /// A run was finished; one slot counts once, whoever walked it.
    Done,
    /// Its day is over, and who holds the rota was heard from since.
    Missed,
    /// Its day is over, and nobody was heard from: an outage must not look like neglect.
    Unknown,
}

/// What became of a slot on this day.
pub fn outcome(day: Day, fold: Option<&Fold>, today: Day, heard_until: Day) -> Outcome {
    let is_finished = |fold: &Fold| fold.courses("run").any(|(_, run)| run.state == FINISHED);
    match fold.is_some_and(is_finished) {
        true => Outcome::Done,
        false if day < heard_until => Outcome::Missed,
        false if day < today => Outcome::Unknown,
        false => Outcome::Pending,
    }
}

/// Who is on the slot, after all swaps. Whom two nodes put there apart are both on it.
pub fn on_duty(slot: &Record<'_, Slot>, fold: Option<&Fold>) -> BTreeSet<PersonId> {
    let mut on: BTreeSet<PersonId> = slot.list_all(&PERSONS).into_iter().collect();
    let told = fold.map(Fold::told).unwrap_or_default();
    for told in told.iter().filter(|told| told.verdict.applies()) {
        let event = fold.and_then(|fold| fold.event(told.event));
        let Some((event, Some(Value::Person(who)))) = event.map(|e| (e, e.says(&WHO))) else {
            continue;
        };
        match event.kind.as_str() {
            "release" => drop(on.remove(&who)),
            "accept" => drop(on.insert(who)),
            _ => {}
        }
    }
    on
}

/// Is more than one on the slot (超编)? It is told; all of them are credited.
pub fn is_overstaffed(slot: &Record<'_, Slot>, fold: Option<&Fold>) -> bool {
    on_duty(slot, fold).len() > 1
}

/// Who walked a run of the slot that was finished: each is credited, however many runs there are.
pub fn present(fold: &Fold) -> BTreeSet<PersonId> {
    let finished = fold.courses("run").filter(|(_, run)| run.state == FINISHED);
    let walkers = |(begun, _): (Option<EventId>, _)| {
        begun.and_then(|id| fold.event(id)).map(|event| event.lists(&WALKERS))
    };
    let person = |value| match value {
        Value::Person(person) => Some(person),
        _ => None,
    };
    finished.filter_map(walkers).flatten().filter_map(person).collect()
}
