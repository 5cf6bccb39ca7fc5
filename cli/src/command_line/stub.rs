//! `fathom STUB -AMPL key=value...`: the program as a modelling language calls it, with the answer in a file beside the stub.
//!
//! Such calls are recognised before the ordinary command line. Whatever can be said in an answer is said there, and the exit status is 0 once there is one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fathom_opt_core::{Audit, ErasedOutcome, Limit, Registry, Run, Status as SolveStatus};
use fathom_opt_instances::{AnyStubFormat, Class, Classes, InputFile, Instance, InstanceError, Meaning, StubAnswer, write_pending};
use fathom_opt_problems::AnySolution;
use serde_json::{Map, Value};

use super::failure::{Failure, Status};
use super::interrupt::{Insistence, cancel_on_interrupt};
use super::output::{Output, printable};
use super::solve::audited;
use super::stub_settings::Settings;
use super::stub_words::{self, Word};
use super::summary::number;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers the command line `arguments` (the program's name first) if it is a modelling language's call; `None` for any other.
pub(super) fn answered(arguments: &[OsString], registry: &Registry, classes: &Classes) -> Option<ExitCode> {
    let formats = || classes.iter().flat_map(Class::stub_formats);
    let program = Path::new(arguments.first()?).file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let given: Vec<&str> = arguments[1..].iter().filter_map(|word| word.to_str()).collect();
    let result = match given[..] {
        // Where no class has stubs, the program is no solver of this kind.
        ["-v"] if formats().next().is_some() => say(&format!("Fathom {VERSION}")),
        ["-v" | "--version"] if formats().any(|format| format.stands_in_for.contains(&program.as_str())) => {
            let mut name = program.clone();
            name[..1].make_ascii_uppercase();
            say(&format!("{name} {VERSION} (this is Fathom, called by that name)"))
        }
        ["-="] if formats().next().is_some() => say(&keywords(formats())),
        _ => {
            let switch = arguments.get(2)?.to_str()?;
            let format = formats().find(|format| format.switch == switch)?;
            let call = Call { stub: &arguments[1], words: &arguments[3..], program: &program, format };
            let mut output = Output::reserved();
            call.run(registry, &mut output).and_then(|()| Ok(output.flush()?))
        }
    };
    Some(match result {
        Ok(()) => Status::Holds.into(),
        Err(failure) => {
            failure.report();
            Status::BadInput.into()
        }
    })
}

fn say(text: &str) -> Result<(), Failure> {
    let mut output = Output::standard();
    output.line(text)?;
    Ok(output.flush()?)
}

/// All keywords with what they set, one in a line.
fn keywords<'a>(formats: impl Iterator<Item = &'a AnyStubFormat>) -> String {
    let line = |name: &str, meaning: Meaning| {
        let sets = match meaning {
            Meaning::Iterations => "the most iterations".to_owned(),
            Meaning::Seconds => "the most seconds, by the clock on the wall".to_owned(),
            Meaning::Verbosity => "0: nothing is printed".to_owned(),
            Meaning::Solver => "which solver (see `fathom list solvers`)".to_owned(),
            Meaning::Seed => "seed of every random draw".to_owned(),
            Meaning::OptionFile => "a file with more keywords: a name and a value in each line".to_owned(),
            Meaning::ReadingFromOne(name) => format!("the reading option {name}, counted from 1"),
            Meaning::OfSolver(names) => format!("the solver's option {}", names.join(" or ")),
            Meaning::Nothing(why) => format!("nothing: {why}"),
        };
        format!("{name}  {sets}")
    };
    let lines = formats.flat_map(|format| format.keywords).map(|keyword| line(keyword.name, keyword.meaning));
    let own = "any other name is an option of the solver, with _ for -".to_owned();
    lines.chain([own]).collect::<Vec<_>>().join("\n")
}

/// A modelling language's call.
struct Call<'a> {
    stub: &'a OsString,
    words: &'a [OsString],
    /// The name by which the program was called.
    program: &'a str,
    format: &'a AnyStubFormat,
}

