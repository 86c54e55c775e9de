//! Any value of every type on the wire.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use schema_wire::{
    Ack, Adoption, Audience, Author, Class, ClassSet, Delegation, DocumentId, Endorsement,
    Envelope, Frame, Genesis, Hash, Header, Hello, Item, Items, KeyGrant, Known, NetworkId,
    NodeKey, Payload, Reason, Record, Revocation, Scope, ScopeOffer, Signed, SigningKey, Statement,
    Succession, Suspension, UnitId, VerbSet, Verified, Watermark, Wire,
};

pub(crate) fn unit() -> impl Strategy<Value = UnitId> {
    "[A-Za-z0-9-]{1,20}(/[A-Za-z0-9-]{1,20}){0,5}"
        .prop_map(|text| UnitId::parse(&text).expect("made to fit"))
}
pub(crate) fn class() -> impl Strategy<Value = Class> {
    prop::sample::select(Class::ALL.to_vec())
}
pub(crate) fn document() -> impl Strategy<Value = DocumentId> {
    (unit(), class(), "[A-Za-z0-9_.-]{1,64}")
        .prop_map(|(unit, class, shard)| DocumentId::new(unit, class, &shard).expect("made to fit"))
}
pub(crate) fn scope() -> impl Strategy<Value = Scope> {
    (unit(), prop::sample::select(Audience::ALL.to_vec()))
        .prop_map(|(unit, audience)| Scope { unit, audience })
}
pub(crate) fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}
pub(crate) fn key() -> impl Strategy<Value = NodeKey> {
    any::<[u8; 32]>().prop_map(NodeKey)
}
pub(crate) fn network() -> impl Strategy<Value = NetworkId> {
    any::<[u8; 32]>().prop_map(NetworkId)
}
pub(crate) fn signing() -> impl Strategy<Value = SigningKey> {
    any::<[u8; 32]>().prop_map(|seed| SigningKey::from_bytes(&seed))
}
pub(crate) fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

pub(crate) fn sealed<T: Record + Clone>(value: &T, by: &SigningKey) -> Signed<T> {
    Verified::seal(value.clone(), by).as_signed().clone()
}
pub(crate) fn hashes() -> impl Strategy<Value = Vec<Hash>> {
    btree_set(hash(), 0..6).prop_map(|hashes| hashes.into_iter().collect())
}

/// Root keys, ascending, and how many of them act together.
pub(crate) fn roots() -> impl Strategy<Value = (Vec<NodeKey>, u8)> {
    (btree_set(key(), 1..=16), any::<prop::sample::Index>()).prop_map(|(roots, threshold)| {
        let threshold = u8::try_from(threshold.index(roots.len()) + 1).expect("at most 16");
        (roots.into_iter().collect(), threshold)
    })
}

pub(crate) fn genesis() -> impl Strategy<Value = Genesis> {
    (unit(), "\\PC{0,100}", roots(), any::<u64>()).prop_map(
        |(unit, name, (roots, threshold), at_ms)| Genesis { unit, name, roots, threshold, at_ms },
    )
}

pub(crate) fn delegation() -> impl Strategy<Value = Statement> {
    let names = (network(), signing(), unit(), option::of(hash()), key(), unit());
    let terms = (0..8u8, any::<u32>(), any::<[u64; 4]>());
    (names, terms).prop_map(|(names, (verbs, classes, numbers))| {
        let (network, by, issuer_unit, proof, subject, unit) = names;
        let [not_before_ms, not_after_ms, grace_ms, serial] = numbers;
        let delegation = Delegation {
            network,
            issuer: public(&by),
            issuer_unit,
            proof,
            subject,
            unit,
            verbs: VerbSet(verbs),
            classes: ClassSet(classes),
            not_before_ms,
            not_after_ms,
            grace_ms,
            serial,
        };
        Statement::Delegation(sealed(&delegation, &by))
    })
}

pub(crate) fn revocation() -> impl Strategy<Value = Statement> {
    let names = (network(), signing(), unit(), option::of(hash()), hash());
    let logs = btree_set((document(), key(), any::<u32>()), 0..6);
    (names, logs, hashes(), any::<(u64, u64)>()).prop_map(|(names, logs, keeps, (seq, at_ms))| {
        let (network, by, issuer_unit, proof, revokes) = names;
        let watermark = |(document, key, incarnation)| Watermark {
            document,
            author: Author { key, incarnation },
            seq,
        };
        let revocation = Revocation {
            network,
            issuer: public(&by),
            issuer_unit,
            proof,
            revokes,
            watermarks: logs.into_iter().map(watermark).collect(),
            keeps,
            at_ms,
        };
        Statement::Revocation(sealed(&revocation, &by))
    })
}

