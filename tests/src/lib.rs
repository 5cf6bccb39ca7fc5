//! Drives the built `fathom` program, for the end-to-end tests beside this crate.
//!
//! The program under test is `cli/src/main.rs` itself, built by this package under another name so that Cargo tells the tests where it is.
#![forbid(unsafe_code)]

pub mod hostile;
pub mod mutant;
pub mod quoting;
pub mod readmes;
pub mod subset_sum;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a finished program left behind.
#[derive(Debug)]
pub struct Finished {
    /// Exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// Standard output, of a program that has to have ended with `status`.
    ///
    /// # Panics
    /// When it ended otherwise; both outputs are shown.
    #[track_caller]
    pub fn expect(&self, status: i32) -> &str {
        assert_eq!(self.status, Some(status), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        &self.stdout
    }
}

/// A folder of a test's own, in which it runs the program at `program`.
#[derive(Debug)]
pub struct Bench {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Bench {
    /// An empty folder for `program`.
    ///
    /// # Panics
    /// When no folder can be made.
    pub fn new(program: &str) -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), program: program.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder, and the folders on the way.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a file in the folder")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    /// A command that starts the program in the folder, without input or colours.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.folder()).stdin(Stdio::null()).env_remove("RUST_BACKTRACE").env("NO_COLOR", "1");
        command
    }

    /// Runs the program with `arguments`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        finish(&mut self.command(arguments))
    }

    /// Runs the program with at most `mib` MiB of address space.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn run_within(&self, mib: u64, arguments: &[&str]) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {} && exec \"$0\" \"$@\"", mib * 1024)]).arg(&self.program).args(arguments);
        command.current_dir(self.folder()).stdin(Stdio::null()).env_remove("RUST_BACKTRACE").env("NO_COLOR", "1");
        finish(&mut command)
    }
}

fn finish(command: &mut Command) -> Finished {
    let output = command.output().expect("the program starts");
    Finished {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
    }
}

/// A file of the shared data folder beside the repository, or `None` (and a printed reason) where there is none.
pub fn shared(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: there is no {file} in the shared data folder beside the repository");
    None
}

/// The examples of CONTRIBUTING.md, compiled and run.
#[doc = include_str!("../../CONTRIBUTING.md")]
pub mod contributing {}

/// The example of README.md, compiled and run.
#[doc = include_str!("../../README.md")]
pub mod readme {}
