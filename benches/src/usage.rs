//! What this process has used.

use nix::sys::resource::{UsageWho, getrusage};

/// CPU seconds of this process and of the processes it waited for.
pub fn cpu_seconds() -> Option<f64> {
    let mut total = 0.0;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who).ok()?;
        for time in [usage.user_time(), usage.system_time()] {
            total += time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6;
        }
    }
    Some(total)
}

/// The most memory this process has had in RAM, in bytes.
pub(crate) fn peak_memory() -> Option<u64> {
    // Linux keeps `ru_maxrss` across `exec`, so a worker would start with its parent's; the kernel's own high-water mark is per program.
    if let Ok(text) = std::fs::read_to_string("/proc/self/status")
        && let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        && let Some(kib) = line.trim().split(' ').next().and_then(|digits| digits.parse::<u64>().ok())
    {
        return Some(kib * 1024);
    }
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    u64::try_from(getrusage(UsageWho::RUSAGE_SELF).ok()?.max_rss()).ok().map(|rss| rss * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        assert!(peak_memory().unwrap() > 100_000);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }
}
