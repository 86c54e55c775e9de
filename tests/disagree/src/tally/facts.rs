//! A case and its answer, looked up by id.

use std::collections::BTreeMap;

use tests_oracle::case::{Answer, Case, Envelope, Record};

/// What the tally asks of a case.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) case: &'a Case,
    pub(crate) answer: &'a Answer,
    places: BTreeMap<&'a str, usize>,
}

/// The fields that issued statements share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Issued<'a> {
    pub(crate) proof: &'a str,
    pub(crate) issuer: &'a str,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(case: &'a Case, answer: &'a Answer) -> Self {
        let places =
            case.statements.iter().enumerate().map(|(at, made)| (made.id.as_str(), at)).collect();
        Self { case, answer, places }
    }

    /// The place of the statement with this id.
    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    pub(crate) fn record(&self, at: usize) -> &'a Record {
        &self.case.statements[at].record
    }

    pub(crate) fn id(&self, at: usize) -> &'a str {
        &self.case.statements[at].id
    }

    pub(crate) fn state(&self, at: usize) -> u8 {
        self.answer.kept.as_bytes()[at]
    }

    pub(crate) fn kept(&self, at: usize) -> bool {
        self.state(at) == b'k'
    }

    /// Places of all kept statements.
    pub(crate) fn all_kept(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.case.statements.len()).filter(|at| self.kept(*at))
    }

    /// Whether it stands inside at one of the times.
    pub(crate) fn inside(&self, at: usize) -> bool {
        self.answer.stands[at].iter().any(|stands| stands.0 == "i")
    }

    /// Whether it stands outside at one of the times.
    pub(crate) fn outside(&self, at: usize) -> bool {
        self.answer.stands[at].iter().any(|stands| stands.1 == "o")
    }

    pub(crate) fn issued(&self, at: usize) -> Option<Issued<'a>> {
        match self.record(at) {
            Record::Delegation { proof, issuer, .. }
            | Record::Founding { proof, issuer, .. }
            | Record::Ending { proof, issuer, .. }
            | Record::Adoption { proof, issuer, .. }
            | Record::Suspension { proof, issuer, .. }
            | Record::Dissolution { proof, issuer, .. }
            | Record::Card { proof, issuer, .. }
            | Record::Address { proof, issuer, .. } => Some(Issued { proof, issuer }),
            _ => None,
        }
    }

    /// The lineage of a kept statement; none of a root act.
    pub(crate) fn lineage(&self, at: usize) -> Option<&'a str> {
        let mut at = at;
        for _ in 0..=self.case.statements.len() {
            let before = match self.record(at) {
                Record::Charter { .. } => return Some(self.id(at)),
                Record::Rotation { previous, .. } => previous,
                _ => self.issued(at)?.proof,
            };
            at = self.place(before)?;
        }
        None
    }

    /// Whether it was issued by a generation of a lineage itself.
    pub(crate) fn by_generation(&self, at: usize) -> bool {
        let proof = self.issued(at).and_then(|issued| self.place(issued.proof));
        proof.is_some_and(|proof| {
            matches!(self.record(proof), Record::Charter { .. } | Record::Rotation { .. })
        })
    }

    /// Whether it is a root act.
    pub(crate) fn root_act(&self, at: usize) -> bool {
        let Some(issued) = self.issued(at) else { return false };
        issued.proof == self.case.genesis.id
            || self
                .place(issued.proof)
                .is_some_and(|proof| matches!(self.record(proof), Record::Succession { .. }))
    }

    /// The generation that a rotation or succession names.
    pub(crate) fn previous(&self, at: usize) -> Option<&'a str> {
        match self.record(at) {
            Record::Rotation { previous, .. } | Record::Succession { previous, .. } => {
                Some(previous)
            }
            _ => None,
        }
    }

    /// The kept successors of a generation.
    pub(crate) fn successors(&self, of: &str) -> Vec<usize> {
        self.all_kept().filter(|at| self.previous(*at) == Some(of)).collect()
    }

    /// Whether a generation is the last of the chain of the root or of some lineage.
    pub(crate) fn present(&self, id: &str) -> bool {
        self.answer.root == id || self.answer.present.values().any(|present| present == id)
    }

    pub(crate) fn rival(&self, id: &str) -> bool {
        self.answer.rivals.iter().any(|rival| rival == id)
    }

    /// The keeps of a statement.
    pub(crate) fn keeps(&self, at: usize) -> &'a [String] {
        match self.record(at) {
            Record::Rotation { keeps, .. }
            | Record::Succession { keeps, .. }
            | Record::Ending { keeps, .. } => keeps,
            _ => &[],
        }
    }

    /// The endings of a statement that stand as its kind wants, and may end it by the plainest rule.
    pub(crate) fn endings(&self, of: usize) -> Vec<usize> {
        let id = self.id(of);
        let inner = matches!(self.record(of), Record::Delegation { .. } | Record::Adoption { .. });
        self.all_kept()
            .filter(|at| matches!(self.record(*at), Record::Ending { ends, .. } if ends == id))
            .filter(|at| {
                if inner {
                    self.inside(*at) && self.same_lineage(*at, of)
                } else {
                    self.outside(*at)
                }
            })
            .collect()
    }

    fn same_lineage(&self, ending: usize, of: usize) -> bool {
        self.lineage(ending) == self.lineage(of) && self.by_generation(ending)
    }

    /// Whether an envelope was admitted.
    pub(crate) fn admitted(&self, at: usize) -> bool {
        !self.verdict(at).starts_with("absent")
    }

    pub(crate) fn verdict(&self, at: usize) -> &'a str {
        &self.answer.envelopes[at]
    }

    /// The admitted envelope with this id.
    pub(crate) fn envelope(&self, id: &str) -> Option<&'a Envelope> {
        let at = self.case.envelopes.iter().position(|made| made.id == id)?;
        self.admitted(at).then(|| &self.case.envelopes[at])
    }
}
