//! A node's key as a libp2p identity, and back.

use libp2p::PeerId;
use libp2p::identity::Keypair;
use libp2p::multihash::Multihash;
use schema_wire::NodeKey;

/// An Ed25519 public key in libp2p's protobuf: type 1, 32 bytes.
const ED25519_PREFIX: [u8; 4] = [0x08, 0x01, 0x12, 0x20];

pub(crate) fn keypair(mut secret: [u8; 32]) -> Option<Keypair> {
    Keypair::ed25519_from_bytes(&mut secret).ok()
}

/// The key a peer id holds; none for other kinds of key, which this network does not use.
pub(crate) fn node_key(peer: &PeerId) -> Option<NodeKey> {
    let hash: &Multihash<64> = peer.as_ref();
    let key = hash.digest().strip_prefix(&ED25519_PREFIX)?;
    (hash.code() == 0).then_some(())?;
    Some(NodeKey(key.try_into().ok()?))
}

/// The peer id of a key.
pub(crate) fn peer_id(key: &NodeKey) -> Option<PeerId> {
    let encoded = [ED25519_PREFIX.as_slice(), &key.0].concat();
    PeerId::from_multihash(Multihash::wrap(0, &encoded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_peer_id_name_each_other() {
        let keypair = keypair([5; 32]).expect("a key");
        let peer = keypair.public().to_peer_id();
        let key = node_key(&peer).expect("an Ed25519 key");
        assert_eq!(peer_id(&key), Some(peer));
        let public = schema_wire::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
        assert_eq!(key, NodeKey(public));
    }
}
