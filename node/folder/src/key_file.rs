//! The node's key on disk: a file of mode 0600, sealed with a passphrase when one is given.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use argon2::Argon2;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use schema_wire::{Hash, NodeKey, SigningKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::folder::read_text;
use crate::{FolderError, IfPresent, KeyError, TextError, install};

const VERSION: u8 = 1;

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
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(KeyError::Entropy)?;
    Ok(bytes)
}

/// The node's secrets.
#[derive(Clone)]
pub struct Secrets {
    /// The key it signs with.
    pub key: SigningKey,
    /// What its store is sealed with, where that is not derived from the key: a store outlives
    /// the key it was made under.
    store: Option<Zeroizing<[u8; 32]>>,
}

impl Secrets {
    /// Fresh ones.
    fn fresh() -> Result<Self, KeyError> {
        let secret = Zeroizing::new(random::<32>()?);
        Ok(Self { key: SigningKey::from_bytes(&secret), store: None })
    }

    /// The public half of the key.
    pub fn node(&self) -> NodeKey {
        NodeKey(self.key.verifying_key().to_bytes())
    }

    /// What the store seals values with.
    #[must_use]
    pub fn store_secret(&self) -> Zeroizing<[u8; 32]> {
        self.store.clone().unwrap_or_else(|| {
            let secret = Zeroizing::new(self.key.to_bytes());
            Zeroizing::new(Hash::of(&[b"gongzhi/store-key/1", secret.as_slice()]).0)
        })
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(self.key.to_bytes().to_vec());
        bytes.extend(self.store.iter().flat_map(|store| store.iter()));
        bytes
    }

    /// The secrets of this node in 32 bytes, or 64.
    fn of(node: NodeKey, bytes: &[u8]) -> Result<Self, TextError> {
        let wrong = || TextError::field("secret", "neither 32 nor 64 bytes");
        let (key, store) = bytes.split_first_chunk::<32>().ok_or_else(wrong)?;
        let store = match store.len() {
            0 => None,
            _ => Some(Zeroizing::new(store.try_into().map_err(|_| wrong())?)),
        };
        let secrets = Self { key: SigningKey::from_bytes(key), store };
        if secrets.node() != node {
            let reason = format!("does not belong to node {node}");
            return Err(TextError::field("secret", reason));
        }
        Ok(secrets)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets of {}", self.node())
    }
}

/// A key file as it was read: whose it is, and the secrets or what they are sealed in.
#[derive(Debug)]
pub struct KeyFile {
    node: NodeKey,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Open(Secrets),
    Sealed { salt: Vec<u8>, nonce: [u8; 24], secret: Vec<u8> },
}

impl KeyFile {
    /// What a key file says.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawKeyFile = toml::from_str(text)?;
        if raw.version != VERSION {
            return Err(TextError::field("version", format!("{} is not {VERSION}", raw.version)));
        }
        let node = raw.node.parse().map_err(|error| TextError::field("node", error))?;
        let content = match (&raw.secret, &raw.sealed) {
            (Some(secret), None) => {
                let bytes = Zeroizing::new(bytes("secret", secret)?);
                Content::Open(Secrets::of(node, &bytes)?)
            }
            (None, Some(sealed)) => Content::Sealed {
                salt: bytes("salt", &sealed.salt)?,
                nonce: bytes("nonce", &sealed.nonce)?
                    .try_into()
                    .map_err(|_| TextError::field("nonce", "not 24 bytes"))?,
                secret: bytes("sealed", &sealed.secret)?,
            },
            _ => return Err(TextError::field("secret", "needs exactly one of this and `sealed`")),
        };
        Ok(Self { node, content })
    }

    /// Reads a key file that is its owner's alone.
    pub fn read(path: &Path) -> Result<Self, FolderError> {
        let held = fs::metadata(path).map_err(FolderError::system("find key file", path))?;
        let mode = held.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(FolderError::Exposed { path: path.to_owned(), mode });
        }
        Self::from_text(&read_text(path)?).map_err(FolderError::text(path))
    }

    /// The public key it names, opened or not.
    #[must_use]
    pub fn node(&self) -> NodeKey {
        self.node
    }

    /// Does it take a passphrase to open?
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self.content, Content::Sealed { .. })
    }

    /// The secrets. A file that is not sealed needs no passphrase.
    pub fn open(&self, passphrase: Option<&str>) -> Result<Secrets, KeyError> {
        match (&self.content, passphrase) {
            (Content::Open(secrets), _) => Ok(secrets.clone()),
            (Content::Sealed { .. }, None) => Err(KeyError::Sealed),
            (Content::Sealed { salt, nonce, secret }, Some(passphrase)) => {
                let opened = cipher(passphrase, salt)?
                    .decrypt(&XNonce::from(*nonce), secret.as_slice())
                    .map_err(|_| KeyError::Unopened)?;
                Ok(Secrets::of(self.node, &Zeroizing::new(opened))?)
            }
        }
    }
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, TextError> {
    hex::decode(text).map_err(|_| TextError::field(field, "not hexadecimal"))
}

