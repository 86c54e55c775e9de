//! Few times, so that boundaries are hit exactly.

use super::world::{LATEST, NOON, Window, World};

/// The times that are drawn where no boundary is aimed at.
const GRID: [u64; 8] = [0, 100, 200, NOON, 400, 500, LATEST - 1, LATEST];

impl World {
    /// A time: mostly noon, else one of the few, or a boundary of a window that was drawn.
    pub(crate) fn when(&mut self) -> u64 {
        match self.chance.below(100) {
            0..50 => NOON,
            50..75 => *self.chance.pick(&GRID),
            _ => self.boundary(),
        }
    }

    /// A time at or beside the bounds of some window.
    pub(crate) fn boundary(&mut self) -> u64 {
        let windows: Vec<Window> = self.windows.values().copied().collect();
        let Some(window) = self.chance.any(&windows).copied() else { return NOON };
        self.bound_of(window)
    }

    /// A time at or beside the bounds of this window.
    pub(crate) fn bound_of(&mut self, window: Window) -> u64 {
        let (begin, end) = (window.not_before, window.not_after);
        match self.chance.below(8) {
            0 => begin,
            1 => begin.saturating_sub(1),
            2 | 3 => end,
            4 | 5 => end.saturating_add(1).min(LATEST),
            _ => end.saturating_sub(1),
        }
    }

    /// A window that mostly holds noon.
    pub(crate) fn window(&mut self) -> Window {
        let (not_before, not_after) = match self.chance.below(20) {
            0..9 => (0, LATEST),
            9 | 10 => (NOON, NOON),
            11..14 => (100, LATEST - 1),
            14..17 => (0, 400),
            17 => (NOON, 500),
            18 => (0, 200),
            _ => (400, 500),
        };
        Window { not_before, not_after }
    }

    /// A window that ends early enough to be closed.
    pub(crate) fn short_window(&mut self) -> Window {
        let not_after =
            *self.chance.pick(&[200, NOON - 1, NOON, NOON, NOON + 1, 400, LATEST - 1, LATEST]);
        Window { not_before: self.chance.weighted(&[(3, 0), (1, 200)]), not_after }
    }
}
