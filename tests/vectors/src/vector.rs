//! A vector as JSON, and how long bytes are written short.

use serde_json::{Value, json};

use crate::keys::Hash;

/// A vector: its name, its kind (which check it is for), and what that check needs. A vector
/// with `refuse` must be refused, with that code.
pub(crate) fn vector(name: &str, kind: &str, refuse: Option<&str>, facts: Value) -> Value {
    let mut vector = json!({ "name": name, "kind": kind, "refuse": refuse });
    let fields = vector.as_object_mut().expect("an object");
    fields.extend(facts.as_object().expect("an object").clone());
    vector
}

/// What an encoded value is taken for, and its bytes; `id` where it must be accepted.
pub(crate) fn encoding(name: &str, what: &str, taken: Result<Hash, &str>, bytes: &[u8]) -> Value {
    let mut facts = json!({ "what": what, "bytes": hex::encode(bytes) });
    if let Ok(id) = taken {
        facts["id"] = hex::encode(id).into();
    }
    vector(name, "encoding", taken.err(), facts)
}

/// A run of bytes: `before`, a number of `width` bytes, `after`, for each number below `to`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    pub(crate) to: u64,
    pub(crate) before: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) after: Vec<u8>,
}

impl Run {
    /// Hashes in a list: the numbers from 0 as 32 bytes.
    pub(crate) fn hashes(to: u64) -> Self {
        Self { to, before: vec![0x58, 0x20], width: 32, after: vec![] }
    }

    /// The same bytes again and again.
    pub(crate) fn repeat(bytes: &[u8], to: u64) -> Self {
        Self { to, before: bytes.into(), width: 0, after: vec![] }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let one = |number: u64| {
            let wide = [&[0; 24][..], &number.to_be_bytes()].concat();
            [&self.before, &wide[32 - self.width..], &self.after].concat()
        };
        (0..self.to).flat_map(one).collect()
    }

    fn json(&self) -> Value {
        json!({
            "to": self.to,
            "before": hex::encode(&self.before),
            "width": self.width,
            "after": hex::encode(&self.after),
        })
    }
}

/// Bytes as parts: hex, and the runs where they stand.
pub(crate) fn parts(bytes: &[u8], runs: &[Run]) -> Value {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    for run in runs {
        let body = run.bytes();
        let at = rest.windows(body.len()).position(|window| window == body).expect("the run");
        parts.extend([json!(hex::encode(&rest[..at])), run.json()]);
        rest = &rest[at + body.len()..];
    }
    parts.push(json!(hex::encode(rest)));
    Value::Array(parts)
}

/// The vector with its bytes written as parts.
pub(crate) fn shortened(mut vector: Value, runs: &[Run]) -> Value {
    let text = vector["bytes"].as_str().expect("bytes").to_owned();
    let fields = vector.as_object_mut().expect("an object");
    fields.remove("bytes");
    fields.insert("parts".into(), parts(&hex::decode(text).expect("hex"), runs));
    vector
}
