//! What no system can beat that checks signatures and applies changes: the two done raw.

use anyhow::{Result, anyhow, ensure};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Automerge, ROOT, ReadDoc as _};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey, verify_batch};
use node_replication::change;
use node_replication::document::Document;
use schema_wire::{Claim, Ed25519, Verifier as _};

use crate::founding;
use crate::network::{document, text};
use crate::sample::{Sample, Watch, repeat};

/// Sets a field; returns the change.
fn set(doc: &mut AutoCommit, field: &str, value: &str) -> Vec<u8> {
    doc.put(ROOT, field, value).expect("the root is a map");
    doc.commit();
    doc.get_last_local_change().expect("the edit changed something").raw_bytes().to_vec()
}

/// By whom changes are applied.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Applier {
    /// The Automerge library.
    Automerge,
    /// The reader of `node-replication`, with which the node builds documents.
    Own,
}

impl Applier {
    /// Builds a document of its changes, each read from its bytes; returns how many fields it has.
    fn build(self, changes: &[Vec<u8>]) -> Result<usize> {
        match self {
            Self::Automerge => {
                let read = |bytes: &Vec<u8>| automerge::Change::from_bytes(bytes.clone());
                let decoded: Result<Vec<_>, _> = changes.iter().map(read).collect();
                let mut document = Automerge::new();
                document.apply_changes(decoded?)?;
                Ok(document.keys(ROOT).count())
            }
            Self::Own => {
                let mut document = Document::default();
                for bytes in changes {
                    let (change, _) = change::read(bytes).map_err(|why| anyhow!("{why:?}"))?;
                    document.apply(&change);
                }
                Ok(document.keys_from("").count())
            }
        }
    }
}

/// One document of many changes.
pub(crate) fn apply_long(applier: Applier, changes: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut doc = AutoCommit::new().with_actor(ActorId::from([1u8; 16]));
    let all = (0..changes).map(|version| set(&mut doc, "note", &text(0, version))).collect();
    apply(applier, &[all], 1, runs)
}

/// Many documents of two changes.
pub(crate) fn apply_many(applier: Applier, documents: u64, runs: usize) -> Result<Vec<Sample>> {
    let changes = |number| {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1u8; 16]));
        let name = set(&mut doc, "name", &text(number, 0));
        vec![name, set(&mut doc, "note", &text(number, 1))]
    };
    apply(applier, &(0..documents).map(changes).collect::<Vec<_>>(), 2, runs)
}

/// Builds documents of these changes, which have so many fields.
fn apply(
    applier: Applier,
    documents: &[Vec<Vec<u8>>],
    fields: usize,
    runs: usize,
) -> Result<Vec<Sample>> {
    let changes: usize = documents.iter().map(Vec::len).sum();
    repeat(runs, || {
        let watch = Watch::start()?;
        for changes in documents {
            ensure!(applier.build(changes)? == fields, "a field is missing");
        }
        Ok(Sample { done: Some(changes as u64), ..watch.stop()? })
    })
}

/// How signatures are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// One by one, without the cofactor, and no keys of small order.
    Strict,
    /// One by one, without the check for keys of small order.
    Loose,
    /// 256 at a time.
    Batch,
}

/// The check that gongzhi makes, of `count` signatures by so many keys, so many together.
pub(crate) fn check(count: u64, keys: u64, together: usize, runs: usize) -> Result<Vec<Sample>> {
    let keys: Vec<SigningKey> = (0..keys).map(|n| founding::key(&format!("signer {n}"))).collect();
    let signed: Vec<_> = (0..count as usize)
        .map(|n| {
            let key = &keys[n % keys.len()];
            let message = [document(n as u64).to_string(), text(n as u64, 0)].concat();
            let signature = key.sign(message.as_bytes()).to_bytes();
            (founding::public(key), message, signature)
        })
        .collect();
    repeat(runs, || {
        let watch = Watch::start()?;
        for signed in signed.chunks(together) {
            let claims: Vec<Claim<'_>> = signed
                .iter()
                .map(|(key, message, signature)| Claim::new(*key, message.as_bytes(), signature))
                .collect();
            ensure!(Ed25519.all_hold(&claims), "a signature does not hold");
        }
        Ok(Sample { done: Some(count), ..watch.stop()? })
    })
}

/// Messages of the size of an envelope's header, signed by one key.
pub(crate) fn verify(count: u64, check: Check, runs: usize) -> Result<Vec<Sample>> {
    let key: SigningKey = founding::key("left");
    let messages: Vec<Vec<u8>> =
        (0..count).map(|n| [document(n).to_string(), text(n, 0)].concat().into_bytes()).collect();
    let signatures: Vec<Signature> = messages.iter().map(|message| key.sign(message)).collect();
    let bytes = key.verifying_key().to_bytes();
    repeat(runs, || {
        let watch = Watch::start()?;
        match check {
            Check::Batch => {
                let public = VerifyingKey::from_bytes(&bytes)?;
                for (messages, signatures) in messages.chunks(256).zip(signatures.chunks(256)) {
                    let borrowed: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
                    let keys = vec![public; borrowed.len()];
                    verify_batch(&borrowed, signatures, &keys)?;
                }
            }
            Check::Strict | Check::Loose => {
                for (message, signature) in messages.iter().zip(&signatures) {
                    // The key comes as bytes with each envelope.
                    let public = VerifyingKey::from_bytes(&bytes)?;
                    match check {
                        Check::Loose => {
                            ed25519_dalek::Verifier::verify(&public, message, signature)?
                        }
                        _ => public.verify_strict(message, signature)?,
                    }
                }
            }
        }
        Ok(Sample { done: Some(count), ..watch.stop()? })
    })
}
