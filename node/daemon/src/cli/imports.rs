//! The commands about imports: making one while it tells how far it is, finding one again, and
//! taking one back.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;
use node_api::{Failure, Import, ImportRunning, Imported, Imports, UndoImport};
use node_folder::Folder;

use super::ask::ask;
use super::options::{Data, examples};
use crate::control;
use crate::lang::word;
use crate::render::{Output, import_progress};

/// Some rows of an import were refused; the others were taken.
const EXIT_ROWS_REFUSED: u8 = 3;
/// How often an import says how far it is.
const PROGRESS_PAUSE: Duration = Duration::from_millis(500);

#[derive(Subcommand)]
pub(super) enum Command {
    #[command(about = word("本单位的全部导入，最近的在前：何时、哪个文件、录入多少",
            "the imports of the unit, the newest first: when, which file, what became of its rows"),
        after_help = examples("gongzhi imports list --data ./community
            gongzhi imports list --data ./community --file 居民名册"))]
    List {
        #[command(flatten)]
        data: Data,
        #[arg(long, value_name = "TEXT", help = word("文件名中含有的文字", "what the file's name has in it"))]
        file: Option<String>,
    },
    #[command(about = word("撤回一次导入：恢复原内容；其后又改过的保留不动，先行列出",
            "take an import back: what was there before comes back; what was written since stays, and is listed first"),
        after_help = examples("gongzhi imports undo --data ./community ID
            gongzhi imports undo --data ./community ID --yes"))]
    Undo {
        #[command(flatten)]
        data: Data,
        #[arg(value_name = "ID", help = word("导入编号，见 gongzhi imports list", "the import: `gongzhi imports list` shows them"))]
        import: String,
        #[arg(long, help = word("确认撤回", "do it"))]
        yes: bool,
    },
}

pub(super) fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::List { data, file } => ask(&data, output, Imports { file }),
        Command::Undo { data, import, yes } => {
            ask(&data, output, UndoImport { import, confirmed: yes })
        }
    }
}

/// Imports files, each by itself: one that cannot be used stops no other.
pub(super) fn import(
    data: &Data,
    output: Output,
    files: &[PathBuf],
    how: &Import,
) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let (mut refused, mut last): (bool, Option<Failure>) = (false, None);
    for file in files {
        let asked = Import { file: std::path::absolute(file)?, ..how.clone() };
        match import_one(&folder, output, asked) {
            Ok(answer) => {
                refused |= answer.counts.refused > 0;
                output.show(&answer);
            }
            Err(failure) if files.len() > 1 => {
                output.fail(&failure);
                last = Some(failure);
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(match (last, refused) {
        (Some(failure), _) => crate::failure::exit_code(&failure).into(),
        (None, true) => ExitCode::from(EXIT_ROWS_REFUSED),
        (None, false) => ExitCode::SUCCESS,
    })
}

fn import_one(folder: &Folder, output: Output, asked: Import) -> Result<Imported, Failure> {
    let bar = output.spinner(word("正在导入", "importing"));
    let (shown, file) = (bar.clone(), asked.file.clone());
    let is_own = move |running: &ImportRunning| running.file == file;
    let (done, waits) = channel::<()>();
    let file = asked.file.display().to_string();
    let answer = control::ask_watching(folder, asked, move |progress| {
        thread::spawn(move || {
            while waits.recv_timeout(PROGRESS_PAUSE) == Err(RecvTimeoutError::Timeout) {
                let own =
                    progress().and_then(|all| all.running.into_iter().find(|own| is_own(own)));
                own.iter().for_each(|own| shown.set_message(import_progress(own)));
            }
        });
    });
    drop(done);
    bar.finish_and_clear();
    answer.map_err(|failure| match failure {
        Failure::NoAnswer { detail } => Failure::ImportInterrupted { file, detail },
        Failure::Stopping => {
            let detail = word("节点已停止", "the node stopped").to_owned();
            Failure::ImportInterrupted { file, detail }
        }
        other => other,
    })
}
