//! The life of a worker process: one job, one answer.

use std::any::Any;
use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fathom_opt_core::{Audit, BestKnown, ErasedOutcome, Registry, Report, Run, Seconds, SolveError};
use fathom_opt_instances::{Classes, Instance};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{getpgrp, getpid};

use crate::command_run::{Finished, NotRun, Prepared};
use crate::course::{Course, Recorder};
use crate::failure;
use crate::grace::seconds;
use crate::job::{CommandTask, Description, Job, Line, Message, SolveTask, Solved, Task};
use crate::memory_limit;
use crate::scratch;
use crate::usage;

/// A job line longer than this is refused.
const LONGEST_JOB: u64 = 16 << 20;

/// Does the one job that stands on standard input, with a solver of `registry` on an instance of one of `classes`, and answers on standard output.
///
/// The harness keeps the other end of standard input open while it waits. When that end closes, the harness is gone, and this process kills itself:
/// a killed harness leaves no orphans.
pub fn serve(registry: &Registry, classes: &Classes) -> ExitCode {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    let read = input.by_ref().take(LONGEST_JOB).read_line(&mut line);
    drop(input);
    let job: Job =
        match read.map_err(|error| error.to_string()).and_then(|_| serde_json::from_str(&line).map_err(|error| error.to_string())) {
            Ok(job) => job,
            Err(error) => return answer(Message::Refused(format!("the job cannot be read: {error}"))),
        };
    if let Err(error) = std::thread::Builder::new().name("watch-harness".into()).spawn(die_with_the_harness) {
        return answer(Message::Refused(format!("no thread to watch the harness: {error}")));
    }
    if let Err(error) = memory_limit::set(job.memory_limit) {
        return answer(Message::Refused(format!("the memory limit cannot be set: {error}")));
    }
    // No backtrace: to look up its names can take more memory than the limit leaves, and longer than the grace.
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(io::stderr(), "{panic}");
    }));
    let memory_limit = job.memory_limit;
    match catch_unwind(AssertUnwindSafe(|| work(job, registry, classes))) {
        Ok(message) => answer(message),
        Err(payload) => answer(Message::Refused(failure::panicked(&panic_text(payload.as_ref()), memory_limit))),
    }
}

fn work(job: Job, registry: &Registry, classes: &Classes) -> Message {
    let instance = match job.source.open(classes) {
        Ok(instance) => instance,
        Err(error) => return Message::Refused(error.to_string()),
    };
    match job.task {
        Task::Describe => Message::Described(describe(&instance)),
        Task::Solve(task) => solve(&instance, &task, registry),
        Task::Command(task) => compete(&instance, &task, job.memory_limit, classes),
    }
}

fn describe(instance: &Instance) -> Description {
    Description {
        name: instance.name.clone(),
        sha256: instance.sha256.clone(),
        kind: instance.problem.kind().to_owned(),
        sense: instance.problem.sense(),
        objective_tolerance: instance.problem.objective_tolerance(),
        objective_scale: instance.problem.objective_scale(None),
        criteria: instance.problem.criteria(),
        ranks_by_objective: instance.problem.ranks_by_objective(),
        known: instance.best_known(),
        sizes: instance.problem.sizes(),
    }
}

fn solve(instance: &Instance, task: &SolveTask, registry: &Registry) -> Message {
    let problem = instance.problem.as_ref();
    let entry = match registry.find(problem.kind(), Some(&task.solver)) {
        Ok(entry) => entry,
        Err(error) => return Message::Refused(error.to_string()),
    };
    let solver = match entry.configure(&task.options) {
        Ok(solver) => solver,
        Err(error) => return Message::Refused(error.to_string()),
    };
    send(Message::Solving);
    let cpu_before = usage::cpu_seconds();
    let start = Instant::now();
    let recorder = Arc::new(Recorder::new());
    let run = Run::new(task.seed).with_time_limit(seconds(task.time_limit)).with_threads(task.threads).with_observer(recorder.clone());
    let outcome = match solver.solve(problem, &run) {
        Ok(outcome) => outcome,
        Err(SolveError::Unsupported { why, .. }) => return Message::Unsupported(why),
        Err(error) => return Message::Refused(error.to_string()),
    };
    let wall = start.elapsed().as_secs_f64();
    let cpu = usage::cpu_seconds().zip(cpu_before).map(|(after, before)| after - before);
    let peak_memory = usage::peak_memory();
    let course = Some(recorder.course()).filter(|course| !course.is_empty());
    let course = course.unwrap_or_else(|| outcome.trace.as_ref().map(Course::of_trace).unwrap_or_default());
    memory_limit::lift();
    send(Message::Checking);
    let audit = Audit::of(problem, &outcome, known(instance));
    let report = Report::of(&outcome, &audit, Seconds { wall, cpu });
    Message::Solved(Box::new(Solved { report, peak_memory, trace: trace_csv(&outcome), course }))
}

/// Has somebody else's program solve `instance`, and checks what it answers.
fn compete(instance: &Instance, task: &CommandTask, memory_limit: u64, classes: &Classes) -> Message {
    let not_run = |reason| match reason {
        NotRun::Unsupported(why) => Message::Unsupported(why),
        NotRun::Refused(why) => Message::Refused(why),
    };
    let prepared = match Prepared::of(instance, task, memory_limit, classes) {
        Ok(prepared) => prepared,
        Err(reason) => return not_run(reason),
    };
    send(Message::Solving);
    let finished = match prepared.run(instance, task, memory_limit, classes) {
        Ok(finished) => finished,
        Err(reason) => return not_run(reason),
    };
    send(Message::Checking);
    let Finished { answer, course, wall, cpu, peak_memory } = finished;
    let mut audit = Audit::of(instance.problem.as_ref(), &answer.outcome, known(instance));
    audit.refuted.splice(0..0, answer.refuted);
    let mut report = Report::of(&answer.outcome, &audit, Seconds { wall, cpu });
    report.counters = answer.counters;
    Message::Solved(Box::new(Solved { report, peak_memory: Some(peak_memory), trace: None, course }))
}

fn known(instance: &Instance) -> BestKnown {
    let known = instance.known.as_ref();
    known.map_or_else(BestKnown::default, |known| BestKnown::new(known.objective, known.bound, known.status.as_deref()))
}

fn trace_csv(outcome: &ErasedOutcome) -> Option<String> {
    let mut csv = Vec::new();
    outcome.trace.as_ref()?.write_csv(&mut csv).ok()?;
    String::from_utf8(csv).ok()
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".into())
}

fn answer(message: Message) -> ExitCode {
    if send(message) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes one line; false when the harness does not listen any more.
fn send(message: Message) -> bool {
    let Ok(text) = serde_json::to_string(&Line { message }) else { return false };
    let mut out = io::stdout().lock();
    // The line break in front ends whatever a solver may have printed.
    writeln!(out, "\n{text}").and_then(|()| out.flush()).is_ok()
}

fn die_with_the_harness() {
    let mut input = io::stdin().lock();
    let mut buffer = [0; 64];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    scratch::end();
    // By signal: nothing that a solver holds can delay it, and its own child processes go with it.
    if getpgrp() == getpid() {
        let _ = killpg(getpgrp(), Signal::SIGKILL);
    }
    let _ = kill(getpid(), Signal::SIGKILL);
}
