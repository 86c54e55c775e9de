//! Vectors of authority: chains, writes under them, logs, readers.

use schema_wire::{
    Class, ClassSet, Delegation, Hash, Item, Revocation, Statement, VerbSet, Verified, Wire,
};
use serde_json::{Value, json};

use crate::vector;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [chain_vectors(), link_vectors(), write_vectors(), revoked_vectors(), log_vectors(), readers()]
        .concat()
}

fn hex_list(values: &[impl Wire]) -> Vec<String> {
    values.iter().map(hexed).collect()
}

fn chain(name: &str, refuse: Option<&str>, links: &[Verified<Delegation>], at_ms: u64) -> Value {
    let links: Vec<Statement> = links.iter().map(statement).collect();
    vector(name, "chain", refuse, json!({ "chain": hex_list(&links), "at_ms": at_ms }))
}

/// A chain of `n` links, all below the first within the community.
fn long_chain(n: u8) -> Vec<Verified<Delegation>> {
    let mut links = vec![to_district(), to_community()];
    let mut issuer = COMMUNITY_OFFICE;
    while links.len() < usize::from(n) {
        let subject = Holder("link", 100 + u8::try_from(links.len()).expect("few links"));
        let next = grant((issuer, COMMUNITY), links.last(), (subject, COMMUNITY), govern());
        links.push(seal(next, issuer));
        issuer = subject;
    }
    links.reverse();
    links
}

fn chain_vectors() -> Vec<Value> {
    let three = [to_node(), to_community(), to_district()];
    let end = T0 + YEAR_MS + GRACE_MS;
    let office = (COMMUNITY_OFFICE, COMMUNITY);
    let own = seal(grant(office, Some(&to_community()), office, clerk()), COMMUNITY_OFFICE);
    let city = seal(grant((ROOT, CITY), None, (NODE, CITY), clerk()), ROOT);
    let root_own = seal(grant((ROOT, CITY), None, (ROOT, CITY), clerk()), ROOT);
    let spare = seal(grant((ROOT_SPARE, CITY), None, (NODE, DISTRICT), govern()), ROOT_SPARE);
    vec![
        chain("chain-district", None, &[to_district()], T0),
        chain("chain-node", None, &three, T0 + DAY_MS),
        chain("chain-to-itself", None, &[own, to_community(), to_district()], T0),
        chain("chain-of-the-city", None, &[city], T0),
        chain("chain-root-to-itself", None, &[root_own], T0),
        chain("chain-other-root", None, &[spare], T0),
        chain("chain-8-links", None, &long_chain(8), T0),
        chain("chain-grace-ends", None, &three, end),
        chain("chain-grace-ended", Some("expired"), &three, end + 1),
        chain("chain-too-early", Some("not yet valid"), &three, T0 - 1),
        chain("chain-9-links", Some("too long"), &long_chain(9), T0),
        chain("chain-linkless", Some("no link"), &[], T0),
        chain("chain-rootless", Some("proof missing"), &three[..2], T0),
    ]
}

