//! What can be wrong with a file, a row or a cell. No message repeats a personal value.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::said::{Said, Words, said};

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
    NoKnownSheet { file: String, sheets: Said },
    /// A sheet is of a known kind and lacks columns it cannot do without.
    MissingColumns {
        file: String,
        sheet: String,
        kind: &'static str,
        missing: String,
        /// The headings there are; none where the row may be one of persons.
        found: Option<String>,
    },
    /// Two headings name the same column.
    RepeatedColumn { file: String, sheet: String, column: &'static str },
}

impl OpenSheetError {
    /// The error as a sentence in each language.
    pub fn said(&self) -> Said {
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
                Said { zh: format!("{file}：{zh}"), en: format!("{file}: {en}") }
            }
            Self::NoKnownSheet { file, sheets: Said { zh, en } } => Said {
                zh: format!("{file}：没有可识别的工作表；{zh}"),
                en: format!("{file}: no sheet with known columns; {en}"),
            },
            Self::MissingColumns { file, sheet, kind, missing, found: Some(found) } => said!(
                "{file}，工作表 {sheet}：{kind} 缺少必填列“{missing}”；表头为：{found}",
                "{file}, sheet {sheet}: {kind} lacks required columns “{missing}”; its headings are: \
                 {found}"
            ),
            Self::MissingColumns { file, sheet, kind, missing, found: None } => said!(
                "{file}，工作表 {sheet}：{kind} 缺少必填列“{missing}”；未识别到表头",
                "{file}, sheet {sheet}: {kind} lacks required columns “{missing}”; no row of headings \
                 was recognised"
            ),
            Self::RepeatedColumn { file, sheet, column } => said!(
                "{file}，工作表 {sheet}：列“{column}”重复",
                "{file}, sheet {sheet}: the column “{column}” is given twice"
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
    /// A record of another kind than the file's.
    OtherKind { file: PathBuf },
}

impl WriteSheetError {
    /// The error as a sentence in each language.
    pub fn said(&self) -> Said {
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
            Self::OtherKind { file } => {
                let file = file.display();
                said!("{file}：记录类型不符", "{file}: a record of another kind than the file's")
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
    pub fn said(&self) -> Said {
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
    /// Which column; `-` where the row as a whole is wrong.
    pub column: &'static str,
    /// What is wrong.
    pub reason: Reason,
    /// The row as it was, for the status workbook.
    pub cells: Cells,
}

impl RowError {
    /// Where and what, in each language.
    pub fn said(&self) -> Said {
        let (at, reason, column) = (self.at.said(), self.reason.said(), self.column);
        let (at_zh, at_en) = (at.zh, at.en);
        let (zh, en) = (reason.zh, reason.en);
        Said {
            zh: format!("{at_zh}，列“{column}”：{zh}"),
            en: format!("{at_en}, column “{column}”: {en}"),
        }
    }
}

/// What is wrong with one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nothing where something must be.
    Empty,
    /// Text of absurd length.
    TooLong,
    /// `#N/A` and the like.
    FormulaError,
    /// Bytes that are neither UTF-8 nor GB18030.
    Encoding,
    /// No date, or one that does not exist.
    Date,
    /// A date that lies ahead.
    Future,
    /// No time of day.
    Time,
    /// The end lies before the start.
    EndsBeforeStart,
    /// Not a whole number in range.
    Number,
    /// Not one of the words allowed here.
    NotOneOf(&'static str),
    /// Not 17 digits and a check character.
    CitizenIdShape,
    /// Stored as a number: the last digits are gone.
    CitizenIdAsNumber,
    /// The check character does not fit.
    CitizenIdCheck,
    /// The first six digits name no area.
    CitizenIdArea,
    /// The birth date inside is impossible.
    CitizenIdBirth,
    /// Id and birth column disagree.
    BirthDiffers,
    /// Id and sex column disagree.
    SexDiffers,
    /// Not a telephone number.
    Phone,
    /// Not a code of that length.
    Code,
    /// A formula of which the value was never computed.
    NotComputed,
    /// A spreadsheet took the text for a day.
    BecameDate,
    /// Stored as a number: the last digits are gone.
    Rounded,
    /// A year in a cell made for days.
    YearAsDay,
    /// The number that stands for a day inside a spreadsheet.
    DayAsNumber,
    /// January, or October without its zero.
    MonthUnclear,
    /// A quote that is not closed.
    OpenQuote,
    /// An id number that an earlier row gives to somebody else.
    SameIdOtherName { first_row: u32 },
    /// The file broke off or cannot be parsed here; nothing after this row was read.
    Broken,
}

impl Reason {
    /// The sentence in each language.
    pub fn said(&self) -> Said {
        match self {
            Self::Empty => said!("不能为空", "must not be empty"),
            Self::TooLong => said!("内容过长", "text too long"),
            Self::FormulaError => said!("单元格是公式错误值", "the cell holds a formula error"),
            Self::Encoding => said!("文字编码无法识别", "undecodable text"),
            Self::Date => {
                said!("日期无效，应为 2024-01-31 的形式", "no such date; write 2024-01-31")
            }
            Self::Future => said!("日期晚于今天", "date lies in the future"),
            Self::Time => said!("时间无效，应为 08:30 的形式", "no such time; write 08:30"),
            Self::EndsBeforeStart => said!("结束早于开始", "ends before it starts"),
            Self::Number => said!("应为合理的整数", "must be a whole number in range"),
            Self::NotOneOf(words) => said!("不在可选值之内，可选：{words}", "not one of: {words}"),
            Self::CitizenIdShape => said!("身份号码应为 18 位", "a citizen id has 18 characters"),
            Self::CitizenIdAsNumber => said!(
                "身份号码被存为数字，末尾已丢失，请改为文本重新录入",
                "stored as a number, last digits lost; enter as text"
            ),
            Self::CitizenIdCheck => said!("身份号码校验码错误", "wrong check character"),
            Self::CitizenIdArea => said!("身份号码地区代码无效", "no such area code"),
            Self::CitizenIdBirth => {
                said!("身份号码中的出生日期无效", "impossible birth date inside the id")
            }
            Self::BirthDiffers => {
                said!("出生日期与身份号码不一致", "birth date differs from the citizen id")
            }
            Self::SexDiffers => said!("性别与身份号码不一致", "sex differs from the citizen id"),
            Self::Phone => said!("电话号码无效", "not a telephone number"),
            Self::Code => said!("编码格式错误", "malformed code"),
            Self::NotComputed => said!(
                "公式没有计算结果，请用表格软件打开并保存后再导入",
                "a formula without a value; open and save the workbook"
            ),
            Self::BecameDate => said!(
                "内容被表格软件改成了日期，请把单元格设为文本后重新录入",
                "the spreadsheet made it a date; enter as text"
            ),
            Self::Rounded => said!(
                "内容被存为数字，末尾已丢失，请改为文本重新录入",
                "stored as a number, last digits lost; enter as text"
            ),
            Self::YearAsDay => said!(
                "年份录入在日期格式的单元格中，已变成 1905 年的某一天，请重新录入",
                "a year typed into a date cell became a day of 1905"
            ),
            Self::DayAsNumber => said!(
                "日期显示为序号，请把单元格设为日期格式",
                "a day's serial number; give the cell a date format"
            ),
            Self::MonthUnclear => said!(
                "无法分辨 1 月和 10 月（末尾的 0 可能已丢失），应为 1960-10 的形式",
                "January or October? write 1960-10"
            ),
            Self::OpenQuote => {
                said!("引号没有成对，请删除多余的引号", "a quote is not closed; remove it")
            }
            Self::SameIdOtherName { first_row } => said!(
                "身份号码与第 {first_row} 行相同而姓名不同，请核实",
                "same citizen id as row {first_row}, another name"
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
    /// The same citizen id stands in an earlier row.
    SameCitizenId { first_row: u32 },
    /// The same name and birth stand in an earlier row.
    SameNameAndBirth { first_row: u32 },
}

impl Warning {
    /// The sentence in each language.
    pub fn said(&self) -> Said {
        match self {
            Self::SameCitizenId { first_row } => {
                said!("身份号码与第 {first_row} 行重复", "same citizen id as row {first_row}")
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
    TakenAsNone { column: &'static str },
    /// A number of 15 digits has no check character: nobody is found by it.
    OldIdentityNumber,
    /// A character in a place that each font fills as it likes.
    PrivateCharacter { column: &'static str },
    /// The sheet does not show the row.
    Hidden,
}

impl Remark {
    /// The sentence in each language.
    pub fn said(&self) -> Said {
        match self {
            Self::TakenAsNone { column } => said!("“{column}”按“无”处理", "taken as none"),
            Self::OldIdentityNumber => said!(
                "15 位旧身份号码未采用，请补录 18 位号码",
                "old number of 15 digits not used; enter the 18"
            ),
            Self::PrivateCharacter { column } => {
                said!("“{column}”含自造字，请改用标准汉字", "a character of one font only")
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
