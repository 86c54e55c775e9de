//! Records: what people give comes in checked or is refused with a sentence, and what a document
//! says is read as its kind declares it, whatever a peer wrote.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schema_documents::kinds::{self, body, chief, person, residence, slot, volunteer};
use schema_documents::{
    AnyRecord, Circumstances, Contents, Day, Declared, Entity, Event, EventId, Kind, Knowledge,
    PersonId, Reason, Refusal, Scalar, Type, Unreadable, Value, Wanted, enter, event_key, made,
    own_cells,
};
use schema_wire::{Class, DocumentId, UnitId};

const PERSON: &str = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
const ULID: &str = "01KJ000000000000000000000Z";

fn now() -> Circumstances<'static> {
    let today = Day::parse("2026-11-28").expect("a day");
    Circumstances { today, invented: true, community: Some("220899001001") }
}

fn document(class: u8, shard: &str) -> DocumentId {
    let owner = UnitId::parse("220800/220899").expect("a unit");
    DocumentId::new(owner, Class::new(class).expect("a class"), shard).expect("a document")
}

fn refusals(kind: &'static Kind, given: &[(&str, &str)]) -> Vec<Refusal> {
    enter(kind, given, None, &now()).expect_err("refused")
}

/// What stands in a document after an entry, as a reader finds it; sealed as its own bytes.
fn stored(entry: &schema_documents::Entry, record: &str) -> BTreeMap<String, Vec<Scalar>> {
    let scalar = |wanted: &Wanted| match wanted {
        Wanted::Plain(scalar) => scalar.clone(),
        Wanted::Sealed(text) => Scalar::Bytes(text.clone().into_bytes()),
    };
    entry.at(record).into_iter().map(|(key, wanted)| (key, vec![scalar(wanted)])).collect()
}

fn read(document: &DocumentId, values: &BTreeMap<String, Vec<Scalar>>) -> Contents {
    let values = values.iter().map(|(key, values)| (&**key, &**values));
    Contents::read(kinds::ALL, document, values)
}

#[test]
fn a_body_is_entered_in_the_words_of_the_sheet_and_read_again() {
    let given = [
        ("level", "网格(小区)党支部"),
        ("number", " 1/2 "),
        ("name", "一网格党支部"),
        ("above", "1"),
        ("founded", "2019年3月5日"),
    ];
    let entry = enter(&body::Body::KIND, &given, None, &now()).expect("comes in");
    let name = entry.name.clone().expect("named by its number");
    assert_eq!(name, made("body", &["1/2"]));
    let contents = read(&document(151, "one"), &stored(&entry, &name));
    assert!(contents.unreadable.is_empty(), "{:?}", contents.unreadable);
    let record = &contents.records[&("body", name.clone())];
    let body = record.of::<body::Body>().expect("a body");
    assert_eq!(body.get(&body::LEVEL), Some(body::BodyLevel::GridBranch));
    assert_eq!(body.get(&body::NUMBER), Some("1/2"));
    assert_eq!(body.get(&body::ABOVE), Some(&*made("body", &["1"])));
    assert_eq!(body.get(&body::FOUNDED), Day::parse("2019-03-05"));
    assert_eq!(body.get(&body::STATE), Some(body::BodyState::Active), "unless given");
    assert!(record.of::<chief::Chief>().is_none());

    // Others see all of it but who the secretary is.
    let mut led = record.clone();
    led.put("secretary", vec![Ok(Some(Value::Person(PersonId([1; 16]))))]);
    let seen = led.published(&body::Body::KIND);
    assert_eq!(seen.len(), entry.wanted.len());
    assert_eq!(seen[&format!("body/{name}/name")], Scalar::from("一网格党支部"));
    let person = record_of_person();
    assert!(person.published(&person::Person::KIND).is_empty());

    // An edit changes what is given, and never the name.
    let edit = enter(&body::Body::KIND, &[("number", "1/3")], Some(record), &now());
    let edit = edit.expect("comes in");
    assert_eq!((edit.name, edit.wanted.len()), (Some(name), 1));
}

fn record_of_person() -> AnyRecord {
    let mut person = AnyRecord::new::<person::Person>(PERSON);
    person.put("left", vec![Ok(None)]);
    person
}

