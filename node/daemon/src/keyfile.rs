//! The node's key on disk: a file of mode 0600, sealed with a passphrase when one is given.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use argon2::Argon2;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use node_store::StoreKey;
use schema_wire::{Hash, NodeKey, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The environment variable a passphrase is taken from where nobody can type one.
pub(crate) const PASSPHRASE_ENV: &str = "GONGZHI_PASSPHRASE";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyFile {
    version: u8,
    /// The public key, so that a sealed file can be told from another.
    node: String,
    /// The secret in the clear, if no passphrase was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Or sealed: Argon2id (its defaults) of passphrase and salt, then XChaCha20-Poly1305.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<RawSealed>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSealed {
    salt: String,
    nonce: String,
    secret: String,
}

/// Fresh bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
    Ok(bytes)
}

pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// The key the store seals values with, derived from the node's secret.
pub(crate) fn store_key(key: &SigningKey) -> StoreKey {
    let secret = Zeroizing::new(key.to_bytes());
    StoreKey::new(Hash::of(&[b"gongzhi/store-key/1".as_slice(), secret.as_slice()].concat()).0)
}

/// Makes a new key and writes it; refuses to overwrite one.
pub(crate) fn create(path: &Path, passphrase: Option<&str>) -> Result<SigningKey> {
    let secret = Zeroizing::new(random::<32>()?);
    let key = SigningKey::from_bytes(&secret);
    let mut raw =
        RawKeyFile { version: 1, node: public(&key).to_string(), secret: None, sealed: None };
    match passphrase {
        None => raw.secret = Some(hex::encode(secret.as_slice())),
        Some(passphrase) => {
            let (salt, nonce) = (random::<16>()?, random::<24>()?);
            let cipher = cipher(passphrase, &salt)?;
            let sealed = cipher.encrypt(&XNonce::from(nonce), secret.as_slice());
            let sealed = sealed.map_err(|_| anyhow!("cannot seal the key"))?;
            raw.sealed = Some(RawSealed {
                salt: hex::encode(salt),
                nonce: hex::encode(nonce),
                secret: hex::encode(sealed),
            });
        }
    }
    let text = Zeroizing::new(toml::to_string(&raw)?);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot create key file {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(key)
}

/// Reads the key; asks for the passphrase if it is sealed and none was given.
pub(crate) fn open(path: &Path) -> Result<SigningKey> {
    let shown = path.display();
    let mode = fs::metadata(path).with_context(|| format!("no key file {shown}"))?.mode();
    if mode & 0o077 != 0 {
        bail!("key file {shown} is readable by others (mode {:o}); chmod 600 it", mode & 0o777);
    }
    let text = Zeroizing::new(fs::read_to_string(path)?);
    let raw: RawKeyFile =
        toml::from_str(&text).map_err(|error| anyhow!("key file {shown}: {}", error.message()))?;
    let secret = match (&raw.secret, &raw.sealed) {
        (Some(secret), None) => Zeroizing::new(hex::decode(secret).context("secret")?),
        (None, Some(sealed)) => unseal(sealed, &passphrase()?)
            .with_context(|| format!("key file {shown} does not open with this passphrase"))?,
        _ => bail!("key file {shown} needs exactly one of `secret` and `sealed`"),
    };
    let secret: [u8; 32] =
        secret.as_slice().try_into().map_err(|_| anyhow!("key file {shown}: not 32 bytes"))?;
    let key = SigningKey::from_bytes(&secret);
    if public(&key).to_string() != raw.node {
        bail!("key file {shown}: the secret does not belong to node {}", raw.node);
    }
    Ok(key)
}

fn passphrase() -> Result<Zeroizing<String>> {
    match std::env::var(PASSPHRASE_ENV) {
        Ok(passphrase) => Ok(Zeroizing::new(passphrase)),
        Err(_) => Ok(Zeroizing::new(rpassword::prompt_password("密钥口令 passphrase: ")?)),
    }
}

fn cipher(passphrase: &str, salt: &[u8]) -> Result<XChaCha20Poly1305> {
    let mut derived = Zeroizing::new([0u8; 32]);
    Argon2::default()
        .hash_password_into(passphrase.as_bytes(), salt, derived.as_mut_slice())
        .map_err(|error| anyhow!("cannot derive a key from the passphrase: {error}"))?;
    XChaCha20Poly1305::new_from_slice(derived.as_slice()).map_err(|_| anyhow!("key length"))
}

fn unseal(sealed: &RawSealed, passphrase: &str) -> Result<Zeroizing<Vec<u8>>> {
    let salt = hex::decode(&sealed.salt)?;
    let nonce: [u8; 24] =
        hex::decode(&sealed.nonce)?.try_into().map_err(|_| anyhow!("nonce of another length"))?;
    let opened = cipher(passphrase, &salt)?
        .decrypt(&XNonce::from(nonce), hex::decode(&sealed.secret)?.as_slice())
        .map_err(|_| anyhow!("wrong passphrase or damaged file"))?;
    Ok(Zeroizing::new(opened))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("node.key");
        let key = create(&path, None).expect("a key");
        assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
        assert_eq!(open(&path).expect("opens").to_bytes(), key.to_bytes());
        assert!(create(&path, None).is_err());
        let open_to_all = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(&path, open_to_all).expect("chmod");
        assert!(open(&path).is_err());
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("node.key");
        let key = create(&path, Some("春风")).expect("a key");
        let text = fs::read_to_string(&path).expect("text");
        assert!(!text.contains(&hex::encode(key.to_bytes())));
        let raw: RawKeyFile = toml::from_str(&text).expect("toml");
        let sealed = raw.sealed.expect("sealed");
        let opened = unseal(&sealed, "春风").expect("opens");
        assert_eq!(opened.as_slice(), key.to_bytes());
        assert!(unseal(&sealed, "秋风").is_err());
    }
}
