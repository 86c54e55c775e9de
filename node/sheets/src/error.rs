//! What can be wrong with a file, a row or a cell. No message repeats a personal value.

use std::fmt;
use std::path::PathBuf;

use schema_documents::{Sentence, Words};
use serde::Serialize;

use crate::said::said;

/// Why a file could not be opened as one of the known sheets.
#[derive(Debug)]
pub enum OpenSheetError {
    /// The file system refused.
    Io { file: String, source: std::io::Error },
    /// The file is no workbook, or a broken one.
    Broken { file: String, detail: String },
    /// The file is something else, whatever its ending says.
    OtherContent { file: String, what: Words },
    /// No sheet looks like one of the known kinds.
    NoKnownSheet { file: String, sheets: Sentence },
    /// A sheet is of a known kind and lacks columns it cannot do without.
    MissingColumns {
        file: String,
        sheet: String,
        kind: &'static Words,
        missing: String,
        /// The headings there are; none where the row may be one of persons.
        found: Option<String>,
    },
    /// Two headings name the same column.
    RepeatedColumn { file: String, sheet: String, column: Words },
    /// The file says what became of rows.
    Results { file: String },
}

impl OpenSheetError {
    /// The error as a sentence in each language.
    pub fn said(&self) -> Sentence {
        match self {
            Self::Io { file, source } => {
                said!("{file}：无法读取文件：{source}", "{file}: cannot read the file: {source}")
            }
            Self::Broken { file, detail } => {
                said!(
                    "{file}：不是可读的工作簿：{detail}",
                    "{file}: not a readable workbook: {detail}"
                )
            }
            Self::OtherContent { file, what: Words { zh, en } } => {
                Sentence { zh: format!("{file}：{zh}"), en: format!("{file}: {en}") }
            }
            Self::NoKnownSheet { file, sheets: Sentence { zh, en } } => Sentence {
                zh: format!("{file}：没有可识别的工作表；{zh}"),
                en: format!("{file}: no sheet with known columns; {en}"),
            },
            Self::MissingColumns { file, sheet, kind: Words { zh, en }, missing, found } => {
                let (found_zh, found_en) = match found {
                    Some(found) => {
                        (format!("表头为：{found}"), format!("its headings are: {found}"))
                    }
                    None => {
                        ("未识别到表头".to_owned(), "no row of headings was recognised".to_owned())
                    }
                };
                Sentence {
                    zh: format!(
                        "{file}，工作表 {sheet}：{zh} 缺少必填列“{missing}”；{found_zh}；列名不同的，请加 --column 标题=列名"
                    ),
                    en: format!(
                        "{file}, sheet {sheet}: {en} lacks required columns “{missing}”; {found_en}; where one is called otherwise, add --column HEADING=COLUMN"
                    ),
                }
            }
            Self::Results { file } => said!(
                "{file}：这是一次导入的逐行结果，不是台账；请改正原文件后再导入",
                "{file}: this says what became of an import's rows; correct the file that was imported and import that"
            ),
            Self::RepeatedColumn { file, sheet, column: Words { zh, .. } } => said!(
                "{file}，工作表 {sheet}：列“{zh}”重复",
                "{file}, sheet {sheet}: the column “{zh}” is given twice"
            ),
        }
    }
}

/// Why a workbook could not be written.
#[derive(Debug)]
pub enum WriteSheetError {
    /// The file system refused.
    Io { file: PathBuf, source: std::io::Error },
    /// The workbook cannot hold what was asked for.
    Workbook { file: PathBuf, detail: String },
    /// A row of another sheet than the file's.
    OtherSheet { file: PathBuf },
    /// The file's name ends otherwise than files that are written here.
    Ending { file: PathBuf },
}

impl WriteSheetError {
    /// The error as a sentence in each language.
    pub fn said(&self) -> Sentence {
        match self {
            Self::Io { file, source } => {
                let file = file.display();
                said!("{file}：无法写入：{source}", "{file}: cannot write: {source}")
            }
            Self::Workbook { file, detail } => {
                let file = file.display();
                said!(
                    "{file}：无法写入工作簿：{detail}",
                    "{file}: cannot write the workbook: {detail}"
                )
            }
            Self::OtherSheet { file } => {
                let file = file.display();
                said!("{file}：表格类型不符", "{file}: a row of another sheet than the file's")
            }
            Self::Ending { file } => {
                let file = file.display();
                said!(
                    "{file}：只能导出 .xlsx 或 .csv 文件",
                    "{file}: only files that end in .xlsx or .csv are written"
                )
            }
        }
    }
}

/// The place of a row: what a person needs to find it again in Excel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct At {
    /// File name without folders.
    pub file: String,
    /// Sheet name; for csv the file's stem.
    pub sheet: String,
    /// Row as Excel numbers it, from 1.
    pub row: u32,
}

impl At {
    /// The place in each language.
    pub fn said(&self) -> Sentence {
        let Self { file, sheet, row } = self;
        said!("{file}，工作表 {sheet}，第 {row} 行", "{file}, sheet {sheet}, row {row}")
    }
}

