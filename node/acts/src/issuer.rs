//! One issuer's statements: each use of a key in daily use, as the record it signs.

use schema_wire::{
    Address, Adoption, Ascending, Card, Delegation, Dissolution, Ending, Endorsement, Founding,
    Hash, Keeps, List, Malformed, Mark, Ms, NetworkId, NodeKey, Scope, SigningKey, Suspension,
    Text, UnitId, Verified,
};

use crate::role::Role;

/// From when until when a grant holds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Its first millisecond.
    pub from: Ms,
    /// Its last one.
    pub until: Ms,
}

/// In whose name statements are made: a key, the unit it speaks for, and what lets it.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    /// The network.
    pub network: NetworkId,
    /// The unit; for a root key the city.
    pub unit: &'a UnitId,
    /// What it speaks by: a generation's id, or its delegation's.
    pub proof: Hash,
    /// The key.
    pub key: &'a SigningKey,
}

/// What every statement of an issuer begins with.
macro_rules! sealed {
    ($issuer:expr, $record:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        Verified::seal(
            $record {
                network: $issuer.network,
                unit: $issuer.unit.clone(),
                proof: $issuer.proof,
                issuer: $issuer.node(),
                $($field $(: $value)?),*
            },
            $issuer.key,
        )
    };
}

impl Issuer<'_> {
    /// The key's public half.
    pub fn node(&self) -> NodeKey {
        NodeKey(self.key.verifying_key().to_bytes())
    }

    /// Takes a node into the unit.
    ///
    /// # Errors
    /// If the term ends before it begins, or the role grants nothing.
    pub fn delegate(
        &self,
        subject: NodeKey,
        role: &Role,
        term: Term,
        serial: u64,
    ) -> Result<Verified<Delegation>, Malformed> {
        sealed!(
            self,
            Delegation {
                subject,
                verbs: role.verbs,
                reads: role.reads,
                classes: role.classes.clone(),
                not_before: term.from,
                not_after: term.until,
                serial,
            }
        )
    }

    /// Recognises a lineage as a unit below.
    ///
    /// # Errors
    /// If the term ends before it begins.
    pub fn recognise(
        &self,
        below: UnitId,
        lineage: Hash,
        term: Term,
        serial: u64,
    ) -> Result<Verified<Founding>, Malformed> {
        let (not_before, not_after) = (term.from, term.until);
        sealed!(self, Founding { below, lineage, not_before, not_after, serial })
    }

    /// Withdraws a statement. What `keeps` names and rests on it stays.
    ///
    /// # Errors
    /// If the record cannot be signed by this key.
    pub fn withdraw(
        &self,
        ends: Hash,
        keeps: Keeps,
        at: Ms,
    ) -> Result<Verified<Ending>, Malformed> {
        sealed!(self, Ending { ends, ran_out: false, keeps, at })
    }

    /// Closes a grant whose time is over. What `keeps` names and rests on it stays.
    ///
    /// # Errors
    /// If the record cannot be signed by this key.
    pub fn close(&self, ends: Hash, keeps: Keeps, at: Ms) -> Result<Verified<Ending>, Malformed> {
        sealed!(self, Ending { ends, ran_out: true, keeps, at })
    }

    /// Takes logs of one scope as the unit's own, up to these heads: in as
    /// many statements as it takes.
    ///
    /// # Errors
    /// If a mark lies in another scope or names a log twice.
    pub fn adopt(
        &self,
        scope: &Scope,
        mut marks: Vec<Mark>,
        at: Ms,
    ) -> Result<Vec<Verified<Adoption>>, Malformed> {
        marks.sort_by(|a, b| a.log().cmp(&b.log()));
        let portion = |marks: &[Mark]| {
            let marks = List::new(marks.to_vec())?;
            sealed!(self, Adoption { scope: scope.clone(), marks, at })
        };
        marks.chunks(MARKS_IN_ONE).map(portion).collect()
    }

    /// Says that the reports of a unit below are not to be counted.
    ///
    /// # Errors
    /// If the record cannot be signed by this key.
    pub fn suspend(
        &self,
        below: UnitId,
        reason: &str,
        at: Ms,
    ) -> Result<Verified<Suspension>, Malformed> {
        sealed!(self, Suspension { below, reason: Text::cut(reason), at })
    }

    /// Says that a unit below exists no more, and who continues its work.
    ///
    /// # Errors
    /// If there are too many successors, or one lies within the unit.
    pub fn dissolve(
        &self,
        below: UnitId,
        successors: impl IntoIterator<Item = UnitId>,
        at: Ms,
    ) -> Result<Verified<Dissolution>, Malformed> {
        let successors = Ascending::of(successors)?;
        sealed!(self, Dissolution { below, successors, at })
    }

    /// Tells others how to write to the unit.
    ///
    /// # Errors
    /// If the record cannot be signed by this key.
    pub fn card(
        &self,
        name: &str,
        kind: &str,
        letter_box: [u8; 32],
        serial: u64,
        at: Ms,
    ) -> Result<Verified<Card>, Malformed> {
        sealed!(self, Card { serial, name: Text::cut(name), kind: Text::cut(kind), letter_box, at })
    }

    /// Tells where this node is reached.
    ///
    /// # Errors
    /// If there is no address, too many, or they are to be good for more than 31 days.
    pub fn address(
        &self,
        addresses: &[String],
        at: Ms,
        until: Ms,
    ) -> Result<Verified<Address>, Malformed> {
        let addresses = addresses.iter().map(|text| Text::new(text.as_str()));
        let addresses = List::new(addresses.collect::<Result<_, _>>()?)?;
        sealed!(self, Address { addresses, at, until })
    }

    /// Signs a root act, or a succession, too.
    ///
    /// # Errors
    /// If the record cannot be signed by this key.
    pub fn endorse(&self, endorses: Hash) -> Result<Verified<Endorsement>, Malformed> {
        let (network, proof, issuer) = (self.network, self.proof, self.node());
        Verified::seal(Endorsement { network, proof, issuer, endorses }, self.key)
    }
}

