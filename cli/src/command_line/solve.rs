//! `fathom solve`.

use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use fathom_opt_bench::{SolutionDocument, SolvedBy, cpu_seconds};
use fathom_opt_core::{
    AnySolver, AnySolverEntry, Audit, BestKnown, CancelFlag, ErasedOutcome, Progress, Registry, Report, Run, Seconds, SolveError,
    Status as SolveStatus,
};
use fathom_opt_instances::{Classes, Instance, Pending, SolutionFile, SolutionOutput, SolvedInstance, ensure_writable, write_pending};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::failure::{Failure, Status};
use super::input::{InstanceArguments, key_value, object};
use super::interrupt::{ATTENTION, Insistence, PATIENCE, cancel_on_interrupt, interrupted};
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
    #[arg(long, value_name = "S", value_parser = seconds, allow_hyphen_values = true, help_heading = "Limits")]
    time_limit: Option<Duration>,
    /// Stop after so many iterations of the method
    #[arg(long, value_name = "N", help_heading = "Limits")]
    iteration_limit: Option<u64>,
    /// Threads the solver may use
    #[arg(long, value_name = "N", default_value = "1", help_heading = "Limits")]
    threads: NonZeroUsize,
    /// Write the solution document here, or a form of the class for other tools, by the file's ending (see `fathom list formats`)
    #[arg(long, short, value_name = "FILE", help_heading = "Results")]
    output: Option<PathBuf>,
    /// Write the course of the solve here, as CSV
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    trace: Option<PathBuf>,
    /// Print the solution document instead of a summary
    #[arg(long, help_heading = "Results")]
    json: bool,
    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json", help_heading = "Results")]
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
        self.check_spelling(registry)?;
        self.check_targets()?;
        let instance = self.instance.read(classes)?;
        let entry = registry.find(instance.problem.kind(), self.solver.as_deref())?;
        let solver = entry.configure(&object(&self.options)?)?;
        let class = classes.find(instance.problem.kind());
        let form = self.output.as_ref().zip(class).map(|(file, class)| SolutionOutput::of(file, class)).transpose()?;
        let start = self.start.as_ref().map(|file| SolutionFile::read(file, instance.problem.as_ref(), classes)).transpose()?;
        let bar = self.progress_bar();
        let cancel = cancel_on_interrupt();
        let mut run = Run::new(self.seed).with_threads(self.threads.get()).with_cancel(cancel.clone());
        if run.threads() < self.threads.get() {
            warn(&format!("--threads {}: this machine runs {} at once, and no more are used", self.threads, run.threads()));
        }
        if let Some(limit) = self.time_limit {
            run = run.with_time_limit(limit);
        }
        if let Some(limit) = self.iteration_limit {
            run = run.with_iteration_limit(limit);
        }
        if let Some(start) = &start {
            run = run.with_any_start(start.start().clone());
        }
        if let Some(bar) = &bar {
            let bar = bar.clone();
            run = run.with_observer(Arc::new(move |progress: &Progress| show(&bar, progress)));
        }
        let (started, cpu_before) = (Instant::now(), cpu_seconds());
        let insistence = Insistence::on(&cancel);
        let outcome = solver.solve(instance.problem.as_ref(), &run);
        drop(insistence);
        let seconds =
            Seconds { wall: started.elapsed().as_secs_f64(), cpu: cpu_seconds().zip(cpu_before).map(|(after, before)| after - before) };
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let outcome = match (outcome, &start) {
            // The fault is in the file.
            (Err(SolveError::Start(fault)), Some(start)) => return Err(start.misfit(&fault.into()).into()),
            (outcome, _) => outcome?,
        };
        let (instance, outcome) = (Arc::new(instance), Arc::new(outcome));
        let audit = audited(&instance, &outcome, &cancel);
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
        // An answer that nobody waited to see checked is none yet.
        let unchecked = cancel.is_raised() && outcome.solution.is_some() && audit.verdict.is_none() && audit.honest();
        Ok(if unchecked { interrupted() } else { status(&outcome, &audit) })
    }

    /// `--set start=FILE` is now `--start FILE`: a solver never reads files. A solver's own option of that name is its own matter.
    fn check_spelling(&self, registry: &Registry) -> Result<(), Failure> {
        let given = self.options.iter().find_map(|(key, value)| value.as_str().filter(|_| key == "start"));
        let Some(given) = given else { return Ok(()) };
        let like_a_file = given.contains(['.', '/', '\\']);
        let own = |entry: &dyn AnySolverEntry| match self.solver.as_deref() {
            Some(name) if name != entry.name() => false,
            // What the solver says of a value that it does not know is clearer, unless the value is a file.
            _ => !like_a_file && entry.options_schema().pointer("/properties/start").is_some(),
        };
        if registry.entries().any(own) {
            return Ok(());
        }
        Err(Failure::Usage(format!("found `--set start={given}`, which is now `--start {given}`")))
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
            let style = ProgressStyle::with_template("{spinner} {elapsed}  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
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
        let report = Report::of(outcome, audit, seconds).with_solution(outcome.solution.as_ref());
        Ok(SolutionDocument {
            fathom: 1,
            problem: instance.problem.kind().into(),
            instance: SolvedInstance { name: instance.name.clone(), sha256: instance.sha256.clone() },
            solver: SolvedBy { name: solver.name().into(), version: env!("CARGO_PKG_VERSION").into(), options: solver.options() },
            seed: self.seed,
            report: report.map_err(|error| Failure::Usage(format!("the solution cannot be written as JSON: {error}")))?,
        })
    }
}

