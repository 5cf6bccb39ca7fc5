//! The harness's side of a worker process: start it, watch it, end it.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::error::BenchError;
use crate::failure;
use crate::grace::{Grace, overtime, seconds};
use crate::job::{Job, LINE_START, Line, Message, Task};
use crate::key::hash_of_file;
use crate::scratch::sweep;
use crate::tail::Tail;

/// How a worker process is started.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Arguments that make it call [`crate::worker::serve`].
    pub arguments: Vec<OsString>,
}

impl WorkerCommand {
    /// This very program with these arguments.
    ///
    /// # Errors
    /// When the operating system does not tell where this program is.
    pub fn this_program<S: Into<OsString>>(arguments: impl IntoIterator<Item = S>) -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()?, arguments: arguments.into_iter().map(Into::into).collect() })
    }

    /// The hash of the program, which tells one build from another.
    pub(crate) fn build(&self) -> Result<String, BenchError> {
        hash_of_file(&self.program).map_err(|source| BenchError::Worker { program: self.program.clone(), source })
    }
}

/// How a worker process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub how: How,
    /// Seconds since it was started.
    pub elapsed: f64,
    /// The end of its diagnostics.
    pub stderr: String,
}

/// How a worker process ended.
#[derive(Debug)]
pub(crate) enum How {
    /// With this answer.
    Answered(Message),
    /// Without one, for this reason.
    Failed(String),
    /// The user asked to stop.
    Interrupted,
}

/// How often a waiting harness looks whether it was asked to stop.
const ATTENTION: Duration = Duration::from_millis(50);

/// How long a worker may take to end what a command has started.
const CLEANING: Duration = Duration::from_secs(15);

/// An answer longer than this is refused.
const LONGEST_LINE: u64 = 256 << 20;

