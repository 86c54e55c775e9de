//! Counts what is looked at, for tests that say what a question may cost.

#[cfg(test)]
thread_local! {
    static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A statement, or a verdict on one, is looked at.
#[inline]
pub(crate) fn note() {
    #[cfg(test)]
    LOOKED.with(|looked| looked.set(looked.get() + 1));
}

/// How many were looked at meanwhile.
#[cfg(test)]
pub(crate) fn count<T>(question: impl FnOnce() -> T) -> (T, usize) {
    let before = LOOKED.with(std::cell::Cell::get);
    let answer = question();
    (answer, LOOKED.with(std::cell::Cell::get) - before)
}
