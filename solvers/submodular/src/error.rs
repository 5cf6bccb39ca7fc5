//! What can go wrong.

/// An answer of a function that no submodular function gives.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OracleFault {
    /// A gain that is NaN or infinite.
    #[error("the gain of element {element} is {gain}, which is no finite number")]
    NotFinite {
        /// The element.
        element: u32,
        /// Its gain.
        gain: f64,
    },
    /// A negative gain of a function that says it is monotone.
    #[error("the gain of element {element} is {gain}, but the function says that it is monotone")]
    Negative {
        /// The element.
        element: u32,
        /// Its gain.
        gain: f64,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A gain that rises when the set grows.
    #[error("not submodular: element {element} gains {smaller} on top of {prefix:?}, but {larger} after {more:?} were added")]
    NotSubmodular {
        /// The element.
        element: u32,
        /// The smaller set.
        prefix: Vec<u32>,
        /// What is added to it.
        more: Vec<u32>,
        /// The gain on top of the smaller set.
        smaller: f64,
        /// The gain on top of the larger set.
        larger: f64,
    },
}

/// Why a maximizer refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MaximizeError {
    /// An insertion of an element that is live.
    #[error("element {0} is live already")]
    AlreadyLive(u32),
    /// A deletion of an element that is not live.
    #[error("element {0} is not live")]
    NotLive(u32),
    /// An element beyond the ground set.
    #[error("element {element}: found a ground set of {elements} elements, expected a number below that")]
    Unknown {
        /// The element.
        element: u32,
        /// Size of the ground set.
        elements: usize,
    },
    /// A setting outside its range.
    #[error("{setting}: found {found}, expected {expected}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An engine that does not take the function or the constraint.
    #[error("engine {engine} does not take {what}")]
    Unsupported {
        /// The engine.
        engine: &'static str,
        /// What it does not take.
        what: &'static str,
    },
    /// The function gave an answer that no submodular function gives. What the maximizer holds is no longer of use.
    #[error(transparent)]
    Oracle(#[from] OracleFault),
}
