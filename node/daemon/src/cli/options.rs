//! What many commands have in common.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::lang::{say, word};

#[derive(Args, Clone)]
pub(super) struct Data {
    #[arg(long, env = "GONGZHI_DATA", value_name = "DIR",
        help = word("数据目录", "the node's data folder"))]
    pub(super) data: PathBuf,
}

/// One of a few values, by the names they have everywhere.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let names = all.iter().map(move |one| name(*one));
    PossibleValuesParser::new(names).try_map(move |text| {
        let found = all.iter().copied().find(|one| name(*one) == text);
        found.ok_or(clap::error::ErrorKind::InvalidValue.as_str().unwrap_or_default())
    })
}

/// What a value should have been, in the language of whoever gave it.
#[derive(Debug)]
pub(super) struct Expected(pub(super) &'static str);

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Expected {}

/// How a command is used, under its help.
pub(super) fn examples(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("\n  {}", line.trim())).collect();
    say!("示例：{lines}", "Examples:{lines}")
}
