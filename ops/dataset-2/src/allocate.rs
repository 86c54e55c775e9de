//! Dividing a whole number over many without losing one.

/// Divides `total` in proportion to `weights`, giving each at least its minimum.
///
/// What remains after rounding down goes to the largest remainders, the earlier first.
/// The sum is `total` exactly, or the sum of the minimums where that is more.
pub fn largest_remainder(total: u64, weights: &[f64], minimums: &[u64]) -> Vec<u64> {
    assert_eq!(weights.len(), minimums.len(), "one minimum for each weight");
    let spare = total.saturating_sub(minimums.iter().sum());
    let sum: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|weight| spare as f64 * weight / sum).collect();
    let mut parts: Vec<u64> = shares.iter().map(|share| share.floor() as u64).collect();
    let left = spare - parts.iter().sum::<u64>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| shares[*b].fract().total_cmp(&shares[*a].fract()).then(a.cmp(b)));
    for place in order.into_iter().cycle().take(left as usize) {
        parts[place] += 1;
    }
    parts.iter().zip(minimums).map(|(part, minimum)| part + minimum).collect()
}

/// Divides `total` into `count` parts that differ by one at most.
pub(crate) fn evenly(total: u64, count: u64) -> Vec<u64> {
    (0..count).map(|place| total / count + u64::from(place < total % count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        assert_eq!(largest_remainder(10, &[1.0, 1.0, 1.0], &[0, 0, 0]), [4, 3, 3]);
        assert_eq!(largest_remainder(10, &[0.0, 0.0, 9.0], &[1, 2, 0]), [1, 2, 7]);
        assert_eq!(evenly(7, 3), [3, 2, 2]);
    }
}