/// Marks in one adoption: of the longest names as many as fit the bytes of a statement.
const MARKS_IN_ONE: usize = 700;

#[cfg(test)]
mod tests {
    use schema_wire::{
        Class, DocumentId, Incarnation, Statement, VerifiedStatement, Wire as _, limits,
    };

    use super::*;

    #[test]
    fn adoptions_of_the_longest_names_fit_a_statement_each() {
        let longest = |digit: &str| vec![digit.repeat(limits::UNIT_CODE_CHARS_MAX); 6].join("/");
        let unit = UnitId::parse(&longest("a")).expect("a unit");
        let class = Class::new(192).expect("a class");
        let document = DocumentId::new(unit.clone(), class, &longest("b")).expect("a document");
        let key = SigningKey::from_bytes(&[7; 32]);
        let proof = Hash([1; 32]);
        let issuer = Issuer { network: NetworkId([2; 32]), unit: &unit, proof, key: &key };
        let mark = |n: u16| {
            let mut incarnation = [0; 16];
            incarnation[..2].copy_from_slice(&n.to_be_bytes());
            let incarnation = Incarnation(incarnation);
            let (document, author) = (document.clone(), issuer.node());
            Mark { document, author, incarnation, seq: u64::MAX, head: Hash([3; 32]) }
        };
        let marks: Vec<Mark> = (0..2_000).rev().map(mark).collect();
        let adoptions = issuer.adopt(&document.scope(), marks, Ms::MAX).expect("adoptions");
        assert_eq!(adoptions.len(), 3);
        for adoption in adoptions {
            let bytes = VerifiedStatement::from(adoption).into_statement().to_bytes();
            assert!(Statement::from_bytes(&bytes).is_ok(), "{} bytes", bytes.len());
        }
    }
}
