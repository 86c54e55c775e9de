//! The command line: what is asked becomes an operation of `node-api`, what is answered is shown.
//!
//! `args.rs` says what can be asked, `help.rs` in which language; the work is done below, in
//! `authority.rs`, `letters.rs`, `operate.rs`, `record.rs`, `imports.rs` and `persons.rs`. What goes wrong becomes
//! one sentence and an exit code.

mod args;
mod ask;
mod authority;
mod folder;
mod help;
mod imports;
mod letters;
mod operate;
mod options;
mod persons;
mod record;

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};
use node_api::{Documents, Events, Failure, Inspect, Link, Report, Status};
use node_folder::{Flags, Folder, Membership, load_config};

use crate::render::Output;
use crate::{control, demo, failure, keyfile, lang, memory, net};
use args::{Cli, Command, LinkAction};
use ask::ask;
use options::Data;

/// Parses, runs, and turns what went wrong into one sentence and a code.
pub fn main() -> ExitCode {
    lang::choose(std::env::args().skip(1));
    let matches = match help::localised(Cli::command()).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return help::answer(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return help::answer(&error),
    };
    let output = Output { json: cli.json };
    log(output);
    memory::seclude();
    match run(cli.command, output) {
        Ok(code) => code,
        Err(error) => {
            let failure = failure::of(&error);
            output.fail(&failure);
            failure::exit_code(&failure).into()
        }
    }
}

/// The log goes to standard error, in colour only where somebody watches.
fn log(output: Output) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("GONGZHI_LOG")
        .unwrap_or_else(|_| "warn,gongzhi=info".into());
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match output.json {
        true => log.json().init(),
        false => log.with_ansi(colour).init(),
    }
}

fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Authority(command) => authority::run(command, output),
        Command::Operate(command) => operate::run(command, output),
        Command::Run { data, listen, peers, mdns, redial_ms_max } => {
            serve(&data, &Flags { listen, peers, mdns, redial_ms_max })
        }
        Command::Record(command) => record::run(command, output),
        Command::Letters(command) => letters::run(command, output),
        Command::Status { data } => ask(&data, output, Status {}),
        Command::Events { data, after } => ask(&data, output, Events { after }),
        Command::Inspect { data, document: None } => ask(&data, output, Documents {}),
        Command::Inspect { data, document: Some(document) } => inspect(&data, document, output),
        Command::Report { data, unit } => ask(&data, output, Report { unit }),
        Command::Link { data, action, peer } => {
            ask(&data, output, Link { peer, block: action == LinkAction::Cut })
        }
        Command::Demo { dir } => demo::run(dir, output),
    }
}

/// Of a document that is not here there is nothing to see: whoever mistyped its name is told.
fn inspect(data: &Data, document: String, output: Output) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let contents = control::ask(&folder, Inspect { document: document.clone() })?;
    if contents.history.is_empty() {
        return Err(Failure::UnknownDocument { document }.into());
    }
    Ok(ask::show(output, &contents))
}

fn serve(data: &Data, flags: &Flags) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let membership = Membership::load(&folder)?;
    let secrets = keyfile::open(&folder.key())?;
    let config = load_config(&folder, flags)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(net::run(folder, secrets, membership, config))?;
    Ok(ExitCode::SUCCESS)
}
