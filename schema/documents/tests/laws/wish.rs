//! A small wish (`DOMAIN.md` 3.1): duties are apart, and a claim's withdrawal gives way.

use schema_documents::{
    Begins, Check, Declared, Field, Happening, Kind, Level, Life, Named, Naming, Records, Role,
    Shard, State, Subject, Text, class, words,
};

pub(crate) enum Wish {}

const TITLE: Field<Wish, Text> = Field::new("title", words("标题", "title"), Check::Line(40));

const DRAFT: State = State::new("draft", words("待审", "draft"));
const CLAIMED: State = State::new("claimed", words("已认领", "claimed"));
const DELIVERED: State = State::new("delivered", words("已送达", "delivered"));
const CONFIRMED: State = State::new("confirmed", words("已实现", "confirmed"));

const ANYBODY: &[Role] = &[Role::CommunitySecretary];

const fn leads(name: &'static str, from: &'static [State], to: State) -> Happening {
    Happening {
        name,
        words: words("事件", "event"),
        from,
        to,
        who: ANYBODY,
        body: &[],
        apart: &[],
        yields: &[],
        refused: words("现在不行", "not now"),
    }
}

const EVENTS: &[Happening] = &[
    leads("claim", &[DRAFT], CLAIMED),
    Happening { yields: &["deliver"], ..leads("withdraw", &[CLAIMED], DRAFT) },
    leads("deliver", &[CLAIMED], DELIVERED),
    Happening { apart: &["claim", "deliver"], ..leads("confirm", &[DELIVERED], CONFIRMED) },
];

impl Named for Wish {
    const NAME: &'static str = "wish";
}

impl Declared for Wish {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("微心愿", "small wish"),
        home: class::PATROL,
        also: &[],
        published: None,
        shard: Shard::Quarter,
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: &[TITLE.spec],
        between: &[],
        lives: &[Life {
            name: "wish",
            words: words("心愿", "wish"),
            begins: Begins::WithEntity,
            states: &[DRAFT, CLAIMED, DELIVERED, CONFIRMED],
            events: EVENTS,
        }],
        indicators: &[],
        sheets: &[],
    };
}
