//! `fathom solve`.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use fathom_opt_bench::cpu_seconds;
use fathom_opt_core::{AnySolver, Audit, ErasedOutcome, Progress, Registry, Run, SolveError, Status as SolveStatus};
use fathom_opt_instances::{
    Classes, Instance, Pending, Seconds, SolutionDocument, SolutionFile, SolutionOutput, SolvedBy, SolvedInstance, ensure_writable,
    write_pending,
};
use fathom_opt_problems::AnySolution;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{InstanceArguments, key_value, object};
use super::interrupt::{cancel_on_interrupt, interrupted};
use super::output::{Output, Tone, printable};
use super::summary::{self, number};

#[derive(Debug, Args)]
pub(super) struct Solve {
    #[command(flatten)]
    instance: InstanceArguments,
    /// Which solver (see `fathom list solvers`)
    #[arg(long, value_name = "NAME")]
    solver: Option<String>,
    /// Start from this solution: whatever `fathom check` reads, also a part such as an order
    #[arg(long, value_name = "SOLUTION")]
    start: Option<PathBuf>,
    /// Set an option of the solver
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    options: Vec<(String, Value)>,
    /// Seed of every random draw
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Stop after so many seconds with the best solution so far
    #[arg(long, value_name = "S", value_parser = seconds, allow_hyphen_values = true)]
    time_limit: Option<Duration>,
    /// Stop after so many iterations of the method
    #[arg(long, value_name = "N")]
    iteration_limit: Option<u64>,
    /// Threads the solver may use
    #[arg(long, value_name = "N", default_value = "1")]
    threads: NonZeroUsize,
    /// Write the solution document here, or a form of the class for other tools, by the file's ending (see `fathom list formats`)
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the course of the solve here, as CSV
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Print the solution document instead of a summary
    #[arg(long)]
    json: bool,
    /// Print nothing but errors
    #[arg(long, conflicts_with = "json")]
    quiet: bool,
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    if value == f64::INFINITY {
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(value).map_err(|_| "expected a number of seconds from 0 to 1.8e19".to_owned())
}

impl Solve {
    pub(super) fn run(self, registry: &Registry, classes: &Classes, output: &mut Output) -> Result<Status, Failure> {
        self.check_spelling()?;
        self.check_targets()?;
        let mut instance = self.instance.read(classes)?;
        let entry = registry.find(instance.problem.kind(), self.solver.as_deref())?;
        let solver = entry.configure(&object(&self.options)?)?;
        let class = classes.find(instance.problem.kind());
        let form = self.output.as_ref().zip(class).map(|(file, class)| SolutionOutput::of(file, class)).transpose()?;
        let start = self.start.as_ref().map(|file| SolutionFile::read(file, instance.problem.as_ref(), classes)).transpose()?;
        let bar = self.progress_bar();
        let mut run = Run::new(self.seed).with_threads(self.threads.get()).with_cancel(cancel_on_interrupt());
        if let Some(limit) = self.time_limit {
            run = run.with_time_limit(limit);
        }
        if let Some(limit) = self.iteration_limit {
            run = run.with_iteration_limit(limit);
        }
        if let Some(start) = &start {
            let held = class.and_then(|class| class.hold_start(instance.problem.as_ref(), start.start()));
            match held.filter(|_| !solver.has_warm_start()) {
                Some(problem) => instance.problem = problem.map_err(|fault| start.misfit(&fault.into()))?,
                None => run = run.with_any_start(start.start().clone()),
            }
        }
        if let Some(bar) = &bar {
            let bar = bar.clone();
            run = run.with_observer(Arc::new(move |progress: &Progress| show(&bar, progress)));
        }
        let (started, cpu_before) = (Instant::now(), cpu_seconds());
        let outcome = solver.solve(instance.problem.as_ref(), &run);
        let seconds = Seconds {
            wall: started.elapsed().as_secs_f64(),
            cpu: cpu_seconds().zip(cpu_before).map_or(0.0, |(after, before)| after - before),
        };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let outcome = match (outcome, &start) {
            // The fault is in the file.
            (Err(SolveError::Start(fault)), Some(start)) => return Err(start.misfit(&fault.into()).into()),
            (outcome, _) => outcome?,
        };
        let audit = Audit::of(instance.problem.as_ref(), &outcome, instance.best_known());
        // A file that cannot be written does not keep the answer from being shown.
        let mut written = Ok(());
        if self.output.is_some() || self.json {
            let document = self.document(&instance, solver.as_ref(), &outcome, &audit, seconds)?;
            if let Some(file) = &self.output {
                let pending = write_pending(file, |out| {
                    if let (Some(SolutionOutput::Form(form, name)), Some(solution)) = (&form, &outcome.solution) {
                        return form.write(instance.problem.as_ref(), solution, name, out);
                    }
                    serde_json::to_writer_pretty(&mut *out, &document)?;
                    out.write_all(b"\n")
                });
                written = pending.and_then(Pending::commit);
            }
            if self.json {
                output.json(&document)?;
            }
        }
        if let Some(file) = &self.trace {
            match &outcome.trace {
                Some(trace) => write_pending(file, |mut out| trace.write_csv(&mut out))?.commit()?,
                None => warn(&format!("{} records no trace: {} was not written", solver.name(), file.display())),
            }
        }
        if !(self.json || self.quiet) {
            print(output, &instance, solver.name(), &outcome, &audit, seconds)?;
        }
        output.flush()?;
        written?;
        Ok(status(&outcome, &audit))
    }