/// The cells of a row as the file has them. They may name people, so `Debug` shows their number.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Cells(pub Vec<String>);

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cells({})", self.0.len())
    }
}

/// A row that was refused, with everything needed to find and repair it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Where.
    pub at: At,
    /// Which column; none where the row as a whole is wrong.
    pub column: Option<&'static Words>,
    /// What is wrong.
    pub reason: Reason,
    /// The row as it was, for the status workbook.
    pub cells: Cells,
}

impl RowError {
    /// Where and what, in each language.
    pub fn said(&self) -> Sentence {
        let (at, what) = (self.at.said(), self.what());
        Sentence { zh: format!("{}，{}", at.zh, what.zh), en: format!("{}, {}", at.en, what.en) }
    }

    /// What is wrong in which column, in each language.
    pub fn what(&self) -> Sentence {
        let reason = self.reason.said();
        match self.column {
            None => reason,
            // A column is found by the heading that it has.
            Some(Words { zh, .. }) => Sentence {
                zh: format!("列“{zh}”：{}", reason.zh),
                en: format!("column “{zh}”: {}", reason.en),
            },
        }
    }
}

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// What a cell says is no value of its field.
    Value(schema_documents::Reason),
    /// A formula of which the value was never computed.
    NotComputed,
    /// A year in a cell made for days.
    YearAsDay,
    /// January, or October without its zero.
    MonthUnclear,
    /// A quote that is not closed.
    OpenQuote,
    /// The number of a document that an earlier row gives to somebody else.
    SameIdOtherName { first_row: u32 },
    /// The file broke off or cannot be parsed here; nothing after this row was read.
    Broken,
}

impl Reason {
    /// The sentence in each language.
    pub fn said(&self) -> Sentence {
        match self {
            Self::Value(reason) => reason.sentence(),
            Self::NotComputed => said!(
                "公式没有计算结果，请用表格软件打开并保存后再导入",
                "a formula without a value; open and save the workbook"
            ),
            Self::YearAsDay => said!(
                "年份录入在日期格式的单元格中，已变成 1905 年的某一天，请重新录入",
                "a year typed into a date cell became a day of 1905"
            ),
            Self::MonthUnclear => said!(
                "无法分辨 1 月和 10 月（末尾的 0 可能已丢失），应为 1960-10 的形式",
                "January or October? write 1960-10"
            ),
            Self::OpenQuote => {
                said!("引号没有成对，请删除多余的引号", "a quote is not closed; remove it")
            }
            Self::SameIdOtherName { first_row } => said!(
                "证件号码与第 {first_row} 行相同而姓名不同，请核实",
                "same document number as row {first_row}, another name"
            ),
            Self::Broken => said!(
                "文件在此处损坏，其后未读",
                "the file is broken here; nothing after it was read"
            ),
        }
    }
}

/// What a person should look at, though the row is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The same number of a document stands in an earlier row.
    SameId { first_row: u32 },
    /// The same name and birth stand in an earlier row.
    SameNameAndBirth { first_row: u32 },
}

impl Warning {
    /// The sentence in each language.
    pub fn said(&self) -> Sentence {
        match self {
            Self::SameId { first_row } => {
                said!("证件号码与第 {first_row} 行重复", "same document number as row {first_row}")
            }
            Self::SameNameAndBirth { first_row } => said!(
                "姓名和出生日期与第 {first_row} 行相同，疑似重复",
                "same name and birth as row {first_row}"
            ),
        }
    }
}

/// What a person should know of a row that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A word such as 无 or 办理中 stands in the cell.
    TakenAsNone { column: Words },
    /// A number of 15 digits has no check character: nobody is found by it.
    OldIdentityNumber,
    /// A character in a place that each font fills as it likes.
    PrivateCharacter { column: Words },
    /// The sheet does not show the row.
    Hidden,
}

impl Remark {
    /// The sentence in each language.
    pub fn said(&self) -> Sentence {
        match self {
            Self::TakenAsNone { column: Words { zh, en } } => {
                said!("“{zh}”按“无”处理", "“{en}” is taken as none")
            }
            Self::OldIdentityNumber => said!(
                "15 位旧身份号码未采用，请补录 18 位号码",
                "old number of 15 digits not used; enter the 18"
            ),
            Self::PrivateCharacter { column: Words { zh, en } } => {
                said!("“{zh}”含自造字，请改用标准汉字", "“{en}” has a character of one font only")
            }
            Self::Hidden => said!("此行在表中被隐藏", "the row is hidden in the sheet"),
        }
    }
}

/// As an error each says itself in Chinese, like the workbooks it is about.
macro_rules! errors {
    ($($error:ident)*) => {
        $(impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.said().zh)
            }
        }

        impl std::error::Error for $error {})*
    };
}

errors! { OpenSheetError WriteSheetError RowError Reason Warning Remark }