/// The audit of `outcome`; without a verdict where the checker goes on although `cancel` was raised: a result must not be lost with it.
pub(super) fn audited(instance: &Arc<Instance>, outcome: &Arc<ErasedOutcome>, cancel: &CancelFlag) -> Audit {
    let audit = {
        let (instance, outcome) = (Arc::clone(instance), Arc::clone(outcome));
        move || Audit::of(instance.problem.as_ref(), &outcome, best_known(&instance))
    };
    let (finished, result) = mpsc::channel();
    let work = audit.clone();
    // As deep as the main thread's: checkers may recurse.
    let started = thread::Builder::new().name("audit".into()).stack_size(8 << 20).spawn(move || {
        // Nobody waits any more for a check that came too late.
        let _ = finished.send(work());
    });
    if started.is_err() {
        return audit();
    }
    let mut asked: Option<Instant> = None;
    loop {
        match result.recv_timeout(ATTENTION) {
            Ok(audit) => return audit,
            // The checker panicked on its thread; on this one it says so.
            Err(mpsc::RecvTimeoutError::Disconnected) => return audit(),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if cancel.is_raised() && asked.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            return Audit { verdict: None, refuted: Vec::new(), unconfirmed: vec!["everything: the check was interrupted".into()] };
        }
    }
}

/// What is known about the instance from elsewhere.
pub(super) fn best_known(instance: &Instance) -> BestKnown {
    let known = instance.known.as_ref();
    known.map_or_else(BestKnown::default, |known| BestKnown::new(known.objective, known.bound, known.status.as_deref()))
}

fn warn(message: &str) {
    // Nobody is left to warn when standard error is closed.
    let _ = writeln!(std::io::stderr(), "warning: {message}");
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_message(course(progress));
}

/// How far a solve is, in words: what is done of how much, the best solution, the proven bound and the gap between them.
fn course(progress: &Progress) -> String {
    let mut words = match progress.total {
        Some(total) if total > 0 => vec![format!("{}/{total}", progress.done)],
        _ => vec![progress.done.to_string()],
    };
    let figures = [("best", progress.objective), ("bound", progress.bound)];
    words.extend(figures.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {}", number(value)))));
    if let (Some(objective), Some(bound)) = (progress.objective, progress.bound)
        && objective.is_finite()
        && bound.is_finite()
    {
        let scale = objective.abs().max(bound.abs());
        let gap = if scale > 0.0 { 100.0 * (objective - bound).abs() / scale } else { 0.0 };
        words.push(format!("gap {gap:.2}%"));
    }
    words.join("  ")
}

/// The exit status of a solve.
pub(super) fn status(outcome: &ErasedOutcome, audit: &Audit) -> Status {
    match outcome.status {
        _ if !audit.honest() => Status::Fails,
        SolveStatus::Interrupted => interrupted(),
        SolveStatus::Infeasible | SolveStatus::Unbounded => Status::Holds,
        // What such a solve had in hand is no answer, even where it breaks nothing.
        SolveStatus::Failed(_) | SolveStatus::LocallyInfeasible | SolveStatus::Diverging => Status::NoSolution,
        // The solution leaves out what its claims depend on, or the checker could not decide what is promised: that is not a checked answer.
        _ if audit.only_unchecked() || (audit.solution_holds() && !audit.unconfirmed.is_empty()) => Status::Fails,
        _ if audit.solution_holds() => Status::Holds,
        _ => Status::NoSolution,
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
    for unconfirmed in &audit.unconfirmed {
        output.entry("unconfirmed", printable(unconfirmed))?;
    }
    for note in instance.notes.iter().chain(&outcome.notes) {
        output.entry("note", printable(note))?;
    }
    let others = outcome.counters.others.iter().map(|(name, count)| format!("{count} {name}"));
    let oracle = (outcome.counters.oracle_calls > 0).then(|| format!("{} oracle calls", outcome.counters.oracle_calls));
    let counts: Vec<String> = std::iter::once(format!("{} iterations", outcome.counters.iterations)).chain(oracle).chain(others).collect();
    output.entry("cost", counts.join(", "))?;
    let cpu = seconds.cpu.map_or_else(String::new, |cpu| format!(" ({cpu:.3} s cpu)"));
    output.entry("time", format!("{:.3} s{cpu}", seconds.wall))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_is_known_and_no_more() {
        let progress = |done, total, objective, bound| course(&Progress { done, total, objective, bound });
        assert_eq!(progress(12, None, None, None), "12");
        assert_eq!(progress(12, Some(0), Some(3.0), None), "12  best 3");
        assert_eq!(progress(12, Some(40), Some(80.0), Some(100.0)), "12/40  best 80  bound 100  gap 20.00%");
        assert_eq!(progress(1, None, Some(0.0), Some(0.0)), "1  best 0  bound 0  gap 0.00%");
    }
}