    /// `--set start=FILE` is now `--start FILE`: a solver never reads files.
    fn check_spelling(&self) -> Result<(), Failure> {
        match self.options.iter().find(|(key, value)| key == "start" && value.is_string()) {
            Some((_, file)) => Err(Failure::Usage(format!("found `--set start={file}`, which is now `--start {file}`").replace('"', ""))),
            None => Ok(()),
        }
    }

    /// Refuses before the work what could not be written after it, or would destroy what was given.
    fn check_targets(&self) -> Result<(), Failure> {
        let targets = [("--output", &self.output), ("--trace", &self.trace)];
        let real = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        for (option, target) in targets {
            let Some(target) = target else { continue };
            if target.as_os_str() == "-" {
                return Err(Failure::Usage(format!("{option}: found `-`, expected a file (--json prints the solution document)")));
            }
            if real(target) == real(&self.instance.file) {
                return Err(Failure::Usage(format!("{option}: found the instance itself, {}, expected another file", target.display())));
            }
            ensure_writable(target)?;
        }
        match (&self.output, &self.trace) {
            (Some(output), Some(trace)) if real(output) == real(trace) => {
                Err(Failure::Usage(format!("found {} for both --output and --trace, expected two files", output.display())))
            }
            _ => Ok(()),
        }
    }

