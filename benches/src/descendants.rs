//! Processes that a process has started, directly or through others, as the system lists them.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One process of the system's list.
#[derive(Debug, Clone, Copy)]
struct Process {
    pid: i32,
    parent: i32,
    /// It has ended, and its parent has not noticed yet.
    ended: bool,
}

/// How many processes there are, and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Population {
    pub processes: usize,
    /// Bytes in RAM; pages that several of them share count for each.
    pub resident: u64,
}

/// How long to go on ending processes that start new ones all the time.
const PATIENCE: Duration = Duration::from_secs(10);

/// The descendants of `root`, without itself.
fn of(root: i32) -> Vec<Process> {
    let mut children: HashMap<i32, Vec<Process>> = HashMap::new();
    for process in listed() {
        children.entry(process.parent).or_default().push(process);
    }
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(parent) = open.pop() {
        for process in children.remove(&parent).unwrap_or_default() {
            open.push(process.pid);
            found.push(process);
        }
    }
    found
}

/// All processes. None on systems that do not list them under `/proc`.
fn listed() -> impl Iterator<Item = Process> {
    pids().filter_map(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name, in parentheses, may itself hold spaces and parentheses.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let (state, parent) = (fields.next()?, fields.next()?.parse().ok()?);
        Some(Process { pid, parent, ended: matches!(state, "Z" | "X") })
    })
}

impl Process {
    /// Bytes in RAM.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().split(' ').next()?.parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    }
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// What the descendants of `root` take.
pub(crate) fn population(root: i32) -> Population {
    of(root).iter().filter(|process| !process.ended).fold(Population::default(), |sum, process| Population {
        processes: sum.processes + 1,
        resident: sum.resident + process.resident(),
    })
}

/// Kills every descendant of `root`, also those that are started meanwhile. `reap` is called after each round, to take note of children that have ended.
pub(crate) fn end_all(root: i32, reap: &dyn Fn()) {
    let since = Instant::now();
    loop {
        let living: Vec<Process> = of(root).into_iter().filter(|process| !process.ended).collect();
        if living.is_empty() || since.elapsed() > PATIENCE {
            break;
        }
        // First they are stopped: what stands still starts nothing new.
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for process in &living {
                // It may have ended by itself.
                let _ = kill(Pid::from_raw(process.pid), signal);
            }
        }
        reap();
        thread::sleep(Duration::from_millis(1));
    }
    reap();
}

/// Kills every process whose environment says `name=value`, wherever it stands in the tree of processes.
pub(crate) fn end_marked(name: &str, value: &str) {
    let mark = format!("{name}={value}").into_bytes();
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let since = Instant::now();
    loop {
        let marked = |pid: &i32| {
            fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|environment| environment.split(|&byte| byte == 0).any(|entry| entry == mark))
        };
        let living: Vec<i32> = pids().filter(|&pid| pid != own).filter(marked).collect();
        if living.is_empty() || since.elapsed() > PATIENCE {
            return;
        }
        for pid in living {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_and_what_it_started_are_found_and_ended() {
        let mark = format!("{}-{:?}", std::process::id(), thread::current().id());
        let script = "sleep 600 & setsid sleep 600 & wait";
        let mut shell = Command::new("sh").args(["-c", script]).env("FATHOM_TEST_MARK", &mark).stdout(Stdio::null()).spawn().unwrap();
        let root = i32::try_from(shell.id()).unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while population(root).processes < 2 && Instant::now() < patience {
            thread::sleep(Duration::from_millis(5));
        }
        let found = population(root);
        assert!(found.processes >= 2 && found.resident > 0, "{found:?}");
        end_all(root, &|| ());
        assert_eq!(population(root).processes, 0);
        end_marked("FATHOM_TEST_MARK", &mark);
        // It had nothing else to wait for, or was ended itself.
        shell.wait().unwrap();
    }
}
