//! A quick judge for the searches: it answers less than the oracle, without strings on the way.
//!
//! The oracle stays the arbiter: [`crate::search`] asks it about a share of all sets, and about
//! every set in which a goal is reached.

mod count;
mod kept;
mod needed;
mod path;
mod rivals;
mod set;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tests_oracle::case::{Answer, Case, Record};

/// The place of a statement in the case; the genesis has the place [`GENESIS`].
pub(crate) type Place = usize;
pub(crate) const GENESIS: Place = usize::MAX;

/// The text; or with sentences that it had once, which the searches found wanting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct Rules {
    /// An ending is spared unless what it ends is kept by name (F1).
    pub endings_outlive: bool,
    /// A charter and an endorsement are in order by themselves (F2).
    pub loose_charters: bool,
    /// A founding that is not followed is not in order (F3).
    pub rivals_aside: bool,
    /// Whatever is permitted needs its dependencies (F4).
    pub permitted_need: bool,
    /// An envelope of the set brings its delegation into the set (F5).
    pub envelopes_bring: bool,
    /// A mark whose head is not admitted covers its log (F6).
    pub absent_heads: bool,
    /// A head elsewhere than its mark says makes envelopes less needed (F7).
    pub heads_elsewhere: bool,
}

#[derive(Debug)]
pub(crate) struct Quick<'a> {
    pub(crate) case: &'a Case,
    places: HashMap<&'a str, Place>,
    written: HashMap<&'a str, usize>,
    pub(crate) kept: Vec<u8>,
    /// The charter of each kept statement that has a lineage.
    lineages: Vec<Option<Place>>,
    root: Vec<Place>,
    chains: HashMap<Place, Vec<Place>>,
    /// 0 unknown, 1 being asked, 2 no, 3 yes.
    effective: RefCell<Vec<u8>>,
    ends_of: HashMap<Place, Vec<Place>>,
    adoptions: Vec<Place>,
    admitted: Vec<bool>,
    stand: RefCell<HashMap<(Place, bool), bool>>,
    followed: RefCell<HashMap<String, Option<String>>>,
    rules: Rules,
    /// An ending was asked for while it was being asked for: no verdict follows from the text.
    pub(crate) circle: Cell<bool>,
}

impl<'a> Quick<'a> {
    pub(crate) fn new(case: &'a Case, rules: Rules) -> Self {
        let places = case.statements.iter().enumerate().map(|(n, said)| (said.id.as_str(), n));
        let mut places: HashMap<&str, Place> = places.collect();
        places.insert(&case.genesis.id, GENESIS);
        let written = case.envelopes.iter().enumerate().map(|(n, one)| (one.id.as_str(), n));
        let count = case.statements.len();
        let mut quick = Self {
            case,
            places,
            written: written.collect(),
            kept: vec![b'w'; count],
            lineages: vec![None; count],
            root: vec![GENESIS],
            chains: HashMap::new(),
            effective: RefCell::new(vec![0; count]),
            ends_of: HashMap::new(),
            adoptions: Vec::new(),
            admitted: Vec::new(),
            stand: RefCell::default(),
            followed: RefCell::default(),
            rules,
            circle: Cell::new(false),
        };
        quick.keep();
        quick.follow();
        quick.index();
        quick.admit();
        quick
    }

    fn index(&mut self) {
        for place in 0..self.kept.len() {
            match &self.case.statements[place].record {
                _ if !self.is_kept(place) => {}
                Record::Ending { ends, .. } => {
                    if let Some(ended) = self.place(ends) {
                        self.ends_of.entry(ended).or_default().push(place);
                    }
                }
                Record::Adoption { .. } => self.adoptions.push(place),
                _ => {}
            }
        }
    }

    pub(crate) fn place(&self, id: &str) -> Option<Place> {
        self.places.get(id).copied()
    }

    pub(crate) fn record(&self, place: Place) -> &'a Record {
        &self.case.statements[place].record
    }

    pub(crate) fn is_kept(&self, place: Place) -> bool {
        place == GENESIS || self.kept[place] == b'k'
    }

    pub(crate) fn id(&self, place: Place) -> &'a str {
        if place == GENESIS { &self.case.genesis.id } else { &self.case.statements[place].id }
    }

    fn own_lineage(&self) -> Option<Place> {
        self.place(&self.case.own.lineage)
    }
}

/// Answers as the oracle gives them, without rivals, candidates, suspended and dissolved units,
/// cards and heads; `reads` for compartments from 4 only.
/// `suspended` is `["circle"]` where the endings have no verdict.
pub fn judge(case: &Case, rules: Rules) -> Answer {
    let quick = Quick::new(case, rules);
    let (envelopes, aside) = quick.verdicts();
    let mut answer = Answer {
        kept: quick.kept.iter().map(|&letter| char::from(letter)).collect(),
        stands: quick.all_stands(),
        root: quick.id(*quick.root.last().unwrap_or(&GENESIS)).into(),
        aside: quick.aside(&aside),
        envelopes,
        reads: case.reads.iter().map(|read| quick.may_hold(read)).collect(),
        ..Answer::default()
    };
    for (charter, chain) in &quick.chains {
        let last = chain.last().unwrap_or(charter);
        answer.present.insert(quick.id(*charter).into(), quick.id(*last).into());
    }
    for unit in &case.units {
        answer.followed.insert(unit.clone(), quick.followed_for(unit));
    }
    if quick.circle.get() {
        answer.suspended.push("circle".into());
    }
    answer
}