/// Starts a worker, gives it `job`, and returns when it has ended, one way or another; kills it when `stop` says so.
///
/// # Errors
/// When no process can be started.
pub(crate) fn execute(worker: &WorkerCommand, job: &Job, grace: &Grace, stop: &dyn Fn() -> bool) -> Result<Ended, BenchError> {
    let text = serde_json::to_string(job).map_err(|source| BenchError::Job { instance: format!("{:?}", job.source), source })?;
    let failed = |source| BenchError::Worker { program: worker.program.clone(), source };
    let start = Instant::now();
    let mut child = Command::new(&worker.program)
        .args(&worker.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: the terminal's Ctrl-C goes to the harness alone, and a kill reaches whatever the solver has started.
        .process_group(0)
        .spawn()
        .map_err(failed)?;
    let tail = Arc::new(Tail::default());
    let stdin = child.stdin.take().map(|stdin| thread::spawn(move || tell(stdin, &text)));
    let (events, inbox) = sync_channel(16);
    if let Some(stdout) = child.stdout.take() {
        let tail = Arc::clone(&tail);
        thread::spawn(move || listen(stdout, &tail, &events));
    }
    let (drained, end_of_diagnostics) = sync_channel::<()>(0);
    if let Some(stderr) = child.stderr.take() {
        let tail = Arc::clone(&tail);
        thread::spawn(move || {
            drain(stderr, &tail);
            drop(drained);
        });
    }
    let pid = child.id();
    let mut watch = Watch { child, inbox, stage: Stage::Reading, deadline: start + seconds(grace.reading), grace, job };
    let verdict = watch.until_it_ends(stop);
    let elapsed = start.elapsed().as_secs_f64();
    if let Some(scratch) = job.scratch() {
        // The end of its input tells the worker to end what it has started, wherever that is by now, and to go.
        drop(stdin);
        watch.wait_for_its_end(CLEANING);
        end_group(pid);
        watch.child.wait().map_err(failed)?;
        sweep(scratch);
    } else {
        end_group(pid);
        watch.child.wait().map_err(failed)?;
        drop(stdin);
    }
    // The diagnostics are complete when the pipe closes; a process that escaped from its group must not hold up the suite.
    let _ = end_of_diagnostics.recv_timeout(Duration::from_secs(1));
    let stderr = tail.text();
    let how = match verdict.map_err(failed)? {
        Verdict::Answered(message) => How::Answered(message),
        Verdict::Interrupted => How::Interrupted,
        Verdict::Killed(reason) => How::Failed(reason),
        Verdict::Exited(status) => How::Failed(failure::reason(status, &stderr, job.memory_limit)),
    };
    Ok(Ended { how, elapsed, stderr })
}

/// Writes the job and returns the pipe, which stays open until this thread's handle is dropped: its end would tell the worker to die.
fn tell(mut stdin: ChildStdin, job: &str) -> ChildStdin {
    // A worker that is gone shows in its exit status.
    let _ = writeln!(stdin, "{job}").and_then(|()| stdin.flush());
    stdin
}

/// Kills a process and all that it started. The process is ours: at the latest it was reaped a moment ago.
fn end_group(pid: u32) {
    if let Ok(pid) = i32::try_from(pid) {
        // The group may be empty already.
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

enum Event {
    Said(Message),
    Garbled(String),
}

enum Verdict {
    Answered(Message),
    Killed(String),
    Interrupted,
    Exited(ExitStatus),
}

/// What the worker is doing, which says how long it may take.
#[derive(Clone, Copy)]
enum Stage {
    Reading,
    Solving,
    Checking,
}

struct Watch<'a> {
    child: Child,
    inbox: Receiver<Event>,
    stage: Stage,
    deadline: Instant,
    grace: &'a Grace,
    job: &'a Job,
}

impl Watch<'_> {
    fn until_it_ends(&mut self, stop: &dyn Fn() -> bool) -> io::Result<Verdict> {
        loop {
            let now = Instant::now();
            if stop() {
                return Ok(Verdict::Interrupted);
            }
            if now >= self.deadline {
                return Ok(Verdict::Killed(self.reason_for_killing()));
            }
            match self.inbox.recv_timeout(ATTENTION.min(self.deadline - now)) {
                Ok(Event::Said(Message::Solving)) => {
                    let allowed = self.grace.solving(self.time_limit());
                    // A worker keeps the time of a command itself.
                    self.enter(Stage::Solving, if self.job.scratch().is_some() { allowed + CLEANING } else { allowed });
                }
                Ok(Event::Said(Message::Checking)) => self.enter(Stage::Checking, seconds(self.grace.checking)),
                Ok(Event::Said(answer)) => return Ok(Verdict::Answered(answer)),
                Ok(Event::Garbled(why)) => return Ok(Verdict::Killed(format!("malformed answer: {why}"))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // No answer will come; how it exits says why.
                    if let Some(status) = self.child.try_wait()? {
                        return Ok(Verdict::Exited(status));
                    }
                    thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    fn wait_for_its_end(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn enter(&mut self, stage: Stage, allowed: Duration) {
        self.stage = stage;
        self.deadline = Instant::now() + allowed;
    }

    /// Seconds for the solve.
    fn time_limit(&self) -> f64 {
        match &self.job.task {
            Task::Solve(task) => task.time_limit,
            Task::Command(task) => task.time_limit,
            Task::Describe => 0.0,
        }
    }

    fn reason_for_killing(&self) -> String {
        let limit = self.time_limit();
        match self.stage {
            Stage::Reading => format!("killed: the instance was not ready after {} s", self.grace.reading),
            Stage::Solving => overtime(limit, self.grace.solving(limit).as_secs_f64()),
            Stage::Checking => format!("killed: the outcome was not checked after {} s", self.grace.checking),
        }
    }
}

fn drain(mut stderr: ChildStderr, tail: &Tail) {
    let mut buffer = [0; 4096];
    loop {
        match stderr.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => tail.push(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Passes on what the worker says, and keeps what else stands on its standard output with its diagnostics.
fn listen(stdout: ChildStdout, tail: &Tail, events: &SyncSender<Event>) {
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        match stdout.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let event = if line.starts_with(LINE_START.as_bytes()) {
            match serde_json::from_slice::<Line>(&line) {
                Ok(line) => Event::Said(line.message),
                // Half a line and then the end: the exit status says more.
                Err(_) if !line.ends_with(b"\n") && (line.len() as u64) < LONGEST_LINE => {
                    tail.push(&line);
                    return;
                }
                Err(error) => Event::Garbled(error.to_string()),
            }
        } else {
            if line != b"\n" {
                tail.push(&line);
            }
            continue;
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
