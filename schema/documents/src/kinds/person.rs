//! 居民名册: the persons of a unit, each once, whatever they are in it. All that is said of them
//! is sealed under their key, but whether they are here still.

use super::building::{self, Building};
use super::declaring::*;
use super::dwelling::{self, Dwelling};
use super::residence::{self, Residence, ResidenceType};
use crate::record::Record;

/// 人员
#[derive(Debug)]
pub enum Person {}

codes! {
    /// GB/T 2261.1.
    pub enum Sex {
        Male = "1": "男" / "male" | "男性";
        Female = "2": "女" / "female" | "女性";
        Unknown = "0": "未知" / "unknown" | "不详" | "不明" | "无" | "/" | "-";
        NotStated = "9": "未说明" / "not stated";
    }
}

codes! {
    /// The type of a document that names a person.
    pub enum DocumentType {
        Citizen = "居民身份证": "居民身份证" / "identity card" | "身份证";
        Permit = "港澳台居住证": "港澳台居住证" / "residence permit of Hong Kong, Macao, Taiwan";
        Foreigner = "外国人永久居留身份证": "外国人永久居留身份证" / "foreigner's residence card";
        Other = "其他": "护照或其他" / "passport or other" | "护照";
    }
}

codes! {
    /// What is to be known of a record besides what it says.
    pub enum Status {
        ToVerify = "待核实": "待核实" / "to be verified";
        Erased = "已清除": "已清除" / "erased";
    }
}

codes! {
    /// What a person is to the community, derived and never stored.
    pub enum Standing {
        Here = "here": "在住" / "lives here";
        Elsewhere = "elsewhere": "人户分离" / "registered here, lives elsewhere";
        Left = "left": "迁出" / "left";
        Died = "died": "死亡" / "died";
        ToVerify = "to-verify": "待核实" / "to be verified";
        Erased = "erased": "已清除" / "erased";
    }
}

fields! {
    /// The fields of a person.
    FIELDS of Person {
        /// 姓名
        NAME: Closed<Text> = Field::new("name", words("姓名", "name"), PersonName(60))
            .required().contested().headings(&["居民姓名", "名字", "志愿者姓名"]);
        /// GB/T 2261.1.
        SEX: Closed<OneOf<Sex>> = Field::new("sex", words("性别", "sex"), Typed);
        /// As exactly as it is known.
        BIRTH: Closed<About> = Field::new("birth", words("出生日期", "birth"), Birth)
            .contested().headings(&["出生年月", "出生年月日", "生日"]);
        /// What the number is of.
        DOCUMENT: Closed<OneOf<DocumentType>> =
            Field::new("document", words("证件类型", "document"), Typed);
        /// The number itself: stored only if the unit's policy says so.
        NUMBER: Closed<Text> = Field::new("number", words("公民身份号码", "document number"), Identity)
            .contested()
            .headings(&["身份证号", "身份证号码", "身份证", "证件号码", "居民身份证号"]);
        /// What finds the person again without the number.
        DIGEST: Closed<Text> = Field::new("digest", words("证件摘要", "digest of the number"), Digest);
        /// One number or several.
        PHONE: Closed<Text> = Field::new("phone", words("联系电话", "telephone"), Phone)
            .headings(&["电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"]);
        /// GB/T 3304, as written.
        ETHNICITY: Closed<Text> = Field::new("ethnicity", words("民族", "ethnicity"), Line(20));
        /// GB/T 4762, as written.
        POLITICS: Closed<Text> = Field::new("politics", words("政治面貌", "political status"), Line(20))
            .headings(&["政治身份"]);
        /// What else is to be remembered.
        NOTE: Closed<Text> = Field::new("note", words("备注", "note"), Lines(1000))
            .headings(&["说明备注", "其他"]);
        /// When they left or died: empty while they are here. Only the month need be said.
        LEFT: About = Field::new("left", words("离开时间", "left"), Past);
        /// What is to be known of the record.
        STATUS: OneOf<Status> = Field::new("status", words("记录状态", "status"), Typed);
    }
}

/// 居民名册
pub const SHEET: Sheet = Sheet {
    name: "居民名册",
    words: words("居民名册", "residents"),
    announced_by: &["居民名册", "居民台账", "花名册", "住户名册", "人口台账"],
    found_by: &[],
    columns: &[
        Column::must(Building::NAME, building::ESTATE.spec),
        Column::must(Building::NAME, building::NUMBER.spec),
        Column::may(Dwelling::NAME, dwelling::ENTRANCE.spec),
        Column::must(Dwelling::NAME, dwelling::ROOM.spec),
        Column::may(Residence::NAME, residence::NUMBER.spec),
        Column::may(Residence::NAME, residence::REGISTER.spec),
        Column::must(Person::NAME, NAME.spec),
        Column::must(Residence::NAME, residence::RELATION.spec),
        Column::must(Person::NAME, SEX.spec),
        Column::may(Person::NAME, BIRTH.spec),
        Column::may(Person::NAME, NUMBER.spec),
        Column::may(Person::NAME, PHONE.spec),
        Column::may(Person::NAME, POLITICS.spec),
        Column::may(Person::NAME, NOTE.spec),
    ],
};

impl Named for Person {
    const NAME: &'static str = "person";
}

impl Declared for Person {
    type Stratum = Persons;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("人员", "person"),
        home: class::PERSON,
        also: &[],
        published: None,
        shard: Shard::Hash(64),
        naming: Naming::Person,
        subject: Subject::Itself,
        stratum: Level::Persons,
        fields: FIELDS,
        between: &[Between::Identity {
            number: NUMBER.spec.name,
            birth: BIRTH.spec.name,
            sex: SEX.spec.name,
        }],
        lives: &[],
        indicators: &[Indicator {
            code: "RES.PERSONS",
            words: words("居民", "residents"),
            formula: "count humans present",
            rate: false,
            version: 2,
            by_day: false,
            // Ids that were merged are one.
            measure: Measure::Different(|person, _| {
                // Who was erased, or is only named by a post, is not known to live here.
                let person = person.record::<Self>()?;
                let here = person.get(&LEFT).is_none() && person.get(&STATUS).is_none();
                here.then(|| person.name().to_owned())
            }),
        }],
        sheets: &[SHEET],
    };
}

/// What a person is to the community: by the record, by whether a death is among the movements,
/// and by the types of the residences that last.
pub fn standing(person: &Record<'_, Person>, died: bool, lasting: &[ResidenceType]) -> Standing {
    let only_registered = |own: &[ResidenceType]| {
        !own.is_empty() && own.iter().all(|residence| *residence == ResidenceType::Registered)
    };
    match (person.get(&STATUS), person.get(&LEFT)) {
        (Some(Status::Erased), _) => Standing::Erased,
        (_, Some(_)) if died => Standing::Died,
        (_, Some(_)) => Standing::Left,
        (Some(Status::ToVerify), None) => Standing::ToVerify,
        (None, None) if only_registered(lasting) => Standing::Elsewhere,
        (None, None) => Standing::Here,
    }
}