#[test]
fn a_building_is_named_by_its_estate_and_number() {
    let given = [("estate", "鹤鸣小区"), ("number", "12")];
    let entry = enter(&kinds::building::Building::KIND, &given, None, &now()).expect("comes in");
    assert_eq!(entry.name.as_deref(), Some("ne9972acf739e9aa3b19add4d34b8f1d7"));
    let estate = Wanted::Plain(Scalar::Text(made("estate", &["鹤鸣小区"])));
    assert_eq!(entry.wanted["estate"], estate);
}

/// However it is typed, and whatever program it was copied from.
#[test]
fn what_offices_write_comes_in_in_one_form() {
    let building = |estate, number, floors| {
        let given = [("estate", estate), ("number", number), ("floors", floors)];
        enter(&kinds::building::Building::KIND, &given, None, &now())
    };
    let one = building("鹤鸣小区", "12", "6").expect("comes in");
    for (estate, number, floors) in [
        ("鹤鸣 小区", "12号楼", "6层"),
        (" 鹤鸣小区\u{200b}", "十二栋", "6.00"),
        ("鹤鸣小区", "`１２", "'6"),
    ] {
        assert_eq!(building(estate, number, floors).as_ref(), Ok(&one), "{number}");
    }
    let none = building("鹤鸣小区", "12", "不详").expect("comes in");
    assert_eq!(none.wanted["floors"], Wanted::Plain(Scalar::Null));
    for (number, reason) in [("3月1日", Reason::BecameDay), ("#N/A", Reason::FormulaError)] {
        let refused = building("鹤鸣小区", number, "6").expect_err("refused");
        assert_eq!(refused.iter().map(|r| &r.reason).collect::<Vec<_>>(), [&reason]);
    }
    let below = |above| {
        let given = [("level", "党小组"), ("number", "B 01"), ("name", "甲"), ("above", above)];
        enter(&body::Body::KIND, &given, None, &now()).expect("comes in").wanted
    };
    assert_eq!(below("B 00")["above"], below("Ｂ00")["above"]);
}

#[test]
fn lists_shrink_by_entries_without_value() {
    let given = |persons: &[&'static str]| {
        let plan = [("day", "2026-11-02"), ("half", "上午"), ("area", "一网格")];
        plan.into_iter().chain(persons.iter().map(|who| ("persons", *who))).collect::<Vec<_>>()
    };
    let other = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b";
    let kind = &slot::Slot::KIND;
    let entry = enter(kind, &given(&[PERSON, other]), None, &now()).expect("comes in");
    let name = entry.name.clone().expect("a name");
    assert_eq!(name, made("slot", &["2026-11-02", "AM", "一网格"]));
    let mut values = stored(&entry, &name);
    let at = document(147, "2026-11");
    let contents = read(&at, &values);
    let slot = &contents.records[&("slot", name.clone())];
    assert_eq!(slot.of::<slot::Slot>().expect("it").list(&slot::PERSONS).len(), 2);
    let less = enter(kind, &[("persons", other)], Some(slot), &now()).expect("comes in");
    assert_eq!(less.wanted["persons.1"], Wanted::Plain(Scalar::Null));
    values.extend(stored(&less, &name));
    let contents = read(&at, &values);
    let slot = &contents.records[&("slot", name.clone())];
    let on: Vec<String> = slot
        .of::<slot::Slot>()
        .expect("it")
        .list(&slot::PERSONS)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(on, [other]);

    // Where a record lies never changes, and so what says it.
    let moved = enter(kind, &[("day", "2026-12-01")], Some(slot), &now()).expect_err("refused");
    assert_eq!(moved[0].reason, Reason::Fixed);
    enter(kind, &[("day", "2026-11-02")], Some(slot), &now()).expect("says the same");

    // In another month's document it is not this slot.
    let contents = read(&document(147, "2026-12"), &values);
    assert!(contents.records.is_empty());
    assert_eq!(contents.unreadable, [(format!("slot/{name}"), Unreadable::Document)]);
}

