//! The trait that every problem class implements.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bulk::{BulkSink, BulkSource};
use crate::malformed::Malformed;
pub(crate) use crate::sense::Sense;
use crate::verdict::{Measure, Verdict};

/// A measure of the checker by which solutions may be optimised instead of the class's objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Criterion {
    /// The measure's name.
    pub name: String,
    /// Whether smaller or larger values are better.
    pub sense: Sense,
    /// How far a claimed value may lie from the recomputed one, relative to its magnitude or to [`Problem::objective_scale`], whichever is larger.
    pub tolerance: f64,
}

/// One figure that tells how large an instance is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// What is counted (`agents`, `items`, `nonzeros`).
    pub name: String,
    /// How many there are.
    pub value: u64,
}

impl Size {
    /// `value` of `name`.
    pub fn new(name: &str, value: usize) -> Self {
        Self { name: name.to_owned(), value: value as u64 }
    }
}

/// A class of problems: what an instance is, what a solution is, and how any solution is checked from the data alone.
///
/// A value of the implementing type is one valid instance: [`from_data`](Problem::from_data) is the only way in from
/// documents, and it refuses whatever is not an instance.
pub trait Problem: Send + Sync + Sized + 'static {
    /// The name of the class in documents and on the command line, such as `fair-division`.
    const KIND: &'static str;
    /// The class in one line.
    const SUMMARY: &'static str;
    /// The form in documents: the `data` field.
    type Data: Serialize + DeserializeOwned + JsonSchema;
    /// What a solver returns and the checker takes: the `solution` field of a solution document.
    type Solution: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static;

    /// The instance that `data` describes; parts that stand in files come through `bulk`.
    ///
    /// # Errors
    /// When `data` is not an instance of the class: wrong lengths, values out of range, a file that cannot be read.
    fn from_data(data: Self::Data, bulk: &mut dyn BulkSource) -> Result<Self, Malformed>;

    /// The document form of this instance; `bulk` decides which parts go to files of their own.
    ///
    /// # Errors
    /// When `bulk` cannot keep a part.
    fn to_data(&self, bulk: &mut dyn BulkSink) -> Result<Self::Data, Malformed>;

    /// Recomputes objective, feasibility and properties of `solution` from the instance's data.
    ///
    /// # Errors
    /// When `solution` is not a solution of this instance at all (wrong lengths, indices out of range, not a number).
    /// A solution that merely breaks requirements is a [`Verdict`] with violations.
    fn check(&self, solution: &Self::Solution) -> Result<Verdict, Malformed>;

    /// Whether `solution` has the form of a solution of this instance: lengths, indices, finite numbers. It may break requirements.
    ///
    /// The default checks the whole solution; a class whose check takes long has a shorter way.
    ///
    /// # Errors
    /// As [`check`](Problem::check).
    fn fits(&self, solution: &Self::Solution) -> Result<(), Malformed> {
        self.check(solution).map(|_| ())
    }

    /// Whether smaller or larger objective values are better.
    fn sense(&self) -> Sense;

    /// The measures that a solver may optimise instead of the objective, each of them in every [`Verdict`] of a valid solution.
    fn criteria(&self) -> Vec<Criterion> {
        Vec::new()
    }

    /// How large the instance is.
    fn sizes(&self) -> Vec<Size>;

    /// Further figures about the instance itself, such as how easy it is by a known measure. Empty where there are none.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }

    /// What a user should know about the instance before trusting any solution: a sentence each.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// `solution` as a person would write it down, a line each: who gets what, which edges, which residuals. Empty where numbers say it all.
    /// A solution that does not fit the instance gives no lines.
    fn present(&self, solution: &Self::Solution) -> Vec<String> {
        let _ = solution;
        Vec::new()
    }

    /// Whether a better objective makes a better solution. False where the objective only reports how well a requirement is met, as a residual does:
    /// harness and reports then compare solutions by other figures.
    fn ranks_by_objective(&self) -> bool {
        true
    }

    /// How far a claimed objective may lie from the recomputed one, relative to its magnitude or to [`objective_scale`](Problem::objective_scale), whichever
    /// is larger: 0 for classes in exact arithmetic whose objective fits an `f64`.
    fn objective_tolerance(&self) -> f64 {
        1e-9
    }

    /// The magnitude of the numbers that the objective of `solution` is made of, or that of a typical one where no solution is given: differences far below it
    /// are what rounding leaves when such numbers cancel. It follows the data, in whatever unit they are. The default 0 is right where nothing cancels, as in sums
    /// of numbers of one sign.
    fn objective_scale(&self, solution: Option<&Self::Solution>) -> f64 {
        let _ = solution;
        0.0
    }
}