/// Chains with one link that does not follow.
fn link_vectors() -> Vec<Value> {
    let district = to_district();
    let below = |name: &str, why: &str, change: &dyn Fn(&mut Delegation)| {
        let mut link = to_community().value().clone();
        change(&mut link);
        let link = seal(link, DISTRICT_DESK);
        chain(name, Some(why), &[link, district.clone()], T0)
    };
    let usurper = seal(grant((STRANGER, CITY), None, (NODE, CITY), govern()), STRANGER);
    let elsewhere = seal(grant((ROOT, DISTRICT), None, (NODE, DISTRICT), govern()), ROOT);
    let thief = grant((STRANGER, DISTRICT), Some(&district), (NODE, COMMUNITY), govern());
    let by_node = grant((NODE, COMMUNITY), Some(&to_node()), (STRANGER, COMMUNITY), clerk());
    let from_root = seal(grant((ROOT, CITY), None, (NODE, COMMUNITY), clerk()), ROOT);
    let office = (COMMUNITY_OFFICE, COMMUNITY);
    let other = (STRANGER, COMMUNITY);
    let out = seal(grant(office, Some(&to_community()), other, govern()), COMMUNITY_OFFICE);
    let back = seal(grant(other, Some(&out), office, govern()), STRANGER);
    let mut narrow = to_district().value().clone();
    narrow.classes = ClassSet::of(&[Class::Place]);
    let narrow = seal(narrow, ROOT);
    let above = grant((DISTRICT_DESK, DISTRICT), Some(&narrow), office, govern());
    let mut forged = statement(&to_community()).to_bytes();
    *forged.last_mut().expect("a signature") ^= 1;
    let forged =
        vec![hexed(&statement(&to_node())), hex::encode(forged), hexed(&statement(&district))];
    let mixed =
        Statement::Revocation(seal(revocation(vec![]), COMMUNITY_OFFICE).as_signed().clone());
    let mixed = [node_chain(), vec![mixed]].concat();
    let ended = chain(
        "chain-link-ended",
        Some("a link above expired"),
        &{
            let mut short = to_district().value().clone();
            short.not_after_ms = T0 + DAY_MS;
            short.grace_ms = 0;
            let short = seal(short, ROOT);
            let link = grant((DISTRICT_DESK, DISTRICT), Some(&short), office, govern());
            [seal(link, DISTRICT_DESK), short]
        },
        T0 + 2 * DAY_MS,
    );
    vec![
        chain("chain-of-a-stranger", Some("not a root key"), &[usurper], T0),
        chain("chain-root-elsewhere", Some("a root speaks for the city"), &[elsewhere], T0),
        chain(
            "chain-issuer",
            Some("proof of another"),
            &[seal(thief, STRANGER), district.clone()],
            T0,
        ),
        chain(
            "chain-no-govern",
            Some("proof without GOVERN"),
            &[seal(by_node, NODE), to_node(), to_community(), district.clone()],
            T0,
        ),
        chain("chain-write-from-root", Some("write grant from above"), &[from_root], T0),
        chain(
            "chain-circular",
            Some("a key twice"),
            &[back, out, to_community(), district.clone()],
            T0,
        ),
        chain(
            "chain-classes",
            Some("more classes than the proof"),
            &[seal(above, DISTRICT_DESK), narrow],
            T0,
        ),
        ended,
        vector(
            "chain-forged-link",
            "chain",
            Some("bad signature"),
            json!({ "chain": forged, "at_ms": T0 }),
        ),
        vector(
            "chain-with-revocation",
            "chain",
            Some("a revocation is no link"),
            json!({
                "chain": hex_list(&mixed), "at_ms": T0,
            }),
        ),
        below("chain-issuer-unit", "another unit than the proof's", &|l| {
            l.issuer_unit = unit(CITY)
        }),
        below("chain-write-from-above", "write grant from above", &|l| l.verbs = clerk()),
        below("chain-all-from-above", "write grant from above", &|l| l.verbs = VerbSet(7)),
        below("chain-sideways", "outside the issuer's unit", &|l| l.unit = unit("220800/220881")),
        below("chain-prefix", "outside the issuer's unit", &|l| l.unit = unit("220800/2208021")),
        below("chain-upwards", "outside the issuer's unit", &|l| l.unit = unit(CITY)),
        below("chain-network", "a link of another network", &|l| l.network.0[0] ^= 1),
    ]
}

fn write(
    name: &str,
    refuse: Option<&str>,
    item: &Item,
    by: &[Statement],
    revoked: &[Statement],
) -> Value {
    vector(
        name,
        "write",
        refuse,
        json!({
            "bytes": hexed(item), "chain": hex_list(by), "revocations": hex_list(revoked),
        }),
    )
}

fn write_vectors() -> Vec<Value> {
    let by = node_chain();
    let as_written = |name: &str, why: &str, change: &dyn Fn(&mut schema_wire::Header)| {
        let mut value = header(1, None, b"x");
        change(&mut value);
        write(name, Some(why), &envelope(value, NODE, b"x"), &by, &[])
    };
    let mut office = header(1, None, b"x");
    office.author.key = COMMUNITY_OFFICE.key();
    office.delegation = to_community().id();
    let office = envelope(office, COMMUNITY_OFFICE, b"x");
    let mut stranger = header(1, None, b"x");
    stranger.author.key = STRANGER.key();
    let stranger = envelope(stranger, STRANGER, b"x");
    vec![
        write("write-first", None, &log()[0], &by, &[]),
        write("write-keys", None, &keys_envelope(false), &by, &[]),
        write("write-without-verb", Some("no WRITE"), &office, &by[1..], &[]),
        write("write-of-another", Some("granted to another key"), &stranger, &by, &[]),
        as_written("write-above", "not the unit's document", &|h| {
            h.document = document(DISTRICT, Class::Report, "2026-09");
        }),
        as_written("write-below", "not the unit's document", &|h| {
            h.document = document(&format!("{COMMUNITY}/01"), Class::Roster, "B01");
        }),
        as_written("write-class", "class not granted", &|h| {
            h.document = document(COMMUNITY, Class::Place, "all");
        }),
        as_written("write-early", "not yet valid", &|h| h.at_ms = T0 - 1),
        as_written("write-late", "expired", &|h| h.at_ms = T0 + YEAR_MS + GRACE_MS + 1),
        as_written("write-unknown", "delegation not known", &|h| h.delegation = Hash([9; 32])),
    ]
}