#[test]
fn what_a_document_says_of_its_holder_is_taken_or_must_agree() {
    let kind = &person::Person::KIND;
    let number = ("number", "22089919800101001x");
    let entry = enter(kind, &[("name", "甲"), number], None, &now()).expect("comes in");
    assert_eq!(entry.wanted["birth"], Wanted::Sealed("1980-01-01".into()));
    assert_eq!(entry.wanted["sex"], Wanted::Sealed("1".into()));
    assert_eq!(entry.wanted["number"], Wanted::Sealed("22089919800101001X".into()));
    enter(kind, &[("name", "甲"), number, ("birth", "1980")], None, &now()).expect("agrees");
    let wrong = refusals(kind, &[("name", "甲"), number, ("birth", "1981"), ("sex", "女")]);
    let reasons: Vec<&Reason> = wrong.iter().map(|refusal| &refusal.reason).collect();
    assert_eq!(reasons, [&Reason::BirthDiffers, &Reason::SexDiffers]);
}

/// What is given to a kind, and what the refusal says of it in both languages.
type Case<'a> = (&'static Kind, &'a [(&'a str, &'a str)], &'a str, &'a str);

/// Every refusal names the field and shows the value, in both languages.
#[test]
fn refusals_say_what_is_wrong_with_which_value() {
    let (body, person) = (&body::Body::KIND, &person::Person::KIND);
    let grid = &kinds::grid::Grid::KIND;
    let building = &kinds::building::Building::KIND;
    let (chief, slot) = (&chief::Chief::KIND, &slot::Slot::KIND);
    let long = "长".repeat(61);
    let cases: &[Case<'_>] = &[
        (body, &[], "层级：必填", "level: is needed"),
        (body, &[("color", "red")], "“color”：没有这一项", "“color”: there is no such field"),
        (
            body,
            &[("name", "a"), ("name", "b")],
            "名称“a、b”：只能填一个",
            "name “a、b”: takes one value only",
        ),
        (body, &[("name", &long)], "最多60个字", "at most 60 characters"),
        (body, &[("name", "a\u{0}b")], "含有不可用的字符", "holds a character that no text has"),
        (
            body,
            &[("state", "好")],
            "状态“好”：应为正常、已合并、已撤销",
            "state “好”: is none of: active, merged, dissolved",
        ),
        (
            body,
            &[("founded", "2026-11-29")],
            "成立日期“2026-11-29”：晚于今天",
            "founded “2026-11-29”: lies after today",
        ),
        (body, &[("founded", "昨天")], "成立日期“昨天”：不是日期", "founded “昨天”: is no day"),
        (
            body,
            &[("term-from", "2026-01-01"), ("term-to", "2025-01-01")],
            "届期止“2025-01-01”：早于届期起",
            "term to “2025-01-01”: lies before the field “term from”",
        ),
        (
            body,
            &[("secretary", "王")],
            "书记“王”：不是人员编号",
            "secretary “王”: is no person's id",
        ),
        (body, &[("covers", "?")], "覆盖范围“?”：不是记录编号", "covers “?”: is no record's name"),
        (
            grid,
            &[("number", "12")],
            "网格编码“12”：应为15位数字",
            "grid number “12”: needs 15 digits",
        ),
        (
            grid,
            &[("number", "220899001002001")],
            "前12位应为本社区代码220899001001",
            "does not begin with this community's code 220899001001",
        ),
        (
            building,
            &[("floors", "151")],
            "层数“151”：不能大于150",
            "floors “151”: is greater than 150",
        ),
        (building, &[("floors", "3.5")], "层数“3.5”：不是整数", "floors “3.5”: is no whole number"),
        (
            chief,
            &[("member", "也许")],
            "党员“也许”：应为是或否",
            "Party member “也许”: is neither yes nor no",
        ),
        (
            person,
            &[("birth", "1890")],
            "出生日期“1890”：早于一百三十年前",
            "birth “1890”: lies more than 130 years back",
        ),
        (person, &[("birth", "很久")], "不是日期、年月或年份", "is no day, month or year"),
        (person, &[("number", "123")], "不是证件号码", "is no number of a document"),
        (person, &[("number", "220899198013010010")], "出生日期段无效", "holds no date of birth"),
        (person, &[("number", "220899198001010011")], "校验码不符", "has another check character"),
        (
            person,
            &[("number", "000000198001010013")],
            "地区代码无效",
            "names no area that issues documents",
        ),
        (
            person,
            &[("phone", "电话")],
            "联系电话“电话”：不是电话号码",
            "telephone “电话”: is no telephone number",
        ),
        (slot, &[("half", "夜里")], "应为上午、下午", "is none of: morning, afternoon"),
    ];
    for (kind, given, zh, en) in cases {
        let said: Vec<_> = refusals(kind, given).iter().map(Refusal::sentence).collect();
        let found = said.iter().any(|said| said.zh.contains(zh) && said.en.contains(en));
        assert!(found, "{zh}\n{en}\n{said:?}");
    }
}

