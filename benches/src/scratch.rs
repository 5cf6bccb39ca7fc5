//! The scratch folder of a command's run: it and every process of the run are gone when the run is over, however it ends.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::descendants;

/// The environment variable by which every process of a run can be told: its value is the run's scratch folder.
pub(crate) const MARK: &str = "FATHOM_BENCH_RUN";

/// What this process holds.
enum Held {
    Nothing,
    Folder(PathBuf),
    /// The process is about to end: nothing new is made.
    Ending,
}

static HELD: Mutex<Held> = Mutex::new(Held::Nothing);

fn held() -> MutexGuard<'static, Held> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name for a scratch folder that no other run has.
pub(crate) fn unused_name() -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("fathom-bench-{}-{moment:x}-{count}", std::process::id()))
}

/// The scratch folder of the one run of this process. Dropped, it vanishes with all processes that were started.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder.
    ///
    /// # Errors
    /// When it cannot be made, or the process is about to end.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let mut held = held();
        if matches!(*held, Held::Ending) {
            return Err(ending());
        }
        // Orphans become this process's children, where they are found.
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_child_subreaper(true)?;
        fs::create_dir(folder)?;
        *held = Held::Folder(folder.to_path_buf());
        Ok(Self(folder.to_path_buf()))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Starts `command` as a process of this run.
    ///
    /// # Errors
    /// When it cannot be started, or the process is about to end.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let held = held();
        if matches!(*held, Held::Ending) {
            return Err(ending());
        }
        command.env(MARK, &self.0).spawn()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let mut held = held();
        if matches!(*held, Held::Folder(_)) {
            end_processes(&self.0);
            remove(&self.0);
            *held = Held::Nothing;
        }
    }
}

fn ending() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "the harness is gone")
}

/// Ends all processes of this process's run and removes its folder, because this process is about to end.
pub(crate) fn end() {
    // Held all the while: whoever drops its folder meanwhile waits, and does not end this process before the work is done.
    let mut held = held();
    let before = std::mem::replace(&mut *held, Held::Ending);
    if let Held::Folder(folder) = before {
        end_processes(&folder);
        remove(&folder);
    }
}

fn end_processes(folder: &Path) {
    if let Ok(own) = i32::try_from(std::process::id()) {
        descendants::end_all(own, &reap);
    }
    descendants::end_marked(MARK, &folder.to_string_lossy());
}

/// Takes note of all children that have ended.
pub(crate) fn reap() {
    while let Ok(status) = waitpid(None::<Pid>, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            return;
        }
    }
}

/// Ends what a run left whose own process is gone: processes that carry its mark, and its folder.
pub(crate) fn sweep(folder: &Path) {
    descendants::end_marked(MARK, &folder.to_string_lossy());
    remove(folder);
}

fn remove(folder: &Path) {
    // What a process wrote while the folder was being emptied is found by the next attempt.
    for _ in 0..100 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => thread::sleep(Duration::from_millis(5)),
            _ => return,
        }
    }
}
