//! Reads `schema/golden/vectors.json`. What is missing in a vector is a fault of the file: panic.

use serde_json::Value;

/// A vector of the file.
#[derive(Clone, Debug)]
pub(crate) struct Vector(Value);

/// All vectors of the file of this kind. There are some.
pub(crate) fn vectors(kind: &str) -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden/vectors.json");
    let text = std::fs::read_to_string(path).expect("the golden file is there");
    let file: Value = serde_json::from_str(&text).expect("the golden file is JSON");
    let all = file["vectors"].as_array().expect("a list of vectors");
    let of_kind = all.iter().filter(|vector| vector["kind"] == kind);
    let found: Vec<Vector> = of_kind.cloned().map(Vector).collect();
    assert!(!found.is_empty(), "no vectors of kind {kind}");
    found
}

impl Vector {
    pub(crate) fn name(&self) -> &str {
        self.text("name")
    }

    /// The code with which it must be refused, if it must.
    pub(crate) fn refuse(&self) -> Option<&str> {
        self.0["refuse"].as_str()
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap_or_else(|| panic!("{field}: a text in {}", self.0["name"]))
    }

    pub(crate) fn number(&self, field: &str) -> u64 {
        self.0[field].as_u64().unwrap_or_else(|| panic!("{field}: a number in {}", self.0["name"]))
    }

    pub(crate) fn list(&self, field: &str) -> &[Value] {
        self.0[field].as_array().unwrap_or_else(|| panic!("{field}: a list in {}", self.0["name"]))
    }

    /// A field in hex.
    pub(crate) fn hex(&self, field: &str) -> Vec<u8> {
        from_hex(&self.0[field])
    }

    pub(crate) fn fixed<const N: usize>(&self, field: &str) -> [u8; N] {
        fixed(&self.0[field])
    }

    /// Its bytes, written out or as parts.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self.0["parts"].as_array() {
            Some(parts) => parts.iter().flat_map(part).collect(),
            None => self.hex("bytes"),
        }
    }
}

/// Bytes in hex, or a run.
fn part(part: &Value) -> Vec<u8> {
    if part.is_string() {
        return from_hex(part);
    }
    let (before, after) = (from_hex(&part["before"]), from_hex(&part["after"]));
    let [to, width] = ["to", "width"].map(|field| part[field].as_u64().expect("a number"));
    let one = |number: u64| {
        let wide = [&[0; 24][..], &number.to_be_bytes()].concat();
        let width = usize::try_from(width).expect("at most 32");
        [&before, &wide[32 - width..], &after].concat()
    };
    (0..to).flat_map(one).collect()
}

pub(crate) fn from_hex(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a text")).expect("bytes in hex")
}

pub(crate) fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    from_hex(value).try_into().expect("as many bytes as the protocol says")
}
