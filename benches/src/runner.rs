//! Runs what is missing.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use fathom_opt_core::{Registry, Report, Seconds, Status};
use fathom_opt_instances::suite::InstanceSource;

use crate::course::Course;
use crate::error::BenchError;
use crate::job::{Description, Job, Message, Solved, Task};
use crate::lock::ResultsLock;
use crate::machine::machine;
use crate::plan::{self, PlannedRun, SuiteInstance};
use crate::process::{Ended, How, execute};
use crate::progress::{Estimate, Progress, Watch};
use crate::record::Record;
use crate::request::RunRequest;
use crate::store::Store;
use crate::summary::{LeftOut, Summary, Unreadable};

/// Runs those runs of the request's suites that its results file does not hold yet, and records each as soon as it has finished.
///
/// # Errors
/// A request, a suite's solver or its options that cannot be; a results file that cannot be written or that another process is writing; worker
/// processes that cannot be started. Whatever was recorded before the error stays.
pub fn run(request: &RunRequest, registry: &Registry, watch: &mut dyn Watch) -> Result<Summary, BenchError> {
    request.validate()?;
    let contenders = request.suites.iter().map(|suite| plan::solvers(suite, request, registry)).collect::<Result<Vec<_>, _>>()?;
    let _held = ResultsLock::take(&request.results)?;
    let harness = Harness {
        request,
        store: Mutex::new(Store::create(&request.results)?),
        watched: Mutex::new(Watched { watch, progress: Progress::default(), estimate: Estimate::default() }),
        broken: AtomicBool::new(false),
        machine: machine().to_string(),
    };
    let build = request.worker.build()?;
    let (described, unreadable) = harness.describe_instances()?;
    let mut planned = Vec::new();
    let mut seen = HashSet::new();
    for (suite, contenders) in request.suites.iter().zip(&contenders) {
        let of_source = |source: &InstanceSource| described.iter().find(|known| known.source == *source).cloned();
        let instances: Vec<SuiteInstance> = suite.entries.iter().filter_map(of_source).collect();
        planned.extend(plan::runs(suite, &contenders.present, &instances, request, (registry, &build), &mut seen)?);
    }
    let recorded = lock(&harness.store).keys()?;
    let missing: Vec<&PlannedRun> = planned.iter().filter(|run| request.rerun || !recorded.contains(&run.digest)).collect();
    harness.start_counting(&missing, planned.len() - missing.len());
    harness.in_slots(&missing, |run| harness.run_and_record(run))?;
    let store = lock(&harness.store);
    let absent = contenders.into_iter().flat_map(|contenders| contenders.skipped).collect();
    Summary::of(&planned, &missing, LeftOut { unreadable, absent }, &store, request)
}

/// What the slots share.
struct Harness<'a> {
    request: &'a RunRequest,
    store: Mutex<Store>,
    watched: Mutex<Watched<'a>>,
    /// One slot met an error that ends the whole call.
    broken: AtomicBool,
    /// The machine, as JSON.
    machine: String,
}

/// A source's key and what it is, or why it is no instance.
type Described = Result<(String, Description), String>;

struct Watched<'a> {
    watch: &'a mut dyn Watch,
    progress: Progress,
    estimate: Estimate,
}

