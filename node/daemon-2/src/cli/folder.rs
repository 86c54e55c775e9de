//! What is done to a data folder without asking a node: its key, founding, joining.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use node_api::{Failure, Founded, Joined, KeyMade};
use node_folder::{Folder, Grant, Membership};
use zeroize::Zeroizing;

use super::args::Founding;
use super::ask::show;
use super::options::Data;
use crate::render::Output;
use crate::{authority, keyfile, parse};

pub(super) fn key(data: &Data, output: Output) -> Result<ExitCode> {
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

pub(super) fn init(
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
pub(super) fn read_grant(file: &Path) -> Result<Grant, Failure> {
    Grant::read(file).map_err(|error| Failure::GrantUnreadable {
        file: file.display().to_string(),
        detail: format!("{:#}", anyhow::Error::from(error)),
    })
}
