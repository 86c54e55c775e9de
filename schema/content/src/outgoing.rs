//! What a unit keeps of a letter that it writes (section 10.5).

use schema_wire::codec::{Decoder, Encoder, encoded};
use schema_wire::{Hash, Malformed, NodeKey, UnitId, Wire};

use crate::Letter;

/// The kind in the key of an outgoing letter.
pub const OUTGOING: &str = "letter";

/// One value of an outgoing letter, in the place of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// It was written.
    Written {
        /// The addressee.
        to: UnitId,
        /// The node that sends it.
        by: NodeKey,
        /// What it says, sealed to the writer's own card.
        copy: Letter,
    },
    /// It was sealed and sent as this envelope.
    Sent(Hash),
}

impl Wire for Outgoing {
    fn encode(&self, e: &mut Encoder) {
        match self {
            Self::Written { to, by, copy } => {
                encoded(encoded(e.array(4)).u8(0));
                to.encode(e);
                by.encode(e);
                copy.encode(e);
            }
            Self::Sent(envelope) => {
                encoded(encoded(e.array(2)).u8(1));
                envelope.encode(e);
            }
        }
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let fields = d.array()?;
        match (fields, d.u8()?) {
            (Some(4), 0) => Ok(Self::Written {
                to: Wire::decode(d)?,
                by: Wire::decode(d)?,
                copy: Wire::decode(d)?,
            }),
            (Some(2), 1) => Wire::decode(d).map(Self::Sent),
            _ => Err(Malformed::value("nothing that is kept of a letter")),
        }
    }
}

#[cfg(test)]
mod tests {
    use schema_wire::Bytes;

    use super::*;

    #[test]
    fn what_is_kept_has_one_form() {
        let sealed = Bytes::new(vec![7; 272]).expect("short");
        let copy = Letter { card: Hash([1; 32]), encapsulated: [2; 32], sealed };
        let to = UnitId::parse("c/d/1").expect("a unit");
        let written = Outgoing::Written { to, by: NodeKey([3; 32]), copy };
        for one in [written, Outgoing::Sent(Hash([4; 32]))] {
            let bytes = one.to_bytes();
            assert_eq!(Outgoing::from_bytes(&bytes), Ok(one));
            for at in 0..bytes.len() {
                assert!(Outgoing::from_bytes(&bytes[..at]).is_err(), "cut off at {at}");
            }
        }
        assert!(Outgoing::from_bytes(&[0x82, 0x02, 0x00]).is_err());
    }
}
