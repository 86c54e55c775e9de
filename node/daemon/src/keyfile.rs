//! The node's key: what `node-folder` reads, with a passphrase from whoever starts the node.

use std::path::Path;

use anyhow::{Context as _, Result};
use node_api::Failure;
use node_folder::KeyFile;
pub(crate) use node_folder::{Secrets, create, random};
use node_store::StoreKey;
use schema_wire::{NodeKey, SigningKey};
use zeroize::Zeroizing;

/// The environment variable a passphrase is taken from where nobody can type one.
pub(crate) const PASSPHRASE_ENV: &str = "GONGZHI_PASSPHRASE";

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// The key the store seals values with.
pub(crate) fn store_key(secrets: &Secrets) -> StoreKey {
    StoreKey::new(*secrets.store_secret())
}

/// Reads the key; asks for the passphrase if it is sealed.
pub(crate) fn open(path: &Path) -> Result<Secrets> {
    if let (false, Some(folder)) = (path.exists(), path.parent()) {
        if !folder.is_dir() {
            return Err(Failure::NoFolder { folder: folder.display().to_string() }.into());
        }
        return Err(Failure::NoKey { folder: folder.display().to_string() }.into());
    }
    let file = KeyFile::read(path)?;
    let given = file.is_sealed().then(passphrase).transpose()?;
    let opened = file.open(given.as_ref().map(|passphrase| passphrase.as_str()));
    opened.with_context(|| format!("key file {}", path.display()))
}

/// Makes the key that is to follow another, sealed like it.
pub(crate) fn create_next(path: &Path, next: &Path) -> Result<Secrets> {
    let given = KeyFile::read(path)?.is_sealed().then(passphrase).transpose()?;
    let given = given.as_ref().map(|passphrase| passphrase.as_str());
    Ok(node_folder::create_next(path, next, given)?)
}

/// The public key a key file names, without opening it.
pub(crate) fn named(path: &Path) -> Result<NodeKey> {
    Ok(KeyFile::read(path)?.node())
}

fn passphrase() -> Result<Zeroizing<String>> {
    match std::env::var(PASSPHRASE_ENV) {
        Ok(passphrase) => Ok(Zeroizing::new(passphrase)),
        Err(_) => prompt(crate::lang::word("密钥口令：", "passphrase: "), PASSPHRASE_ENV),
    }
}

/// Asks whoever sits at the terminal; `instead` is the other way to say it.
pub(crate) fn prompt(what: &str, instead: &str) -> Result<Zeroizing<String>> {
    let typed = rpassword::prompt_password(what);
    let typed = typed.map_err(|_| Failure::NoTerminal { instead: instead.to_owned() })?;
    Ok(Zeroizing::new(typed))
}
