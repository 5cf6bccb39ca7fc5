//! The solution document: what `fathom solve` writes and `fathom check` reads.

use std::path::Path;

use fathom_opt_problems::fair_division::FairDivision;
use fathom_opt_problems::{AnyProblem, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::allocation_table;
use crate::compression::{Compression, read_stored, unpack};
use crate::document::{json_error, utf8};
use crate::error::InstanceError;
use crate::folder::sha256;

/// Which instance a solution belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedInstance {
    /// The instance's name.
    pub name: String,
    /// The hash of its content.
    pub sha256: String,
}

/// Which solver made a solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedBy {
    /// The solver's name.
    pub name: String,
    /// Fathom's version.
    pub version: String,
    /// All options, defaults included.
    pub options: Value,
}

/// What a solve took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seconds {
    /// By the clock on the wall.
    pub wall: f64,
    /// Of the processor, all threads together.
    pub cpu: f64,
}

/// A verdict with its one-word summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenVerdict {
    /// Whether every requirement was checked and is met.
    pub holds: bool,
    /// The recomputed objective.
    pub objective: Option<f64>,
    /// What the checker found.
    #[serde(flatten)]
    rest: VerdictRest,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct VerdictRest {
    violations: Vec<fathom_opt_problems::Violation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unchecked: Vec<String>,
    properties: Vec<fathom_opt_problems::Property>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    measures: Vec<fathom_opt_problems::Measure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    improvements: Vec<fathom_opt_problems::Improvement>,
}

impl From<&Verdict> for WrittenVerdict {
    fn from(verdict: &Verdict) -> Self {
        Self {
            holds: verdict.holds(),
            objective: verdict.objective.as_ref().map(|objective| objective.value),
            rest: VerdictRest {
                violations: verdict.violations.clone(),
                unchecked: verdict.unchecked.clone(),
                properties: verdict.properties.clone(),
                measures: verdict.measures.clone(),
                improvements: verdict.improvements.clone(),
            },
        }
    }
}

/// The outcome of a solve, as a document. Field names are stable: people script against them.
#[derive(Debug, Serialize)]
pub struct SolutionDocument {
    /// Version of the format.
    pub fathom: u32,
    /// The problem class.
    pub problem: String,
    /// The instance.
    pub instance: SolvedInstance,
    /// The solver.
    pub solver: SolvedBy,
    /// The seed of the run.
    pub seed: u64,
    /// How the solve ended, one word.
    pub status: &'static str,
    /// What the word leaves out: which limit, why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The checker's measure that was optimised, if it is not the class's objective; objective and bound are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The objective, as the solver computed it.
    pub objective: Option<f64>,
    /// The proven bound.
    pub bound: Option<f64>,
    /// Properties that the method guarantees for this solution.
    pub promised: Vec<String>,
    /// Properties that the solver looked for: `infeasible` then means that no solution has them all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sought: Vec<String>,
    /// The solution.
    pub solution: Option<Box<RawValue>>,
    /// What the independent checker found.
    pub verdict: Option<WrittenVerdict>,
    /// Claims that the checker refutes, as sentences; empty for an honest solver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refuted: Vec<String>,
    /// Remarks of the solver.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the solve cost, in units that do not depend on the machine.
    pub counters: Value,
    /// What it took.
    pub seconds: Seconds,
}

/// What `fathom check` needs of a solution document; everything else in it is the solver's word.
#[derive(Debug, Deserialize)]
struct ReadDocument<'a> {
    #[serde(default)]
    fathom: Option<u32>,
    #[serde(default)]
    problem: Option<String>,
    #[serde(default)]
    instance: Option<SolvedInstance>,
    #[serde(default)]
    criterion: Option<String>,
    #[serde(default)]
    objective: Option<f64>,
    #[serde(default)]
    promised: Vec<String>,
    #[serde(borrow)]
    solution: Option<&'a RawValue>,
}

