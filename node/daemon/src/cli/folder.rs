//! What is done to a data folder without asking a node: its key, beginning, joining, and whatever
//! takes a recovery phrase.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use node_acts::phrase::{Phrase, PhraseError};
use node_api::{
    Failure, Keep, KeyMade, LineageRotated, NetworkWritten, NextStep, RootSucceeded, Rotation,
};
use node_folder::{Folder, FolderError, Grant, Membership, Network};
use zeroize::Zeroizing;

use super::ask::{done, show};
use super::options::Data;
use crate::authority::{self, Leaving, NewRoot};
use crate::keyfile::Secrets;
use crate::lang::word;
use crate::render::Output;
use crate::{control, failure, keyfile, parse};

/// A request is a charter and a delegation; a phrase is twelve words.
const FILE_BYTES_MAX: u64 = 32 * 1024;

/// How a folder comes into a network: it begins one, begins a unit of it, or joins.
#[derive(Args)]
pub(super) struct Way {
    #[arg(long, requires = "name", group = "how",
        help = word("建立网络：城市代码", "begin a network: the city's code"))]
    city: Option<String>,
    #[arg(long, requires = "city", help = word("网络名称", "the network's name"))]
    name: Option<String>,
    #[arg(long = "root", value_name = "KEY", requires = "city",
        help = word("本机之外的根密钥（可多次）", "one more root key beside this node's own (repeat for more)"))]
    roots: Vec<String>,
    #[arg(long, default_value_t = 1, requires = "city",
        help = word("门限：几个根密钥共同生效", "how many root keys act together"))]
    threshold: u8,
    #[arg(long, value_name = "FILE", requires = "unit", group = "how",
        help = word("开始一个单位：网络文件", "begin a unit: the network file"))]
    network: Option<PathBuf>,
    #[arg(long, requires = "network", help = word("单位路径", "the unit's path of codes"))]
    unit: Option<String>,
    #[arg(long, value_name = "FILE", conflicts_with = "grant",
        help = word("写到哪里：申请书，供上级认可；门限大于 1 时为建网授权书，供他人会签",
            "where to write the request for the unit above; with a threshold above 1, the grant for the others to endorse"))]
    out: Option<PathBuf>,
    #[arg(long, value_name = "FILE", group = "how",
        required_unless_present_any = ["city", "network"],
        help = word("凭授权书加入、续期，或收下上级的认可", "join, renew, or take in a recognition, with this grant file"))]
    grant: Option<PathBuf>,
}

/// Where a recovery phrase comes from: never from the command line, which others see.
#[derive(Args)]
pub(super) struct PhraseFrom {
    #[arg(long, value_name = "FILE",
        help = word("恢复短语所在文件；不给则键入", "a file that holds the recovery phrase; typed unless given"))]
    phrase_file: Option<PathBuf>,
}

impl PhraseFrom {
    /// The phrase from its file, or from whoever types it. It is shown on no screen.
    fn read(&self) -> Result<Phrase> {
        let text = match &self.phrase_file {
            Some(file) => Zeroizing::new(read_text(file)?),
            None => keyfile::prompt(word("恢复短语：", "recovery phrase: "), "--phrase-file FILE")?,
        };
        Ok(Phrase::parse(&text).map_err(|error| match error {
            PhraseError::Length(words) => Failure::PhraseLength { words },
            PhraseError::Word(at) => Failure::PhraseWord { at },
            PhraseError::Check => Failure::PhraseCheck,
        })?)
    }
}

pub(super) fn key(data: &Data, output: Output) -> Result<ExitCode> {
    let secrets = secrets(&Folder::new(&data.data))?;
    Ok(show(output, &KeyMade { node: secrets.node().to_string() }))
}

/// The folder's secrets, made if it has none.
fn secrets(folder: &Folder) -> Result<Secrets> {
    folder.create()?;
    if folder.key().exists() {
        return keyfile::open(&folder.key());
    }
    let passphrase = std::env::var(keyfile::PASSPHRASE_ENV).ok().map(Zeroizing::new);
    Ok(keyfile::create(&folder.key(), passphrase.as_ref().map(|text| text.as_str()))?)
}

pub(super) fn init(data: &Data, way: &Way, output: Output) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    if let Some(grant) = &way.grant {
        return Ok(show(output, &authority::join(&folder, read_grant(grant)?)?));
    }
    authority::be_no_member(&folder)?;
    match &way.network {
        Some(network) => begin_unit(&folder, network, way, output)?,
        None => begin_network(&folder, way, output)?,
    }
    Ok(done(output))
}

/// A unit begins by itself, and writes how it asks to be recognised.
fn begin_unit(folder: &Folder, network: &Path, way: &Way, output: Output) -> Result<()> {
    let unit = parse::unit(way.unit.as_deref().unwrap_or_default())?;
    let network = Network::read(network).map_err(|error| unreadable(network, error))?;
    let secrets = secrets(folder)?;
    let beginning = authority::draft(&secrets, network.genesis, &unit)?;
    let began = beginning.began(NextStep::Recognition { request: way.out.clone() });
    authority::begin(folder, &secrets, &beginning, || {
        output.reveal(&began)?;
        match &way.out {
            Some(out) => Ok(beginning.request().write(out)?),
            None => Ok(()),
        }
    })
}

