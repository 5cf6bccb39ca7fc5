//! Somebody else's program as a solver of a suite.

use std::path::PathBuf;

/// What a command can be told about a run: the name in braces stands for the value wherever a word has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The instance's file.
    Instance,
    /// The file that the command writes its solution to.
    Solution,
    /// Seconds for the solve.
    TimeLimit,
    /// The run's seed.
    Seed,
    /// Threads for the solve.
    Threads,
    /// MiB for the solve.
    Memory,
    /// A folder of the run's own, removed afterwards; instance and solution lie in it.
    Scratch,
    /// The program that calls a Python function, in the scratch folder. Only entries with `python` have it.
    Driver,
    /// The one field that a solution of the class must have, or nothing where there are several. Only entries with `python` have it.
    Field,
}

impl Placeholder {
    /// Those that a suite's commands may have.
    pub const ALL: [Self; 7] = [Self::Instance, Self::Solution, Self::TimeLimit, Self::Seed, Self::Threads, Self::Memory, Self::Scratch];

    /// The name, in braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instance => "{instance}",
            Self::Solution => "{solution}",
            Self::TimeLimit => "{time_limit}",
            Self::Seed => "{seed}",
            Self::Threads => "{threads}",
            Self::Memory => "{memory}",
            Self::Scratch => "{scratch}",
            Self::Driver => "{driver}",
            Self::Field => "{field}",
        }
    }
}

/// Somebody else's program as a solver of a suite: how it is started, and what it reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments, with [`Placeholder`]s. There is no shell: a word is an argument.
    pub words: Vec<String>,
    /// The ending of the instance's file, which says its format as everywhere: `.fathom.json`, or what the class is written in.
    pub reads: String,
    /// The ending of the solution's file, which says its form: `.json`, or what the class's solutions are read from.
    pub writes: String,
    /// What prints the program's version; no words where nothing does.
    pub version: Vec<String>,
    /// Files that the program consists of beside those that its words name.
    pub files: Vec<PathBuf>,
    /// The folder of the suite file, in which words that name files are looked up.
    pub folder: Option<PathBuf>,
    /// Whether runs are left out, with the reason, where there is no such program.
    pub optional: bool,
}

impl Command {
    /// The ending of documents.
    pub const DOCUMENT: &'static str = ".fathom.json";
    /// The ending of solutions in JSON: documents, or the solution alone.
    pub const JSON: &'static str = ".json";
}

/// The first `{name}` in `word` that looks like a placeholder and is none of `known`.
pub(super) fn unknown_placeholder(word: &str, known: &[Placeholder]) -> Option<String> {
    let mut rest = word;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        let length = rest.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_').count();
        if length > 0 && rest[length..].starts_with('}') {
            let name = format!("{{{}}}", &rest[..length]);
            if !known.iter().any(|placeholder| placeholder.name() == name) {
                return Some(name);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_placeholder_has_to_be_one() {
        let unknown = |word: &str| unknown_placeholder(word, &Placeholder::ALL);
        for word in ["{instance}", "--in={instance}{seed}", "{}", "{1}", "awk '{print $1}'", "{Instance", "plain"] {
            assert_eq!(unknown(word), None, "{word}");
        }
        assert_eq!(unknown("{instance}/{sed}").as_deref(), Some("{sed}"));
        assert_eq!(unknown("{driver}").as_deref(), Some("{driver}"));
    }
}
