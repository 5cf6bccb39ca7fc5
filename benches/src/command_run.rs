//! One run of somebody else's program, seen from the worker that starts it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use fathom_opt_core::{Outcome, Status};
use fathom_opt_instances::suite::{Command, Placeholder};
use fathom_opt_instances::{Class, Classes, Instance, write_document};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rlimit::Resource;

use crate::answer::Answer;
use crate::course::{Course, Recorder};
use crate::descendants::{Population, end_all, population};
use crate::failure;
use crate::grace::{overtime, seconds};
use crate::job::CommandTask;
use crate::memory_limit;
use crate::scratch::{Scratch, reap};
use crate::tail::Tail;
use crate::usage;

/// The program that calls a Python function.
const DRIVER: &str = include_str!("driver.py");

/// No file that a command writes may be longer, in bytes.
const LONGEST_FILE: u64 = 1 << 30;

/// More processes at a time are more than any solver needs.
const MOST_PROCESSES: usize = 1000;

/// How often a command is looked at: at first often, so that short runs are timed well.
const GLANCES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(10)];
/// How often its processes are counted.
const COUNTING: Duration = Duration::from_millis(100);

/// A run of a command that came to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub answer: Answer,
    pub course: Course,
    /// Seconds from its start to its end.
    pub wall: f64,
    pub cpu: Option<f64>,
    /// Bytes, of all its processes together, as far as they were looked at.
    pub peak_memory: u64,
}

/// Why a command's run has no record of its own end.
#[derive(Debug)]
pub(crate) enum NotRun {
    /// The instance cannot be written as the command reads it.
    Unsupported(String),
    /// It could not be started.
    Refused(String),
}

/// A command that waits to be started, its instance written.
#[derive(Debug)]
pub(crate) struct Prepared {
    scratch: Scratch,
    solution: PathBuf,
    words: Vec<String>,
    threads: usize,
}

impl Prepared {
    /// Makes the run's folder and writes the instance into it.
    pub fn of(instance: &Instance, task: &CommandTask, memory_limit: u64, classes: &Classes) -> Result<Self, NotRun> {
        let refused = |error: io::Error| NotRun::Refused(format!("the scratch folder {}: {error}", task.scratch.display()));
        let scratch = Scratch::create(&task.scratch).map_err(refused)?;
        let class = classes.find(instance.problem.kind());
        let given = scratch.path().join(format!("instance{}", task.reads));
        write(instance, &given, &task.reads, class)?;
        // AMPL's solvers put their solution beside the model, under the model's name.
        let same = task.reads == task.writes;
        let solution = scratch.path().join(format!("{}{}", if same { "solution" } else { "instance" }, task.writes));
        let driver = scratch.path().join("driver.py");
        if task.words.iter().any(|word| word.contains(Placeholder::Driver.name())) {
            std::fs::write(&driver, DRIVER).map_err(refused)?;
        }
        // More threads than the machine has only wait for each other.
        let threads = task.threads.clamp(1, thread::available_parallelism().map_or(1, NonZeroUsize::get));
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let values = [
            (Placeholder::Instance, text(&given)),
            (Placeholder::Solution, text(&solution)),
            (Placeholder::TimeLimit, task.time_limit.to_string()),
            (Placeholder::Seed, task.seed.to_string()),
            (Placeholder::Threads, threads.to_string()),
            (Placeholder::Memory, memory_limit.to_string()),
            (Placeholder::Scratch, text(scratch.path())),
            (Placeholder::Driver, text(&driver)),
            (Placeholder::Field, class.and_then(only_field).unwrap_or_default()),
        ];
        let fill = |word: &String| values.iter().fold(word.clone(), |word, (placeholder, value)| word.replace(placeholder.name(), value));
        let words = task.words.iter().map(fill).collect();
        Ok(Self { scratch, solution, words, threads })
    }

