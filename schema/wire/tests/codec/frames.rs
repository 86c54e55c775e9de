//! Any frame.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use schema_wire::{
    Ack, Again, Ascending, Aside, AsideLog, Bytes, Cursor, Digest, Epoch, Frame, Hello, Interests,
    Items, Levels, List, Membership, Offer, Offers, Reason, Reconcile, Rest, Salt, Want, Wire,
};

use crate::values::*;

fn cursor() -> impl Strategy<Value = Cursor> {
    any::<([u8; 16], u64)>().prop_map(|(epoch, seq)| Cursor { epoch: Epoch(epoch), seq })
}

fn hello() -> impl Strategy<Value = Frame> {
    (network(), any::<(u64, u64)>(), any::<[u8; 16]>(), ms()).prop_map(
        |(network, (least, most), salt, clock)| {
            Hello { network, levels: Levels { least, most }, salt: Salt(salt), clock }.into()
        },
    )
}

fn membership() -> impl Strategy<Value = Frame> {
    let digest = (hash(), hash(), cursor(), hash())
        .prop_map(|(shared, sum, known, interests)| Digest { shared, sum, known, interests });
    let stands = (any::<(bool, [u8; 16], u64)>(), option::of(digest));
    (unit(), hash(), vec(statement(), 0..4), stands).prop_map(
        |(unit, lineage, chain, ((more, epoch, head), digest))| {
            let (chain, epoch) = (fits(List::new(chain)), Epoch(epoch));
            Membership { unit, lineage, chain, more, epoch, head, digest }.into()
        },
    )
}

fn reason() -> impl Strategy<Value = Reason> {
    ("[a-z-]{1,64}", "\\PC{0,100}")
        .prop_map(|(code, text)| Reason { code: text_of(code), text: text_of(text) })
}

fn offers() -> impl Strategy<Value = Frame> {
    let place = (any::<u64>(), hash(), option::of(cursor()));
    (btree_map(scope(), place, 0..6), any::<bool>()).prop_map(|(scopes, more)| {
        let offer = |(scope, (head, sum, known))| Offer { scope, head, sum, known };
        Offers { offers: fits(List::new(scopes.into_iter().map(offer).collect())), more }.into()
    })
}

fn items() -> impl Strategy<Value = Frame> {
    let said = (option::of(any::<u64>()), option::of(hash()), vec(item(), 0..4));
    (scope(), said).prop_map(|(scope, (upto, sum, items))| {
        let items = items.iter().map(|item| fits(Bytes::new(item.to_bytes()))).collect();
        Items { scope, upto, sum, items: fits(List::new(items)) }.into()
    })
}

fn ack() -> impl Strategy<Value = Frame> {
    let said = (option::of(any::<u64>()), any::<(bool, u64)>(), option::of(reason()));
    (scope(), said).prop_map(|(scope, (upto, (later, refused), reason))| {
        Ack { scope, upto, later, refused, reason }.into()
    })
}

fn aside() -> impl Strategy<Value = Frame> {
    let log = (document(), author(), any::<u64>(), hash()).prop_map(|(document, by, seq, head)| {
        AsideLog { document, author: by.key, incarnation: by.incarnation, seq, head }
    });
    (scope(), vec(log, 0..4))
        .prop_map(|(scope, logs)| Aside { scope, logs: fits(List::new(logs)) }.into())
}

fn interests() -> impl Strategy<Value = Frame> {
    (btree_set(unit(), 0..6), any::<bool>())
        .prop_map(|(units, more)| Interests { units: fits(Ascending::of(units)), more }.into())
}

pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    let reconcile = (scope(), vec(any::<u8>(), 1..200)).prop_map(|(scope, message)| {
        Reconcile { scope, message: fits(Bytes::new(message)) }.into()
    });
    let want = (scope(), vec(hash(), 0..20))
        .prop_map(|(scope, ids)| Want { scope, ids: fits(List::new(ids)) }.into());
    prop_oneof![
        hello(),
        membership(),
        reason().prop_map(Frame::Refusal),
        offers(),
        hash().prop_map(|sum| Rest { sum }.into()),
        items(),
        ack(),
        scope().prop_map(|scope| Again { scope }.into()),
        reconcile,
        want,
        interests(),
        aside(),
    ]
}