impl Watched<'_> {
    fn tell(&mut self) {
        self.watch.observe(&self.progress);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A slot that panicked left nothing half done: a record is one statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Harness<'_> {
    fn stopping(&self) -> bool {
        self.request.cancel.is_raised() || self.broken.load(Ordering::Relaxed)
    }

    /// Does `work` for every item, in order, as many at a time as there are slots, until all is done or it is time to stop.
    fn in_slots<T: Sync>(&self, items: &[T], work: impl Fn(&T) -> Result<(), BenchError> + Sync) -> Result<(), BenchError> {
        let next = AtomicUsize::new(0);
        let slot = || {
            while !self.stopping()
                && let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed))
            {
                if let Err(error) = work(item) {
                    self.broken.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let slots: Vec<_> = (0..self.request.jobs.get().min(items.len())).map(|_| scope.spawn(slot)).collect();
            let mut result = Ok(());
            for slot in slots {
                match slot.join() {
                    Ok(ended) => result = result.and(ended),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            result
        })
    }

    /// What every instance of the suites is: as the results file knows, or as a worker finds out.
    fn describe_instances(&self) -> Result<(Vec<SuiteInstance>, Vec<Unreadable>), BenchError> {
        let mut sources: Vec<(&InstanceSource, u64)> = Vec::new();
        for suite in &self.request.suites {
            let memory = self.request.memory_limit.unwrap_or(suite.limits.memory);
            for source in &suite.entries {
                match sources.iter_mut().find(|(known, _)| *known == source) {
                    Some((_, known)) => *known = memory.max(*known),
                    None => sources.push((source, memory)),
                }
            }
        }
        let found: Mutex<HashMap<usize, Described>> = Mutex::new(HashMap::new());
        let numbered: Vec<_> = sources.iter().enumerate().collect();
        self.in_slots(&numbered, |&(k, &(source, memory))| {
            if let Some(result) = self.describe(source, memory)? {
                lock(&found).insert(k, result);
            }
            Ok(())
        })?;
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut described, mut unreadable) = (Vec::new(), Vec::new());
        for (k, (source, _)) in sources.into_iter().enumerate() {
            match found.remove(&k) {
                Some(Ok((key, description))) => described.push(SuiteInstance { source: source.clone(), key, description }),
                Some(Err(reason)) => unreadable.push(Unreadable { entry: source.to_string(), reason }),
                // Stopped before its turn.
                None => {}
            }
        }
        Ok((described, unreadable))
    }

    /// The source's key and what it is, or why it is no instance; `None` when it was interrupted.
    fn describe(&self, source: &InstanceSource, memory_limit: u64) -> Result<Option<Described>, BenchError> {
        let key = match plan::source_key(source, &self.request.classes) {
            Ok(key) => key,
            Err(reason) => return Ok(Some(Err(reason))),
        };
        if let Some(known) = lock(&self.store).description(&key)? {
            return Ok(Some(Ok((key, known))));
        }
        self.begin(&format!("reading {source}"));
        let job = Job { source: source.clone(), memory_limit, task: Task::Describe };
        let ended = execute(&self.request.worker, &job, &self.request.grace, &|| self.stopping());
        self.end(&format!("reading {source}"));
        match ended?.how {
            How::Answered(Message::Described(description)) => {
                lock(&self.store).describe(&key, &description)?;
                Ok(Some(Ok((key, description))))
            }
            How::Answered(Message::Refused(reason)) | How::Failed(reason) => Ok(Some(Err(reason))),
            How::Answered(_) => Ok(Some(Err("malformed answer: another than asked for".into()))),
            How::Interrupted => Ok(None),
        }
    }

    fn start_counting(&self, missing: &[&PlannedRun], recorded_before: usize) {
        let mut watched = lock(&self.watched);
        watched.estimate = Estimate::new(missing.iter().map(|run| run.key.time_limit).sum());
        watched.progress = Progress { total: missing.len(), recorded_before, ..Progress::default() };
        watched.tell();
    }

    fn begin(&self, what: &str) {
        let mut watched = lock(&self.watched);
        watched.progress.running.push(what.to_owned());
        watched.tell();
    }

    fn end(&self, what: &str) {
        let running = &mut lock(&self.watched).progress.running;
        if let Some(position) = running.iter().position(|known| known == what) {
            running.remove(position);
        }
    }

    fn run_and_record(&self, run: &PlannedRun) -> Result<(), BenchError> {
        let name = format!("{} on {}", run.label, run.description.name);
        self.begin(&name);
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let ended = execute(&self.request.worker, &run.job(&self.request.grace), &self.request.grace, &|| self.stopping());
        self.end(&name);
        let ended = ended?;
        if matches!(ended.how, How::Interrupted) {
            return Ok(());
        }
        let elapsed = ended.elapsed;
        let (record, trace) = record(run, ended, started, &self.machine);
        if self.request.rerun {
            lock(&self.store).replace(&record, trace.as_deref())?;
        } else {
            lock(&self.store).insert(&record, trace.as_deref())?;
        }
        let mut watched = lock(&self.watched);
        watched.estimate.finished(elapsed, run.key.time_limit);
        watched.progress.done += 1;
        watched.progress.seconds_left = watched.estimate.seconds_left(self.request.jobs.get());
        watched.tell();
        Ok(())
    }
}

/// The record of a run that ended, and its trace.
fn record(run: &PlannedRun, ended: Ended, started: f64, machine: &str) -> (Record, Option<String>) {
    let unanswered = |reason: String| Report::new(Status::Failed(reason), Seconds { wall: ended.elapsed, cpu: None });
    let without = |unsupported, reason| {
        (unsupported, Solved { report: unanswered(reason), peak_memory: None, trace: None, course: Course::default() })
    };
    let (unsupported, solved) = match ended.how {
        How::Answered(Message::Solved(solved)) => (false, *solved),
        How::Answered(Message::Unsupported(reason)) => without(true, reason),
        How::Answered(Message::Refused(reason)) | How::Failed(reason) => without(false, reason),
        How::Answered(_) => without(false, "malformed answer: another than asked for".into()),
        How::Interrupted => without(false, "interrupted".into()),
    };
    let Solved { report, peak_memory, trace, course } = solved;
    let record = Record {
        key: run.key.clone(),
        suite: run.suite.clone(),
        instance: run.description.name.clone(),
        source: run.source.to_string(),
        kind: run.description.kind.clone(),
        known_objective: run.description.known,
        label: run.label.clone(),
        options: run.all_options.clone(),
        machine: machine.to_owned(),
        started,
        unsupported,
        report,
        peak_memory,
        course,
        stderr: ended.stderr,
    };
    (record, trace)
}

#[cfg(test)]
mod tests;
