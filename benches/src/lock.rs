//! One harness at a time per results file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::BenchError;

/// Holds a results file for this process until dropped.
///
/// The operating system's lock on a file beside the results: it ends with the process however that ends, so a killed harness never blocks the next.
/// The results file itself cannot carry it, because closing any handle to a database file drops the database's own locks.
#[derive(Debug)]
pub(crate) struct ResultsLock {
    _held: File,
}

impl ResultsLock {
    /// Takes the lock of `results`.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be created.
    pub fn take(results: &Path) -> Result<Self, BenchError> {
        let mut name = results.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        // Not truncated: whatever stands there under this name is not ours to empty.
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| BenchError::Io { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(BenchError::Busy { path: results.to_path_buf() }),
            Err(TryLockError::Error(source)) => Err(BenchError::Io { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_results_file_is_held_once_and_free_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("r.sqlite");
        let held = ResultsLock::take(&results).unwrap();
        assert!(matches!(ResultsLock::take(&results), Err(BenchError::Busy { .. })));
        drop(held);
        ResultsLock::take(&results).unwrap();
    }
}