#[test]
fn what_does_not_read_is_told_and_hides_no_other_value() {
    let name = made("body", &["1"]);
    let at = |field: &str| format!("body/{name}/{field}");
    let text = |text: &str| Scalar::Text(text.to_owned());
    let values = BTreeMap::from([
        (at("name"), vec![text("甲"), Scalar::Integer(3)]),
        (at("level"), vec![text("网格党支部"), text("社区党委")]),
        (at("state"), vec![text("正常"), Scalar::Null]),
        (at("colour"), vec![text("red")]),
        (at("covers.00"), vec![text("grid/1")]),
        ("mood/1/x".to_owned(), vec![text("good")]),
        ("body/1/name".to_owned(), vec![text("another form of name")]),
        (format!("person/{PERSON}/left"), vec![text("2026-01")]),
        ("no key".to_owned(), vec![]),
        (event_key("body", &name, EventId([1; 16])), vec![Scalar::Bytes(vec![0xff])]),
        (event_key("body", &name, EventId([2; 16])), vec![text("no bytes")]),
    ]);
    let contents = read(&document(151, "one"), &values);
    let body = contents.records[&("body", name.clone())].of::<body::Body>().expect("a body");
    assert_eq!(body.get(&body::NAME), Some("甲"), "of those that read the last");
    assert_eq!(body.get(&body::LEVEL), Some(body::BodyLevel::Committee));
    assert_eq!(body.all(&body::LEVEL).len(), 2);
    assert!(body.is_contested(&body::LEVEL) && body.is_contested(&body::STATE));
    assert_eq!(body.get(&body::STATE), None, "the preferred value is none");
    let mut told: Vec<Unreadable> = contents.unreadable.iter().map(|(_, why)| *why).collect();
    told.sort_unstable();
    use Unreadable::{Document, Event, Field, Key, Kind, Name, Type};
    assert_eq!(told, [Key, Kind, Field, Field, Name, Document, Type, Type, Event]);
}

#[test]
fn an_event_lies_in_the_document_of_its_entity() {
    let empty = Event {
        kind: "start".into(),
        day: "2026-11-02".into(),
        by: schema_documents::By::default(),
        causes: vec![],
        rules: vec![],
        body: vec![],
    };
    let bytes = Scalar::Bytes(empty.to_bytes().expect("an event"));
    let key = event_key("slot", &made("slot", &["a"]), EventId([1; 16]));
    let twice = BTreeMap::from([(key.clone(), vec![bytes.clone(), bytes.clone()])]);
    assert_eq!(read(&document(160, "2026-11"), &twice).events.len(), 1, "two equal ones are one");
    let differ = BTreeMap::from([(key.clone(), vec![bytes.clone(), Scalar::Bytes(vec![0xff])])]);
    let contents = read(&document(160, "2026-11"), &differ);
    assert_eq!(contents.unreadable, [(key, Unreadable::Event)]);
    let key = event_key("volunteer", ULID, EventId([1; 16]));
    let values = BTreeMap::from([(key.clone(), vec![bytes])]);
    let contents = read(&document(132, "h0f"), &values);
    assert_eq!(contents.unreadable, [(key, Unreadable::Document)]);
}

fn record<K: Declared>(name: &str, values: &[(&str, Value)]) -> AnyRecord {
    let mut record = AnyRecord::new::<K>(name);
    for (field, value) in values {
        record.put(field, vec![Ok(Some(value.clone()))]);
    }
    record
}

fn code(kind: &Kind, field: &str, code: &str) -> Value {
    let Some(Type::Code(table)) = kind.field(field).map(|spec| spec.holds) else {
        panic!("{field} is no code");
    };
    Value::Code(table.iter().find(|entry| entry.code == code).expect("an entry"))
}