/// A city begins a network. Where several root keys must sign, it joins once they have.
fn begin_network(folder: &Folder, way: &Way, output: Output) -> Result<()> {
    let threshold = way.threshold;
    let city = parse::unit(way.city.as_deref().unwrap_or_default())?;
    let others = way.roots.iter().map(|text| parse::key(text));
    let others = others.collect::<Result<Vec<_>, _>>()?;
    let name = way.name.as_deref().unwrap_or_default();
    let grant = match (threshold, &way.out) {
        (0 | 1, _) => None,
        (_, None) => return Err(Failure::ThresholdNeedsOut.into()),
        (_, Some(out)) => Some(out.clone()),
    };
    // Its phrases are no other network's.
    if let Some(grant) = grant.as_ref().filter(|grant| grant.exists()) {
        return Err(Failure::FilePresent { file: grant.display().to_string() }.into());
    }
    let secrets = secrets(folder)?;
    let root = authority::Root { city: &city, name, others: &others, threshold };
    let beginning = root.draft(&secrets)?;
    let Some(grant) = grant else {
        let began = beginning.began(NextStep::Nothing);
        return authority::begin(folder, &secrets, &beginning, || Ok(output.reveal(&began)?));
    };
    let next = NextStep::Endorse { grant: grant.clone(), lacks: threshold - 1 };
    output.reveal(&beginning.began(next))?;
    Ok(beginning.grant().write(&grant)?)
}

pub(super) fn network(data: &Data, out: PathBuf, output: Output) -> Result<ExitCode> {
    let membership = Membership::load(&Folder::new(&data.data))?;
    let network = Network { genesis: membership.genesis };
    network.write(&out)?;
    let (id, name) = (network.genesis.network().to_string(), network.genesis.name.to_string());
    Ok(show(output, &NetworkWritten { file: out, network: id, name }))
}

pub(super) fn endorse(data: &Data, file: &Path, output: Output) -> Result<ExitCode> {
    let mut grant = read_grant(file)?;
    let endorsed = authority::endorse_file(&Folder::new(&data.data), &mut grant)?;
    grant.write(file)?;
    Ok(show(output, &endorsed))
}

/// Makes the next key and says what to do with it, while the node goes on with the old one; with
/// the recovery phrase at once, if the unit's generation names this key.
pub(super) fn rotate_key(data: &Data, from: &PhraseFrom, output: Output) -> Result<ExitCode> {
    let folder = Folder::new(&data.data);
    let held = control::ask(&folder, node_api::Keys {})?;
    if held.is_root {
        return Err(Failure::RootKey.into());
    }
    if held.is_operating {
        return rotate_lineage(data, from, Keep::Known, &[], output);
    }
    let next = folder.next_key();
    let new = if next.exists() {
        keyfile::named(&next)?
    } else {
        keyfile::create_next(&folder.key(), &next)?.node()
    };
    let (node, unit, next_node) = (held.node, held.unit, new.to_string());
    Ok(show(output, &Rotation { node, unit, next_node, data: data.data.clone() }))
}

pub(super) fn rotate_lineage(
    data: &Data,
    from: &PhraseFrom,
    keep: Keep,
    without: &[String],
    output: Output,
) -> Result<ExitCode> {
    let without = without.iter().map(|text| parse::id(text)).collect::<Result<_, _>>()?;
    let phrase = from.read()?;
    let leaving = Leaving { keep, without };
    let reveal = move |rotated: &LineageRotated| Ok(output.reveal(rotated)?);
    authority::rotate_lineage(&Folder::new(&data.data), phrase, leaving, reveal)?;
    Ok(done(output))
}

pub(super) fn accept_lineage(data: &Data, lineage: &str, output: Output) -> Result<ExitCode> {
    let lineage = parse::id(lineage)?;
    Ok(show(output, &authority::accept_lineage(&Folder::new(&data.data), lineage)?))
}

pub(super) fn succeed_root(
    data: &Data,
    from: &PhraseFrom,
    roots: &[String],
    threshold: u8,
    keep: Keep,
    output: Output,
) -> Result<ExitCode> {
    let roots = roots.iter().map(|text| parse::key(text)).collect::<Result<_, _>>()?;
    let phrase = from.read()?;
    let new = NewRoot { roots, threshold, keep };
    let reveal = move |succeeded: &RootSucceeded| Ok(output.reveal(succeeded)?);
    authority::succeed_root(&Folder::new(&data.data), phrase, new, reveal)?;
    Ok(done(output))
}

/// A short file that people carry about by hand.
pub(super) fn read_text(file: &Path) -> Result<String> {
    let refused = |error: std::io::Error| failure::of_io(file, &error);
    let mut text = String::new();
    let opened = File::open(file).map_err(refused)?;
    opened.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(refused)?;
    Ok(text)
}

fn read_grant(file: &Path) -> Result<Grant, Failure> {
    Grant::read(file).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: FolderError) -> Failure {
    let detail = format!("{:#}", anyhow::Error::from(error));
    Failure::GrantUnreadable { file: file.display().to_string(), detail }
}
