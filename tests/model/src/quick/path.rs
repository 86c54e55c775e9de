//! Paths and endings (section 6).

use tests_oracle::case::Record;

use super::kept::contains;
use super::{GENESIS, Place, Quick};
use crate::words::issued;

/// On whose behalf a path is asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ask {
    /// None leaves (H5) out.
    pub(super) at: Option<u64>,
    /// (H5) is asked of delegations alone.
    pub(super) open: bool,
    /// What is too early is not refused.
    pub(super) early: bool,
    /// (H3) is left out.
    pub(super) signed: bool,
    /// (H7) is left out.
    pub(super) rivals: bool,
    pub(super) class: Option<u8>,
    pub(super) reads: Option<u8>,
}

impl Quick<'_> {
    pub(super) fn kept_places(&self) -> impl Iterator<Item = Place> {
        (0..self.kept.len()).filter(|&place| self.is_kept(place))
    }

    fn generation(&self, place: Place) -> bool {
        place != GENESIS
            && matches!(self.record(place), Record::Charter { .. } | Record::Rotation { .. })
    }

    /// Whether it is by (a), and whether it is a root act.
    fn proof(&self, place: Place) -> Option<Place> {
        self.place(issued(self.record(place))?.1)
    }

    pub(super) fn by_a(&self, place: Place) -> bool {
        self.proof(place).is_some_and(|proof| self.generation(proof))
    }

    pub(super) fn root_act(&self, place: Place) -> bool {
        self.proof(place).is_some_and(|proof| {
            proof == GENESIS || matches!(self.record(proof), Record::Succession { .. })
        })
    }

    /// Empty for a root act.
    pub(super) fn inside_path(&self, place: Place) -> Vec<Place> {
        let Some(proof) = self.proof(place) else { return vec![] };
        if self.root_act(place) {
            return vec![];
        }
        if self.by_a(place) {
            return vec![proof, place];
        }
        let mut path = self.inside_path(proof);
        if !path.is_empty() {
            path.push(place);
        }
        path
    }

    pub(super) fn outside_paths(&self, place: Place) -> Vec<Vec<Place>> {
        if self.root_act(place) {
            return self.proof(place).map(|root| vec![root, place]).into_iter().collect();
        }
        let Some((unit, ..)) = issued(self.record(place)) else { return vec![] };
        let Some(lineage) = self.lineages[place].map(|charter| self.id(charter)) else {
            return vec![];
        };
        let inside = self.inside_path(place);
        let mut paths = Vec::new();
        for founding in self.kept_places() {
            let Record::Founding { below, lineage: named, .. } = self.record(founding) else {
                continue;
            };
            if below != unit || named != lineage {
                continue;
            }
            for above in self.outside_paths(founding) {
                paths.push(above.iter().chain(&inside).copied().collect());
            }
        }
        paths
    }

    pub(super) fn holds(&self, path: &[Place], ask: Ask) -> bool {
        path.iter().enumerate().all(|(n, &place)| {
            let next = self.next_after(path, n);
            if self.any_generation(place) {
                return self.generation_holds(place, next);
            }
            (ask.signed || !self.root_act(place) || self.signed(place))
                && !self.ended(place, next)
                && self.fits(place, ask, path)
                && (ask.rivals || self.may_be_rival(n, path, ask) || self.not_rival(place))
        })
    }

    /// (H7) is not asked of the last statement.
    fn may_be_rival(&self, n: usize, path: &[Place], ask: Ask) -> bool {
        n + 1 == path.len() && (ask.open || !self.rules.rivals_aside)
    }

    fn any_generation(&self, place: Place) -> bool {
        place == GENESIS
            || self.generation(place)
            || matches!(self.record(place), Record::Succession { .. })
    }

    /// The first statement behind that is no generation.
    fn next_after(&self, path: &[Place], n: usize) -> Option<Place> {
        path[n + 1..].iter().copied().find(|&place| !self.any_generation(place))
    }

    fn generation_holds(&self, place: Place, next: Option<Place>) -> bool {
        let chain = match self.lineage_of(place) {
            None => Some(&self.root),
            Some(charter) => self.chains.get(&charter),
        };
        let Some(chain) = chain else { return false };
        let Some(at) = chain.iter().position(|&one| one == place) else { return false };
        self.later(chain, at).iter().all(|&later| self.spares(later, next))
    }

    fn spares(&self, act: Place, next: Option<Place>) -> bool {
        let (Record::Rotation { keeps, .. }
        | Record::Succession { keeps, .. }
        | Record::Ending { keeps, .. }) = self.record(act)
        else {
            return false;
        };
        let Some(next) = next else { return false };
        let has = |id: &str| keeps.iter().any(|keep| keep == id);
        let outlives = match self.record(next) {
            Record::Ending { ends, .. } => self.rules.endings_outlive && !has(ends),
            _ => false,
        };
        has(self.id(next)) || outlives
    }

    /// (H3)
    fn signed(&self, act: Place) -> bool {
        let Some((_, proof, issuer)) = issued(self.record(act)) else { return false };
        let Some(generation) = self.place(proof) else { return false };
        let (roots, threshold, ..) = self.roots(generation);
        let endorsed = |root: &String| {
            self.kept_places().any(|place| {
                matches!(self.record(place), Record::Endorsement { proof: of, issuer, endorses, .. }
                    if of == proof && issuer == root && endorses == self.id(act))
            })
        };
        roots.iter().filter(|root| *root == issuer || endorsed(root)).count()
            >= usize::from(threshold)
    }

    /// (H4)
    fn ended(&self, place: Place, next: Option<Place>) -> bool {
        let Some(endings) = self.ends_of.get(&place) else { return false };
        let (mut closed, mut spared) = (false, false);
        for &ending in endings {
            if !self.effective(ending, place) {
                continue;
            }
            let spares = self.spares(ending, next);
            if matches!(self.record(ending), Record::Ending { ran_out: true, .. }) {
                closed = true;
                spared |= spares;
            } else if !spares {
                return true;
            }
        }
        closed && !spared
    }

    /// (H5) and (H6)
    fn fits(&self, place: Place, ask: Ask, path: &[Place]) -> bool {
        let timely =
            |from: u64, to: u64| ask.at.is_none_or(|at| at <= to && (ask.early || from <= at));
        match self.record(place) {
            Record::Founding { not_before, not_after, .. } => {
                ask.open || timely(*not_before, *not_after)
            }
            Record::Delegation { not_before, not_after, reads, classes, .. } => {
                let last = path.last().and_then(|last| self.lineages[*last]);
                let above = self.lineages[place] != last;
                let class = ask
                    .class
                    .is_none_or(|class| classes.iter().any(|(a, b)| (*a..=*b).contains(&class)));
                let bit = ask.reads.is_none_or(|bit| reads & bit == bit);
                timely(*not_before, *not_after) && (above || class && bit)
            }
            _ => true,
        }
    }

    pub(super) fn inner(&self, place: Place) -> bool {
        matches!(self.record(place), Record::Delegation { .. } | Record::Adoption { .. })
    }

    /// Rule 2 of endings.
    pub(super) fn may_end(&self, act: Place, n: Place) -> bool {
        let (Some((unit, _, issuer)), Some((of, _, of_issuer))) =
            (issued(self.record(act)), issued(self.record(n)))
        else {
            return false;
        };
        let same = !self.root_act(act)
            && !self.root_act(n)
            && unit == of
            && self.lineages[act] == self.lineages[n]
            && (self.by_a(act) || !self.by_a(n) && issuer == of_issuer);
        if self.inner(n) {
            return same;
        }
        self.root_act(act) || !self.root_act(n) && (same || unit != of && contains(unit, of))
    }

    pub(super) fn effective(&self, act: Place, n: Place) -> bool {
        match self.effective.borrow()[act] {
            1 => {
                self.circle.set(true);
                return false;
            }
            0 => {}
            known => return known == 3,
        }
        self.effective.borrow_mut()[act] = 1;
        let yes = self.ask_effective(act, n);
        self.effective.borrow_mut()[act] = if yes { 3 } else { 2 };
        yes
    }

    fn ask_effective(&self, act: Place, n: Place) -> bool {
        let Record::Ending { ran_out, at, .. } = self.record(act) else { return false };
        if n == GENESIS || !self.is_kept(n) {
            return false;
        }
        let timely = match self.record(n) {
            Record::Delegation { not_after, .. } | Record::Founding { not_after, .. } => {
                !ran_out || at > not_after
            }
            Record::Adoption { .. } | Record::Suspension { .. } | Record::Dissolution { .. } => {
                !ran_out
            }
            _ => false,
        };
        timely && self.may_end(act, n) && self.stands(act, self.inner(n))
    }

    /// Whether a statement stands at its own time.
    pub(super) fn stands(&self, place: Place, inside: bool) -> bool {
        if let Some(&known) = self.stand.borrow().get(&(place, inside)) {
            return known;
        }
        let at = match self.record(place) {
            Record::Ending { at, .. }
            | Record::Adoption { at, .. }
            | Record::Suspension { at, .. }
            | Record::Dissolution { at, .. }
            | Record::Card { at, .. }
            | Record::Address { at, .. } => *at,
            _ => return false,
        };
        let yes = self.stands_at(place, inside, at);
        self.stand.borrow_mut().insert((place, inside), yes);
        yes
    }

    pub(super) fn stands_at(&self, place: Place, inside: bool, at: u64) -> bool {
        let ask = Ask { at: Some(at), ..Ask::default() };
        if inside {
            let path = self.inside_path(place);
            return !path.is_empty() && self.holds(&path, ask);
        }
        self.outside_paths(place).iter().any(|path| self.holds(path, ask))
    }
}