/// One of each that counts beside one that does not.
#[test]
fn indicators_count_what_their_formula_says() {
    let day = |text| Value::Day(schema_documents::PartialDay::parse(text).expect("a day"));
    let (b, c, v) = (&body::Body::KIND, &chief::Chief::KIND, &volunteer::Volunteer::KIND);
    let body = |level, state| {
        record::<body::Body>(
            "n",
            &[("level", code(b, "level", level)), ("state", code(b, "state", state))],
        )
    };
    let someone = || Value::Person(PersonId([1; 16]));
    let post = |values: &[(&str, Value)]| {
        let role = ("role", code(c, "role", "楼栋长"));
        record::<chief::Chief>("n", &[&[role], values].concat())
    };
    let records = [
        body("网格党支部", "正常"),
        body("网格党支部", "已撤销"),
        body("楼栋党小组", "正常"),
        body("小区党支部", "正常"),
        record::<kinds::building::Building>("n", &[]),
        record::<person::Person>(PERSON, &[]),
        record::<person::Person>("b", &[("left", day("2026-03"))]),
        record::<residence::Residence>("r1", &[("person", someone())]),
        record::<residence::Residence>("r2", &[("person", someone())]),
        record::<residence::Residence>("r3", &[("person", someone())]),
        record::<residence::Residence>("r4", &[]),
        post(&[("holder", someone())]),
        post(&[("holder", someone()), ("to", day("2026-11-27"))]),
        post(&[("holder", someone()), ("to", day("2026-11-28"))]),
        post(&[]),
        record::<slot::Slot>("s1", &[("day", day("2026-11-26"))]),
        record::<slot::Slot>("s2", &[("day", day("2026-11-27"))]),
        record::<volunteer::Volunteer>("v1", &[("state", code(v, "state", "在册"))]),
        record::<volunteer::Volunteer>("v2", &[("state", code(v, "state", "已转出"))]),
    ];
    let opened = |name: &str, field: &str| match (name, field) {
        ("r1" | "r2", "household") => Some("h1".to_owned()),
        ("r3", "household") => Some("h2".to_owned()),
        ("r3", "to") => Some("2026-01".to_owned()),
        _ => None,
    };
    let knowledge = Knowledge {
        today: now().today,
        heard_until: Day::parse("2026-11-27").expect("a day"),
        opened: &opened,
        present: &|_| true,
    };
    let of = |kind: &Kind| {
        let own = records.iter().filter(|record| record.kind() == kind.name);
        own.map(|record| Entity { record: Some(record), fold: None }).collect()
    };
    let cells = own_cells(kinds::ALL, of, &knowledge);
    let counted = [
        ("ORG.BRANCH", (1, 0, 0, 0)),
        ("ORG.GROUP", (1, 0, 0, 0)),
        ("ORG.CENTER_HH", (0, 0, 0, 0)),
        ("PLACE.BUILDINGS", (1, 0, 0, 0)),
        ("RES.PERSONS", (1, 0, 0, 0)),
        ("RES.HOUSEHOLDS", (1, 0, 0, 0)),
        ("DUTY.POSTS", (2, 2, 4, 0)),
        ("PAT.RATE", (0, 0, 1, 1)),
        ("PAT.FINDINGS", (0, 0, 0, 0)),
        ("VOL.N", (1, 0, 0, 0)),
    ];
    for (name, expected) in counted {
        let cell = cells[name];
        assert_eq!((cell.value, cell.num, cell.den, cell.unknown), expected, "{name}");
    }
    for name in cells.keys() {
        assert!(counted.iter().any(|(own, _)| own == name), "{name}: no case here counts it");
    }
}