/// How the call is answered.
struct Ending {
    code: i64,
    /// How it ended, what is remarkable about it.
    lines: Vec<String>,
    outcome: Option<Arc<ErasedOutcome>>,
}

impl Ending {
    /// The answer to a call that was not solved.
    fn refused(code: i64, why: impl Into<String>) -> Self {
        Self { code, lines: vec![why.into()], outcome: None }
    }
}

/// The number for a keyword that is none, or a value that is no value of it.
const INVALID_OPTION: i64 = 552;
/// The number for a method that does not take the problem.
const NOT_TAKEN: i64 = 500;

impl Call<'_> {
    fn run(&self, registry: &Registry, output: &mut Output) -> Result<(), Failure> {
        let (stub, target) = self.files();
        let file = InputFile::open(&stub)?;
        let settings = self.all_words().and_then(|words| Settings::of(&words, self.format));
        let (settings, fault) = match settings {
            Ok(settings) => (settings, None),
            Err(fault) => (Settings::default(), Some(fault)),
        };
        let (reading, quiet) = (settings.reading.clone(), settings.quiet);
        let problem = self.format.read(&file, &reading)?;
        let name = stub.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let sha256 = file.sha256().to_owned();
        let instance = Arc::new(Instance { name, source: None, known: None, notes: Vec::new(), sha256, problem });
        let started = Instant::now();
        let ending = match fault {
            Some(fault) => Ending::refused(INVALID_OPTION, fault),
            None => solved(&instance, settings, registry, self.format),
        };
        let seconds = started.elapsed().as_secs_f64();
        let solution = ending.outcome.as_ref().and_then(|outcome| outcome.solution.as_ref());
        let message = format!("Fathom {VERSION}: {}", ending.lines.join("\n"));
        let answer = StubAnswer { message: &message, code: ending.code, solution };
        self.write(&target, &file, &instance, &reading, answer)?;
        if !quiet {
            print(output, &message, ending.outcome.as_deref(), seconds)?;
        }
        Ok(())
    }

    /// The stub, whose ending may have been left out, and the answer beside it.
    fn files(&self) -> (PathBuf, PathBuf) {
        // The rest of a stub's name may hold dots, and need not be text.
        let with = |path: &Path, ending: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let given = PathBuf::from(self.stub);
        let has_ending = given.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(&self.format.stub[1..]));
        let stem = if has_ending { given.with_extension("") } else { given.clone() };
        let stub = if has_ending { given } else { with(&given, self.format.stub) };
        (stub, with(&stem, self.format.answer))
    }

    /// The words of the option file, of the environment and of the command line: later ones outdo earlier ones.
    fn all_words(&self) -> Result<Vec<Word>, String> {
        let mut words = Vec::new();
        let mut variables = vec!["fathom_options".to_owned()];
        if self.program != "fathom" {
            variables.push(format!("{}_options", self.program));
        }
        for variable in variables {
            if let Some(text) = std::env::var_os(&variable) {
                words.extend(stub_words::of_text(&text.to_string_lossy()).map_err(|fault| format!("{variable}: {fault}"))?);
            }
        }
        for word in self.words {
            words.push(stub_words::of_argument(&word.to_string_lossy())?);
        }
        let is_file = |key: &str| self.format.keywords.iter().any(|known| known.name == key && known.meaning == Meaning::OptionFile);
        let Some(file) = words.iter().rfind(|word| is_file(&word.key)).map(|word| word.value.clone()) else { return Ok(words) };
        let text = std::fs::read_to_string(&file).map_err(|cause| format!("cannot read the option file {file}: {cause}"))?;
        let mut all = stub_words::of_file(&text).map_err(|fault| format!("{file}: {fault}"))?;
        all.extend(words);
        Ok(all)
    }

    fn write(
        &self,
        target: &Path,
        file: &InputFile,
        instance: &Instance,
        reading: &Map<String, Value>,
        answer: StubAnswer<'_, AnySolution>,
    ) -> Result<(), InstanceError> {
        write_pending(target, |out| self.format.write(file, instance.problem.as_ref(), reading, answer, out))?.commit()
    }
}

