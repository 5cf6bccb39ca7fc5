//! One `[[solvers]]` entry of a suite.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::SuiteError;
use super::command::{Command, Placeholder, unknown_placeholder};
use super::solver_choice::SolverChoice;
use super::suite_text::SuiteText;
use crate::class::Class;
use crate::classes::Classes;

/// A solver: one of Fathom's by its name, or somebody else's by a `command` or a `python` function.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Solver")]
pub(super) struct SolverEntry {
    /// The name in the registry; of somebody else's program: any other name.
    #[schemars(with = "String")]
    name: Spanned<String>,
    /// What tables call it; the name where it is missing.
    label: Option<String>,
    /// The only problem class that it runs on.
    kind: Option<String>,
    /// Options of one of Fathom's solvers; the others have their defaults.
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    options: Option<Spanned<toml::Table>>,
    /// Somebody else's program and its arguments: one text that is split at spaces, or a list of words. No shell. `{instance}`, `{solution}`, `{time_limit}`, `{seed}`,
    /// `{threads}`, `{memory}` and `{scratch}` are replaced. Words that name files beside the suite are passed with their whole path, and are part of the program.
    #[schemars(with = "Option<Words>")]
    command: Option<Spanned<Words>>,
    /// A function in a Python file beside the suite: `FILE:FUNCTION` (`solve` where no function is named).
    #[schemars(with = "Option<String>")]
    python: Option<Spanned<String>>,
    /// Runs the Python file; `python3` where it is missing.
    #[schemars(with = "Option<String>")]
    interpreter: Option<Spanned<String>>,
    /// Ending of the instance's file, which says its format: `.fathom.json` where it is missing.
    #[schemars(with = "Option<String>")]
    reads: Option<Spanned<String>>,
    /// Ending of the solution's file, which says its form: `.json` where it is missing.
    #[schemars(with = "Option<String>")]
    writes: Option<Spanned<String>>,
    /// Prints the program's version, which is part of its runs' key.
    #[schemars(with = "Option<Words>")]
    version: Option<Spanned<Words>>,
    /// More files of the program, beside the suite: an edited one makes its runs other runs.
    #[schemars(with = "Option<Vec<String>>")]
    files: Option<Vec<Spanned<String>>>,
    /// Whether the runs are left out, with the reason, where there is no such program.
    #[schemars(with = "Option<bool>")]
    optional: Option<Spanned<bool>>,
}

/// A command: a text that is split at spaces, or its words.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Words {
    Text(String),
    List(Vec<String>),
}

impl Words {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
            Self::List(words) => words,
        }
    }
}

impl SolverEntry {
    /// The solver that the entry names.
    pub fn choice(self, suite: SuiteText<'_>, folder: Option<&Path>, classes: &Classes) -> Result<SolverChoice, SuiteError> {
        let name = self.name.get_ref().clone();
        if name.trim().is_empty() {
            return Err(suite.refuse(self.name.span(), "an empty name", "the solver's name"));
        }
        let foreign = self.command.is_some() || self.python.is_some();
        if let (true, Some(options)) = (foreign, &self.options) {
            return Err(suite.refuse(options.span(), "`options` beside `command` or `python`", "options as words of the command"));
        }
        let mut choice = SolverChoice {
            label: self.label.clone().unwrap_or_else(|| name.clone()),
            kind: self.kind.clone(),
            ..SolverChoice::named(&name)
        };
        if foreign {
            choice.command = Some(self.command(suite, folder, classes)?);
            return Ok(choice);
        }
        let stray = [
            self.interpreter.as_ref().map(|word| ("interpreter", word.span())),
            self.reads.as_ref().map(|word| ("reads", word.span())),
            self.writes.as_ref().map(|word| ("writes", word.span())),
            self.version.as_ref().map(|words| ("version", words.span())),
            self.files.as_ref().and_then(|files| Some(("files", files.first()?.span()))),
            self.optional.as_ref().map(|word| ("optional", word.span())),
        ];
        if let Some((key, span)) = stray.into_iter().flatten().next() {
            return Err(suite.refuse(span, &format!("`{key}` without `command` or `python`"), "it beside one of them"));
        }
        choice.options = self.options.map(|table| suite.json_table("options", table)).transpose()?.unwrap_or_default();
        Ok(choice)
    }

