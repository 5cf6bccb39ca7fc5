//! Solution forms: how solutions come in from other tools, to be checked or to start from, and go out to them.
//!
//! Every class has the solution document and the bare solution in JSON; a form is what it has beyond. To add one: implement [`SolutionForm`] in the class's folder,
//! and [`WritesSolutions`] where it can also be written, and name it in the class's [`Class`](crate::Class).

use std::io::{self, Write};

use fathom_opt_problems::{AnyProblem, AnySolution, Problem};

use crate::error::InstanceError;
use crate::input_file::InputFile;

/// What a file of another tool holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Given<S> {
    /// A solution.
    Whole(S),
    /// What a search can start from, but nothing that could be checked; the text says what it is: `an order without a graph`.
    Part(S, &'static str),
}

/// `status` and `detail`, as solution documents have them.
pub type StatusWords = (&'static str, Option<String>);

/// A kind of file that holds solutions of one class.
pub trait SolutionForm: 'static {
    /// The class.
    type Problem: Problem;
    /// The name in lists: `allocation-table`.
    const NAME: &'static str;
    /// The form in one line.
    const SUMMARY: &'static str;
    /// Endings of file names, lower case, with their dots. A form with the ending `.json` is asked after the solution document and the class's own solution.
    const ENDINGS: &'static [&'static str];

    /// The solution of `problem` in `file`.
    ///
    /// # Errors
    /// When the file holds none: line, what was found and what was expected.
    fn read(file: &InputFile, problem: &Self::Problem) -> Result<Given<<Self::Problem as Problem>::Solution>, InstanceError>;

    /// How the solver says in `file` that it ended, where the form has a place for that. `None` where nothing is said; a solution then counts as one that meets every requirement.
    fn status(file: &InputFile) -> Option<StatusWords> {
        let _ = file;
        None
    }
}

/// A kind of file in which solutions of one class are written for other tools.
pub trait WritesSolutions: 'static {
    /// The class.
    type Problem: Problem;
    /// The name in lists.
    const NAME: &'static str;
    /// Endings of file names, lower case, with their dots; the longest that fits a name decides.
    const WRITTEN: &'static [&'static str];

    /// Writes `solution` as a file whose name, lower case and without the ending of a packing, is `name`.
    ///
    /// # Errors
    /// When `out` cannot be written, or the solution does not fit the problem.
    fn write(problem: &Self::Problem, solution: &<Self::Problem as Problem>::Solution, name: &str, out: &mut dyn Write) -> io::Result<()>;
}

/// A [`SolutionForm`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnySolutionForm {
    /// [`SolutionForm::NAME`].
    pub name: &'static str,
    /// [`SolutionForm::SUMMARY`].
    pub summary: &'static str,
    /// [`SolutionForm::ENDINGS`].
    pub endings: &'static [&'static str],
    read: fn(&InputFile, &dyn AnyProblem) -> Result<Given<AnySolution>, InstanceError>,
    status: fn(&InputFile) -> Option<StatusWords>,
}

impl AnySolutionForm {
    /// The form `F`.
    pub fn of<F: SolutionForm>() -> Self {
        Self {
            name: F::NAME,
            summary: F::SUMMARY,
            endings: F::ENDINGS,
            status: F::status,
            read: |file, problem| {
                let problem = problem.downcast::<F::Problem>().ok_or_else(|| {
                    file.about(format!("found a solution of a {} instance, expected one of {}", F::Problem::KIND, problem.kind()))
                })?;
                Ok(match F::read(file, problem)? {
                    Given::Whole(solution) => Given::Whole(AnySolution::new(solution)),
                    Given::Part(solution, what) => Given::Part(AnySolution::new(solution), what),
                })
            },
        }
    }

    /// [`SolutionForm::read`].
    ///
    /// # Errors
    /// As there, and for a problem of another class.
    pub fn read(&self, file: &InputFile, problem: &dyn AnyProblem) -> Result<Given<AnySolution>, InstanceError> {
        (self.read)(file, problem)
    }

    /// [`SolutionForm::status`].
    pub fn status(&self, file: &InputFile) -> Option<StatusWords> {
        (self.status)(file)
    }
}

/// A [`WritesSolutions`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnySolutionWriter {
    /// [`WritesSolutions::NAME`].
    pub name: &'static str,
    /// [`WritesSolutions::WRITTEN`].
    pub endings: &'static [&'static str],
    write: fn(&dyn AnyProblem, &AnySolution, &str, &mut dyn Write) -> io::Result<()>,
}

impl AnySolutionWriter {
    /// The writer `W`.
    pub fn of<W: WritesSolutions>() -> Self {
        Self {
            name: W::NAME,
            endings: W::WRITTEN,
            write: |problem, solution, name, out| match (problem.downcast::<W::Problem>(), solution.downcast()) {
                (Some(problem), Some(solution)) => W::write(problem, solution, name, out),
                _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("expected a solution of a {} instance", W::Problem::KIND))),
            },
        }
    }

    /// [`WritesSolutions::write`].
    ///
    /// # Errors
    /// As there, and for a problem or a solution of another class.
    pub fn write(&self, problem: &dyn AnyProblem, solution: &AnySolution, name: &str, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(problem, solution, name, out)
    }
}
