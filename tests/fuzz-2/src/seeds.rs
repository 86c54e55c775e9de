//! Valid inputs for the fuzzer to begin with.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use node_folder::{Grant, Membership};
use node_sheets::{Exporter, Format, Kind, Record, RosterRow, Sex, VolunteerRow, VolunteerState};
use schema_wire::{Class, Equivocation, Frame, Header, Item, Packer, Signed, Statement, Wire};
use serde_json::Value;

use crate::sheets::PART;
use crate::{change, peer};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/golden-2/vectors.json");

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
        let bytes = |field: &str| hex::decode(vector[field].as_str().unwrap_or_default());
        let bytes = bytes("bytes").unwrap_or_default();
        match vector["kind"].as_str().unwrap_or_default() {
            "frame" => {
                seeds.push(("admission", [&[0], &length(&bytes)[..], &bytes].concat()));
                seeds.push(("frame", bytes));
            }
            "item" | "write" => {
                seeds.push(("envelope", headed(0, &bytes)));
                seeds.extend(claims(&bytes));
            }
            "equivocation" => {
                seeds.push(("envelope", headed(1, &bytes)));
                if let Ok(proof) = Equivocation::from_bytes(&bytes) {
                    let header = proof.claims().to_bytes();
                    let twice = [&length(&header)[..], &header, &header].concat();
                    seeds.push(("envelope", headed(4, &twice)));
                }
            }
            "genesis" => seeds.push(("statement", headed(1, &bytes))),
            "session" => seeds.push(("packed", bytes)),
            "statement" => {
                seeds.push(("statement", headed(0, &bytes)));
                seeds.extend(claimed(&bytes));
            }
            _ => {}
        }
    }
    seeds.extend((0..32).map(|number| ("routes", story(number))));
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
    let header: &Signed<Header> = &envelope.header;
    let header = header.claims().to_bytes();
    let signed = [&length(&header)[..], &header, &envelope.content].concat();
    let items = schema_wire::Items {
        scope: envelope.header.claims().document.scope(),
        upto: Some(1),
        fingerprint: None,
        items: vec![item.to_vec()],
    };
    vec![("envelope", headed(3, &signed)), ("frame", Frame::Items(items).to_bytes())]
}

/// The claims of a statement, to be signed by the target.
fn claimed(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let (kind, claims) = match Statement::from_bytes(bytes).ok()? {
        Statement::Delegation(signed) => (2, signed.claims().to_bytes()),
        Statement::Revocation(signed) => (3, signed.claims().to_bytes()),
        Statement::Endorsement(signed) => (4, signed.claims().to_bytes()),
        Statement::Suspension(signed) => (5, signed.claims().to_bytes()),
        Statement::Adoption(signed) => (6, signed.claims().to_bytes()),
        Statement::Succession(signed) => (7, signed.claims().to_bytes()),
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
    let change = &change::HONEST[1];
    let body = change::body(change.raw_bytes());
    let mut seeds = vec![("change", headed(0, change.raw_bytes())), ("change", headed(1, body))];
    for number in 0..24 {
        seeds.push(("change", headed(2 + (number % 2) as u8, &story(number))));
        seeds.push(("admission", story(number)));
    }
    for act in 0..13 {
        seeds.push(("admission", [&[act, 0, 0, 1, 1][..], &story(7)[..40]].concat()));
    }
    seeds
}

fn records() -> Vec<Record> {
    let person = |name: &str| RosterRow {
        estate: "示例家园".into(),
        building: "3".into(),
        entrance: "1".into(),
        room: "101".into(),
        household: "H00001".into(),
        name: name.into(),
        relation: "户主".into(),
        sex: Sex::Female,
        birth: None,
        citizen_id: Some("220899199012310020".into()),
        phone: Some("10012345678".into()),
        political: None,
        note: Some("=1+1".into()),
    };
    let volunteer = VolunteerRow {
        name: "示例".into(),
        citizen_id: Some("220899199012310020".into()),
        number: "V0001".into(),
        registered: "2023-05-04".parse().expect("a date"),
        state: VolunteerState::Active,
        team: None,
    };
    vec![person("甲").into(), person("乙").into(), volunteer.into()]
}

/// A sheet of every kind with its headings, some with rows, in every format.
fn sheets() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seeds = Vec::new();
    for kind in Kind::ALL {
        for (target, name, format) in [
            ("csv", "utf8.csv", Format::CsvUtf8),
            ("csv", "gb.csv", Format::CsvGb18030),
            ("xlsx", "book.xlsx", Format::Xlsx),
        ] {
            let path = folder.path().join(name);
            let mut sheet = Exporter::create(&path, kind, format).expect("a sheet");
            for record in records() {
                let _ = sheet.write(&record);
            }
            sheet.finish().expect("a finished sheet");
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

/// What a node writes into its folder, and what an operator writes there.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let [community, district] = &peer::chain()[..2] else { unreachable!("a chain of grants") };
    let (genesis, unit) = (peer::genesis(), peer::document(Class::Place, "a").owner);
    let membership = Membership {
        genesis: genesis.clone(),
        unit,
        delegation: community.id(),
        incarnation: 3,
        store: [5; 16],
    };
    let grant = Grant { genesis, chain: vec![community.clone(), district.clone()] };
    let grant = grant.to_text().expect("a delegation leads");
    vec![
        ("membership", membership.to_text().into_bytes()),
        ("grant", grant.into_bytes()),
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
