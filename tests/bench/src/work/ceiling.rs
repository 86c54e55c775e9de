//! What no system can beat that checks signatures and applies changes: the two done raw.

use anyhow::Result;
use automerge::{ActorId, AutoCommit, Automerge};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey, verify_batch};
use schema_wire::{Claim, Ed25519, Verifier as _};

use crate::founding;
use crate::network::{document, set, text, two_changes};
use crate::sample::{Sample, Watch, repeat};

/// One document: its changes applied in one batch.
pub(crate) fn apply_long(changes: u64, runs: usize) -> Result<Vec<Sample>> {
    let mut doc = AutoCommit::new().with_actor(ActorId::from([1u8; 16]));
    for version in 0..changes {
        set(&mut doc, "note", &text(0, version));
    }
    let all: Vec<_> = doc.get_changes(&[]).into_iter().collect();
    repeat(runs, || {
        let all = all.clone();
        let watch = Watch::start()?;
        let mut copy = Automerge::new();
        copy.apply_changes(all)?;
        let sample = watch.stop()?;
        anyhow::ensure!(copy.get_heads() == doc.get_heads(), "the copy is another document");
        Ok(Sample { done: Some(changes), ..sample })
    })
}

/// Many documents of two changes, each applied in one batch, decoding included.
pub(crate) fn apply_many(documents: u64, runs: usize) -> Result<Vec<Sample>> {
    let key = founding::public(&founding::key("left"));
    let author = schema_wire::Author { key, incarnation: 1 };
    let all: Vec<_> =
        (0..documents).map(|n| two_changes(&author, n).map(|(_, change)| change)).collect();
    repeat(runs, || {
        let watch = Watch::start()?;
        let mut copies = Vec::with_capacity(all.len());
        for changes in &all {
            let mut copy = Automerge::new();
            let decoded: Result<Vec<_>, _> =
                changes.iter().map(|bytes| automerge::Change::from_bytes(bytes.clone())).collect();
            copy.apply_changes(decoded?)?;
            copies.push(copy);
        }
        let sample = watch.stop()?;
        anyhow::ensure!(copies.len() as u64 == documents, "a document is missing");
        Ok(Sample { done: Some(documents * 2), ..sample })
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
            anyhow::ensure!(Ed25519.all_hold(&claims), "a signature does not hold");
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