    /// Runs the command to its end. Whatever it started is gone when this returns, and so is its folder.
    pub fn run(self, instance: &Instance, task: &CommandTask, memory_limit: u64, classes: &Classes) -> Result<Finished, NotRun> {
        let cpu_before = usage::cpu_seconds();
        let recorder = Arc::new(Recorder::new());
        let start = Instant::now();
        let mut child = self.start().map_err(|error| NotRun::Refused(format!("{} cannot be started: {error}", self.words[0])))?;
        confine(child.id());
        let tail = Arc::new(Tail::default());
        let outputs = listen(&mut child, &recorder, &tail);
        let (ended, peak_memory) = watch(&mut child, start, task, memory_limit);
        let wall = start.elapsed().as_secs_f64();
        if let (Ok(own), Ok(group)) = (i32::try_from(std::process::id()), i32::try_from(child.id())) {
            // Where the system does not list processes, this reaches most of them. The group may be empty already.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            end_all(own, &reap);
        }
        let cpu = usage::cpu_seconds().zip(cpu_before).map(|(after, before)| after - before);
        // The pipes close with the last process that holds them.
        for output in outputs {
            let _: Result<(), RecvTimeoutError> = output.recv_timeout(Duration::from_secs(1));
        }
        let stderr = tail.text();
        let _ = io::stderr().write_all(stderr.as_bytes());
        memory_limit::lift();
        let answer = match ended {
            Ended::Exited(status) if status.success() => Answer::read(&self.solution, &task.writes, instance, classes),
            Ended::Exited(status) => Err(failure::reason(status, &stderr, memory_limit)),
            Ended::Killed(reason) => Err(reason),
        };
        let answer = answer.unwrap_or_else(|reason| Answer {
            outcome: Outcome::new(Status::Failed(reason)),
            refuted: Vec::new(),
            counters: serde_json::Map::new(),
        });
        Ok(Finished { answer, course: recorder.course(), wall, cpu, peak_memory })
    }