    fn command(self, suite: SuiteText<'_>, folder: Option<&Path>, classes: &Classes) -> Result<Command, SuiteError> {
        let (words, span) = match (self.command, self.python) {
            (Some(command), Some(python)) => {
                let span = command.span().start.max(python.span().start);
                return Err(suite.refuse(span..span, "both `command` and `python`", "one of them"));
            }
            (None, None) => return Err(suite.refuse(self.name.span(), "neither `command` nor `python`", "one of them")),
            (Some(command), None) => {
                if let Some(interpreter) = &self.interpreter {
                    return Err(suite.refuse(interpreter.span(), "`interpreter` beside `command`", "it beside `python`"));
                }
                (given_words(suite, command)?, None)
            }
            (None, Some(python)) => {
                if let Some(reads) = &self.reads {
                    return Err(suite.refuse(reads.span(), "`reads` beside `python`", "none: the function is given the document's data"));
                }
                let interpreter = self.interpreter.map_or_else(|| "python3".to_owned(), Spanned::into_inner);
                (python_words(interpreter, python.get_ref()), Some(python.span()))
            }
        };
        let written = classes.iter().flat_map(Class::writers).flat_map(|writer| writer.endings).copied().collect();
        let read = classes.iter().flat_map(Class::solution_forms).flat_map(|form| form.endings).copied().collect();
        let reads = ending(suite, self.reads.as_ref(), Command::DOCUMENT, written)?;
        let writes = ending(suite, self.writes.as_ref(), Command::JSON, read)?;
        let mut files = Vec::new();
        for file in self.files.into_iter().flatten() {
            let path = folder.map_or_else(|| PathBuf::from(file.get_ref()), |folder| folder.join(file.get_ref()));
            if !path.is_file() {
                let found = format!("`{}`, and there is no file {}", file.get_ref(), path.display());
                return Err(suite.refuse(file.span(), &found, "a file of the program, relative to the suite file"));
            }
            files.push(path);
        }
        if let Some(span) = span {
            let script = folder.map_or_else(|| PathBuf::from(&words[2]), |folder| folder.join(&words[2]));
            if !script.is_file() {
                let found = format!("`{}`, and there is no file {}", words[2], script.display());
                return Err(suite.refuse(span, &found, "a Python file, relative to the suite file"));
            }
        }
        let version = self.version.map(|version| version.into_inner().into_list()).unwrap_or_default();
        let optional = self.optional.is_some_and(Spanned::into_inner);
        Ok(Command { words, reads, writes, version, files, folder: folder.map(Path::to_path_buf), optional })
    }
}

/// The ending `named`, which has to be `usual` or one of `known`.
fn ending(
    suite: SuiteText<'_>,
    named: Option<&Spanned<String>>,
    usual: &'static str,
    mut known: Vec<&'static str>,
) -> Result<String, SuiteError> {
    let Some(named) = named else { return Ok(usual.to_owned()) };
    known.push(usual);
    if known.contains(&named.get_ref().as_str()) {
        return Ok(named.get_ref().clone());
    }
    known.sort_unstable();
    known.dedup();
    Err(suite.refuse(named.span(), &format!("`{}`", named.get_ref()), &format!("one of {}", known.join(", "))))
}

/// The words of a `command`, each placeholder one that there is, and the instance among them.
fn given_words(suite: SuiteText<'_>, command: Spanned<Words>) -> Result<Vec<String>, SuiteError> {
    let span = command.span();
    let words = command.into_inner().into_list();
    let names: Vec<&str> = Placeholder::ALL.map(Placeholder::name).to_vec();
    if words.first().is_none_or(String::is_empty) {
        return Err(suite.refuse(span, "an empty command", "a program and its arguments"));
    }
    if let Some(unknown) = words.iter().find_map(|word| unknown_placeholder(word, &Placeholder::ALL)) {
        return Err(suite.refuse(span, &format!("the placeholder {unknown}"), &format!("one of {}", names.join(", "))));
    }
    let told = |placeholder: Placeholder| words.iter().any(|word| word.contains(placeholder.name()));
    if !told(Placeholder::Instance) && !told(Placeholder::Scratch) {
        return Err(suite.refuse(span, "a command without {instance}", "it among the words: the program has to be told what to solve"));
    }
    Ok(words)
}

/// The words that call the function named by `python`.
fn python_words(interpreter: String, python: &str) -> Vec<String> {
    let (script, function) = match python.rsplit_once(':') {
        Some((script, function)) if !function.is_empty() => (script, function),
        _ => (python.trim_end_matches(':'), "solve"),
    };
    let told =
        [Placeholder::Instance, Placeholder::Solution, Placeholder::TimeLimit, Placeholder::Seed, Placeholder::Threads, Placeholder::Field];
    let mut words = vec![interpreter, Placeholder::Driver.name().to_owned(), script.to_owned(), function.to_owned()];
    words.extend(told.map(|placeholder| placeholder.name().to_owned()));
    words
}