/// Makes a new key and writes it; refuses to overwrite one.
pub fn create(path: &Path, passphrase: Option<&str>) -> Result<Secrets, FolderError> {
    let secrets = Secrets::fresh().map_err(FolderError::key(path))?;
    write(path, &secrets, passphrase)?;
    Ok(secrets)
}

/// Makes the key that is to follow another, sealed like it; it keeps the store as it is.
pub fn create_next(
    path: &Path,
    next: &Path,
    passphrase: Option<&str>,
) -> Result<Secrets, FolderError> {
    let before = KeyFile::read(path)?;
    let passphrase = passphrase.filter(|_| before.is_sealed());
    let store = before.open(passphrase).map_err(FolderError::key(path))?.store_secret();
    let fresh = Secrets::fresh().map_err(FolderError::key(next))?;
    let secrets = Secrets { store: Some(store), ..fresh };
    write(next, &secrets, passphrase)?;
    Ok(secrets)
}

fn write(path: &Path, secrets: &Secrets, passphrase: Option<&str>) -> Result<(), FolderError> {
    let text = to_text(secrets, passphrase).map_err(FolderError::key(path))?;
    install(path, text.as_bytes(), IfPresent::Refuse)
}

fn to_text(secrets: &Secrets, passphrase: Option<&str>) -> Result<Zeroizing<String>, KeyError> {
    let bytes = secrets.to_bytes();
    let node = secrets.node().to_string();
    let mut raw = RawKeyFile { version: VERSION, node, secret: None, sealed: None };
    match passphrase {
        None => raw.secret = Some(hex::encode(bytes.as_slice())),
        Some(passphrase) => {
            let (salt, nonce) = (random::<16>()?, random::<24>()?);
            let sealed = cipher(passphrase, &salt)?.encrypt(&XNonce::from(nonce), bytes.as_slice());
            raw.sealed = Some(RawSealed {
                salt: hex::encode(salt),
                nonce: hex::encode(nonce),
                secret: hex::encode(sealed.expect("the cipher takes 64 bytes")),
            });
        }
    }
    Ok(Zeroizing::new(toml::to_string(&raw).expect("strings and a number are TOML")))
}

fn cipher(passphrase: &str, salt: &[u8]) -> Result<XChaCha20Poly1305, KeyError> {
    let mut derived = Zeroizing::new([0u8; 32]);
    Argon2::default()
        .hash_password_into(passphrase.as_bytes(), salt, derived.as_mut_slice())
        .map_err(KeyError::Derivation)?;
    Ok(XChaCha20Poly1305::new(&(*derived).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> KeyFile {
        KeyFile::read(path).expect("a key file")
    }

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("node.key");
        let key = create(&path, None).expect("a key");
        assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
        assert_eq!(read(&path).node(), key.node());
        assert!(create(&path, None).is_err());
        let open_to_all = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(&path, open_to_all).expect("chmod");
        assert!(KeyFile::read(&path).is_err());
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("node.key");
        let key = create(&path, Some("春风")).expect("a key");
        let text = fs::read_to_string(&path).expect("text");
        assert!(!text.contains(&hex::encode(key.key.to_bytes())));
        let sealed = read(&path);
        assert_eq!(sealed.node(), key.node());
        let opened = sealed.open(Some("春风")).expect("opens");
        assert_eq!(opened.key.to_bytes(), key.key.to_bytes());
        assert!(matches!(sealed.open(Some("秋风")), Err(KeyError::Unopened)));
        assert!(matches!(sealed.open(None), Err(KeyError::Sealed)));
    }

    #[test]
    fn the_next_key_is_another_and_leaves_the_store_as_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let (first, second) = (dir.path().join("first"), dir.path().join("second"));
        let third = dir.path().join("third");
        let old = create(&first, None).expect("a key");
        let next = create_next(&first, &second, None).expect("a next key");
        let last = create_next(&second, &third, None).expect("one more");
        assert_ne!(old.node(), next.node());
        assert_eq!(old.store_secret(), next.store_secret());
        let opened = read(&third).open(None).expect("opens");
        assert_eq!((opened.node(), opened.store_secret()), (last.node(), old.store_secret()));
    }
}