#[test]
fn a_person_is_counted_while_here() {
    use person::{Standing, standing};
    use residence::ResidenceType::{Registered, Usual};
    let kind = &person::Person::KIND;
    let left = ("left", Value::Day(schema_documents::PartialDay::parse("2026-03").expect("it")));
    let status = |word| ("status", code(kind, "status", word));
    let is = |values: &[(&str, Value)], died, lasting: &[residence::ResidenceType]| {
        let record = record::<person::Person>(PERSON, values);
        standing(&record.of().expect("a person"), died, lasting)
    };
    assert_eq!(is(&[], false, &[]), Standing::Here);
    assert_eq!(is(&[], false, &[Registered, Usual]), Standing::Here);
    assert_eq!(is(&[], false, &[Registered]), Standing::Elsewhere);
    assert_eq!(is(std::slice::from_ref(&left), false, &[Usual]), Standing::Left);
    assert_eq!(is(std::slice::from_ref(&left), true, &[]), Standing::Died);
    assert_eq!(is(&[status("待核实")], false, &[Usual]), Standing::ToVerify);
    assert_eq!(is(&[status("已清除"), left], true, &[]), Standing::Erased);
}

/// Movements: of which person, in which month, and how.
fn movements(moves: &[(u8, &str, &str)]) -> Vec<AnyRecord> {
    use kinds::movement::Movement;
    let movement = |(number, (person, month, how)): (usize, &(u8, &str, &str))| {
        let month = schema_documents::PartialDay::parse(month).expect("a month");
        let mut name = [0; 16];
        name[15] = u8::try_from(number).expect("few");
        let fields = [
            ("person", Value::Person(PersonId([*person; 16]))),
            ("month", Value::Day(month)),
            ("move", code(&Movement::KIND, "move", how)),
        ];
        record::<Movement>(&schema_documents::Ulid(name).to_string(), &fields)
    };
    moves.iter().enumerate().map(movement).collect()
}

#[test]
fn every_closing_of_the_movement_table_is_the_next_opening() {
    use kinds::movement::{MonthLine, table};
    let records = movements(&[
        (1, "2025-12", "登记"),
        (2, "2025-12", "登记"),
        (3, "2026-01", "出生"),
        (2, "2026-01", "死亡"),
        (4, "2026-03", "迁入"),
        (4, "2026-03", "迁出"),
        (4, "2026-03", "迁入"),
    ]);
    let table = table(records.iter().filter_map(AnyRecord::of), |person| person);
    let months: Vec<_> = table.keys().copied().collect();
    assert_eq!(months, [(2025, 12), (2026, 1), (2026, 2), (2026, 3)]);
    let lines: Vec<(u64, u64)> = table.values().map(|line| (line.opening, line.closing)).collect();
    assert_eq!(lines, [(0, 2), (2, 2), (2, 2), (2, 3)]);
    let year: Vec<MonthLine> = table.range((2026, 1)..).map(|(_, line)| *line).collect();
    let whole = MonthLine::whole(&year);
    assert_eq!((whole.opening, whole.closing), (2, 3));
    assert_eq!((whole.born, whole.arrived, whole.died, whole.left), (1, 2, 1, 1));
}

#[test]
fn what_two_nodes_said_apart_of_one_human_counts_once() {
    use kinds::movement::table;
    // Entered on two nodes under two ids that were made one; said to have left on both.
    let records = movements(&[
        (1, "2026-01", "登记"),
        (2, "2026-01", "登记"),
        (1, "2026-02", "迁出"),
        (2, "2026-03", "迁出"),
        (3, "2026-03", "迁出"),
        (5, "2026-03", "登记"),
        (5, "2026-03", "出生"),
    ]);
    let human = |person: PersonId| if person.0 == [2; 16] { PersonId([1; 16]) } else { person };
    let table = table(records.iter().filter_map(AnyRecord::of), human);
    let line = table[&(2026, 1)];
    assert_eq!((line.entered, line.closing), (1, 1));
    assert_eq!((table[&(2026, 2)].left, table[&(2026, 2)].closing), (1, 0));
    let line = table[&(2026, 3)];
    assert_eq!((line.left, line.entered, line.born, line.closing), (0, 0, 1, 1));
}

