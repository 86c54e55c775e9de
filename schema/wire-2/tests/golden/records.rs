//! Vectors of single records: genesis, items, actors, fingerprints.

use schema_wire::{Class, Hash, Header, Item, Payload, Wire};
use serde_json::{Value, json};

use crate::acts::{node_grant, to_node};
use crate::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [genesis_vectors(), item_vectors(), raw_vectors(), derived_vectors()].concat()
}

pub(crate) fn of(kind: &str, refuse: Option<&str>, name: &str, bytes: &[u8]) -> Value {
    vector(name, kind, refuse, json!({ "bytes": hex::encode(bytes) }))
}

fn genesis_vectors() -> Vec<Value> {
    let good = genesis().to_bytes();
    let [low, high] = genesis().roots[..] else { panic!("two roots") };
    let swapped = patched(&patched(&good, &low.0, &[0; 32]), &high.0, &low.0);
    let swapped = patched(&swapped, &[0; 32], &high.0);
    let at = good.len() - 10;
    let threshold = |n: u8| [&good[..at], &[n], &good[at + 1..]].concat();
    let mut long = genesis();
    long.name = "名".repeat(171);
    let mut rootless = genesis();
    rootless.roots.clear();
    vec![
        vector(
            "genesis",
            "genesis",
            None,
            json!({ "bytes": hex::encode(&good), "id": network().to_string() }),
        ),
        of("genesis", Some("roots not ascending"), "genesis-roots-unsorted", &swapped),
        of("genesis", Some("threshold zero"), "genesis-threshold-zero", &threshold(0)),
        of("genesis", Some("more than the roots"), "genesis-threshold-beyond", &threshold(3)),
        of("genesis", Some("name too long"), "genesis-name-long", &long.to_bytes()),
        of("genesis", Some("no root"), "genesis-rootless", &rootless.to_bytes()),
        of("genesis", Some("truncated"), "genesis-truncated", &good[..good.len() - 1]),
    ]
}

fn item_vector(name: &str, item: &Item) -> Value {
    vector(name, "item", None, json!({ "bytes": hexed(item), "id": item.id().to_string() }))
}

fn item_vectors() -> Vec<Value> {
    let [first, second, _] = log();
    let good = first.to_bytes();
    let mut foreign = header(1, None, b"first");
    foreign.network.0[0] ^= 1;
    let flip = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let refuse = |name, why, bytes: &[u8]| of("item", Some(why), name, bytes);
    let content = patched(&good, &[0x45, b'f', b'i'], &[0x45, b'g', b'i']);
    let long = patched(&good, &[0x58, 0x40], &[0x59, 0x00, 0x40]);
    let tag = patched(&good[..4], &[0xd2], &[0xd8, 0x12]);
    let mut keys = keys_envelope(false).to_bytes();
    let tail = keys.len() - 1;
    keys[tail] ^= 1;
    vec![
        item_vector("envelope-first", &first),
        item_vector("envelope-second", &second),
        item_vector("envelope-dependent", &dependent(vec![first.id()])),
        item_vector("envelope-keys", &keys_envelope(false)),
        item_vector("envelope-keys-destroyed", &keys_envelope(true)),
        item_vector("item-statement", &Item::Statement(to_node())),
        refuse(
            "envelope-network",
            "another network",
            &envelope(foreign, NODE, b"first").to_bytes(),
        ),
        refuse("envelope-signature-flipped", "bad signature", &flip(good.len() - 8)),
        refuse("envelope-header-flipped", "bad signature", &patched(&good, b"_a", b"_b")),
        refuse("envelope-content", "content not bound", &content),
        refuse("envelope-keys-key", "key against its commitment", &keys),
        refuse("envelope-length-long", "not the shortest length", &long),
        refuse("envelope-tag-long", "not the shortest tag", &[&tag, &good[4..]].concat()),
        refuse("envelope-trailing", "trailing byte", &[&good[..], &[0]].concat()),
        refuse("envelope-truncated", "truncated", &good[..good.len() - 3]),
        refuse("envelope-empty", "empty", &[]),
        refuse("item-kind-2", "unknown kind", &[&[0x82, 0x02], &good[2..]].concat()),
    ]
}

