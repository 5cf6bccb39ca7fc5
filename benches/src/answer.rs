//! What a command wrote as its answer.

use std::fs;
use std::path::Path;

use fathom_opt_core::{ErasedOutcome, Outcome, Refuted, Status};
use fathom_opt_instances::suite::Command;
use fathom_opt_instances::{AnySolutionForm, Class, Classes, Given, InputFile, Instance, SolutionFile};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A longer solution is not read, in bytes.
const LONGEST: u64 = 256 << 20;

/// What a command wrote as its answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub outcome: ErasedOutcome,
    /// Claims that are refuted before the solution is looked at.
    pub refuted: Vec<Refuted>,
    /// What it counted.
    pub counters: Map<String, Value>,
}

/// A solution document, as far as a stranger has to know it: `fathom`, `status` and `solution` are enough.
#[derive(Deserialize)]
struct Document {
    fathom: u32,
    problem: Option<String>,
    instance: Option<Solved>,
    status: String,
    detail: Option<String>,
    criterion: Option<String>,
    objective: Option<f64>,
    bound: Option<f64>,
    #[serde(default)]
    promised: Vec<String>,
    #[serde(default)]
    sought: Vec<String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    counters: Map<String, Value>,
    solution: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Solved {
    name: Option<String>,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Marker {
    fathom: Option<serde::de::IgnoredAny>,
}

impl Answer {
    /// The answer in the file `path`, which a command that ended well has written about `instance`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read: a sentence.
    pub fn read(path: &Path, writes: &str, instance: &Instance, classes: &Classes) -> Result<Self, String> {
        // A link or a pipe would lead out of the run's folder.
        let found = fs::symlink_metadata(path).map_err(|_| "no answer (exit status 0, and no solution was written)".to_owned())?;
        if !found.is_file() {
            return Err("no answer (exit status 0, and the solution is no regular file)".into());
        }
        if found.len() > LONGEST {
            return Err(format!("malformed answer: a solution of {} bytes, expected at most {LONGEST}", found.len()));
        }
        let malformed = |error: String| {
            let folder = format!("{}/", path.parent().unwrap_or(path).display());
            // The folder is gone when anybody reads this.
            format!("malformed answer: {}", error.replace(&folder, ""))
        };
        if writes == Command::JSON { Self::of_json(path, instance, classes) } else { Self::of_form(path, writes, instance, classes) }
            .map_err(malformed)
    }

    /// A solution document, or the solution alone, in JSON or in a form of the class that has the same ending.
    fn of_json(path: &Path, instance: &Instance, classes: &Classes) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let is_document = serde_json::from_slice::<Marker>(&bytes).is_ok_and(|marker| marker.fathom.is_some());
        if !is_document {
            let file = SolutionFile::read(path, instance.problem.as_ref(), classes).map_err(|error| error.to_string())?;
            let solution = file.solution().map_err(|error| error.to_string())?;
            return Ok(Self::of(Outcome::new(Status::Feasible).with_solution(solution.clone(), None)));
        }
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if document.fathom != 1 {
            return Err(format!("fathom: found format version {}, expected 1", document.fathom));
        }
        let problem = instance.problem.as_ref();
        if let Some(other) = document.problem.as_deref().filter(|kind| *kind != problem.kind()) {
            return Err(format!("problem: found a solution of a {other} instance, expected one of {}", problem.kind()));
        }
        let status = Status::of_words(&document.status, document.detail.as_deref()).ok_or_else(|| unknown(&document))?;
        let mut outcome = Outcome::new(status);
        if let Some(solution) = document.solution.as_ref().filter(|solution| solution.get() != "null") {
            outcome.solution = Some(problem.parse_solution(solution).map_err(|error| format!("solution: {error}"))?);
        }
        outcome.objective = document.objective;
        outcome.bound = document.bound;
        outcome.criterion = document.criterion;
        outcome.promised = document.promised;
        outcome.sought = document.sought;
        outcome.notes = document.notes;
        let mut answer = Self { counters: document.counters, ..Self::of(outcome) };
        let other = document.instance.and_then(|solved| Some((solved.sha256?, solved.name)));
        if let Some((sha256, name)) = other.filter(|(sha256, _)| !sha256.eq_ignore_ascii_case(&instance.sha256)) {
            let name = name.map_or_else(String::new, |name| format!("{name}, "));
            answer.refuted.push(Refuted {
                claim: "a solution of this instance".into(),
                found: format!("it says that it is one of {name}SHA-256 {sha256}"),
            });
        }
        answer.counters.retain(|_, count| count.is_number());
        Ok(answer)
    }

    /// A solution in a form of the class. Where the form has no place for a status, it counts as feasible.
    fn of_form(path: &Path, writes: &str, instance: &Instance, classes: &Classes) -> Result<Self, String> {
        let forms = classes.find(instance.problem.kind()).map(Class::solution_forms).unwrap_or_default();
        let form = form_of(forms, writes).ok_or_else(|| format!("{} has no solutions in {writes}", instance.problem.kind()))?;
        let file = InputFile::open(path).map_err(|error| error.to_string())?;
        let status = match form.status(&file) {
            None => Status::Feasible,
            Some((name, detail)) => Status::of_words(name, detail.as_deref()).ok_or_else(|| format!("status {name}"))?,
        };
        let mut outcome = Outcome::new(status);
        match form.read(&file, instance.problem.as_ref()) {
            Ok(Given::Whole(solution)) => outcome.solution = Some(solution),
            Ok(Given::Part(_, what)) => return Err(format!("found {what}, expected a whole solution")),
            // Who says that there is none need not give one.
            Err(_) if !outcome.status.claims_feasibility() => {}
            Err(error) => return Err(error.to_string()),
        }
        Ok(Self::of(outcome))
    }

    fn of(outcome: ErasedOutcome) -> Self {
        Self { outcome, refuted: Vec::new(), counters: Map::new() }
    }
}

/// The form of solutions with this ending.
pub(crate) fn form_of(forms: &[AnySolutionForm], ending: &str) -> Option<AnySolutionForm> {
    forms.iter().copied().find(|form| form.endings.contains(&ending))
}

fn unknown(document: &Document) -> String {
    let words = serde_json::json!({ "status": document.status, "detail": document.detail });
    serde_json::from_value::<Status>(words).err().map_or_else(|| format!("status {}", document.status), |error| error.to_string())
}
