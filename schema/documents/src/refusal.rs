//! Refusals: why a value does not come in, in a sentence that names field and value.

use std::fmt;

use crate::words::{Sentence, Words};

/// Why a value does not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A field that is needed has no value.
    Missing,
    /// There is no such field.
    NoField,
    /// Several values for a field that has one.
    Several,
    /// More entries than a list has.
    Entries(usize),
    /// Longer than this many characters.
    Long(usize),
    /// A character that no text has.
    Character,
    /// None of these words.
    NotOneOf(Vec<Words>),
    /// No whole number.
    NotCount,
    /// Greater than this.
    Greater(u32),
    /// Neither yes nor no.
    NotFlag,
    /// No day.
    NotDay,
    /// Neither a day nor a month nor a year.
    NotPartialDay,
    /// After today.
    Future,
    /// So long ago that nobody alive was born then.
    Age,
    /// No time of day.
    NotTime,
    /// No person's id.
    NotPerson,
    /// No name of such a record.
    NotRecord,
    /// Not this many digits.
    Digits(usize),
    /// The number of a grid of another community.
    OtherGrid(String),
    /// No number of a document.
    IdentityLength,
    /// No date of birth in it.
    IdentityBirth,
    /// Its check character is another.
    IdentityCheck,
    /// No area issues it.
    IdentityArea,
    /// A number of before 1999, without a check character: nobody is found by it.
    IdentityOld,
    /// A program kept it as a number: its last digits are gone.
    IdentityRounded,
    /// No telephone number.
    Phone,
    /// What a program shows for a formula that failed.
    FormulaError,
    /// A program kept it as a number: its last digits are gone.
    Rounded,
    /// A program took it for a day.
    BecameDay,
    /// The number that stands for a day inside a spreadsheet.
    DayAsNumber,
    /// The names of several people, or one on several lines: nobody can tell.
    SeveralNames,
    /// The same as above, as people abbreviate it: what stands above is not known.
    Ditto,
    /// No code of an organisation.
    Organisation,
    /// Before what it ends.
    BeforeStart(Words),
    /// Another birth than the document's number says.
    BirthDiffers,
    /// Another sex than the document's number says.
    SexDiffers,
    /// It says where the record lies, which never changes.
    Fixed,
}

/// A value that does not come in.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the field is called.
    pub field: Words,
    /// Its name.
    pub name: String,
    /// What was given.
    pub value: String,
    /// Why not.
    pub reason: Reason,
}

/// Shows no value: it may name a person.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({}, {:?})", self.name, self.reason)
    }
}

impl Refusal {
    /// The sentence in both languages.
    pub fn sentence(&self) -> Sentence {
        /// What is shown of a long value.
        const SHOWN_CHARACTERS: usize = 40;
        let mut shown: String = self.value.chars().take(SHOWN_CHARACTERS).collect();
        if shown.len() < self.value.len() {
            shown.push('…');
        }
        let reason = self.reason.sentence();
        let (zh, en) = match (self.reason == Reason::NoField, shown.is_empty()) {
            (true, _) => (format!("“{}”", self.name), format!("“{}”", self.name)),
            (_, true) => (self.field.zh.to_owned(), self.field.en.to_owned()),
            (_, false) => {
                (format!("{}“{shown}”", self.field.zh), format!("{} “{shown}”", self.field.en))
            }
        };
        Sentence::new(format!("{zh}：{}", reason.zh), format!("{en}: {}", reason.en))
    }
}

impl Reason {
    /// What is wrong, without field and value.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Missing => said("必填", "is needed"),
            Self::NoField => said("没有这一项", "there is no such field"),
            Self::Several => said("只能填一个", "takes one value only"),
            Self::Entries(most) => {
                Sentence::new(format!("最多{most}个"), format!("takes at most {most} values"))
            }
            Self::Long(most) => {
                Sentence::new(format!("最多{most}个字"), format!("at most {most} characters"))
            }
            Self::Character => said("含有不可用的字符", "holds a character that no text has"),
            Self::NotOneOf(words) => one_of(words),
            Self::NotCount => said("不是整数", "is no whole number"),
            Self::Greater(most) => {
                Sentence::new(format!("不能大于{most}"), format!("is greater than {most}"))
            }
            Self::NotFlag => said("应为是或否", "is neither yes nor no"),
            Self::NotDay => said("不是日期", "is no day"),
            Self::NotPartialDay => said("不是日期、年月或年份", "is no day, month or year"),
            Self::Future => said("晚于今天", "lies after today"),
            Self::Age => said("早于一百三十年前", "lies more than 130 years back"),
            Self::NotTime => said("不是时间", "is no time of day"),
            Self::NotPerson => said("不是人员编号", "is no person's id"),
            Self::NotRecord => said("不是记录编号", "is no record's name"),
            Self::Digits(count) => {
                Sentence::new(format!("应为{count}位数字"), format!("needs {count} digits"))
            }
            Self::OtherGrid(unit) => Sentence::new(
                format!("前12位应为本社区代码{unit}"),
                format!("does not begin with this community's code {unit}"),
            ),
            Self::IdentityLength => said("不是证件号码", "is no number of a document"),
            Self::IdentityBirth => said("出生日期段无效", "holds no date of birth"),
            Self::IdentityCheck => said("校验码不符", "has another check character"),
            Self::IdentityArea => said("地区代码无效", "names no area that issues documents"),
            Self::IdentityOld => said(
                "15 位旧身份号码不能核对，请录入 18 位号码",
                "is an old number of 15 digits; enter the 18",
            ),
            Self::IdentityRounded => said(
                "被存为数字，末尾已丢失，请改为文本重新录入",
                "was stored as a number and lost its last digits; enter it as text",
            ),
            Self::FormulaError => said("是公式错误值", "is the error of a formula"),
            Self::Rounded => said(
                "被存为数字，末尾已丢失，请改为文本重新录入",
                "was stored as a number and lost its last digits; enter it as text",
            ),
            Self::BecameDay => said(
                "被表格软件改成了日期，请设为文本后重新录入",
                "was made a date by the spreadsheet; enter it as text",
            ),
            Self::DayAsNumber => said(
                "是日期的序号，请设为日期格式",
                "is a day's serial number; give the cell a date format",
            ),
            Self::SeveralNames => said(
                "应为一个人的姓名，每人一行，姓名中不能换行",
                "is not one name; one person a row, and no line break in a name",
            ),
            Self::Ditto => said("“同上”应写出具体内容", "repeats what stands above; write it out"),
            Self::Phone => said("不是电话号码", "is no telephone number"),
            Self::Organisation => said("不是统一社会信用代码", "is no social credit code"),
            Self::BeforeStart(start) => Sentence::new(
                format!("早于{}", start.zh),
                format!("lies before the field “{}”", start.en),
            ),
            Self::BirthDiffers => said("与证件号码不符", "differs from the document's number"),
            Self::SexDiffers => said("与证件号码不符", "differs from the document's number"),
            Self::Fixed => said("记录由此归档，不能改", "says where the record lies, and stays"),
        }
    }
}

fn said(zh: &str, en: &str) -> Sentence {
    Sentence::new(zh, en)
}

fn one_of(words: &[Words]) -> Sentence {
    let zh: Vec<&str> = words.iter().map(|words| words.zh).collect();
    let en: Vec<&str> = words.iter().map(|words| words.en).collect();
    Sentence::new(format!("应为{}", zh.join("、")), format!("is none of: {}", en.join(", ")))
}
