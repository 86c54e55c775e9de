//! Any value of every type that is signed.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use schema_wire::{
    Acknowledgement, Address, Adoption, Ascending, Author, Band, Bytes, Card, Charter, Class,
    Classes, Content, Delegation, Dissolution, DocumentId, Ending, Endorsement, Envelope, Erasure,
    Founding, Genesis, Hash, Header, Incarnation, Item, Keys, List, Malformed, Mark, Ms, NetworkId,
    NodeKey, Payload, PayloadKind, Position, Reads, Receipt, Record, Rotation, Scope, Signed,
    SigningKey, Statement, SubjectKey, Succession, Suspension, Text, UnitId, Verbs, Verified,
};

/// What a strategy made to fit.
pub(crate) fn fits<T>(made: Result<T, Malformed>) -> T {
    made.expect("made to fit")
}

pub(crate) fn text_of<const LEAST: usize, const MOST: usize>(text: String) -> Text<LEAST, MOST> {
    fits(Text::new(text))
}

pub(crate) fn unit() -> impl Strategy<Value = UnitId> {
    "[A-Za-z0-9-]{1,20}(/[A-Za-z0-9-]{1,20}){0,5}".prop_map(|text| fits(UnitId::parse(&text)))
}
pub(crate) fn ms() -> impl Strategy<Value = Ms> {
    (0..=Ms::MAX.get()).prop_map(Ms::of)
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
pub(crate) fn author() -> impl Strategy<Value = Author> {
    (key(), any::<[u8; 16]>())
        .prop_map(|(key, life)| Author { key, incarnation: Incarnation(life) })
}
pub(crate) fn signing() -> impl Strategy<Value = SigningKey> {
    any::<[u8; 32]>().prop_map(|seed| SigningKey::from_bytes(&seed))
}
fn public(key: &SigningKey) -> NodeKey {
    NodeKey(key.verifying_key().to_bytes())
}

/// A class, and a shard that suits it if the owner is `owner`.
fn place_of(owner: UnitId, class: Class, shard: &str, other: UnitId) -> DocumentId {
    let shard = match class.content() {
        Content::Letters if other == owner => "other".to_owned(),
        Content::Letters => other.to_string(),
        Content::Keys | Content::Erasures => "07".to_owned(),
        Content::Changes => shard.to_owned(),
    };
    fits(DocumentId::new(owner, class, &shard))
}

pub(crate) fn document() -> impl Strategy<Value = DocumentId> {
    let class = (0..=Class::LAST.number()).prop_map(|number| fits(Class::new(number)));
    (unit(), class, "[A-Za-z0-9_.-]{1,64}", unit())
        .prop_map(|(owner, class, shard, other)| place_of(owner, class, &shard, other))
}

pub(crate) fn scope() -> impl Strategy<Value = Scope> {
    (unit(), 0..8usize, unit()).prop_map(|(unit, compartment, other)| match compartment {
        0 => Scope::statements(unit),
        1 => Scope::public(unit),
        2 => Scope::path(unit),
        3 => Scope::pair(&unit, &other).unwrap_or_else(|_| Scope::path(unit)),
        band => Scope::band(unit, Band::ALL[band - 4]),
    })
}

pub(crate) fn signed<T: Record>(value: T, by: &SigningKey) -> Signed<T> {
    fits(Verified::seal(value, by)).into_signed()
}

fn ascending<T: Ord, const LEAST: usize, const MOST: usize>(
    values: impl IntoIterator<Item = T>,
) -> Ascending<T, LEAST, MOST> {
    fits(Ascending::of(values))
}

fn hashes() -> impl Strategy<Value = Vec<Hash>> {
    vec(hash(), 0..6)
}

/// Keys or commitments, and how many of them act together.
fn some_of<T: Ord + std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Vec<T>, u8)> {
    (btree_set(one, 1..=16), any::<prop::sample::Index>()).prop_map(|(all, threshold)| {
        let threshold = u8::try_from(threshold.index(all.len()) + 1).expect("at most 16");
        (all.into_iter().collect(), threshold)
    })
}

pub(crate) fn genesis() -> impl Strategy<Value = Genesis> {
    (unit(), "\\PC{0,100}", some_of(key()), some_of(hash()), ms()).prop_map(
        |(unit, name, (roots, threshold), (next, next_threshold), at)| Genesis {
            unit,
            name: text_of(name),
            roots: ascending(roots),
            threshold,
            next: ascending(next),
            next_threshold,
            at,
        },
    )
}