    fn progress_bar(&self) -> Option<ProgressBar> {
        use std::io::IsTerminal;
        (!self.quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::no_length();
            // The template is fixed text; a default bar is shown should it ever be wrong.
            let style =
                ProgressStyle::with_template("{spinner} {elapsed} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        })
    }

    fn document(
        &self,
        instance: &Instance,
        solver: &dyn AnySolver,
        outcome: &ErasedOutcome,
        audit: &Audit,
        seconds: Seconds,
    ) -> Result<SolutionDocument, Failure> {
        let solution = outcome.solution.as_ref().map(AnySolution::to_json).transpose();
        Ok(SolutionDocument {
            fathom: 1,
            problem: instance.problem.kind().into(),
            instance: SolvedInstance { name: instance.name.clone(), sha256: instance.sha256.clone() },
            solver: SolvedBy { name: solver.name().into(), version: env!("CARGO_PKG_VERSION").into(), options: solver.options() },
            seed: self.seed,
            status: outcome.status.name(),
            detail: outcome.status.detail(),
            criterion: outcome.criterion.clone(),
            objective: outcome.objective,
            bound: outcome.bound,
            promised: outcome.promised.clone(),
            sought: outcome.sought.clone(),
            solution: solution.map_err(|error| Failure::Usage(format!("the solution cannot be written as JSON: {error}")))?,
            verdict: audit.verdict.as_ref().map(Into::into),
            refuted: audit.refuted.iter().map(|refuted| format!("{}: {}", refuted.claim, refuted.found)).collect(),
            notes: outcome.notes.clone(),
            counters: serde_json::to_value(&outcome.counters).unwrap_or(Value::Null),
            seconds,
        })
    }
}

fn warn(message: &str) {
    // Nobody is left to warn when standard error is closed.
    let _ = writeln!(std::io::stderr(), "warning: {message}");
}

fn show(bar: &ProgressBar, progress: &Progress) {
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.done);
    let figures = [("objective", progress.objective), ("bound", progress.bound)];
    let words: Vec<String> = figures.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {}", number(value)))).collect();
    bar.set_message(words.join(", "));
}

/// The exit status of a solve.
pub(super) fn status(outcome: &ErasedOutcome, audit: &Audit) -> Status {
    if !audit.honest() {
        Status::Fails
    } else if outcome.status == SolveStatus::Interrupted {
        interrupted()
    } else if matches!(outcome.status, SolveStatus::Failed(_) | SolveStatus::LocallyInfeasible | SolveStatus::Diverging) {
        // What such a solve had in hand is no answer, even where it breaks nothing.
        Status::NoSolution
    } else if audit.only_unchecked() || audit.solution_holds() || matches!(outcome.status, SolveStatus::Infeasible | SolveStatus::Unbounded)
    {
        Status::Holds
    } else {
        Status::NoSolution
    }
}

/// At most this many lines of a solution are shown.
const SHOWN: usize = 24;

fn print(
    output: &mut Output,
    instance: &Instance,
    solver: &str,
    outcome: &ErasedOutcome,
    audit: &Audit,
    seconds: Seconds,
) -> std::io::Result<()> {
    let sizes: Vec<String> = instance.problem.sizes().iter().map(|size| format!("{} {}", size.value, size.name)).collect();
    output.entry("instance", format!("{} ({}: {})", printable(&instance.name), instance.problem.kind(), sizes.join(", ")))?;
    output.entry("solver", solver)?;
    let tone = match outcome.status {
        SolveStatus::Optimal | SolveStatus::LocallyOptimal | SolveStatus::Feasible => Tone::Good,
        SolveStatus::Failed(_) => Tone::Bad,
        _ => Tone::Plain,
    };
    let status = output.toned(tone, &outcome.status.to_string());
    output.entry("status", status)?;
    let found = audit.verdict.as_ref().and_then(|verdict| verdict.objective.as_ref());
    if let Some(objective) = found {
        let value = objective.exact.clone().unwrap_or_else(|| number(objective.value));
        let best = instance.best_known().map(|best| format!(" (best known {})", number(best))).unwrap_or_default();
        output.entry("objective", format!("{value} {}{best}", objective.name))?;
    } else if let Some(objective) = outcome.objective {
        output.entry("objective", number(objective))?;
    }
    if let (Some(criterion), Some(value)) = (&outcome.criterion, outcome.objective) {
        output.entry("criterion", format!("{} {}", number(value), printable(criterion)))?;
    }
    if let Some(bound) = outcome.bound {
        output.entry("bound", format!("{} (proven)", number(bound)))?;
    }
    if let Some(solution) = &outcome.solution {
        let lines = instance.problem.present_any(solution);
        for (k, line) in lines.iter().take(SHOWN).enumerate() {
            output.entry(if k == 0 { "solution" } else { "" }, printable(line))?;
        }
        if lines.len() > SHOWN {
            output.entry("", format!("... and {} more lines (--json shows all)", lines.len() - SHOWN))?;
        }
    }
    if let Some(verdict) = &audit.verdict {
        summary::verdict(output, verdict, outcome.status.claims_feasibility())?;
    }
    if !outcome.promised.is_empty() {
        output.entry("promised", outcome.promised.join(", "))?;
    }
    for refuted in &audit.refuted {
        let wrong = output.toned(Tone::Bad, "WRONG");
        output.entry(&wrong, format!("claimed {}; found {}", refuted.claim, printable(&refuted.found)))?;
    }
    for note in &outcome.notes {
        output.entry("note", note)?;
    }
    let others = outcome.counters.others.iter().map(|(name, count)| format!("{count} {name}"));
    let oracle = (outcome.counters.oracle_calls > 0).then(|| format!("{} oracle calls", outcome.counters.oracle_calls));
    let counts: Vec<String> = std::iter::once(format!("{} iterations", outcome.counters.iterations)).chain(oracle).chain(others).collect();
    output.entry("cost", counts.join(", "))?;
    output.entry("time", format!("{:.3} s ({:.3} s cpu)", seconds.wall, seconds.cpu))?;
    Ok(())
}
