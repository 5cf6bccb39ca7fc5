//! Stub formats: files in which a modelling language hands a model to a solver program, which answers in a file beside the model.
//!
//! To add one: implement [`StubFormat`] for the format in the class's folder, and name it in the class's [`Class`](crate::Class).

use std::io::{self, Write};

use fathom_opt_problems::{AnyProblem, AnySolution, Problem};
use serde_json::{Map, Value};

use crate::error::InstanceError;
use crate::file_format::{AnyFormat, FileFormat};
use crate::input_file::InputFile;
use crate::options;

/// What a keyword of the protocol sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The most iterations.
    Iterations,
    /// The most seconds.
    Seconds,
    /// How much is printed; 0 is nothing.
    Verbosity,
    /// Which solver.
    Solver,
    /// The seed of random draws.
    Seed,
    /// A file with more keywords, one a line: a name, spaces, a value.
    OptionFile,
    /// This reading option of the format, whose count starts at 0 where the keyword's starts at 1.
    ReadingFromOne(&'static str),
    /// The first of these options that the solver has.
    OfSolver(&'static [&'static str]),
    /// Nothing here, for this reason; it is taken with a note.
    Nothing(&'static str),
}

/// A keyword that callers of the protocol may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// What it sets.
    pub meaning: Meaning,
}

/// How a solve ended, in the protocol's terms.
#[derive(Debug, Clone, Copy)]
pub struct StubAnswer<'a, S> {
    /// What the person reads: lines of text.
    pub message: &'a str,
    /// The protocol's number for how it ended.
    pub code: i64,
    /// The solution, if there is one.
    pub solution: Option<&'a S>,
}

/// A format in which solver programs are handed their models.
pub trait StubFormat: FileFormat {
    /// The second word of the command line, which says that the first one is a stub: `-AMPL`.
    const SWITCH: &'static str;
    /// The ending of stubs, which callers may leave out: `.nl`.
    const STUB: &'static str;
    /// The ending of answers, in place of the stub's: `.sol`.
    const ANSWER: &'static str;
    /// Names under which callers start other programs that follow the same protocol: a link of this name answers as such a program does.
    const STANDS_IN_FOR: &'static [&'static str];
    /// The keywords that mean something, or are known to mean nothing here.
    const KEYWORDS: &'static [Keyword];
    /// The property (of the class's checker) by which a solution that is claimed to be optimal, if only locally, is confirmed to be so.
    const CONFIRMED_BY: &'static str;

    /// Writes the answer to the stub in `file`, which holds `problem` as it is read with `options`.
    ///
    /// # Errors
    /// When `out` cannot be written, or the file is no stub.
    fn answer(
        file: &InputFile,
        problem: &Self::Problem,
        options: &Self::Options,
        answer: StubAnswer<'_, <Self::Problem as Problem>::Solution>,
        out: &mut dyn Write,
    ) -> io::Result<()>;
}

/// A [`StubFormat`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyStubFormat {
    /// [`StubFormat::SWITCH`].
    pub switch: &'static str,
    /// [`StubFormat::STUB`].
    pub stub: &'static str,
    /// [`StubFormat::ANSWER`].
    pub answer: &'static str,
    /// [`StubFormat::STANDS_IN_FOR`].
    pub stands_in_for: &'static [&'static str],
    /// [`StubFormat::KEYWORDS`].
    pub keywords: &'static [Keyword],
    /// [`StubFormat::CONFIRMED_BY`].
    pub confirmed_by: &'static str,
    format: AnyFormat,
    write: WriteErased,
}

type WriteErased = fn(&InputFile, &dyn AnyProblem, &Map<String, Value>, StubAnswer<'_, AnySolution>, &mut dyn Write) -> io::Result<()>;

impl AnyStubFormat {
    /// The stub format `F`.
    pub fn of<F: StubFormat>() -> Self {
        Self {
            switch: F::SWITCH,
            stub: F::STUB,
            answer: F::ANSWER,
            stands_in_for: F::STANDS_IN_FOR,
            keywords: F::KEYWORDS,
            confirmed_by: F::CONFIRMED_BY,
            format: AnyFormat::of::<F>(),
            write: |file, problem, given, answer, out| {
                let wrong = |found: String| io::Error::new(io::ErrorKind::InvalidData, found);
                let of_class = || format!("expected a problem of the class {}, and a solution of it", F::Problem::KIND);
                let options = options::parse::<F::Options>(given).map_err(wrong)?;
                let problem = problem.downcast::<F::Problem>().ok_or_else(|| wrong(of_class()))?;
                let solution = match answer.solution {
                    None => None,
                    Some(solution) => Some(solution.downcast().ok_or_else(|| wrong(of_class()))?),
                };
                F::answer(file, problem, &options, StubAnswer { message: answer.message, code: answer.code, solution }, out)
            },
        }
    }

    /// The problem in the stub `file`, read with these options.
    ///
    /// # Errors
    /// As [`FileFormat::read`], and for options that are none.
    pub fn read(&self, file: &InputFile, given: &Map<String, Value>) -> Result<Box<dyn AnyProblem>, InstanceError> {
        self.format.read(file, given).map(|imported| imported.problem)
    }

    /// [`StubFormat::answer`].
    ///
    /// # Errors
    /// As there, and for a problem or a solution of another class.
    pub fn write(
        &self,
        file: &InputFile,
        problem: &dyn AnyProblem,
        given: &Map<String, Value>,
        answer: StubAnswer<'_, AnySolution>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        (self.write)(file, problem, given, answer, out)
    }
}
