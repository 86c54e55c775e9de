//! What can be wrong with a file, a row or a cell. No message repeats a personal value.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// Why a file could not be opened as one of the known sheets.
#[derive(Debug, thiserror::Error)]
pub enum OpenSheetError {
    /// The file system refused.
    #[error("{file}: 无法读取文件 (cannot read the file): {source}")]
    Io { file: String, source: std::io::Error },
    /// The file is no workbook, or a broken one.
    #[error("{file}: 不是可读的工作簿 (not a readable workbook): {detail}")]
    Broken { file: String, detail: String },
    /// The file is something else, whatever its ending says.
    #[error("{file}: {what}")]
    OtherContent { file: String, what: &'static str },
    /// No sheet looks like one of the known kinds.
    #[error("{file}: 没有可识别的工作表 (no sheet with known columns); sheets: {sheets}")]
    NoKnownSheet { file: String, sheets: String },
    /// A sheet is of a known kind and lacks columns it cannot do without.
    #[error(
        "{file}, 工作表 (sheet) {sheet}: {kind} 缺少必填列 (missing required columns) “{missing}”；\
         表头为 (headings found): {found}"
    )]
    MissingColumns {
        file: String,
        sheet: String,
        kind: &'static str,
        missing: String,
        found: String,
    },
    /// Two headings name the same column.
    #[error("{file}, 工作表 (sheet) {sheet}: 列重复 (column given twice) “{column}”")]
    RepeatedColumn { file: String, sheet: String, column: &'static str },
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteSheetError {
    /// The file system refused.
    #[error("{}: 无法写入 (cannot write): {source}", file.display())]
    Io { file: PathBuf, source: std::io::Error },
    /// The workbook cannot hold what was asked for.
    #[error("{}: 无法写入工作簿 (cannot write the workbook): {detail}", file.display())]
    Workbook { file: PathBuf, detail: String },
    /// A record of another kind than the file's.
    #[error("{}: 记录类型不符 (a record of another kind than the file's)", file.display())]
    OtherKind { file: PathBuf },
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

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, 工作表 (sheet) {}, 第 {} 行 (row)", self.file, self.sheet, self.row)
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}, 列 (column) {column}: {reason}")]
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

/// What is wrong with one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing where something must be.
    #[error("不能为空 (must not be empty)")]
    Empty,
    /// Text of absurd length.
    #[error("内容过长 (text too long)")]
    TooLong,
    /// `#N/A` and the like.
    #[error("单元格是公式错误值 (the cell holds a formula error)")]
    FormulaError,
    /// Bytes that are neither UTF-8 nor GB18030.
    #[error("文字编码无法识别 (undecodable text)")]
    Encoding,
    /// No date, or one that does not exist.
    #[error("日期无效，应为 2024-01-31 的形式 (no such date; write 2024-01-31)")]
    Date,
    /// A date that lies ahead.
    #[error("日期晚于今天 (date lies in the future)")]
    Future,
    /// No time of day.
    #[error("时间无效，应为 08:30 的形式 (no such time; write 08:30)")]
    Time,
    /// The end lies before the start.
    #[error("结束早于开始 (ends before it starts)")]
    EndsBeforeStart,
    /// Not a whole number in range.
    #[error("应为合理的整数 (must be a whole number in range)")]
    Number,
    /// Not one of the words allowed here.
    #[error("不在可选值之内，可选 (not one of): {0}")]
    NotOneOf(&'static str),
    /// Not 17 digits and a check character.
    #[error("身份号码应为 18 位 (a citizen id has 18 characters)")]
    CitizenIdShape,
    /// Stored as a number: the last digits are gone.
    #[error(
        "身份号码被存为数字，末尾已丢失，请改为文本重新录入 (stored as a number, last digits lost; enter as text)"
    )]
    CitizenIdAsNumber,
    /// The check character does not fit.
    #[error("身份号码校验码错误 (wrong check character)")]
    CitizenIdCheck,
    /// The first six digits name no area.
    #[error("身份号码地区代码无效 (no such area code)")]
    CitizenIdArea,
    /// The birth date inside is impossible.
    #[error("身份号码中的出生日期无效 (impossible birth date inside the id)")]
    CitizenIdBirth,
    /// Id and birth column disagree.
    #[error("出生日期与身份号码不一致 (birth date differs from the citizen id)")]
    BirthDiffers,
    /// Id and sex column disagree.
    #[error("性别与身份号码不一致 (sex differs from the citizen id)")]
    SexDiffers,
    /// Not a telephone number.
    #[error("电话号码无效 (not a telephone number)")]
    Phone,
    /// Not a code of that length.
    #[error("编码格式错误 (malformed code)")]
    Code,
    /// A formula of which the value was never computed.
    #[error(
        "公式没有计算结果，请用表格软件打开并保存后再导入 (a formula without a value; open and save the workbook)"
    )]
    NotComputed,
    /// A spreadsheet took the text for a day.
    #[error(
        "内容被表格软件改成了日期，请把单元格设为文本后重新录入 (the spreadsheet made it a date; enter as text)"
    )]
    BecameDate,
    /// Stored as a number: the last digits are gone.
    #[error(
        "内容被存为数字，末尾已丢失，请改为文本重新录入 (stored as a number, last digits lost; enter as text)"
    )]
    Rounded,
    /// A year in a cell made for days.
    #[error(
        "年份录入在日期格式的单元格中，已变成 1905 年的某一天，请重新录入 (a year typed into a date cell became a day of 1905)"
    )]
    YearAsDay,
    /// The number that stands for a day inside a spreadsheet.
    #[error(
        "日期显示为序号，请把单元格设为日期格式 (a day's serial number; give the cell a date format)"
    )]
    DayAsNumber,
    /// January, or October without its zero.
    #[error(
        "无法分辨 1 月和 10 月（末尾的 0 可能已丢失），应为 1960-10 的形式 (January or October? write 1960-10)"
    )]
    MonthUnclear,
    /// A quote that is not closed.
    #[error("引号没有成对，请删除多余的引号 (a quote is not closed; remove it)")]
    OpenQuote,
    /// An id number that an earlier row gives to somebody else.
    #[error(
        "身份号码与第 {first_row} 行相同而姓名不同，请核实 (same citizen id as row {first_row}, another name)"
    )]
    SameIdOtherName { first_row: u32 },
    /// The file broke off or cannot be parsed here; nothing after this row was read.
    #[error("文件在此处损坏，其后未读 (the file is broken here; nothing after it was read)")]
    Broken,
}

/// What a person should look at, though the row is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The same citizen id stands in an earlier row.
    #[error("身份号码与第 {first_row} 行重复 (same citizen id as row {first_row})")]
    SameCitizenId { first_row: u32 },
    /// The same name and birth stand in an earlier row.
    #[error(
        "姓名和出生日期与第 {first_row} 行相同，疑似重复 (same name and birth as row {first_row})"
    )]
    SameNameAndBirth { first_row: u32 },
}

/// What a person should know of a row that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// A word such as 无 or 办理中 stands in the cell.
    #[error("“{column}”按“无”处理 (taken as none)")]
    TakenAsNone { column: &'static str },
    /// A number of 15 digits has no check character: nobody is found by it.
    #[error(
        "15 位旧身份号码未采用，请补录 18 位号码 (old number of 15 digits not used; enter the 18)"
    )]
    OldIdentityNumber,
    /// A character in a place that each font fills as it likes.
    #[error("“{column}”含自造字，请改用标准汉字 (a character of one font only)")]
    PrivateCharacter { column: &'static str },
    /// The sheet does not show the row.
    #[error("此行在表中被隐藏 (the row is hidden in the sheet)")]
    Hidden,
}
