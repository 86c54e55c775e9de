//! The node's key on disk: a file of mode 0600, sealed with a passphrase when one is given.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use argon2::Argon2;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use node_store::StoreKey;
use schema_wire::{Hash, NodeKey, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::folder::{self, Placing};

/// The environment variable a passphrase is taken from where nobody can type one.
pub(crate) const PASSPHRASE_ENV: &str = "GONGZHI_PASSPHRASE";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyFile {
    version: u8,
    /// The public key, so that a sealed file can be told from another.
    node: String,
    /// The secrets in the clear, if no passphrase was given: the key's 32 bytes, and after a change
    /// of keys 32 more, which the store stays sealed with.
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

/// The node's secrets.
#[derive(Clone)]
pub(crate) struct Secrets {
    /// The key it signs with.
    pub(crate) key: SigningKey,
    /// What its store is sealed with, where that is not derived from the key: a store outlives
    /// the key it was made under.
    store: Option<Zeroizing<[u8; 32]>>,
}

impl Secrets {
    /// Fresh ones.
    fn fresh() -> Result<Self> {
        let secret = Zeroizing::new(random::<32>()?);
        Ok(Self { key: SigningKey::from_bytes(&secret), store: None })
    }

    /// The public half of the key.
    pub(crate) fn node(&self) -> NodeKey {
        public(&self.key)
    }

    /// The key the store seals values with.
    pub(crate) fn store_key(&self) -> StoreKey {
        StoreKey::new(*self.store_secret())
    }

    fn store_secret(&self) -> Zeroizing<[u8; 32]> {
        self.store.clone().unwrap_or_else(|| {
            let secret = Zeroizing::new(self.key.to_bytes());
            let named = [b"gongzhi/store-key/1".as_slice(), secret.as_slice()].concat();
            Zeroizing::new(Hash::of(&named).0)
        })
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(self.key.to_bytes().to_vec());
        bytes.extend(self.store.iter().flat_map(|store| store.iter()));
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key, store) = bytes.split_first_chunk::<32>()?;
        let store = match store.len() {
            0 => None,
            _ => Some(Zeroizing::new(store.try_into().ok()?)),
        };
        Some(Self { key: SigningKey::from_bytes(key), store })
    }
}

/// Makes a new key and writes it; refuses to overwrite one.
pub(crate) fn create(path: &Path, passphrase: Option<&str>) -> Result<Secrets> {
    let secrets = Secrets::fresh()?;
    write(path, &secrets, passphrase)?;
    Ok(secrets)
}

/// Makes the key that is to follow another, sealed like it; it keeps the store as it is.
pub(crate) fn create_next(path: &Path, next: &Path) -> Result<Secrets> {
    let given = is_sealed(path)?.then(passphrase).transpose()?;
    let given = given.as_ref().map(|passphrase| passphrase.as_str());
    let before = open_with(path, given)?;
    let secrets = Secrets { store: Some(before.store_secret()), ..Secrets::fresh()? };
    write(next, &secrets, given)?;
    Ok(secrets)
}

fn write(path: &Path, secrets: &Secrets, passphrase: Option<&str>) -> Result<()> {
    let bytes = secrets.to_bytes();
    let mut raw =
        RawKeyFile { version: 1, node: secrets.node().to_string(), secret: None, sealed: None };
    match passphrase {
        None => raw.secret = Some(hex::encode(bytes.as_slice())),
        Some(passphrase) => {
            let (salt, nonce) = (random::<16>()?, random::<24>()?);
            let cipher = cipher(passphrase, &salt)?;
            let sealed = cipher.encrypt(&XNonce::from(nonce), bytes.as_slice());
            let sealed = sealed.map_err(|_| anyhow!("cannot seal the key"))?;
            raw.sealed = Some(RawSealed {
                salt: hex::encode(salt),
                nonce: hex::encode(nonce),
                secret: hex::encode(sealed),
            });
        }
    }
    let text = Zeroizing::new(toml::to_string(&raw)?);
    folder::place(path, text.as_bytes(), Placing::Refuse)
        .with_context(|| format!("cannot create key file {}", path.display()))
}

/// Reads the key; asks for the passphrase if it is sealed and none was given.
pub(crate) fn open(path: &Path) -> Result<Secrets> {
    open_with(path, None)
}

fn open_with(path: &Path, given: Option<&str>) -> Result<Secrets> {
    let shown = path.display();
    let raw = read(path)?;
    let bytes = match (&raw.secret, &raw.sealed) {
        (Some(secret), None) => Zeroizing::new(hex::decode(secret).context("secret")?),
        (None, Some(sealed)) => match given {
            Some(given) => unseal(sealed, given),
            None => unseal(sealed, &passphrase()?),
        }
        .with_context(|| format!("key file {shown} does not open with this passphrase"))?,
        _ => bail!("key file {shown} needs exactly one of `secret` and `sealed`"),
    };
    let secrets = Secrets::from_bytes(&bytes)
        .with_context(|| format!("key file {shown}: neither 32 nor 64 bytes"))?;
    if secrets.node().to_string() != raw.node {
        bail!("key file {shown}: the secret does not belong to node {}", raw.node);
    }
    Ok(secrets)
}

fn read(path: &Path) -> Result<RawKeyFile> {
    let shown = path.display();
    let mode = fs::metadata(path).with_context(|| format!("no key file {shown}"))?.mode();
    if mode & 0o077 != 0 {
        bail!("key file {shown} is readable by others (mode {:o}); chmod 600 it", mode & 0o777);
    }
    let text = Zeroizing::new(fs::read_to_string(path)?);
    toml::from_str(&text).map_err(|error| anyhow!("key file {shown}: {}", error.message()))
}

fn is_sealed(path: &Path) -> Result<bool> {
    Ok(read(path)?.sealed.is_some())
}

/// The public key a key file names, without opening it.
pub(crate) fn named(path: &Path) -> Result<NodeKey> {
    let raw = read(path)?;
    raw.node.parse().with_context(|| format!("key file {}: node", path.display()))
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
        assert_eq!(open(&path).expect("opens").node(), key.node());
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
        assert!(!text.contains(&hex::encode(key.key.to_bytes())));
        let raw: RawKeyFile = toml::from_str(&text).expect("toml");
        let sealed = raw.sealed.expect("sealed");
        let opened = unseal(&sealed, "春风").expect("opens");
        assert_eq!(opened.as_slice(), key.key.to_bytes());
        assert!(unseal(&sealed, "秋风").is_err());
    }

    #[test]
    fn the_next_key_is_another_and_leaves_the_store_as_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let (first, second) = (dir.path().join("first"), dir.path().join("second"));
        let third = dir.path().join("third");
        let old = create(&first, None).expect("a key");
        let next = create_next(&first, &second).expect("a next key");
        let last = create_next(&second, &third).expect("one more");
        assert_ne!(old.node(), next.node());
        assert_eq!(old.store_secret(), next.store_secret());
        let opened = open(&third).expect("opens");
        assert_eq!((opened.node(), opened.store_secret()), (last.node(), old.store_secret()));
        assert_eq!(named(&third).expect("named"), last.node());
    }
}