fn revoked_vectors() -> Vec<Value> {
    let by = node_chain();
    let [first, second, _] = log();
    let kept = |seq| {
        let mut mark = watermark("B01HZX4.1_a", 1, seq);
        mark.document = roster();
        revocation(vec![mark])
    };
    let sealed =
        |value: Revocation, holder| Statement::Revocation(seal(value, holder).as_signed().clone());
    let own = |value| sealed(value, COMMUNITY_OFFICE);
    let mut district = revocation(vec![]);
    district.issuer = DISTRICT_DESK.key();
    district.issuer_unit = unit(DISTRICT);
    district.proof = Some(to_district().id());
    let mut root = revocation(vec![]);
    (root.issuer, root.issuer_unit, root.proof) = (ROOT.key(), unit(CITY), None);
    let mut spare = root.clone();
    spare.issuer = ROOT_SPARE.key();
    let mut above = district.clone();
    above.revokes = to_community().id();
    let mut stranger = root.clone();
    stranger.issuer = STRANGER.key();
    let mut itself = revocation(vec![]);
    (itself.issuer, itself.proof) = (NODE.key(), Some(to_node().id()));
    let mut other = kept(5);
    other.watermarks[0].author.incarnation = 2;
    let refused = Some("revoked");
    vec![
        write("revoked-whole", refused, &first, &by, &[own(revocation(vec![]))]),
        write("revoked-kept", None, &first, &by, &[own(kept(1))]),
        write("revoked-beyond", refused, &second, &by, &[own(kept(1))]),
        write("revoked-twice", refused, &second, &by, &[own(kept(2)), own(kept(1))]),
        write("revoked-other-life", refused, &first, &by, &[own(other)]),
        write("revoked-by-district", refused, &first, &by, &[sealed(district, DISTRICT_DESK)]),
        write("revoked-by-root", refused, &first, &by, &[sealed(root, ROOT)]),
        write("revoked-above", refused, &first, &by, &[sealed(above, DISTRICT_DESK)]),
        write("revoked-by-root-not-above", None, &first, &by, &[sealed(spare, ROOT_SPARE)]),
        write("revoked-by-stranger", None, &first, &by, &[sealed(stranger, STRANGER)]),
        write("revoked-by-itself", None, &first, &by, &[sealed(itself, NODE)]),
    ]
}

fn log_vectors() -> Vec<Value> {
    let [first, second, third] = log();
    let items = |name: &str, refuse: Option<&str>, items: &[&Item]| {
        let items: Vec<String> = items.iter().map(|item| hexed(*item)).collect();
        vector(name, "log", refuse, json!({ "items": items }))
    };
    let fork = envelope(header(2, Some(first.id()), b"other"), NODE, b"other");
    let stray = envelope(header(2, Some(Hash([3; 32])), b"stray"), NODE, b"stray");
    let mut early = header(2, Some(first.id()), b"early");
    early.at_ms = T0;
    let early = envelope(early, NODE, b"early");
    let mut elsewhere = header(1, None, b"z");
    elsewhere.document = document(COMMUNITY, Class::Duty, "2026-09");
    let elsewhere = envelope(elsewhere, NODE, b"z");
    vec![
        items("log-in-order", None, &[&first, &second, &third]),
        items("log-repeated", None, &[&first, &second, &first, &second]),
        items("log-dependent", None, &[&first, &second, &dependent(vec![second.id()])]),
        items("log-gap", Some("seq gap"), &[&first, &third]),
        items("log-fork", Some("equivocation"), &[&first, &second, &fork]),
        items("log-backlink", Some("backlink"), &[&first, &stray]),
        items("log-back-dated", Some("before the author's previous"), &[&first, &early]),
        items(
            "log-dependency-missing",
            Some("dependency missing"),
            &[&dependent(vec![first.id()])],
        ),
        items(
            "log-dependency-elsewhere",
            Some("dependency of another document"),
            &[&elsewhere, &dependent(vec![elsewhere.id()])],
        ),
    ]
}

fn readers() -> Vec<Value> {
    let reads = |reader: &str, owner: &str, audience: &str, may: bool| {
        let refuse = (!may).then_some("not a reader");
        let name = format!("read-{audience}-{owner}-by-{reader}").replace('/', "+");
        vector(
            &name,
            "read",
            refuse,
            json!({
                "reader": reader, "unit": owner, "audience": audience,
            }),
        )
    };
    vec![
        reads("220800/220881", COMMUNITY, "public", true),
        reads(CITY, COMMUNITY, "path", true),
        reads(COMMUNITY, COMMUNITY, "path", true),
        reads(COMMUNITY, DISTRICT, "path", false),
        reads("220800/220881", COMMUNITY, "path", false),
        reads("220800/22080", COMMUNITY, "path", false),
        reads(COMMUNITY, COMMUNITY, "unit", true),
        reads(DISTRICT, COMMUNITY, "unit", false),
        reads(COMMUNITY, DISTRICT, "unit", false),
    ]
}
