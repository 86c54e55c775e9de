//! The commands of those who write to other units.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use node_api::{
    AcceptAddressee, AnswerLetter, Failure, LetterField, LetterValue, Letters, NameCard,
    ReadLetter, WriteLetter,
};
use schema_content::Entry;
use schema_wire::{List, Wire as _};

use super::ask::ask;
use super::options::{Data, examples};
use crate::lang::word;
use crate::render::Output;
use crate::{failure, letters};

/// Bytes of one field.
const TEXT_BYTES_MAX: usize = 4_096;
/// Fields of a letter.
const FIELDS_MAX: usize = 32;
/// Bytes of a file that can fit a letter, in the longest of its forms: digits of bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("收发的信件及各自的状态", "the letters, in and out, and how far each has come"),
        after_help = examples("gongzhi letters list --data ./community
            gongzhi letters list --data ./community --with 220800/220803/220803001"))]
    List {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "UNIT", help = word("只列与此单位的", "those with this unit only"))]
        with: Option<String>,
    },
    #[command(about = word("打开一封信；对方会得知已读", "open a letter; its sender is told that it was opened"),
        after_help = examples("gongzhi letters read --data ./community 3fa94b21"))]
    Read {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("编号，或其开头几位", "the id, or the beginning of it"))]
        letter: String,
    },
    #[command(about = word("写信给另一单位；对方名片到了就自动发出",
            "write to another unit; it is sent by itself once that unit's card is here"),
        after_help = examples("gongzhi letters write --data ./community --to 220800/220803/220803001 请协助核对两地居民
            gongzhi letters write --data ./community --to 220800/220803/220803001 --kind transfer --file body.json"))]
    Write {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "UNIT", help = word("收信单位的路径", "the addressee's path of codes"))]
        to: String,
        #[command(flatten)]
        said: Said,
    },
    #[command(about = word("回复一封信", "answer a letter"),
        after_help = examples("gongzhi letters answer --data ./community 3fa94b21 已核对，无出入"))]
    Answer {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("所回复的信件编号", "the letter's id"))]
        letter: String,
        #[command(flatten)]
        said: Said,
    },
    #[command(about = word("在名片上给本单位起名", "give this unit a name on its card"),
        after_help = examples("gongzhi letters card --data ./community --name 示例社区"))]
    Card {
        #[command(flatten)]
        data: Data,
        #[arg(long, help = word("单位名称，不要写个人", "the unit's name; no person's"))]
        name: String,
    },
    #[command(about = word("上级改认另一谱系为某单位时，本机改为寄给它；请先当面核对",
            "where another lineage is recognised as a unit, write to that one from now on; ask in person first"),
        after_help = examples("gongzhi letters accept --data ./community --unit 220800/220803/220803001 LINEAGE"))]
    Accept {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "UNIT", help = word("对方单位", "the other unit"))]
        unit: String,
        #[arg(help = word("谱系编号", "the lineage's id"))]
        lineage: String,
    },
}

/// What a letter says.
#[derive(Args)]
pub(super) struct Said {
    #[arg(required_unless_present = "file", conflicts_with = "file", help = word("正文", "what it says"))]
    text: Option<String>,
    #[arg(long, value_name = "FILE", help = word("正文文件：.json（字段与值）、.cbor（协议 10.5 的 body），其余按文本",
        "what it says, from a file: .json (fields and values), .cbor (a body as in section 10.5), else text"))]
    file: Option<PathBuf>,
    #[arg(long, default_value = "letter", help = word("类别", "what kind of message it is"))]
    kind: String,
}

impl Said {
    fn body(&self) -> Result<Vec<LetterField>> {
        match (&self.text, &self.file) {
            (_, Some(file)) => from_file(file),
            (Some(text), None) => Ok(from_text(text)?),
            (None, None) => Ok(Vec::new()),
        }
    }
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::List { data, with } => ask(&data, output, Letters { with }),
        Command::Read { data, letter } => ask(&data, output, ReadLetter { letter }),
        Command::Write { data, to, said } => {
            let body = said.body()?;
            ask(&data, output, WriteLetter { to, kind: said.kind, body })
        }
        Command::Answer { data, letter, said } => {
            let body = said.body()?;
            ask(&data, output, AnswerLetter { letter, kind: said.kind, body })
        }
        Command::Card { data, name } => ask(&data, output, NameCard { name }),
        Command::Accept { data, unit, lineage } => {
            ask(&data, output, AcceptAddressee { unit, lineage })
        }
    }
}

fn unfit(detail: impl ToString) -> Failure {
    Failure::LetterUnfit { detail: detail.to_string() }
}

fn from_file(path: &Path) -> Result<Vec<LetterField>> {
    let of_io = |error| failure::of_io(path, &error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(of_io)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(of_io)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(unfit(format!("{}: > {FILE_BYTES_MAX}", path.display())).into());
    }
    Ok(match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => from_json(&bytes)?,
        Some("cbor") => {
            let entries: List<Entry, 0, FIELDS_MAX> = List::from_bytes(&bytes).map_err(unfit)?;
            entries.iter().map(letters::shown_entry).collect()
        }
        _ => from_text(std::str::from_utf8(&bytes).map_err(unfit)?)?,
    })
}

/// An object whose members are the fields.
fn from_json(bytes: &[u8]) -> Result<Vec<LetterField>, Failure> {
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).map_err(unfit)?;
    let field = |(field, value): (String, serde_json::Value)| {
        let value: LetterValue = serde_json::from_value(value).map_err(|_| {
            unfit(format!("{field}: null, true, 1, \"text\", {{\"bytes\": \"00ff\"}}"))
        })?;
        Ok(LetterField { field, value })
    };
    members.into_iter().map(field).collect()
}

/// A text as one field, or as the entries of a list if it is longer than a field.
fn from_text(text: &str) -> Result<Vec<LetterField>, Failure> {
    let field = |field: String, text: &str| LetterField {
        field,
        value: LetterValue::Text(text.to_owned()),
    };
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(vec![field("text".to_owned(), text)]);
    }
    let mut rest = text;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(TEXT_BYTES_MAX));
        fields.push(field(format!("text.{}", fields.len()), part));
        rest = after;
    }
    if fields.len() > FIELDS_MAX {
        return Err(unfit(format!("{} > {}", text.len(), TEXT_BYTES_MAX * FIELDS_MAX)));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters_and_loses_none() {
        let text = "一封很长的信".repeat(1_000);
        let fields = from_text(&text).expect("it fits");
        let parts = fields.iter().map(|field| match &field.value {
            LetterValue::Text(text) if text.len() <= TEXT_BYTES_MAX => text.as_str(),
            other => panic!("{other:?}"),
        });
        assert_eq!(parts.collect::<String>(), text);
        assert!(from_text(&"a".repeat(TEXT_BYTES_MAX * FIELDS_MAX + 1)).is_err());
        assert_eq!(from_text("短").expect("it fits").len(), 1);
    }

    #[test]
    fn a_body_of_json_has_values_and_no_lists() {
        let fields =
            from_json(br#"{"a": 1, "b": null, "c": {"bytes": "00"}, "d": true, "e": "t"}"#);
        assert_eq!(fields.expect("fields").len(), 5);
        for wrong in [r#"{"a": [1]}"#, r#"{"a": 1.5}"#, r#"{"a": {"b": 1}}"#, r#"[1]"#, "{"] {
            assert!(from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