fn succession() -> impl Strategy<Value = Statement> {
    let names = (network(), hash(), signing(), hashes(), ms());
    (names, some_of(key()), some_of(hash())).prop_map(
        |((network, previous, by, keeps, at), (roots, threshold), (next, next_threshold))| {
            let succession = Succession {
                network,
                previous,
                reveal: public(&by),
                roots: ascending(roots),
                threshold,
                next: ascending(next),
                next_threshold,
                keeps: ascending(keeps),
                at,
            };
            Statement::Succession(signed(succession, &by))
        },
    )
}

fn generation() -> impl Strategy<Value = Statement> {
    let names = (network(), unit(), signing(), hash(), ms());
    (names, option::of((hash(), key(), hashes()))).prop_map(
        |((network, unit, by, next, at), rotates)| match rotates {
            None => {
                let key = public(&by);
                Statement::Charter(signed(Charter { network, unit, key, next, at }, &by))
            }
            Some((previous, key, keeps)) => {
                let (reveal, keeps) = (public(&by), ascending(keeps));
                let rotation = Rotation { network, unit, previous, reveal, key, next, keeps, at };
                Statement::Rotation(signed(rotation, &by))
            }
        },
    )
}

/// What an issued statement begins with, and who signs it.
fn issued() -> impl Strategy<Value = (NetworkId, UnitId, Hash, SigningKey)> {
    (network(), unit(), hash(), signing())
}

fn delegation() -> impl Strategy<Value = Statement> {
    let rights = (0..4u8, 1..32u8, btree_set(0..=223u8, 0..20));
    (issued(), key(), rights, any::<(u32, u64)>()).prop_map(
        |((network, unit, proof, by), subject, (verbs, reads, classes), (term, serial))| {
            let delegation = Delegation {
                network,
                unit,
                proof,
                issuer: public(&by),
                subject,
                verbs: fits(Verbs::new(verbs)),
                reads: fits(Reads::new(reads)),
                classes: Classes::of(classes.into_iter().map(|number| fits(Class::new(number)))),
                not_before: Ms::of(serial / 3),
                not_after: Ms::of(serial / 3).plus(term.into()),
                serial,
            };
            Statement::Delegation(signed(delegation, &by))
        },
    )
}

fn founding() -> impl Strategy<Value = Statement> {
    (issued(), unit(), hash(), any::<(u32, u64)>()).prop_map(
        |((network, unit, proof, by), below, lineage, (term, serial))| {
            let (not_before, issuer) = (Ms::of(serial / 3), public(&by));
            let not_after = not_before.plus(term.into());
            let founding = Founding {
                network,
                unit,
                proof,
                issuer,
                below,
                lineage,
                not_before,
                not_after,
                serial,
            };
            Statement::Founding(signed(founding, &by))
        },
    )
}

fn adoption() -> impl Strategy<Value = Statement> {
    let logs = btree_map((0..64u8, author()), (1..=u64::MAX, hash()), 1..6);
    (issued(), logs, ms()).prop_map(|((network, unit, proof, by), logs, at)| {
        let mark = |((class, author), (seq, head)): ((u8, Author), _)| Mark {
            document: fits(DocumentId::new(unit.clone(), fits(Class::new(class)), "B01")),
            author: author.key,
            incarnation: author.incarnation,
            seq,
            head,
        };
        let marks = fits(List::new(logs.into_iter().map(mark).collect()));
        let (scope, issuer) = (Scope::public(unit.clone()), public(&by));
        let adoption = Adoption { network, unit, proof, issuer, scope, marks, at };
        Statement::Adoption(signed(adoption, &by))
    })
}

/// An ending, a suspension or a dissolution.
fn withdrawal() -> impl Strategy<Value = Statement> {
    let said = (0..3u8, hash(), any::<bool>(), hashes(), "\\PC{0,16}");
    (issued(), said, unit(), ms()).prop_map(|((network, unit, proof, by), said, below, at)| {
        let (kind, ends, ran_out, keeps, reason) = said;
        let issuer = public(&by);
        match kind {
            0 => {
                let keeps = ascending(keeps);
                let ending = Ending { network, unit, proof, issuer, ends, ran_out, keeps, at };
                Statement::Ending(signed(ending, &by))
            }
            1 => {
                let reason = text_of(reason);
                let suspension = Suspension { network, unit, proof, issuer, below, reason, at };
                Statement::Suspension(signed(suspension, &by))
            }
            _ => {
                let others = (0..u8::from(ran_out)).map(|_| fits(UnitId::parse("another")));
                let successors = ascending(others.filter(|other| !below.contains(other)));
                let dissolution =
                    Dissolution { network, unit, proof, issuer, below, successors, at };
                Statement::Dissolution(signed(dissolution, &by))
            }
        }
    })
}

