//! 居住关系: that a person belongs to a household and lives in a dwelling, for a time.
//!
//! Its record has a name of its own and lies by that: were it named or placed by the household,
//! it would tell in the clear what is sealed, who lives with whom.

use super::declaring::*;
use super::dwelling::Dwelling;
use super::household::Household;

/// 居住关系
#[derive(Debug)]
pub enum Residence {}

codes! {
    /// In which respect somebody belongs there.
    pub enum ResidenceType {
        Registered = "户籍": "户籍" / "registered";
        Usual = "常住": "常住" / "usual";
        Floating = "流动": "流动" / "floating";
    }
}

fields! {
    /// The fields of a residence.
    FIELDS of Residence {
        /// Who lives there.
        PERSON: PersonRef = Field::new("person", words("人员", "person"), Typed).required();
        /// The household.
        HOUSEHOLD: Closed<To<Household>> = Field::new("household", words("户", "household"), Typed)
            .required();
        /// The community's own number of the household.
        NUMBER: Closed<Text> = Field::new("number", words("户号", "household number"), GivenNumber(40))
            .headings(&["户编号", "家庭编号"]);
        /// The number of the household register: another thing.
        REGISTER: Closed<Text> = Field::new("register", words("户籍号", "register number"), GivenNumber(40))
            .headings(&["户口簿号", "户口号"]);
        /// Where they live.
        DWELLING: Closed<To<Dwelling>> = Field::new("dwelling", words("房屋", "dwelling"), Typed);
        /// To the head of the household, as written (GB/T 4761).
        RELATION: Closed<Text> =
            Field::new("relation", words("与户主关系", "relation to head"), Line(20))
                .headings(&["户主关系", "关系", "家庭关系", "与户主的关系"]);
        /// In which respect.
        TYPE: Closed<OneOf<ResidenceType>> = Field::new("type", words("居住类型", "type"), Typed);
        /// Since when.
        FROM: Closed<About> = Field::new("from", words("入住日期", "from"), Past);
        /// Until when; none while it lasts.
        TO: Closed<About> = Field::new("to", words("迁出日期", "to"), Past);
    }
}

impl Named for Residence {
    const NAME: &'static str = "residence";
}

impl Declared for Residence {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("居住关系", "residence"),
        home: class::DWELLING,
        also: &[],
        published: None,
        shard: Shard::Hash(64),
        naming: Naming::Ulid,
        subject: Subject::Field(PERSON.spec.name),
        stratum: Level::Records,
        fields: FIELDS,
        between: &[Between::Order { from: FROM.spec.name, to: TO.spec.name }],
        lives: &[],
        indicators: &[Indicator {
            code: "RES.HOUSEHOLDS",
            words: words("户", "households"),
            formula: "count households with a person present",
            rate: false,
            version: 1,
            by_day: false,
            measure: Measure::Different(household_lived_in),
        }],
        sheets: &[],
    };
}

fn household_lived_in(residence: &Entity<'_>, known: &Knowledge<'_>) -> Option<String> {
    let residence = residence.record::<Residence>()?;
    let present = (known.present)(&residence.get(&PERSON)?.to_string());
    let opened = |field| (known.opened)(residence.name(), field);
    let lasts = opened(TO.spec.name).is_none();
    (present && lasts).then(|| opened(HOUSEHOLD.spec.name))?
}
