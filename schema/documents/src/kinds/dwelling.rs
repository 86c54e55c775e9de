//! 房屋: the dwellings of a building. Who lives there is said by residences, sealed.

use super::building::Building;
use super::declaring::*;

/// 房屋
#[derive(Debug)]
pub enum Dwelling {}

codes! {
    /// How a dwelling is used.
    pub enum Tenure {
        Own = "自住": "自住" / "lived in by its owner";
        Let = "出租": "出租" / "let";
        Empty = "空置": "空置" / "empty";
    }
}

fields! {
    /// The fields of a dwelling.
    FIELDS of Dwelling {
        /// The building that it lies in.
        BUILDING: To<Building> = Field::new("building", words("楼栋记录", "building's record"), Typed)
            .required();
        /// The entrance; none where the building has one.
        ENTRANCE: Text = Field::new("entrance", words("单元", "entrance"), EntranceNumber)
            .headings(&["单元号", "门栋"]);
        /// The number at the door.
        ROOM: Text = Field::new("room", words("房号", "room"), RoomNumber)
            .required().headings(&["房间号", "室", "门牌号", "房屋号", "房间"]);
        /// How it is used.
        TENURE: OneOf<Tenure> = Field::new("tenure", words("使用情况", "tenure"), Typed);
    }
}

impl Named for Dwelling {
    const NAME: &'static str = "dwelling";
}

impl Declared for Dwelling {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("房屋", "dwelling"),
        home: class::DWELLING,
        also: &[],
        published: None,
        shard: Shard::Of(BUILDING.spec.name),
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