/// A card, an address or an endorsement.
fn notice() -> impl Strategy<Value = Statement> {
    let said = (0..3u8, any::<(u64, [u8; 32], u32)>(), "\\PC{0,100}", "[a-z]{1,64}");
    (issued(), said).prop_map(|((network, unit, proof, by), said)| {
        let (kind, (serial, bytes, term), name, word) = said;
        let (issuer, at) = (public(&by), Ms::of(serial / 3));
        match kind {
            0 => {
                let (name, kind, letter_box) = (text_of(name), text_of(word), bytes);
                let card =
                    Card { network, unit, proof, issuer, serial, name, kind, letter_box, at };
                Statement::Card(signed(card, &by))
            }
            1 => {
                let at = Ms::of(serial / 70_000);
                let until = at.plus(u64::from(term % 2_678_400_000) + 1);
                let addresses = fits(List::new(vec![text_of(word)]));
                let address = Address { network, unit, proof, issuer, addresses, at, until };
                Statement::Address(signed(address, &by))
            }
            _ => {
                let endorses = Hash(bytes);
                let endorsement = Endorsement { network, proof, issuer, endorses };
                Statement::Endorsement(signed(endorsement, &by))
            }
        }
    })
}

pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    prop_oneof![
        generation(),
        succession(),
        delegation(),
        founding(),
        adoption(),
        withdrawal(),
        notice()
    ]
}

/// A header whose payload is yet to be bound, and the key that signs it.
pub(crate) fn header() -> impl Strategy<Value = (Header, SigningKey)> {
    let names = (network(), document(), signing(), any::<[u8; 16]>());
    let place = (any::<u64>(), hash(), hashes(), hash(), ms());
    (names, place).prop_map(|((network, document, by, life), place)| {
        let (seq, backlink, dependencies, delegation, at) = place;
        let keyring = matches!(document.class().content(), Content::Keys | Content::Erasures);
        let header = Header {
            network,
            author: Author { key: public(&by), incarnation: Incarnation(life) },
            position: Position::behind(seq, backlink).unwrap_or(Position::FIRST),
            dependencies: ascending(if keyring { vec![] } else { dependencies }),
            delegation,
            at,
            payload_kind: match document.class().content() {
                Content::Changes => PayloadKind::Changes,
                Content::Keys => PayloadKind::Keys,
                Content::Erasures => PayloadKind::Erasures,
                Content::Letters => PayloadKind::Letter,
            },
            payload_hash: Hash([0; 32]),
            document,
        };
        (header, by)
    })
}

/// Keys of subjects of the shard 07.
pub(crate) fn keys() -> impl Strategy<Value = Keys> {
    vec(any::<([u8; 16], [u8; 32])>(), 1..5).prop_map(|all| {
        let one = |(mut subject, key): ([u8; 16], _)| {
            subject[0] = 7;
            SubjectKey::new(subject, key)
        };
        fits(Keys::new(all.into_iter().map(one).collect()))
    })
}

pub(crate) fn envelope() -> impl Strategy<Value = Envelope> {
    let receipt = prop::sample::select(vec![Receipt::Held, Receipt::Opened, Receipt::Unreadable]);
    let heard = vec((author(), any::<u64>(), receipt), 1..5);
    (header(), vec(any::<u8>(), 0..300), keys(), heard, any::<bool>()).prop_map(
        |((mut header, by), bytes, keys, heard, answers)| {
            let erasure = |key: &SubjectKey| Erasure {
                subject: *key.subject(),
                commitment: key.commitment(),
            };
            let acknowledgement = |(author, seq, state): (Author, u64, Receipt)| Acknowledgement {
                author: author.key,
                incarnation: author.incarnation,
                seq,
                state,
            };
            let content = match header.payload_kind {
                PayloadKind::Changes => Payload::Changes(fits(Bytes::new(bytes))),
                PayloadKind::Keys => Payload::Keys(keys),
                PayloadKind::Erasures => Payload::Erasures(ascending(keys.iter().map(erasure))),
                PayloadKind::Letter | PayloadKind::Acknowledgement if answers => {
                    let heard = heard.into_iter().map(acknowledgement);
                    Payload::Acknowledgement(ascending(heard))
                }
                PayloadKind::Letter | PayloadKind::Acknowledgement => {
                    Payload::Letter(Some(fits(Bytes::new(bytes))))
                }
            };
            header.payload_kind = content.kind();
            header.payload_hash = content.hash().expect("the content is there");
            fits(Envelope::new(signed(header, &by), content))
        },
    )
}

pub(crate) fn item() -> impl Strategy<Value = Item> {
    let envelopes = envelope().prop_map(|envelope| Item::Envelope(Box::new(envelope)));
    prop_oneof![envelopes, statement().prop_map(|made| Item::Statement(Box::new(made)))]
}