/// Headers signed as they should be, which no node may take.
fn raw_vectors() -> Vec<Value> {
    let good = header(1, None, b"first");
    let payload = good.to_bytes();
    let refuse = |name, why, bytes: &[u8]| of("item", Some(why), name, bytes);
    let signed = |name, why, change: &dyn Fn(&mut Header)| {
        let mut value = good.clone();
        change(&mut value);
        refuse(name, why, &raw_header(&value.to_bytes()))
    };
    let place = |from: &[u8], to: &[u8]| raw_header(&patched(&payload, from, to));
    let some = Hash::of(b"an id");
    let shard = b"B01HZX4.1_a".as_slice();
    let delegation = node_grant().to_bytes();
    let small = |mut bytes: Vec<u8>| {
        let key = NODE.key().0;
        bytes = patched(&bytes, &key, &[&[1], &[0; 31][..]].concat());
        let at = bytes.len() - 6 - 64;
        bytes[at..at + 64].fill(0);
        bytes[at] = 1;
        bytes
    };
    let in_domain = |domain| raw_item(&cose(EDDSA, domain, &payload, NODE), b"first");
    let es256 = cose(&[0xa1, 0x01, 0x26], "gongzhi/envelope/1", &payload, NODE);
    let unprotected = patched(&raw_header(&payload), &[0x27, 0xa0], &[0x27, 0xa1, 0x04, 0x40]);
    let seq_at = [&[0x01, 0x01, 0xf6, 0x80], &[0x58, 0x20][..]].concat();
    let seq = |to: &[u8]| place(&seq_at, &[&[0x01], to, &[0x58, 0x20]].concat());
    let unit = |to: &str| {
        let mut e = minicbor::Encoder::new(Vec::new());
        e.str(COMMUNITY).expect("writing to memory");
        let from = e.into_writer();
        let mut e = minicbor::Encoder::new(Vec::new());
        e.str(to).expect("writing to memory");
        place(&from, &e.into_writer())
    };
    vec![
        refuse(
            "envelope-in-delegation-domain",
            "a delegation's signature used for an envelope",
            &in_domain("gongzhi/delegation/1"),
        ),
        refuse("envelope-in-no-domain", "no domain", &in_domain("")),
        refuse(
            "envelope-of-delegation",
            "a delegation in an envelope's place",
            &raw_item(&cose(EDDSA, "gongzhi/delegation/1", &delegation, COMMUNITY_OFFICE), b""),
        ),
        refuse("envelope-es256", "another algorithm", &raw_item(&es256, b"first")),
        refuse("envelope-unprotected", "an unprotected header", &unprotected),
        refuse("envelope-small-order", "key of small order", &small(raw_header(&payload))),
        refuse("header-version-2", "unknown version", &place(&[0x8c, 1], &[0x8c, 2])),
        refuse(
            "header-version-long",
            "not the shortest number",
            &place(&[0x8c, 1], &[0x8c, 0x18, 1]),
        ),
        refuse("header-indefinite", "indefinite length", &{
            let body = [&[0x9f], &payload[1..], &[0xff]].concat();
            raw_header(&body)
        }),
        refuse("header-seq-0", "seq 0", &seq(&[0x00, 0xf6, 0x80])),
        refuse("header-seq-float", "seq a float", &seq(&[0xf9, 0x3c, 0x00, 0xf6, 0x80])),
        refuse(
            "header-seq-big",
            "seq beyond 64 bits",
            &seq(&[0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xf6, 0x80]),
        ),
        refuse(
            "header-dependencies-claimed",
            "an array longer than its bytes",
            &seq(&[0x01, 0xf6, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ),
        signed("header-seq-1-backlink", "seq 1 with a backlink", &|h| h.backlink = Some(some)),
        signed("header-seq-2-rootless", "seq 2 without a backlink", &|h| h.seq = 2),
        signed("header-dependencies-unsorted", "dependencies not ascending", &|h| {
            h.dependencies = vec![Hash([2; 32]), Hash([1; 32])];
        }),
        signed("header-dependencies-twice", "one dependency twice", &|h| {
            h.dependencies = vec![Hash([2; 32]), Hash([2; 32])];
        }),
        signed("header-dependencies-257", "too many dependencies", &|h| {
            h.dependencies = (0..257u32).map(|n| Hash::of(&n.to_be_bytes())).collect();
            h.dependencies.sort_unstable();
        }),
        signed("header-payload-kind", "changes bound as keys, outside the keyring", &|h| {
            h.payload = Payload::Keys(Hash::of(b"first"));
        }),
        refuse("header-class-9", "unknown class", &place(&[3, 0x6b, b'B'], &[9, 0x6b, b'B'])),
        refuse("header-shard-slash", "shard with a slash", &place(shard, b"B01HZX4/1_a")),
        refuse("header-unit-empty-code", "unit with an empty code", &unit("220800//220802")),
        refuse("header-unit-deep", "unit too deep", &unit("1/2/3/4/5/6/7")),
        refuse(
            "header-unit-code-long",
            "unit code too long",
            &unit("220800/123456789012345678901"),
        ),
        refuse("header-unit-chinese", "unit of other letters", &unit("白城")),
    ]
}

fn derived_vectors() -> Vec<Value> {
    let ids = [log()[0].id(), log()[1].id(), Hash([0xff; 32]), Hash([1; 32])];
    let mut sum = [0u8; 32];
    for id in ids {
        let mut carry = 0u16;
        for (byte, add) in sum.iter_mut().zip(id.0) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let actor = |name, incarnation, document: schema_wire::DocumentId| {
        let actor = author(incarnation).actor(&document);
        let facts = json!({
            "key": NODE.key().to_string(), "incarnation": incarnation,
            "unit": document.owner.as_str(), "class": document.class as u8,
            "shard": document.shard.as_str(), "actor": hex::encode(actor),
        });
        vector(name, "actor", None, facts)
    };
    let fingerprint = |name, ids: &[String], sum: [u8; 32]| {
        vector(name, "fingerprint", None, json!({ "ids": ids, "sum": hex::encode(sum) }))
    };
    vec![
        fingerprint("fingerprint-of-none", &[], [0; 32]),
        fingerprint("fingerprint-overflowing", &ids, sum),
        actor("actor-first-life", 1, roster()),
        actor("actor-later-life", 258, document(CITY, Class::Report, "2026-09")),
    ]
}
