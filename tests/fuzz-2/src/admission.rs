//! A replica under a member that lies: raw frames, well-signed envelopes with any content,
//! headers that name anything, statements, sessions that come and go.

use automerge::transaction::Transactable as _;
use automerge::{ObjType, ROOT};
use schema_documents::record;
use schema_wire::{
    Ack, Adoption, Author, Class, DocumentId, Frame, Hash, Header, Item, KeyGrant, Known, Payload,
    ScopeOffer, Statement, Verified, Wire,
};

use crate::change::{repaired, spoil};
use crate::draw::Draw;
use crate::peer::{Peer, document, genesis, liar, liars_key};

/// Acts of one input: each is a step of the replica.
const ACTS_MAX: usize = 32;

/// What the liar does, act by act.
pub fn target(data: &[u8]) {
    let mut draw = Draw::new(data);
    let mut peer = Peer::joined();
    for _ in 0..ACTS_MAX {
        if draw.is_done() {
            break;
        }
        act(&mut peer, &mut draw);
    }
    peer.bounds();
    let logs = peer.logs.iter().filter(|(_, log)| !log.is_empty());
    let written: Vec<DocumentId> = logs.map(|(document, _)| document.clone()).collect();
    written.iter().for_each(|document| peer.read(document));
}

fn any_document(draw: &mut Draw<'_>) -> DocumentId {
    const CLASSES: [Class; 4] = [Class::Place, Class::Roster, Class::Report, Class::Keyring];
    document(CLASSES[draw.below(CLASSES.len())], ["a", "b"][draw.below(2)])
}

fn act(peer: &mut Peer, draw: &mut Draw<'_>) {
    match draw.below(13) {
        0 => peer.frame(draw.piece()),
        1 => {
            let (document, content) = (any_document(draw), draw.piece().to_vec());
            peer.offer(peer.header(&document, &content), content);
        }
        2 => {
            let (document, content) = (any_document(draw), repaired(draw.piece()));
            peer.offer(peer.header(&document, &content), content);
        }
        3 => {
            let document = any_document(draw);
            let content = spoil(&edited(peer, &document, draw), draw);
            peer.offer(peer.header(&document, &content), content);
        }
        4 | 5 => {
            let document = any_document(draw);
            let content = edited(peer, &document, draw);
            let header = bent(peer, peer.header(&document, &content), draw);
            peer.offer(header, content);
        }
        6 => {
            let scope = any_document(draw).scope();
            let items = (0..1 + draw.below(4)).map(|_| draw.piece().to_vec()).collect();
            peer.items(scope, items);
        }
        7 => keys(peer, draw),
        8 => adopt(peer, draw),
        9 => peer.wait(draw.small().saturating_mul(1000)),
        10 => greet(peer, draw),
        11 => {
            let (scope, message) = (any_document(draw).scope(), draw.piece().to_vec());
            peer.frame(&Frame::Reconcile { scope, message }.to_bytes());
        }
        _ => answer(peer, draw),
    }
}

/// An honest edit by the liar.
fn edited(peer: &Peer, document: &DocumentId, draw: &mut Draw<'_>) -> Vec<u8> {
    let (field, value) = (format!("f{}", draw.below(4)), i64::from(draw.byte()));
    let list = draw.one_in(4);
    let change = peer.change(document, |draft| {
        if let Some(map) = record::maps(document.class).first() {
            record::set(draft, map, "r", &field, value);
        }
        if list && let Ok(list) = draft.put_object(ROOT, "list", ObjType::List) {
            let _ = draft.insert(&list, 0, value);
        }
    });
    change.map(|change| change.raw_bytes().to_vec()).unwrap_or_default()
}

/// The header with one of its claims changed, or as it was.
fn bent(peer: &Peer, header: Header, draw: &mut Draw<'_>) -> Header {
    let written = peer.written();
    let number = draw.below(written.len() + 1);
    let any = written.get(number).copied().unwrap_or(Hash([7; 32]));
    match draw.below(9) {
        0 => Header { seq: draw.number().max(2), backlink: Some(any), ..header },
        1 => Header { seq: header.seq.max(2), backlink: Some(any), ..header },
        2 => Header { dependencies: vec![any], ..header },
        3 => Header { at_ms: draw.number(), ..header },
        4 => Header { delegation: any, ..header },
        5 => Header { document: any_document(draw), ..header },
        6 => Header { author: Author { incarnation: draw.number() as u32, ..liar() }, ..header },
        7 => Header { payload: Payload::Keys(any), ..header },
        _ => header,
    }
}

fn keys(peer: &mut Peer, draw: &mut Draw<'_>) {
    let document = document(Class::Keyring, "a");
    let grant = |_| KeyGrant::new(draw.array(), draw.array());
    let grants: Vec<_> = (0..3).map(grant).collect();
    let content = KeyGrant::list_to_bytes(&grants);
    let payload = Payload::Keys(KeyGrant::commitment(&grants));
    let header = Header { payload, ..peer.header(&document, &content) };
    peer.offer(header, content);
}

fn adopt(peer: &mut Peer, draw: &mut Draw<'_>) {
    let mut envelopes = peer.written();
    envelopes.retain(|_| draw.one_in(2));
    envelopes.sort_unstable();
    let adoption = Adoption {
        network: genesis().network(),
        issuer: liar().key,
        issuer_unit: document(Class::Place, "a").owner,
        proof: Some(peer.delegation),
        envelopes,
        at_ms: draw.small(),
    };
    let adoption = Verified::seal(adoption, &liars_key());
    let statement = Statement::Adoption(adoption.as_signed().clone());
    peer.items(statement.scope(), vec![Item::Statement(statement).to_bytes()]);
}

fn greet(peer: &mut Peer, draw: &mut Draw<'_>) {
    peer.open_session();
    let mut hello = peer.hello();
    let scope = any_document(draw).scope();
    let known = draw.one_in(2).then(|| Known { epoch: [13; 16], seq: draw.small() });
    let (head, fingerprint) = (draw.small(), draw.array());
    hello.scopes = vec![ScopeOffer { scope, head, fingerprint, known }];
    match draw.below(6) {
        0 => hello.chain.clear(),
        1 => hello.counter = draw.number(),
        2 => hello.incarnation = draw.number() as u32,
        3 => hello.epoch = draw.array(),
        _ => {}
    }
    peer.frame(&Frame::Hello(Box::new(hello)).to_bytes());
}

fn answer(peer: &mut Peer, draw: &mut Draw<'_>) {
    let scope = any_document(draw).scope();
    let frame = if draw.one_in(2) {
        let upto = draw.one_in(2).then(|| draw.small());
        Frame::Ack(Ack { scope, upto, refused: draw.small(), reason: None })
    } else {
        let ids = peer.written().into_iter().chain([Hash(draw.array())]).collect();
        Frame::Want { scope, ids }
    };
    peer.frame(&frame.to_bytes());
}
