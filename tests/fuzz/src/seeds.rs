//! Valid inputs for the fuzzer to begin with.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use node_folder::{Grant, Membership, Network, Request};
use node_sheets::{Exporter, Format};
use schema_documents::{Row, kinds};
use schema_wire::{
    Bytes, Envelope, Equivocation, Frame, Item, Items, List, Packer, Statement, Wire,
};
use serde_json::Value;

use crate::sheets::PART;
use crate::{change, peer};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden/vectors.json");

/// Inputs by target.
#[must_use]
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = golden();
    seeds.push(packed(&seeds));
    seeds.extend(changes());
    seeds.extend(sheets());
    seeds.extend(texts());
    seeds
}

/// The golden vectors, good and bad, each for the targets that read such a thing.
fn golden() -> Vec<(&'static str, Vec<u8>)> {
    let text = std::fs::read_to_string(GOLDEN).expect("golden vectors");
    let golden: Value = serde_json::from_str(&text).expect("JSON");
    let vectors = golden["vectors"].as_array().expect("a list");
    let mut seeds = Vec::new();
    for vector in vectors {
        let says = |field: &str| vector[field].as_str().unwrap_or_default();
        let bytes = hex::decode(says("bytes")).unwrap_or_default();
        match (says("kind"), says("what")) {
            ("frame", _) => {
                seeds.push(("admission", [&[0; 3], &length(&bytes)[..], &bytes].concat()));
                seeds.push(("frame", bytes));
            }
            ("encoding", "item") => {
                seeds.push(("envelope", headed(0, &bytes)));
                seeds.extend(claims(&bytes));
            }
            ("encoding", "genesis") => seeds.push(("statement", headed(1, &bytes))),
            ("encoding", "statement") => {
                seeds.push(("statement", headed(0, &bytes)));
                seeds.extend(claimed(&bytes));
            }
            ("equivocation", _) => {
                seeds.push(("envelope", headed(1, &bytes)));
                if let Ok(proof) = Equivocation::from_bytes(&bytes) {
                    let header = proof.claims().to_bytes();
                    let twice = [&length(&header)[..], &header, &header].concat();
                    seeds.push(("envelope", headed(3, &twice)));
                }
            }
            ("session", _) => seeds.push(("packed", bytes)),
            ("change", _) => seeds.push(("change", headed(0, &bytes))),
            _ => {}
        }
    }
    seeds
}

/// The frames among the seeds, as a session's stream carries them.
fn packed(seeds: &[(&'static str, Vec<u8>)]) -> (&'static str, Vec<u8>) {
    let mut packer = Packer::default();
    let frames = seeds.iter().filter(|(target, _)| *target == "frame");
    let packed = frames.filter_map(|(_, bytes)| packer.pack(bytes.clone()).ok());
    ("packed", packed.flat_map(|(head, body)| [&head.to_bytes()[..], &body].concat()).collect())
}

fn headed(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}

fn length(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes()
}

/// The header of an envelope, to be signed by the target, and the envelope in a frame.
fn claims(item: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(Item::Envelope(envelope)) = Item::from_bytes(item) else { return Vec::new() };
    let scope = envelope.header().claims().document.scope();
    let items = Bytes::new(item).and_then(|item| List::new(vec![item]));
    let Ok(items) = items else { return Vec::new() };
    let items = Frame::Items(Items { scope, upto: Some(1), sum: None, items });
    vec![("envelope", headed(2, &to_sign(&envelope))), ("frame", items.to_bytes())]
}

fn to_sign(envelope: &Envelope) -> Vec<u8> {
    let header = envelope.header().claims().to_bytes();
    let content = envelope.content().to_bytes().unwrap_or_default();
    [&length(&header)[..], &header, &content].concat()
}

/// The claims of a statement, to be signed by the target.
fn claimed(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let (kind, claims) = match Statement::from_bytes(bytes).ok()? {
        Statement::Charter(signed) => (2, signed.claims().to_bytes()),
        Statement::Delegation(signed) => (3, signed.claims().to_bytes()),
        Statement::Founding(signed) => (4, signed.claims().to_bytes()),
        Statement::Ending(signed) => (5, signed.claims().to_bytes()),
        Statement::Adoption(signed) => (6, signed.claims().to_bytes()),
        Statement::Suspension(signed) => (7, signed.claims().to_bytes()),
        Statement::Dissolution(signed) => (8, signed.claims().to_bytes()),
        Statement::Card(signed) => (9, signed.claims().to_bytes()),
        Statement::Address(signed) => (10, signed.claims().to_bytes()),
        Statement::Endorsement(signed) => (10, signed.claims().to_bytes()),
        Statement::Rotation(_) | Statement::Succession(_) => return None,
    };
    Some(("statement", headed(kind, &claims)))
}

/// Bytes that look drawn.
fn story(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..256).map(next).collect()
}

fn changes() -> Vec<(&'static str, Vec<u8>)> {
    let (mut peer, document) = (peer::Peer::joined(), peer::document(4, "a"));
    assert!(peer.enter(&document, "one"), "an honest change is taken");
    let honest = change::honest(&peer, &document);
    let body = change::body(&honest);
    let mut seeds = vec![("change", headed(0, &honest)), ("change", headed(1, body))];
    for number in 0..24 {
        seeds.push(("change", headed(2 + (number % 2) as u8, &story(number))));
        seeds.push(("admission", story(number)));
    }
    for act in 0..14 {
        seeds.push(("admission", [&[0, 0, act, 1, 1][..], &story(7)[..40]].concat()));
    }
    seeds
}

/// A sheet of every kind with its headings and a row, in every format.
fn sheets() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seeds = Vec::new();
    for (_, sheet) in kinds::sheets() {
        let cells = ["示例", "2026-11-02", "1", "220899199012310020", "=1+1", "女", "上午"];
        let cells = sheet.columns.iter().zip(cells.iter().cycle());
        let row = cells.fold(Row::new(sheet), |row, (column, text)| row.with(column, *text));
        for (target, name, format) in [
            ("csv", "utf8.csv", Format::CsvUtf8),
            ("csv", "gb.csv", Format::CsvGb18030),
            ("xlsx", "book.xlsx", Format::Xlsx),
        ] {
            let path = folder.path().join(name);
            let mut written = Exporter::create(&path, sheet, format).expect("a sheet");
            let _ = written.write(&row);
            written.finish().expect("a finished sheet");
            if target == "xlsx" {
                seeds.push((target, parts(&path)));
            }
            seeds.push((target, std::fs::read(&path).expect("what was written")));
        }
    }
    seeds
}

