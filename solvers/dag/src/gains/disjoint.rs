//! Which moves to make at once.

use crate::order_change::Gain;

/// The best collection of moves whose intervals are disjoint: their gains add up exactly, because nobody's set of predecessors changes outside.
/// Weighted interval scheduling, `O(m log m)`. The moves come back by position.
pub(crate) fn best_disjoint(mut moves: Vec<Gain>) -> Vec<Gain> {
    // Sorting is stable: of equal intervals the one that came first counts first.
    moves.sort_by_key(|candidate| {
        let (first, last) = candidate.step.interval();
        (last, first)
    });
    // best[k]: largest total among the first k moves.
    let mut best = vec![0.0; moves.len() + 1];
    let mut previous = vec![0; moves.len()];
    for (k, candidate) in moves.iter().enumerate() {
        let (first, _) = candidate.step.interval();
        previous[k] = moves[..k].partition_point(|earlier| earlier.step.interval().1 < first);
        best[k + 1] = f64::max(best[k], best[previous[k]] + candidate.gain);
    }
    let mut chosen = Vec::new();
    let mut k = moves.len();
    while k > 0 {
        if best[k] > best[k - 1] {
            chosen.push(moves[k - 1]);
            k = previous[k - 1];
        } else {
            k -= 1;
        }
    }
    chosen.reverse();
    chosen
}