    fn start(&self) -> io::Result<Child> {
        let mut process = Process::new(&self.words[0]);
        process.args(&self.words[1..]).current_dir(self.scratch.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // What it leaves elsewhere would outlive the run.
        process.env("TMPDIR", self.scratch.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"] {
            process.env(library, self.threads.to_string());
        }
        // A group of its own: a script that ends its group does not end this process.
        std::os::unix::process::CommandExt::process_group(&mut process, 0);
        // A child inherits the limits. That of memory is there already; this process writes no long file meanwhile.
        let before = [Resource::FSIZE, Resource::CORE].map(|resource| (resource, resource.get().ok()));
        for ((resource, old), limit) in before.iter().zip([LONGEST_FILE, 0]) {
            if let Some((_, hard)) = old {
                let _ = resource.set(limit.min(*hard), *hard);
            }
        }
        let child = self.scratch.spawn(&mut process);
        for (resource, old) in before {
            if let Some((soft, hard)) = old {
                let _ = resource.set(soft, hard);
            }
        }
        child
    }
}

/// The one field that a solution of the class must have, if it is one.
fn only_field(class: &Class) -> Option<String> {
    let schema = class.solution_schema();
    let required = schema.get("required")?.as_array()?;
    match required.as_slice() {
        [field] => field.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Writes the instance as the command reads it.
fn write(instance: &Instance, file: &Path, reads: &str, class: Option<&Class>) -> Result<(), NotRun> {
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData => NotRun::Unsupported(error.to_string()),
        _ => NotRun::Refused(format!("the instance cannot be written: {error}")),
    };
    let mut out = BufWriter::new(File::create(file).map_err(refused)?);
    if reads == Command::DOCUMENT {
        return write_document(&mut out, instance).and_then(|()| out.flush()).map_err(refused);
    }
    let name = format!("instance{reads}");
    let writer = class.and_then(|class| class.writers().iter().find(|writer| writer.endings.contains(&reads)));
    let Some(writer) = writer else {
        return Err(NotRun::Unsupported(format!("{} instances are not written as {reads}", instance.problem.kind())));
    };
    writer.write(instance.problem.as_ref(), &name, &mut out).and_then(|()| out.flush()).map_err(refused)?;
    for (ending, bytes) in writer.beside(instance.problem.as_ref()) {
        std::fs::write(file.with_file_name(format!("instance{ending}")), bytes).map_err(refused)?;
    }
    Ok(())
}

/// Makes the limits of the process ones that it cannot lift again.
fn confine(pid: u32) {
    #[cfg(target_os = "linux")]
    if let Ok(pid) = i32::try_from(pid) {
        for resource in [Resource::AS, Resource::FSIZE, Resource::CORE] {
            let (mut soft, mut hard) = (0, 0);
            // It may have ended already.
            if rlimit::prlimit(pid, resource, None, Some((&mut soft, &mut hard))).is_ok() {
                let _ = rlimit::prlimit(pid, resource, Some((soft, soft)), None);
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = pid;
}

enum Ended {
    Exited(ExitStatus),
    Killed(String),
}

/// Waits for the end of the command, or until it breaks a limit. Also the most memory that its processes had in RAM.
fn watch(child: &mut Child, start: Instant, task: &CommandTask, memory_limit: u64) -> (Ended, u64) {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let deadline = seconds(task.kill_after);
    let most = memory_limit.saturating_mul(1 << 20);
    let mut peak = 0;
    let mut counted = start;
    loop {
        let elapsed = start.elapsed();
        match child.try_wait() {
            Ok(Some(status)) => return (Ended::Exited(status), peak),
            Ok(None) => {}
            Err(error) => return (Ended::Killed(format!("it cannot be waited for: {error}")), peak),
        }
        if elapsed > deadline {
            return (Ended::Killed(overtime(task.time_limit, task.kill_after)), peak);
        }
        if peak == 0 || counted.elapsed() >= COUNTING {
            counted = Instant::now();
            let Population { processes, resident } = population(own);
            peak = peak.max(resident);
            if resident > most {
                return (Ended::Killed(failure::out_of_memory(memory_limit)), peak);
            }
            if processes > MOST_PROCESSES {
                return (Ended::Killed(format!("killed: more than {MOST_PROCESSES} processes at a time")), peak);
            }
        }
        thread::sleep(GLANCES[usize::from(elapsed > Duration::from_secs(1))]);
    }
}

/// Reads both outputs of the command until they close; each receiver then disconnects.
fn listen(child: &mut Child, recorder: &Arc<Recorder>, tail: &Arc<Tail>) -> Vec<Receiver<()>> {
    let mut ends = Vec::new();
    let mut begin = |stream: Option<Box<dyn Read + Send>>, recorder: Option<Arc<Recorder>>| {
        let Some(stream) = stream else { return };
        let (open, end) = sync_channel::<()>(0);
        let tail = Arc::clone(tail);
        let reader = thread::Builder::new().spawn(move || {
            drain(stream, recorder.as_deref(), &tail);
            drop(open);
        });
        // Without a reader the pipe breaks, and the command with it.
        if reader.is_ok() {
            ends.push(end);
        }
    };
    begin(child.stdout.take().map(|stream| Box::new(stream) as _), Some(Arc::clone(recorder)));
    begin(child.stderr.take().map(|stream| Box::new(stream) as _), None);
    ends
}

/// A line that tells the course is no longer than this, in bytes.
const LONGEST_LINE: usize = 256;

/// Reads a stream to its end, keeps its end, and notes down what its lines say about the course. However much there is, little of it is kept.
fn drain(mut stream: impl Read, recorder: Option<&Recorder>, tail: &Tail) {
    let mut buffer = vec![0; 1 << 16];
    // The last line so far, as long as it can still tell something.
    let mut line: Vec<u8> = Vec::new();
    loop {
        let length = match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        tail.push(&buffer[..length]);
        let Some(recorder) = recorder else { continue };
        for part in buffer[..length].split_inclusive(|&byte| byte == b'\n') {
            let room = (LONGEST_LINE + 1).saturating_sub(line.len());
            line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                if line.len() <= LONGEST_LINE
                    && let Some((incumbent, bound)) = told(&line)
                {
                    recorder.note(incumbent, bound);
                }
                line.clear();
            }
        }
    }
}

/// What a line `incumbent VALUE BOUND` tells; a figure that is not there is `-` or left out.
fn told(line: &[u8]) -> Option<(Option<f64>, Option<f64>)> {
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    if words.next() != Some("incumbent") {
        return None;
    }
    let mut figure = || match words.next() {
        None | Some("-") => Some(None),
        Some(word) => word.parse().ok().map(Some),
    };
    let (incumbent, bound) = (figure()?, figure()?);
    words.next().is_none().then_some((incumbent, bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_the_course_however_they_are_cut() {
        let recorder = Recorder::new();
        let tail = Tail::default();
        let long = "incumbent 7".to_owned() + &" ".repeat(300) + "8\n";
        let text = format!("hello\nincumbent 5 -\nincumbent - 2.5\nincumbent x\nincumbent 1 2 3\n{long}incumbent 4 3\nincumbent 9");
        // One byte at a time.
        drain(text.bytes().map(|byte| [byte]).collect::<Vec<_>>().concat().as_slice(), Some(&recorder), &tail);
        let figures: Vec<_> = recorder.course().0.iter().map(|sample| (sample.incumbent, sample.bound)).collect();
        assert_eq!(figures, [(Some(5.0), None), (Some(5.0), Some(2.5)), (Some(4.0), Some(3.0))]);
        assert!(tail.text().ends_with("incumbent 9"));
    }

    #[test]
    fn lines_of_the_course_are_told_from_others() {
        assert_eq!(told(b"incumbent 1 2\n"), Some((Some(1.0), Some(2.0))));
        assert_eq!(told(b" incumbent\t1e3\r\n"), Some((Some(1000.0), None)));
        for other in ["incumbents 1 2", "the incumbent 1 2", "incumbent one", "", "\u{ff}"] {
            assert_eq!(told(other.as_bytes()), None, "{other}");
        }
    }
}
