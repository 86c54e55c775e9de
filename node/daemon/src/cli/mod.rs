//! The command line: what is asked becomes an operation of `node-api`, what is answered is shown.
//!
//! `args.rs` says what can be asked, `help.rs` in which language; the work is done below and in
//! `operate.rs`. What goes wrong becomes one sentence and an exit code.

mod args;
mod help;
mod operate;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};
use node_api::{
    Documents, Enter, Events, Export, Failure, Founded, Import, Inspect, Joined, KeyMade, Link,
    Operation, Report, Request, Roster, Status,
};
use node_folder::{Flags, Folder, Grant, Membership, load_config};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::handlers::Node;
use crate::lang::word;
use crate::render::{Output, Render};
use crate::{authority, control, demo, failure, keyfile, lang, net, parse};
use args::{Cli, Command, Data, Founding, LinkAction};

/// Some rows of an import were refused; the others were taken.
const EXIT_ROWS_REFUSED: u8 = 3;

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
    match run(cli.command, output) {
        Ok(code) => code,
        Err(error) => {
            output.fail(&failure::of(&error));
            ExitCode::FAILURE
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

/// Asks the node of a data folder, and shows what it answers.
fn ask<O: Operation>(data: &Data, output: Output, asked: O) -> Result<ExitCode>
where
    O::Answer: Render,
    Request: From<O>,
    Node: node_api::Handle<O>,
{
    Ok(show(output, &control::ask(&Folder::new(&data.data), asked)?))
}

fn show(output: Output, answer: &(impl Serialize + Render)) -> ExitCode {
    output.show(answer);
    ExitCode::SUCCESS
}

fn run(command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::Key { data } => key(&data, output),
        Command::Init { data, founding, grant } => init(&data, &founding, grant.as_deref(), output),
        Command::Operate(command) => operate::run(command, output),
        Command::Run { data, listen, peers, mdns, redial_ms_max } => {
            serve(&data, &Flags { listen, peers, mdns, redial_ms_max })
        }
        Command::Import { data, files, dry_run, synthetic } => {
            import(&data, output, &files, dry_run, synthetic)
        }
        Command::Demo { dir } => demo::run(dir, output),
        Command::Export { data, kind, out, encoding } => {
            let out = std::path::absolute(out)?;
            ask(&data, output, Export { kind, out, encoding })
        }
        Command::Enter { data, record } => ask(&data, output, Enter { entry: record.into() }),
        Command::Status { data } => ask(&data, output, Status {}),
        Command::Events { data, after } => ask(&data, output, Events { after }),
        Command::Inspect { data, document: None, .. } => ask(&data, output, Documents {}),
        Command::Inspect { data, document: Some(document), persons: true } => {
            ask(&data, output, Roster { document })
        }
        Command::Inspect { data, document: Some(document), persons: false } => {
            ask(&data, output, Inspect { document })
        }
        Command::Report { data, unit } => ask(&data, output, Report { unit }),
        Command::Link { data, action, peer } => {
            ask(&data, output, Link { peer, block: action == LinkAction::Cut })
        }
    }
}

fn key(data: &Data, output: Output) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let node = make_key(&folder)?;
    Ok(show(output, &KeyMade { node }))
}

/// The folder's key, made if it has none; returns its public part.
fn make_key(folder: &Folder) -> Result<String> {
    folder.create()?;
    let key = if folder.key().exists() {
        keyfile::open(&folder.key())?
    } else {
        let passphrase = std::env::var(keyfile::PASSPHRASE_ENV).ok().map(Zeroizing::new);
        keyfile::create(&folder.key(), passphrase.as_ref().map(|p| p.as_str()))?
    };
    Ok(key.node().to_string())
}

fn init(
    data: &Data,
    founding: &Founding,
    grant: Option<&Path>,
    output: Output,
) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    match grant {
        Some(grant) => authority::accept(&folder, read_grant(grant)?)?,
        None => {
            if let Some(founded) = found(&folder, founding)? {
                return Ok(show(output, &founded));
            }
        }
    }
    let membership = Membership::load(&folder)?;
    let (network, unit) = (membership.genesis.network(), membership.unit);
    Ok(show(output, &Joined { network: network.to_string(), unit: unit.to_string() }))
}

fn found(folder: &Folder, founding: &Founding) -> Result<Option<Founded>> {
    let threshold = founding.threshold;
    if threshold > 1 && founding.out.is_none() {
        return Err(Failure::ThresholdNeedsOut.into());
    }
    let city = parse::unit(founding.city.as_deref().unwrap_or_default())?;
    let roots: Result<Vec<_>, _> = founding.roots.iter().map(|text| parse::key(text)).collect();
    let (roots, name) = (roots?, founding.name.as_deref().unwrap_or_default());
    make_key(folder)?;
    let secrets = keyfile::open(&folder.key())?;
    let asked = authority::Founding { city: &city, name, roots: &roots, threshold };
    match (authority::found(folder, &secrets, &asked)?, &founding.out) {
        (Some(grant), Some(out)) => {
            grant.write(out)?;
            Ok(Some(Founded { grant: out.clone(), lacks: threshold - 1 }))
        }
        _ => Ok(None),
    }
}

/// Reads a grant file, which people carry about by hand.
fn read_grant(file: &Path) -> Result<Grant, Failure> {
    Grant::read(file).map_err(|error| Failure::GrantUnreadable {
        file: file.display().to_string(),
        detail: format!("{:#}", anyhow::Error::from(error)),
    })
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

fn import(
    data: &Data,
    output: Output,
    files: &[PathBuf],
    dry_run: bool,
    synthetic: bool,
) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let mut refused = false;
    for file in files {
        let file = std::path::absolute(file)?;
        let bar = output.spinner(word("正在导入", "importing"));
        let answer = control::ask(&folder, Import { file, dry_run, synthetic });
        bar.finish_and_clear();
        let answer = answer?;
        refused |= answer.counts.refused > 0;
        output.show(&answer);
    }
    Ok(if refused { ExitCode::from(EXIT_ROWS_REFUSED) } else { ExitCode::SUCCESS })
}