proptest! {
    #[test]
    fn whatever_was_said_of_movements_nobody_is_here_twice(
        drawn in prop::collection::vec((1u8..5, 1u8..6, 0usize..5), 0..40),
    ) {
        use kinds::movement::table;
        let months = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-05"];
        let hows = ["登记", "出生", "死亡", "迁入", "迁出"];
        let moves: Vec<_> = drawn
            .iter()
            .map(|(person, month, how)| (*person, months[usize::from(*month - 1)], hows[*how]))
            .collect();
        let records = movements(&moves);
        let table = table(records.iter().filter_map(AnyRecord::of), |person| person);
        let mut opening = 0;
        for line in table.values() {
            prop_assert_eq!(line.opening, opening);
            let came = line.opening + line.entered + line.born + line.arrived;
            prop_assert_eq!(came, line.closing + line.died + line.left);
            opening = line.closing;
        }
        // Said the other way: of each person the last word of the last month.
        let mut here = BTreeMap::new();
        let mut sorted = moves.clone();
        sorted.sort_by_key(|(_, month, _)| *month);
        for (person, _, how) in sorted {
            here.insert(person, !["死亡", "迁出"].contains(&how));
        }
        prop_assert_eq!(opening, here.values().filter(|here| **here).count() as u64);
    }
}

fn scalars() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        Just(Scalar::Null),
        any::<bool>().prop_map(Scalar::Flag),
        any::<i64>().prop_map(Scalar::Integer),
        "\\PC{0,40}".prop_map(Scalar::Text),
        "[0-9]{4}-[0-9]{2}(-[0-9]{2})?".prop_map(Scalar::Text),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(Scalar::Bytes),
    ]
}

fn keys() -> impl Strategy<Value = String> {
    let kinds: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
    let fields: Vec<&str> =
        kinds::ALL.iter().flat_map(|kind| kind.fields).map(|spec| spec.name).collect();
    let kind = prop::sample::select(kinds);
    let names = vec![PERSON.to_owned(), ULID.to_owned(), made("a", &[]), "220899001001001".into()];
    let record = prop::sample::select(names);
    let field = (prop::sample::select(fields), prop::option::of(0..70u8));
    prop_oneof![
        8 => (kind.clone(), record.clone(), field).prop_map(|(kind, record, (field, entry))| {
            let entry = entry.map(|entry| format!(".{entry}")).unwrap_or_default();
            format!("{kind}/{record}/{field}{entry}")
        }),
        2 => (kind, record, any::<[u8; 16]>())
            .prop_map(|(kind, record, id)| event_key(kind, &record, EventId(id))),
        1 => "\\PC{0,60}",
    ]
}

proptest! {
    /// Whatever a peer wrote is read or told, and each value that does not read has its reason.
    #[test]
    fn nothing_that_a_peer_wrote_panics(
        values in prop::collection::btree_map(keys(), prop::collection::vec(scalars(), 0..3), 0..40),
        (class, shard) in prop::sample::select(vec![
            (151, "one"), (128, "h0a"), (147, "2026-11"), (132, "h0e"), (144, "one"),
        ]),
    ) {
        let contents = read(&document(class, shard), &values);
        for (key, why) in &contents.unreadable {
            prop_assert!(!why.words().zh.is_empty());
            prop_assert!(values.keys().any(|own| own.starts_with(key.as_str())));
        }
    }

    /// What comes in is read again as what it was, by the field's own type.
    #[test]
    fn what_comes_in_is_readable(
        kind in prop::sample::select(kinds::ALL.to_vec()),
        texts in prop::collection::vec(prop_oneof![
            Just("2026-11-02".to_owned()), Just("08:30".to_owned()), Just("12".to_owned()),
            Just("是".to_owned()), Just(PERSON.to_owned()), Just(ULID.to_owned()),
            Just("正常".to_owned()), Just("grid/220899001001001".to_owned()), "\\PC{0,20}",
        ], 16),
    ) {
        let given: Vec<(&str, &str)> =
            kind.fields.iter().zip(&texts).map(|(spec, text)| (spec.name, &**text)).collect();
        match enter(kind, &given, None, &now()) {
            Err(refusals) => prop_assert!(!refusals.is_empty()),
            Ok(entry) => for (name, wanted) in &entry.wanted {
                let spec = kind.field_in_key(name).expect("a field of the kind");
                let read = match wanted {
                    Wanted::Plain(scalar) => schema_documents::read(&spec.holds, scalar),
                    Wanted::Sealed(text) => {
                        let zero = text.bytes().any(|byte| byte == 0);
                        prop_assert!(spec.holds.is_sealed() && !zero);
                        Ok(None)
                    }
                };
                prop_assert!(read.is_ok(), "{} {}", kind.name, name);
            },
        }
    }
}
