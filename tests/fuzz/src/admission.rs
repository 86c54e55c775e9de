//! A replica under a member that lies: raw frames, well-signed envelopes with any content,
//! headers that name anything, statements, sessions that come and go.

use node_acts::issuer::Issuer;
use schema_wire::{
    Ack, Ascending, Author, Bytes, Cursor, Digest, DocumentId, Epoch, Erasure, Hash, Header,
    Incarnation, Item, Keeps, Keys, List, Mark, Ms, Offer, Offers, Payload, PayloadKind, Position,
    Reconcile, Rest, SubjectKey, VerifiedStatement, Want, Wire,
};

use crate::change::{bent, honest, repaired, spoil};
use crate::draw::Draw;
use crate::peer::{Peer, byzantine, byzantine_issuer, document, founded};

/// Acts of one input: each is a step of the replica.
const ACTS_MAX: usize = 32;

/// What the byzantine peer does, act by act.
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
    let changed = |document: &DocumentId| PayloadKind::Changes.suits(document.class().content());
    peer.documents().iter().filter(|d| changed(d)).for_each(|document| peer.read(document));
}

/// Public, shown above, kept by the unit.
fn any_document(draw: &mut Draw<'_>) -> DocumentId {
    const CLASSES: [u8; 3] = [4, 64, 147];
    document(CLASSES[draw.below(CLASSES.len())], ["a", "b"][draw.below(2)])
}

fn keyring() -> DocumentId {
    document(143, "07")
}

fn act(peer: &mut Peer, draw: &mut Draw<'_>) {
    let document = any_document(draw);
    match draw.below(14) {
        0 => peer.frame(draw.piece()),
        1 => drop(peer.offer_change(&document, draw.piece().to_vec())),
        2 => drop(peer.offer_change(&document, repaired(draw.piece()))),
        3 => {
            let content = spoil(&honest(peer, &document), draw);
            peer.offer_change(&document, content);
        }
        4 => {
            let content = bent(peer, &document, draw);
            peer.offer_change(&document, content);
        }
        5 => drop(peer.enter(&document, "甲")),
        6 => {
            let Ok(bytes) = Bytes::new(honest(peer, &document)) else { return };
            let content = Payload::Changes(bytes);
            let header = bent_header(peer, peer.header(&document, &content), draw);
            peer.offer(header, content);
        }
        7 => {
            let items = (0..1 + draw.below(4)).map(|_| draw.piece().to_vec()).collect();
            peer.items(document.scope(), items);
        }
        8 => keys(peer, draw),
        9 => state(peer, draw),
        10 => peer.wait(draw.small().saturating_mul(1000)),
        11 => greet(peer, draw),
        12 => {
            let Ok(message) = Bytes::new(draw.piece()) else { return };
            peer.say(Reconcile { scope: document.scope(), message });
        }
        _ => answer(peer, &document, draw),
    }
}

/// The header with one of its claims changed, or as it was.
fn bent_header(peer: &Peer, header: Header, draw: &mut Draw<'_>) -> Header {
    let written = peer.written();
    let number = draw.below(written.len() + 1);
    let any = written.get(number).copied().unwrap_or(Hash([7; 32]));
    match draw.below(8) {
        0 => match Position::behind(draw.number(), any) {
            Ok(position) => Header { position, ..header },
            Err(_) => header,
        },
        1 => Header { position: Position::FIRST, ..header },
        2 => match Ascending::of([any]) {
            Ok(dependencies) => Header { dependencies, ..header },
            Err(_) => header,
        },
        3 => Header { at: Ms::of(draw.number()), ..header },
        4 => Header { delegation: any, ..header },
        5 => Header { document: any_document(draw), ..header },
        6 => {
            let author = Author { incarnation: Incarnation(draw.array()), ..byzantine() };
            Header { author, ..header }
        }
        _ => Header { payload_hash: any, ..header },
    }
}

/// Tells keys, or destroys them.
fn keys(peer: &mut Peer, draw: &mut Draw<'_>) {
    let mut subject: [u8; 16] = draw.array();
    subject[0] = 7;
    let content = match draw.below(2) {
        0 => Keys::new(vec![SubjectKey::new(subject, draw.array())]).map(Payload::Keys),
        _ => {
            let commitment = Hash(draw.array());
            Ascending::of([Erasure { subject, commitment }]).map(Payload::Erasures)
        }
    };
    let Ok(content) = content else { return };
    let document = if draw.one_in(2) { document(142, "07") } else { keyring() };
    peer.offer(peer.header(&document, &content), content);
}

/// Speaks as if it governed the unit.
fn state(peer: &mut Peer, draw: &mut Draw<'_>) {
    let (key, unit, proof) = byzantine_issuer();
    let network = founded().genesis.network();
    let by = Issuer { network, unit: &unit, proof, key: &key };
    let document = any_document(draw);
    let at = Ms::of(draw.small());
    let said: Option<VerifiedStatement> = match draw.below(3) {
        0 => {
            let Author { key: author, incarnation } = byzantine();
            let (seq, head) = (draw.small().max(1), Hash(draw.array()));
            let mark = Mark { document: document.clone(), author, incarnation, seq, head };
            let adopted = by.adopt(&document.scope(), vec![mark], at).ok();
            adopted.and_then(|mut parts| parts.pop()).map(Into::into)
        }
        1 => {
            let ended = founded().delegation.id();
            by.withdraw(ended, Keeps::default(), at).ok().map(Into::into)
        }
        _ => {
            let addresses = [String::from("/ip4/1.2.3.4/tcp/1")];
            by.address(&addresses, at, at.plus(1_000)).ok().map(Into::into)
        }
    };
    let Some(said) = said else { return };
    let scope = said.body().scope(&founded().genesis.unit);
    let statement = Item::Statement(Box::new(said.into_statement()));
    peer.items(scope, vec![statement.to_bytes()]);
}

/// Comes again, and lies about who it is or where it stands.
fn greet(peer: &mut Peer, draw: &mut Draw<'_>) {
    peer.open_session();
    let mut membership = peer.membership();
    let known = Cursor { epoch: Epoch(draw.array()), seq: draw.small() };
    match draw.below(6) {
        0 => membership.chain = List::default(),
        1 => membership.head = draw.number(),
        2 => membership.epoch = Epoch(draw.array()),
        3 => membership.lineage = Hash(draw.array()),
        4 => membership.more = true,
        _ => {
            let [shared, sum, interests] = [0; 3].map(|_| Hash(draw.array()));
            membership.digest = Some(Digest { shared, sum, known, interests });
        }
    }
    peer.greet(&membership);
}

/// Frames of a session that is under way.
fn answer(peer: &mut Peer, document: &DocumentId, draw: &mut Draw<'_>) {
    let scope = document.scope();
    match draw.below(4) {
        0 => {
            let (upto, refused) = (draw.one_in(2).then(|| draw.small()), draw.small());
            peer.say(Ack { scope, upto, later: draw.one_in(2), refused, reason: None });
        }
        1 => {
            let ids = peer.written().into_iter().chain([Hash(draw.array())]).collect();
            let Ok(ids) = List::new(ids) else { return };
            peer.say(Want { scope, ids });
        }
        2 => {
            let known = Some(Cursor { epoch: Epoch(draw.array()), seq: draw.small() });
            let offer = Offer { scope, head: draw.small(), sum: Hash(draw.array()), known };
            let Ok(offers) = List::new(vec![offer]) else { return };
            peer.say(Offers { offers, more: draw.one_in(2) });
        }
        _ => peer.say(Rest { sum: Hash(draw.array()) }),
    }
}
