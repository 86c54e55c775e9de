//! 列名对照: which column of a sheet the unit means by a heading that the sheet does not know.

use super::declaring::*;

/// 列名对照
#[derive(Debug)]
pub enum Heading {}

fields! {
    /// The fields of a heading.
    FIELDS of Heading {
        /// The sheet.
        SHEET: Text = Field::new("sheet", words("台账", "sheet"), Line(40)).required();
        /// What stands over the column, without brackets and blanks.
        WRITTEN: Text = Field::new("written", words("表中的标题", "heading"), Line(60)).required();
        /// The heading of the column that is meant; none where that was taken back.
        COLUMN: Text = Field::new("column", words("对应的列", "column"), Line(40));
    }
}

impl Named for Heading {
    const NAME: &'static str = "heading";
}

impl Declared for Heading {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("列名对照", "heading"),
        home: class::IMPORT,
        also: &[],
        published: None,
        shard: Shard::One,
        naming: Naming::Made(&[SHEET.spec.name, WRITTEN.spec.name]),
        subject: Subject::Nobody,
        stratum: Level::Posts,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
