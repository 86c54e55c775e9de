//! What a unit says about grants, logs and the units below it (section 5).

use crate::codec::{Malformed, record};
use crate::document::DocumentId;
use crate::id::{Author, Hash, Incarnation, NetworkId, NodeKey};
use crate::limits::{MARKS_MAX, SUCCESSORS_MAX, WORD_BYTES_MAX};
use crate::root::Keeps;
use crate::scope::Scope;
use crate::sized::{Ascending, List, Ms, Text};
use crate::unit::UnitId;

record! {
    /// Withdraws a statement, or closes one whose time is over.
    pub struct Ending {
        /// The network.
        pub network: NetworkId,
        /// The unit that speaks.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// What is ended.
        pub ends: Hash,
        /// Closed because its time is over, not withdrawn.
        pub ran_out: bool,
        /// What rests on it and stays.
        pub keeps: Keeps,
        /// When.
        pub at: Ms,
    }
    signed as "gongzhi/ending/3" by issuer;
}

record! {
    /// A log, a position in it, and the envelope there: speaks for it and for the past that its
    /// backlinks reach.
    pub struct Mark {
        /// The document.
        pub document: DocumentId,
        /// Whose log.
        pub author: NodeKey,
        /// In which life.
        pub incarnation: Incarnation,
        /// The position, from 1.
        pub seq: u64,
        /// The id of the envelope there.
        pub head: Hash,
    }
    check |mark| if mark.seq == 0 { Err(Malformed::value("a mark at position 0")) } else { Ok(()) };
}

impl Mark {
    /// The log it names.
    pub fn log(&self) -> (&DocumentId, Author) {
        (&self.document, Author { key: self.author, incarnation: self.incarnation })
    }
}

record! {
    /// 认领: the unit takes envelopes as its own, whatever became of what they rested on.
    pub struct Adoption {
        /// The network.
        pub network: NetworkId,
        /// The unit.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// Where the logs lie, and where it replicates itself.
        pub scope: Scope,
        /// The logs, one mark for each, ascending.
        pub marks: List<Mark, 1, MARKS_MAX>,
        /// When.
        pub at: Ms,
    }
    check |adoption| {
        if !adoption.marks.is_sorted_by(|a, b| a.log() < b.log()) {
            return Err(Malformed::value("marks do not ascend, or name a log twice"));
        }
        let own = |mark: &Mark| {
            *mark.document.owner() == adoption.unit && mark.document.scope() == adoption.scope
        };
        if !adoption.marks.iter().all(own) {
            return Err(Malformed::value("a mark of another scope or unit"));
        }
        Ok(())
    };
    signed as "gongzhi/adoption/3" by issuer;
}

record! {
    /// 暂停: the reports of a unit below are not to be counted.
    pub struct Suspension {
        /// The network.
        pub network: NetworkId,
        /// The unit that speaks.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// Whose reports.
        pub below: UnitId,
        /// Why. Every member of the network reads it: no person is named.
        pub reason: Text<0, WORD_BYTES_MAX>,
        /// When.
        pub at: Ms,
    }
    signed as "gongzhi/suspension/3" by issuer;
}

record! {
    /// 撤销: a unit exists no more, and who continues its work.
    pub struct Dissolution {
        /// The network.
        pub network: NetworkId,
        /// The unit that speaks.
        pub unit: UnitId,
        /// What the issuer speaks by.
        pub proof: Hash,
        /// Who says it.
        pub issuer: NodeKey,
        /// The unit that exists no more.
        pub below: UnitId,
        /// Who continues its work.
        pub successors: Ascending<UnitId, 0, SUCCESSORS_MAX>,
        /// When.
        pub at: Ms,
    }
    check |dissolution| {
        if dissolution.successors.iter().any(|unit| dissolution.below.contains(unit)) {
            return Err(Malformed::value("a successor within the dissolved unit"));
        }
        Ok(())
    };
    signed as "gongzhi/dissolution/3" by issuer;
}