/// Solves the instance as `settings` ask.
fn solved(instance: &Arc<Instance>, mut settings: Settings, registry: &Registry, format: &AnyStubFormat) -> Ending {
    let entry = match registry.find(instance.problem.kind(), settings.solver.as_deref()) {
        Ok(entry) => entry,
        Err(error) => return Ending::refused(INVALID_OPTION, error.to_string()),
    };
    let configured = settings.options(entry, format).and_then(|options| entry.configure(&options).map_err(|error| error.to_string()));
    let solver = match configured {
        Ok(solver) => solver,
        Err(error) => return Ending::refused(INVALID_OPTION, error),
    };
    let cancel = cancel_on_interrupt();
    let mut run = Run::new(settings.seed).with_cancel(cancel.clone());
    if let Some(limit) = settings.seconds {
        run = run.with_time_limit(limit);
    }
    if let Some(limit) = settings.iterations {
        run = run.with_iteration_limit(limit);
    }
    let insistence = Insistence::on(&cancel);
    let outcome = solver.solve(instance.problem.as_ref(), &run);
    drop(insistence);
    let outcome = match outcome {
        Ok(outcome) => Arc::new(outcome),
        Err(error) => return Ending::refused(NOT_TAKEN, error.to_string()),
    };
    let audit = audited(instance, &outcome, &cancel);
    let objective = audit.verdict.as_ref().and_then(|verdict| verdict.objective.as_ref());
    let value = objective.map(|objective| format!("; objective {}", number(objective.value))).unwrap_or_default();
    let mut lines = vec![format!("{}{value}; {} iterations of {}", outcome.status, outcome.counters.iterations, solver.name())];
    lines.extend(audit.refuted.iter().map(|refuted| format!("the checker refutes {}: {}", refuted.claim, refuted.found)));
    lines.extend(audit.unconfirmed.iter().map(|what| format!("not confirmed: {what}")));
    lines.extend(outcome.notes.iter().chain(&settings.notes).cloned());
    Ending { code: code(&outcome.status, &audit, format), lines, outcome: Some(outcome) }
}

/// The protocol's number for how a solve ended: 0 to 99 solved, 100 to 199 solved with doubt, 200 infeasible, 300 unbounded, 400 stopped by a limit, 500 failed.
/// What the checker refutes has failed, and what it does not confirm is in doubt. Within the hundreds the numbers are Ipopt's, which modelling tools know.
fn code(status: &SolveStatus, audit: &Audit, format: &AnyStubFormat) -> i64 {
    let property = audit.verdict.as_ref().and_then(|verdict| verdict.property(format.confirmed_by));
    let confirmed = property.is_some_and(|property| property.holds == Some(true)) && audit.unconfirmed.is_empty();
    match status {
        _ if !audit.honest() => 500,
        SolveStatus::Optimal | SolveStatus::LocallyOptimal if audit.solution_holds() && confirmed => 0,
        SolveStatus::Optimal | SolveStatus::LocallyOptimal | SolveStatus::Feasible => 100,
        SolveStatus::LocallyInfeasible => 200,
        SolveStatus::Infeasible => 201,
        SolveStatus::Diverging => 300,
        SolveStatus::Unbounded => 301,
        SolveStatus::Limit(Limit::Iterations) => 400,
        SolveStatus::Limit(Limit::Time) => 402,
        SolveStatus::Interrupted => 403,
        SolveStatus::Limit(_) => 410,
        SolveStatus::Failed(_) => 500,
    }
}

/// The log. Modelling tools look for the lines with the number of iterations and the seconds; no line may begin with a digit, which is where they look for
/// a table of iterations.
fn print(output: &mut Output, message: &str, outcome: Option<&ErasedOutcome>, seconds: f64) -> Result<(), Failure> {
    for line in message.lines() {
        let mark = if line.trim_start().starts_with(|c: char| c.is_ascii_digit()) { "- " } else { "" };
        output.line(format!("{mark}{}", printable(line)))?;
    }
    if let Some(outcome) = outcome {
        output.line(format!("Number of Iterations....: {}", outcome.counters.iterations))?;
        output.line(format!("Total seconds in Fathom  = {seconds:.3}"))?;
    }
    Ok(output.flush()?)
}
