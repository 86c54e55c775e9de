//! What a node holds: which statements are kept and which envelopes admitted.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::case::{Case, Envelope, Statement};

/// The state of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Kept,
    Waits,
    Refused,
}

/// The set of which every verdict is a function, with the pins (which are in the case).
///
/// The memos hold answers about this one set, so they must be empty while items are still taken
/// in; no rule of taking in asks any of them.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    pub(crate) case: &'a Case,
    pub(crate) states: Vec<State>,
    pub(crate) admitted: Vec<bool>,
    /// Is this ending effective? Asked for every statement of every path.
    pub(crate) effective: Memo<'a>,
    /// Is this founding open? Each asks this of all foundings further up.
    pub(crate) open: Memo<'a>,
    /// Is this envelope permitted, does it prevail, does it count?
    pub(crate) permitted: Memo<'a>,
    pub(crate) prevails: Memo<'a>,
    pub(crate) counts: Memo<'a>,
    /// Is this envelope needed, is it set aside?
    pub(crate) needed: Memo<'a>,
    pub(crate) aside: Memo<'a>,
}

impl<'a> Held<'a> {
    pub(crate) fn nothing(case: &'a Case) -> Self {
        Self {
            case,
            states: vec![State::Waits; case.statements.len()],
            admitted: vec![false; case.envelopes.len()],
            effective: Memo::default(),
            open: Memo::default(),
            permitted: Memo::default(),
            prevails: Memo::default(),
            counts: Memo::default(),
            needed: Memo::default(),
            aside: Memo::default(),
        }
    }

    /// All kept statements.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &'a Statement> {
        let case = self.case;
        case.statements
            .iter()
            .zip(&self.states)
            .filter(|(_, state)| **state == State::Kept)
            .map(|(statement, _)| statement)
    }

    /// The kept statement with this id.
    pub(crate) fn kept_with(&self, id: &str) -> Option<&'a Statement> {
        self.kept().find(|statement| statement.id == id)
    }

    /// All admitted envelopes.
    pub(crate) fn admitted(&self) -> impl Iterator<Item = &'a Envelope> {
        let case = self.case;
        case.envelopes
            .iter()
            .zip(&self.admitted)
            .filter(|(_, admitted)| **admitted)
            .map(|(envelope, _)| envelope)
    }

    /// The admitted envelope with this id.
    pub(crate) fn admitted_with(&self, id: &str) -> Option<&'a Envelope> {
        self.admitted().find(|envelope| envelope.id == id)
    }
}

/// Answers given already, by id.
#[derive(Debug, Default)]
pub(crate) struct Memo<'a>(RefCell<BTreeMap<&'a str, bool>>);

impl<'a> Memo<'a> {
    /// The answer for `id`, asked once.
    ///
    /// A question that comes back to itself is answered no. The text's questions never do (see
    /// each caller); this only makes sure that no mistake of ours loops.
    pub(crate) fn ask(&self, id: &'a str, question: impl FnOnce() -> bool) -> bool {
        if let Some(known) = self.0.borrow().get(id) {
            return *known;
        }
        self.0.borrow_mut().insert(id, false);
        let answer = question();
        self.0.borrow_mut().insert(id, answer);
        answer
    }
}
