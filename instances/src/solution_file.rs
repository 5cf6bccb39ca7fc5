//! Solutions in files: the solution document, the bare solution in JSON, and the forms of other tools that a class knows.

use std::path::Path;

use fathom_opt_problems::{AnyProblem, AnySolution, CheckError};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::class::Class;
use crate::classes::Classes;
use crate::document_format::VERSION;
use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::locate::locate;
use crate::solution_form::{AnySolutionForm, Given};
use crate::solved_instance::SolvedInstance;
use crate::text::json_error;

/// What is read of a solution document; everything else in it is the solver's word.
#[derive(Debug, Deserialize)]
struct ReadDocument<'a> {
    #[serde(default)]
    fathom: Option<u32>,
    #[serde(default)]
    problem: Option<String>,
    #[serde(default)]
    instance: Option<SolvedInstance>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    criterion: Option<String>,
    #[serde(default)]
    objective: Option<f64>,
    #[serde(default)]
    bound: Option<f64>,
    #[serde(default)]
    promised: Vec<String>,
    #[serde(default)]
    sought: Vec<String>,
    #[serde(borrow)]
    solution: Option<&'a RawValue>,
}

/// What a solution document says of its solution, in its own words; nothing where a file holds a solution alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claimed {
    /// How the solve ended.
    pub status: Option<String>,
    /// What the status leaves out: which limit, why it failed.
    pub detail: Option<String>,
    /// The measure that objective and bound are in; the class's objective where none is named.
    pub criterion: Option<String>,
    /// The objective.
    pub objective: Option<f64>,
    /// The bound on every objective.
    pub bound: Option<f64>,
    /// The properties that the solution is said to have.
    pub promised: Vec<String>,
    /// The properties that were looked for.
    pub sought: Vec<String>,
}

#[derive(Deserialize)]
struct Marker {
    fathom: Option<serde::de::IgnoredAny>,
}

/// A solution as it comes from a file.
#[derive(Debug)]
pub struct SolutionFile {
    file: InputFile,
    /// The solution in JSON with its offset in the file, where it stands there as such.
    json: Option<(Box<RawValue>, usize)>,
    given: Given<AnySolution>,
    /// The instance, if the file says.
    pub instance: Option<SolvedInstance>,
    /// What the file claims.
    pub claimed: Claimed,
}

impl SolutionFile {
    /// Reads a solution of `problem` from any tool: a solution document, a file with the solution alone in JSON, or a form that the problem's class in `classes`
    /// has for the file's ending.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no solution of such a problem.
    pub fn read(path: &Path, problem: &dyn AnyProblem, classes: &Classes) -> Result<Self, InstanceError> {
        let file = InputFile::open(path)?;
        let name = file.name();
        let forms = classes.find(problem.kind()).map(Class::solution_forms).unwrap_or_default();
        let longest =
            |form: &AnySolutionForm| form.endings.iter().filter(|ending| name.ends_with(**ending)).map(|ending| ending.len()).max();
        let form = forms.iter().filter_map(|form| Some((longest(form)?, form))).max_by_key(|(length, _)| *length).map(|(_, form)| form);
        let is_json = name.ends_with(JSON);
        match form.filter(|_| !is_json) {
            Some(form) => {
                let given = form.read(&file, problem)?;
                Ok(Self { file, json: None, given, instance: None, claimed: Claimed::default() })
            }
            None if is_json || file.unmarked().trim_ascii().starts_with(b"{") => Self::read_json(file, problem, form),
            None => {
                let endings: Vec<&str> = std::iter::once(JSON).chain(forms.iter().flat_map(|form| form.endings).copied()).collect();
                let expected =
                    format!("expected a solution of a {} instance in {} (also with .gz or .zst)", problem.kind(), endings.join(", "));
                Err(file.about(format!("found an unknown kind of file, {expected}")))
            }
        }
    }

    fn read_json(file: InputFile, problem: &dyn AnyProblem, form: Option<&AnySolutionForm>) -> Result<Self, InstanceError> {
        let text = file.text()?;
        let start = file.bytes().len() - text.len();
        let failed = |error: &serde_json::Error| json_error(file.path(), text, error);
        let whole: &RawValue = serde_json::from_str(text).map_err(|error| failed(&error))?;
        let is_document = serde_json::from_str::<Marker>(text).is_ok_and(|marker| marker.fathom.is_some());
        let (solution, document) = if is_document {
            let document: ReadDocument<'_> = serde_json::from_str(text).map_err(|error| failed(&error))?;
            if document.fathom != Some(VERSION) {
                return Err(file.about("fathom: found another format version, expected 1"));
            }
            let Some(solution) = document.solution.filter(|solution| solution.get() != "null") else {
                return Err(file.about("solution: found none, expected one"));
            };
            if let Some(other) = document.problem.as_deref().filter(|&kind| kind != problem.kind()) {
                return Err(file.about(format!("problem: found a solution of a {other} instance, expected one of {}", problem.kind())));
            }
            (solution, Some(document))
        } else {
            (whole, None)
        };
        // The solution is a slice of the text: the distance of their starts is its offset.
        let offset = start + (solution.get().as_ptr() as usize - text.as_ptr() as usize);
        let given = match problem.parse_solution(solution) {
            Ok(solution) => Given::Whole(solution),
            Err(error) => {
                let alone = || InputFile::of_bytes(&file.path().display().to_string(), solution.get().as_bytes().to_vec());
                match form.map(|form| form.read(&alone(), problem)) {
                    Some(Ok(given)) => given,
                    // What the class's own form lacks is the better thing to say.
                    _ => return Err(misfit(&file, solution, offset, &error.into())),
                }
            }
        };
        let json = Some((solution.to_owned(), offset));
        let (instance, claimed) = document.map_or_else(Default::default, |document| {
            let ReadDocument { status, detail, criterion, objective, bound, promised, sought, .. } = document;
            (document.instance, Claimed { status, detail, criterion, objective, bound, promised, sought })
        });
        Ok(Self { file, json, given, instance, claimed })
    }

    /// The solution, to be checked.
    ///
    /// # Errors
    /// When the file holds only a part of one, which a search can start from.
    pub fn solution(&self) -> Result<&AnySolution, InstanceError> {
        match &self.given {
            Given::Whole(solution) => Ok(solution),
            Given::Part(_, what) => {
                Err(self.file.about(format!("found {what}, expected a whole solution (this can only be started from)")))
            }
        }
    }

    /// The error for something else in the file.
    pub fn about(&self, message: impl Into<String>) -> InstanceError {
        self.file.about(message)
    }

    /// The solution, or the part of one, to start from.
    pub fn start(&self) -> &AnySolution {
        match &self.given {
            Given::Whole(solution) | Given::Part(solution, _) => solution,
        }
    }

    /// The error for a solution that does not fit the instance, with its place.
    pub fn misfit(&self, error: &CheckError) -> InstanceError {
        match &self.json {
            Some((solution, offset)) => misfit(&self.file, solution, *offset, error),
            None => self.file.about(format!("solution: {error}")),
        }
    }
}

/// The ending of solution documents.
const JSON: &str = ".json";

fn misfit(file: &InputFile, solution: &RawValue, offset: usize, error: &CheckError) -> InstanceError {
    let solution = solution.get();
    let (within, message) = match error {
        CheckError::Malformed(fault) => (locate(solution, &fault.place), fault.to_string()),
        CheckError::Json(error) => {
            let line_start = solution.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
            (line_start + error.column().saturating_sub(1), error.to_string())
        }
    };
    file.at_offset(offset + within, format!("solution: {message}"))
}
