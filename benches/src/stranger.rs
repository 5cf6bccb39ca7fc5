//! Somebody else's program, found and identified before it runs.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use fathom_opt_instances::Class;
use fathom_opt_instances::suite::Command;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Map, Value, json};

use crate::answer::form_of;
use crate::key::hash_of_file;

/// Somebody else's program, found and identified: what its runs are known by.
#[derive(Debug, Clone)]
pub(crate) struct Stranger {
    /// The command's words, with the program and its files at their places.
    pub words: Vec<String>,
    pub reads: String,
    pub writes: String,
    /// What makes it this program and no other: its words, the hashes of its files and what it says of its version.
    pub identity: Value,
}

/// A program that does not tell its version within this time has none.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest version that is kept, in bytes.
const LONGEST_VERSION: u64 = 1000;

impl Stranger {
    /// The program that `command` names.
    ///
    /// # Errors
    /// When there is none, a file of it cannot be read, or its version command fails: a sentence.
    pub fn find(command: &Command) -> Result<Self, String> {
        let folder = command.folder.as_deref();
        let mut files = Map::new();
        let mut words = vec![program(&command.words[0], folder)?];
        let digest = |path: &Path| hash_of_file(path).map_err(|error| format!("{}: {error}", path.display()));
        let own = digest(Path::new(&words[0]))?;
        for word in &command.words[1..] {
            match beside(word, folder) {
                Some(path) => {
                    files.insert(word.clone(), digest(Path::new(&path))?.into());
                    words.push(path);
                }
                None => words.push(word.clone()),
            }
        }
        for path in &command.files {
            let name = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
            files.insert(name.to_string_lossy().into_owned(), digest(path)?.into());
        }
        let version = match command.version.split_first() {
            None => Value::Null,
            Some((first, rest)) => {
                let rest = rest.iter().map(|word| beside(word, folder).unwrap_or_else(|| word.clone())).collect::<Vec<_>>();
                version(&program(first, folder)?, &rest)?.into()
            }
        };
        let identity = json!({ "command": {
            "words": command.words, "reads": command.reads, "writes": command.writes, "program": own, "files": files, "version": version,
        } });
        Ok(Self { words, reads: command.reads.clone(), writes: command.writes.clone(), identity })
    }

    /// Whether instances of `class` are written in what it reads, and solutions read from what it writes.
    pub fn takes(&self, class: &Class) -> bool {
        let reads = self.reads == Command::DOCUMENT || class.writers().iter().any(|writer| writer.endings.contains(&self.reads.as_str()));
        let writes = self.writes == Command::JSON || form_of(class.solution_forms(), &self.writes).is_some();
        reads && writes
    }
}

/// The whole path of the program `word`: beside the suite where it is a path, otherwise where programs are looked up.
fn program(word: &str, folder: Option<&Path>) -> Result<String, String> {
    let found = if word.contains('/') {
        let path = folder.map_or_else(|| PathBuf::from(word), |folder| folder.join(word));
        let path = whole(&path);
        if path.is_file() { Some(path) } else { return Err(format!("there is no program {}", path.display())) }
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| whole(&folder.join(word))).find(|path| is_executable(path))
    };
    let found = found.ok_or_else(|| format!("there is no program `{word}` where programs are looked up (PATH)"))?;
    if !is_executable(&found) {
        return Err(format!("{} cannot be executed", found.display()));
    }
    found.to_str().map(str::to_owned).ok_or_else(|| format!("{}: found a path that is not UTF-8", found.display()))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The whole path of the file that `word` names beside the suite, if it names one. Links are left as they are: a virtual environment is told by them.
fn beside(word: &str, folder: Option<&Path>) -> Option<String> {
    let path = folder?.join(word);
    (!word.is_empty() && path.is_file()).then(|| whole(&path).to_str().map(str::to_owned)).flatten()
}

fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// What the program prints of its version.
fn version(program: &str, arguments: &[String]) -> Result<String, String> {
    let shown = std::iter::once(program).chain(arguments.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    let failed = |error: io::Error| format!("the version command `{shown}`: {error}");
    let mut process = Process::new(program);
    process.args(arguments).current_dir(std::env::temp_dir()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    std::os::unix::process::CommandExt::process_group(&mut process, 0);
    let mut child = process.spawn().map_err(failed)?;
    let group = child.id();
    let (sender, texts) = sync_channel(2);
    for stream in [
        child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ] {
        let (Some(mut stream), sender) = (stream, sender.clone()) else { continue };
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stream.by_ref().take(LONGEST_VERSION).read_to_end(&mut text);
            let _ = sender.send(String::from_utf8_lossy(&text).trim().to_owned());
            // What is beyond is read all the same, so that the program can go on.
            let _ = io::copy(&mut stream, &mut io::sink());
        });
    }
    drop(sender);
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break Some(status),
            None if start.elapsed() > PATIENCE => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if let Ok(group) = i32::try_from(group) {
        // It may be empty already.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let Some(status) = status else {
        let _ = child.wait();
        return Err(format!("the version command `{shown}` did not end within {} s", PATIENCE.as_secs()));
    };
    let mut said: Vec<String> =
        std::iter::from_fn(|| texts.recv_timeout(Duration::from_secs(1)).ok()).filter(|text| !text.is_empty()).collect();
    said.sort();
    let said = said.join("\n");
    if status.success() { Ok(said) } else { Err(format!("the version command `{shown}` ended with {status}: {said}")) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn command(folder: &Path, words: &[&str], version: &[&str]) -> Command {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Command {
            words: owned(words),
            reads: Command::DOCUMENT.into(),
            writes: Command::JSON.into(),
            version: owned(version),
            files: Vec::new(),
            folder: Some(folder.to_path_buf()),
            optional: false,
        }
    }

    #[test]
    fn an_edited_script_or_another_version_is_another_program() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("solve.sh"), "exit 0").unwrap();
        fs::write(folder.path().join("version.sh"), "echo 1.0").unwrap();
        let identity =
            || Stranger::find(&command(folder.path(), &["sh", "solve.sh", "{instance}"], &["sh", "version.sh"])).unwrap().identity;
        let before = identity();
        assert_eq!(before["command"]["version"], "1.0");
        assert_eq!(identity(), before);
        fs::write(folder.path().join("solve.sh"), "exit 1").unwrap();
        let edited = identity();
        assert_ne!(edited, before);
        fs::write(folder.path().join("version.sh"), "echo 1.1 >&2").unwrap();
        assert_eq!(identity()["command"]["version"], "1.1");
    }

    #[test]
    fn words_that_name_files_beside_the_suite_become_whole_paths() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("solve.sh"), "exit 0").unwrap();
        let found = Stranger::find(&command(folder.path(), &["sh", "solve.sh", "other.sh", "{instance}"], &[])).unwrap();
        assert!(
            Path::new(&found.words[0]).is_absolute() && found.words[1].ends_with("/solve.sh") && Path::new(&found.words[1]).is_absolute()
        );
        assert_eq!(found.words[2..], ["other.sh", "{instance}"]);
        assert_eq!(found.identity["command"]["words"][1], "solve.sh", "where the suite lies makes no other run");
    }

    #[test]
    fn what_is_not_there_is_said_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plain"), "no program").unwrap();
        let refused = |words: &[&str], version: &[&str]| Stranger::find(&command(folder.path(), words, version)).unwrap_err();
        assert!(refused(&["no-such-program-at-all", "{instance}"], &[]).contains("there is no program `no-such-program-at-all`"));
        assert!(refused(&["./gone", "{instance}"], &[]).contains("there is no program /"));
        assert!(refused(&["./plain", "{instance}"], &[]).contains("cannot be executed"));
        let failing = refused(&["sh", "{instance}"], &["sh", "-c", "echo sorry; exit 3"]);
        assert!(failing.contains("exit status: 3") && failing.contains("sorry"), "{failing}");
    }
}
