//! 小区: the estates of a community.

use super::declaring::*;

/// 小区
#[derive(Debug)]
pub enum Estate {}

codes! {
    /// What an estate is.
    pub enum EstateType {
        Commercial = "商品房": "商品房" / "commercial";
        Old = "老旧": "老旧小区" / "old" | "老旧";
        Resettled = "回迁": "回迁小区" / "resettled" | "回迁房";
        Work = "单位": "单位住宅" / "of a work unit" | "家属院";
    }
}

fields! {
    /// The fields of an estate.
    FIELDS of Estate {
        /// The name that names its record.
        NAME: Text = Field::new("name", words("小区", "estate"), Line(40))
            .required().headings(&["小区名称", "所在小区", "居民小区"]);
        /// What it is.
        TYPE: OneOf<EstateType> = Field::new("type", words("小区类型", "type"), Typed);
        /// When it was built.
        BUILT: About = Field::new("built", words("建成时间", "built"), Past);
        /// How many households are said to live there.
        HOUSEHOLDS: Count = Field::new("households", words("户数", "households"), AtMost(100_000));
    }
}

impl Named for Estate {
    const NAME: &'static str = "estate";
}

impl Declared for Estate {
    type Stratum = Records;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("小区", "estate"),
        home: class::ORIGINAL,
        also: &[],
        published: Some(class::PLACE),
        shard: Shard::One,
        naming: Naming::Made(&[NAME.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Records,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
