//! 导入: that a workbook was imported, what came of its rows, and which envelopes carry it. What
//! stood there before is in the log, so an import can be taken back.

use super::declaring::*;

/// 导入
#[derive(Debug)]
pub enum Import {}

/// 导入批次: rows that were entered in one step.
#[derive(Debug)]
pub enum Portion {}

fields! {
    /// The fields of an import.
    FIELDS of Import {
        /// What the file's name is sealed under: a random id, since a name may tell of a person.
        SUBJECT: PersonRef = Field::new("subject", words("密钥编号", "subject of the key"), Typed)
            .required();
        /// The name of the file, without folders.
        FILE: Closed<Text> = Field::new("file", words("文件", "file"), Line(255));
        /// The sheets that were recognised in it.
        SHEETS: List<Text> = Field::new("sheets", words("台账", "sheets"), Line(40));
        /// Rows that were read.
        ROWS: Count = Field::new("rows", words("行数", "rows"), Typed);
        /// Rows that began a record.
        ADDED: Count = Field::new("added", words("新增", "added"), Typed);
        /// Rows that changed one.
        UPDATED: Count = Field::new("updated", words("更新", "updated"), Typed);
        /// Rows that did not come in.
        REFUSED: Count = Field::new("refused", words("错误", "refused"), Typed);
        /// Were all rows of the file read?
        COMPLETE: Flag = Field::new("complete", words("已读完", "complete"), Typed);
        /// The day on which it was taken back.
        UNDONE: OnDay = Field::new("undone", words("撤回日期", "taken back on"), Typed);
    }
}

fields! {
    /// The fields of a portion.
    PORTION_FIELDS of Portion {
        /// Of which import.
        IMPORT: To<Import> = Field::new("import", words("导入", "import"), Typed).required();
        /// The envelopes that carry it: ids in hexadecimal, one after the other.
        ENVELOPES: List<Text> = Field::new("envelopes", words("条目", "envelopes"), Line(4096));
    }
}

impl Named for Import {
    const NAME: &'static str = "import";
}

impl Declared for Import {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("导入", "import"),
        home: class::IMPORT,
        also: &[],
        published: None,
        shard: Shard::Month,
        naming: Naming::Ulid,
        subject: Subject::Field(SUBJECT.spec.name),
        stratum: Level::Posts,
        fields: FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}

impl Named for Portion {
    const NAME: &'static str = "import-portion";
}

impl Declared for Portion {
    type Stratum = Posts;
    const KIND: Kind = Kind {
        name: Self::NAME,
        words: words("导入批次", "portion of an import"),
        home: class::IMPORT,
        also: &[],
        published: None,
        shard: Shard::Of(IMPORT.spec.name),
        naming: Naming::Ulid,
        subject: Subject::Nobody,
        stratum: Level::Posts,
        fields: PORTION_FIELDS,
        between: &[],
        lives: &[],
        indicators: &[],
        sheets: &[],
    };
}
