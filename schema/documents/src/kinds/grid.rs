//! 网格: the grids of a community, named by their 15 digits.

use super::declaring::*;

/// 网格
#[derive(Debug)]
pub enum Grid {}

codes! {
    /// What a grid is.
    pub enum GridType {
        Base = "城市": "城市网格" / "base" | "基础网格";
        Village = "农村": "农村网格" / "village";
        Special = "专属": "专属网格" / "special";
    }
}

fields! {
    /// The fields of a grid.
    FIELDS of Grid {
        /// The community's 12 digits and three of its own.
        NUMBER: Text = Field::new("number", words("网格编码", "grid number"), GridNumber).required();
        /// Its name.
        NAME: Text = Field::new("name", words("网格名称", "name"), Line(40));
        /// What it is.
        TYPE: OneOf<GridType> = Field::new("type", words("网格类型", "type"), Typed);
        /// What a special grid is of: 学校, 医院 and so on.
        SPECIAL: Text = Field::new("special", words("专属类型", "special of"), Line(20));
        /// How many households are said to live there.
        HOUSEHOLDS: Count = Field::new("households", words("户数", "households"), AtMost(100_000));
    }
}

impl Named for Grid {
    const NAME: &'static str = "grid";
}

impl Declared for Grid {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("网格", "grid"),
        home: class::ORIGINAL,
        also: &[],
        published: Some(class::PLACE),
        shard: Shard::One,
        naming: Naming::Digits(NUMBER.spec.name),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
