//! What a maximizer asks of a function.

/// A submodular function that keeps a stack of chosen elements and knows gains against every prefix of it.
///
/// Elements are the numbers `0..elements()`. A *prefix of level `j`* is the set of the first `j` elements pushed. The function is 0 on the empty set.
/// A clone shares the data and has a stack of its own.
///
/// A function of your own needs no document: implement this trait, or wrap a closure with [`ValueOracle`](crate::ValueOracle).
pub trait LevelOracle: Clone + Send + Sync {
    /// Number of elements of the ground set.
    fn elements(&self) -> usize;

    /// How many elements were pushed.
    fn height(&self) -> usize;

    /// `f` of all pushed elements.
    fn value(&self) -> f64;

    /// `f(prefix + element) - f(prefix)` for the prefix of `level`, at most [`height`](Self::height); 0 where the element lies in the prefix.
    fn gain(&self, element: usize, level: usize) -> f64;

    /// Appends the gains of `element` against the prefixes of level `from` to `to`, both included, to `gains`, and returns true; or returns false where one
    /// pass over the element gives no more than one call of [`gain`](Self::gain) does.
    fn profile(&self, element: usize, from: usize, to: usize, gains: &mut Vec<f64>) -> bool {
        let _ = (element, from, to, gains);
        false
    }

    /// Puts `element` on top of the stack.
    fn push(&mut self, element: usize);

    /// Takes elements from the top until `height` are left.
    fn truncate(&mut self, height: usize);

    /// Whether no gain is ever negative.
    fn is_monotone(&self) -> bool {
        true
    }

    /// Whether no value is ever negative.
    fn is_non_negative(&self) -> bool {
        true
    }
}

/// The one rule by which a gain reaches a threshold: up to a relative rounding error of `1e-12`.
///
/// The same function decides everywhere, so that what was once found to reach a threshold is found so again.
pub fn reaches(gain: f64, threshold: f64) -> bool {
    gain >= threshold * (1.0 - 1e-12)
}