/// A solution as it comes from a file: a solution document, or a bare solution from any tool.
#[derive(Debug)]
pub struct ReadSolution {
    /// The problem class, if the file says.
    pub problem: Option<String>,
    /// The instance, if the file says.
    pub instance: Option<SolvedInstance>,
    /// The measure that the claimed objective is in, if the file names one.
    pub criterion: Option<String>,
    /// The claimed objective, if any.
    pub objective: Option<f64>,
    /// The claimed properties.
    pub promised: Vec<String>,
    /// The solution itself, JSON.
    pub solution: Box<RawValue>,
    /// Where the solution starts in the unpacked file, in bytes.
    pub offset: usize,
    /// The unpacked file.
    pub text: String,
}

/// Reads a solution document, or a JSON file that holds the class's solution alone.
///
/// # Errors
/// When the file cannot be read, is not JSON, or is a solution document without a solution.
pub fn read_solution(file: &Path) -> Result<ReadSolution, InstanceError> {
    let bytes = unpack(file, read_stored(file)?)?;
    let text = utf8(file, &bytes)?.to_owned();
    let whole: &RawValue = serde_json::from_str(&text).map_err(|error| json_error(file, &text, &error))?;
    let is_document = serde_json::from_str::<Marker>(&text).is_ok_and(|marker| marker.fathom.is_some());
    if !is_document {
        let offset = whole.get().as_ptr() as usize - text.as_ptr() as usize;
        let solution = whole.to_owned();
        return Ok(ReadSolution {
            problem: None,
            instance: None,
            criterion: None,
            objective: None,
            promised: Vec::new(),
            solution,
            offset,
            text,
        });
    }
    let document: ReadDocument<'_> = serde_json::from_str(&text).map_err(|error| json_error(file, &text, &error))?;
    if document.fathom != Some(crate::document::VERSION) {
        return Err(InstanceError::about(file, "fathom: found another format version, expected 1"));
    }
    let Some(solution) = document.solution.filter(|solution| solution.get() != "null") else {
        return Err(InstanceError::about(file, "solution: found none, expected one to check"));
    };
    let offset = solution.get().as_ptr() as usize - text.as_ptr() as usize;
    let (solution, objective) = (solution.to_owned(), document.objective);
    let (problem, instance, criterion, promised) = (document.problem, document.instance, document.criterion, document.promised);
    Ok(ReadSolution { problem, instance, criterion, objective, promised, solution, offset, text })
}

/// Reads a solution of `problem` from any tool: what [`read_solution`] reads, and for fair division also a table (`.csv`, `.tsv`) with a row per item.
///
/// # Errors
/// As [`read_solution`]; when a table is no allocation of the instance, or the problem class has no solutions in tables.
pub fn read_solution_of(file: &Path, problem: &dyn AnyProblem) -> Result<ReadSolution, InstanceError> {
    let name = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (_, name) = Compression::of(&name);
    let delimiter = match name.rsplit_once('.') {
        Some((_, "csv")) => b',',
        Some((_, "tsv")) => b'\t',
        _ => return read_solution(file),
    };
    let Some(division) = problem.downcast::<FairDivision>() else {
        let message = format!("found a table, expected a solution of a {} instance in .json", problem.kind());
        return Err(InstanceError::about(file, message));
    };
    let bytes = unpack(file, read_stored(file)?)?;
    let allocation = allocation_table::read(file, &bytes, delimiter, division)?;
    let solution = serde_json::value::to_raw_value(&allocation).map_err(|error| InstanceError::about(file, error.to_string()))?;
    let text = utf8(file, &bytes)?.to_owned();
    Ok(ReadSolution { problem: None, instance: None, criterion: None, objective: None, promised: Vec::new(), solution, offset: 0, text })
}

#[derive(Deserialize)]
struct Marker {
    fathom: Option<serde::de::IgnoredAny>,
}

/// The hash that instance documents and records use for the bytes of `file`.
///
/// # Errors
/// When the file cannot be read.
pub fn file_sha256(file: &Path) -> Result<String, InstanceError> {
    Ok(sha256(&read_stored(file)?))
}