/// A workbook in the readable form.
fn parts(path: &Path) -> Vec<u8> {
    let file = File::open(path).expect("what was written");
    let mut zip = zip::ZipArchive::new(file).expect("a workbook");
    let mut text = Vec::new();
    for number in 0..zip.len() {
        let mut part = zip.by_index(number).expect("a part");
        text.extend_from_slice(PART);
        text.extend_from_slice(part.name().expect("a name").as_bytes());
        text.push(b'\n');
        part.read_to_end(&mut text).expect("its content");
    }
    text
}

/// What a node writes into its folder, what is carried, and what an operator writes.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let founded = peer::founded();
    let (genesis, unit) = (founded.genesis.clone(), peer::document(4, "a").owner().clone());
    let (lineage, store) = (founded.lineage, [5; 16]);
    let membership = Membership { genesis: genesis.clone(), unit: unit.clone(), lineage, store };
    let node = Some(peer::byzantine().key);
    let (chain, follows) = (founded.chain(), Vec::new());
    let grant = Grant { genesis: genesis.clone(), unit, node, lineage, follows, chain };
    let request = Request {
        charter: founded.charter.as_signed().clone(),
        delegation: founded.delegation.as_signed().clone(),
    };
    vec![
        ("membership", membership.to_text().into_bytes()),
        ("grant", grant.to_text().into_bytes()),
        ("request", request.to_text().into_bytes()),
        ("network", Network { genesis }.to_text().into_bytes()),
        ("config", CONFIG.as_bytes().to_vec()),
        ("config", b"mdns = false\n".to_vec()),
        ("key_file", format!("{KEY}secret = \"{}\"\n", "07".repeat(32)).into_bytes()),
        ("key_file", format!("{KEY}secret = \"{}\"\n", "07".repeat(64)).into_bytes()),
        ("key_file", format!("{KEY}{SEALED}secret = \"{}\"\n", "01".repeat(48)).into_bytes()),
    ]
}

const CONFIG: &str = r#"listen = ["/ip4/0.0.0.0/tcp/7400", "/ip4/0.0.0.0/udp/7400/quic-v1"]
peers = [
  "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c@/ip4/10.0.0.5/tcp/7400",
  "/dns4/city.example/tcp/7400",
]
mdns = true
connections_max = 512
redial_ms_min = 250
redial_ms_max = 30000
"#;

/// The key whose secret is 32 times seven.
const KEY: &str = r#"version = 1
node = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
"#;
const SEALED: &str = r#"[sealed]
salt = "000102030405060708090a0b0c0d0e0f"
nonce = "000102030405060708090a0b0c0d0e0f1011121314151617"
"#;