/// An endorsement, a suspension or an adoption: what a unit says beside grants.
pub(crate) fn counsel() -> impl Strategy<Value = Statement> {
    let names = (network(), signing(), unit(), option::of(hash()), any::<u64>());
    let said = (0..3u8, hash(), unit(), "\\PC{0,100}", hashes());
    (names, said).prop_map(|(names, (kind, endorses, unit, reason, envelopes))| {
        let (network, by, issuer_unit, proof, at_ms) = names;
        let issuer = public(&by);
        match kind {
            0 => {
                let endorsement =
                    Endorsement { network, issuer, issuer_unit, proof, endorses, at_ms };
                Statement::Endorsement(sealed(&endorsement, &by))
            }
            1 => {
                let suspension =
                    Suspension { network, issuer, issuer_unit, proof, unit, reason, at_ms };
                Statement::Suspension(sealed(&suspension, &by))
            }
            _ => {
                let adoption = Adoption { network, issuer, issuer_unit, proof, envelopes, at_ms };
                Statement::Adoption(sealed(&adoption, &by))
            }
        }
    })
}

pub(crate) fn succession() -> impl Strategy<Value = Statement> {
    let names = (network(), signing(), unit(), hash(), any::<u64>());
    (names, roots(), hashes()).prop_map(|(names, (roots, threshold), keeps)| {
        let (network, by, issuer_unit, previous, at_ms) = names;
        let issuer = public(&by);
        let succession =
            Succession { network, issuer, issuer_unit, previous, roots, threshold, keeps, at_ms };
        Statement::Succession(sealed(&succession, &by))
    })
}

pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    prop_oneof![delegation(), revocation(), counsel(), succession()]
}

/// A header whose payload is yet to be bound, and the key that signs it.
pub(crate) fn header() -> impl Strategy<Value = (Header, SigningKey)> {
    let names = (network(), document(), signing(), any::<u32>());
    let place = (1..=u64::MAX, hash(), btree_set(hash(), 0..8), hash(), any::<u64>());
    (names, place).prop_map(|((network, document, by, incarnation), place)| {
        let (seq, backlink, dependencies, delegation, at_ms) = place;
        let header = Header {
            network,
            document,
            author: Author { key: public(&by), incarnation },
            seq,
            backlink: (seq > 1).then_some(backlink),
            dependencies: dependencies.into_iter().collect(),
            delegation,
            at_ms,
            payload: Payload::Keys(Hash::of(b"")),
        };
        (header, by)
    })
}

pub(crate) fn envelope() -> impl Strategy<Value = Envelope> {
    let what = (vec(any::<u8>(), 0..300), vec(any::<([u8; 16], [u8; 32])>(), 0..4));
    (header(), what, any::<bool>()).prop_map(|((mut header, by), (bytes, grants), keys)| {
        let grants: Vec<KeyGrant> = grants.into_iter().map(|g| KeyGrant::new(g.0, g.1)).collect();
        let content = if keys { KeyGrant::list_to_bytes(&grants) } else { bytes };
        header.payload = if keys {
            Payload::Keys(KeyGrant::commitment(&grants))
        } else {
            Payload::Changes(Hash::of(&content))
        };
        Envelope { header: sealed(&header, &by), content }
    })
}

pub(crate) fn item() -> impl Strategy<Value = Item> {
    prop_oneof![envelope().prop_map(Item::Envelope), statement().prop_map(Item::Statement)]
}

pub(crate) fn known() -> impl Strategy<Value = Known> {
    any::<([u8; 16], u64)>().prop_map(|(epoch, seq)| Known { epoch, seq })
}

pub(crate) fn hello() -> impl Strategy<Value = Frame> {
    let names = (network(), key(), key(), any::<u32>(), any::<u64>(), unit());
    let offer = (any::<u64>(), any::<[u8; 32]>(), option::of(known()));
    let scopes = prop::collection::btree_map(scope(), offer, 0..6);
    (names, vec(statement(), 0..4), any::<[u8; 16]>(), scopes).prop_map(
        |((network, from, to, incarnation, counter, unit), chain, epoch, scopes)| {
            let offer = |(scope, (head, fingerprint, known))| ScopeOffer {
                scope,
                head,
                fingerprint,
                known,
            };
            let scopes = scopes.into_iter().map(offer).collect();
            Frame::Hello(Box::new(Hello {
                network,
                from,
                to,
                incarnation,
                counter,
                unit,
                chain,
                epoch,
                scopes,
            }))
        },
    )
}

pub(crate) fn reason() -> impl Strategy<Value = Reason> {
    ("[a-z-]{0,20}", "\\PC{0,100}").prop_map(|(code, text)| Reason { code, text })
}

pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    let position = || option::of(any::<u64>());
    let items = (scope(), position(), option::of(any::<[u8; 32]>()), vec(item(), 0..4));
    let items = items.prop_map(|(scope, upto, fingerprint, items)| {
        let items = items.iter().map(Wire::to_bytes).collect();
        Frame::Items(Items { scope, upto, fingerprint, items })
    });
    let ack = (scope(), position(), any::<u64>(), option::of(reason()));
    let ack = ack.prop_map(|(scope, upto, refused, reason)| {
        Frame::Ack(Ack { scope, upto, refused, reason })
    });
    let reconcile = (scope(), vec(any::<u8>(), 0..200))
        .prop_map(|(scope, message)| Frame::Reconcile { scope, message });
    let want = (scope(), vec(hash(), 0..20)).prop_map(|(scope, ids)| Frame::Want { scope, ids });
    prop_oneof![hello(), reason().prop_map(Frame::Refuse), items, ack, reconcile, want]
}
