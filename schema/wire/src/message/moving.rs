//! What goes to and fro in an open session: offers, items, and the answers to them.

use crate::codec::{Malformed, record};
use crate::document::DocumentId;
use crate::id::{Hash, Incarnation, NodeKey};
use crate::limits::{
    ASIDE_MAX, FRAME_BYTES_MAX, ITEMS_MAX, OFFERS_MAX, RECONCILE_BYTES_MAX, TEXT_BYTES_MAX,
    WANT_IDS_MAX, WORD_BYTES_MAX,
};
use crate::scope::Scope;
use crate::sized::{Bytes, List, Text};

use super::Cursor;

record! {
    /// Where its sender stands in some scopes, ascending.
    pub struct Offers {
        /// The scopes.
        pub offers: List<Offer, 0, OFFERS_MAX>,
        /// Does the sender name others of its own accord?
        pub more: bool,
    }
    check |offers| if offers.offers.is_sorted_by(|a, b| a.scope < b.scope) {
        Ok(())
    } else {
        Err(Malformed::value("offers do not ascend by scope"))
    };
}

record! {
    /// Where its sender stands in one scope.
    pub struct Offer {
        /// The scope.
        pub scope: Scope,
        /// The position of the scope's last item in the sender's feed.
        pub head: u64,
        /// The sum of the scope.
        pub sum: Hash,
        /// How far the sender has taken the scope from the receiver's feed, where its digest does
        /// not say it.
        pub known: Option<Cursor>,
    }
}

record! {
    /// What is left when both have named scopes.
    pub struct Rest {
        /// The sum over all shared scopes that neither has named.
        pub sum: Hash,
    }
}

record! {
    /// Part of a scope's feed, in causal order, or items that were wanted.
    pub struct Items {
        /// The scope.
        pub scope: Scope,
        /// The position of the sender's feed up to which everything of the scope was sent; none
        /// for items sent by id.
        pub upto: Option<u64>,
        /// The sender's sum of the scope, if nothing is left to send.
        pub sum: Option<Hash>,
        /// Encoded items. One that does not decode harms no other.
        pub items: List<Bytes<0, FRAME_BYTES_MAX>, 0, ITEMS_MAX>,
    }
}

record! {
    /// What became of an items frame.
    pub struct Ack {
        /// The scope.
        pub scope: Scope,
        /// The frame's `upto`.
        pub upto: Option<u64>,
        /// It was too much: nothing is refused, and nothing more is to be sent until told.
        pub later: bool,
        /// How many items were refused.
        pub refused: u64,
        /// Why the first of them was.
        pub reason: Option<Reason>,
    }
}

record! {
    /// Why an item was refused, or a session ends.
    pub struct Reason {
        /// A stable word for programs.
        pub code: Text<1, WORD_BYTES_MAX>,
        /// One sentence for people.
        pub text: Text<0, TEXT_BYTES_MAX>,
    }
}

/// Why a session ends.
pub type Refusal = Reason;

record! {
    /// The receiver can go on with a scope that it put off.
    pub struct Again {
        /// The scope.
        pub scope: Scope,
    }
}

record! {
    /// A message of the reconciliation of a scope.
    pub struct Reconcile {
        /// The scope.
        pub scope: Scope,
        /// The message, which is no CBOR.
        pub message: Bytes<1, RECONCILE_BYTES_MAX>,
    }
}

record! {
    /// Asks for items by id.
    pub struct Want {
        /// The scope.
        pub scope: Scope,
        /// The ids; in a reconciliation the salted ones, in no order.
        pub ids: List<Hash, 0, WANT_IDS_MAX>,
    }
}

record! {
    /// Logs that are set aside, for one who governs their unit.
    pub struct Aside {
        /// The scope.
        pub scope: Scope,
        /// The logs.
        pub logs: List<AsideLog, 0, ASIDE_MAX>,
    }
}

record! {
    /// A log, by its last envelope.
    pub struct AsideLog {
        /// The document.
        pub document: DocumentId,
        /// Whose log.
        pub author: NodeKey,
        /// In which life.
        pub incarnation: Incarnation,
        /// The place of its last envelope.
        pub seq: u64,
        /// The id of that envelope.
        pub head: Hash,
    }
}
