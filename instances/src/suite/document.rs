//! From TOML text to a [`Suite`].

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use super::solver_choice::SolverChoice;
use super::solver_entry::SolverEntry;
use super::suite_text::SuiteText;
use super::{Limits, Skipped, Suite, SuiteError};
use crate::classes::Classes;
use crate::file_format::AnyFormat;
use crate::instance_source::{DATA, InstanceSource};
use crate::library;
use crate::options::unknown;
use crate::reading::Reading;

/// A benchmark suite of Fathom, in TOML: which solvers run on which instances, under which limits and seeds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Suite")]
pub(super) struct SuiteDocument {
    /// The suite's name.
    #[schemars(with = "String")]
    name: Spanned<String>,
    /// What it is for.
    #[serde(default)]
    description: String,
    /// Seeds of the solvers; [1] where they are missing.
    #[schemars(with = "Option<Vec<u64>>")]
    seeds: Option<Spanned<Vec<u64>>>,
    #[serde(default)]
    limits: LimitsDocument,
    /// The instances, in order.
    #[schemars(with = "Vec<EntryDocument>")]
    entries: Spanned<Vec<Spanned<EntryDocument>>>,
    /// The solvers, in order; every one of Fathom's, with default options, where they are missing.
    #[schemars(with = "Option<Vec<SolverEntry>>")]
    solvers: Option<Spanned<Vec<Spanned<SolverEntry>>>>,
}

/// What one run is allowed.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Limits")]
struct LimitsDocument {
    /// Seconds for one solve; 60 where they are missing.
    #[schemars(with = "Option<f64>")]
    time: Option<Spanned<f64>>,
    /// MiB for one solve; 4096 where they are missing.
    #[schemars(with = "Option<u64>")]
    memory: Option<Spanned<u64>>,
    /// Threads of one solve; 1 where they are missing.
    #[schemars(with = "Option<usize>")]
    threads: Option<Spanned<usize>>,
}

/// Instances, named in one of the ways `file`, `glob`, `data`, `library` and `generator`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Entry")]
struct EntryDocument {
    /// A file, relative to the suite file.
    #[schemars(with = "Option<String>")]
    file: Option<Spanned<String>>,
    /// A pattern of files, relative to the suite file.
    #[schemars(with = "Option<String>")]
    glob: Option<Spanned<String>>,
    /// A file in the data folder of whoever runs the suite; left out where it is not there.
    #[schemars(with = "Option<String>")]
    data: Option<Spanned<String>>,
    /// How files are read: `problem`, `format`, and the reading options of the format.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    read: Option<Spanned<toml::Table>>,
    /// Whether it is left out, with the reason, where there is no such file.
    #[schemars(with = "Option<bool>")]
    optional: Option<Spanned<bool>>,
    /// An instance that Fathom ships.
    #[schemars(with = "Option<String>")]
    library: Option<Spanned<String>>,
    /// A generator.
    #[schemars(with = "Option<String>")]
    generator: Option<Spanned<String>>,
    /// The generator's parameters; the others have their defaults.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    parameters: Option<Spanned<toml::Table>>,
    /// Seeds of the generator, an instance for each; [1] where they are missing.
    #[schemars(with = "Option<Vec<u64>>")]
    seeds: Option<Spanned<Vec<u64>>>,
}

/// What the entries name.
#[derive(Default)]
struct Found {
    entries: Vec<InstanceSource>,
    skipped: Vec<Skipped>,
}

impl Found {
    /// Leaves out an entry for which `error` was found, if that is allowed.
    fn skip(&mut self, optional: bool, entry: String, error: SuiteError) -> Result<(), SuiteError> {
        if !optional {
            return Err(error);
        }
        self.skipped.push(Skipped { entry, reason: error.to_string() });
        Ok(())
    }
}

/// Reading options that have another name now.
const OLD_SPELLINGS: &[(&str, &str)] = &[("columns", "`value-column`, `weight-column` or `group-column`"), ("skip-columns", "`skip`")];

/// A suite being read.
struct Reader<'a> {
    text: SuiteText<'a>,
    folder: Option<&'a Path>,
    classes: &'a Classes,
}

pub(super) fn parse(shown: &str, text: &str, folder: Option<&Path>, classes: &Classes) -> Result<Suite, SuiteError> {
    let reader = Reader { text: SuiteText { shown, text }, folder, classes };
    let document: SuiteDocument = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        SuiteError::message_at(shown, text, offset, error.message().trim_end().replace('\n', "; "))
    })?;
    reader.suite(document)
}

impl Reader<'_> {
    fn refuse(&self, span: Range<usize>, found: &str, expected: &str) -> SuiteError {
        self.text.refuse(span, found, expected)
    }

    fn suite(&self, document: SuiteDocument) -> Result<Suite, SuiteError> {
        if document.name.get_ref().trim().is_empty() {
            return Err(self.refuse(document.name.span(), "an empty name", "the suite's name"));
        }
        let span = document.entries.span();
        let mut found = Found::default();
        for entry in document.entries.into_inner() {
            self.entry(entry, &mut found)?;
        }
        let Found { entries, skipped } = found;
        if entries.is_empty() && skipped.is_empty() {
            return Err(self.refuse(span, "no entry", "at least one"));
        }
        let solvers = document.solvers.map(|solvers| self.solvers(solvers)).transpose()?;
        Ok(Suite {
            name: document.name.into_inner(),
            description: document.description,
            entries,
            skipped,
            solvers,
            limits: self.limits(&document.limits)?,
            seeds: self.seeds(document.seeds)?,
        })
    }

    fn seeds(&self, seeds: Option<Spanned<Vec<u64>>>) -> Result<Vec<u64>, SuiteError> {
        match seeds {
            None => Ok(vec![1]),
            Some(seeds) if seeds.get_ref().is_empty() => Err(self.refuse(seeds.span(), "no seed", "at least one")),
            Some(seeds) => Ok(seeds.into_inner()),
        }
    }

    fn limits(&self, document: &LimitsDocument) -> Result<Limits, SuiteError> {
        let mut limits = Limits::default();
        if let Some(time) = &document.time {
            limits.time = *time.get_ref();
            if !(limits.time.is_finite() && limits.time > 0.0) {
                return Err(self.refuse(time.span(), &limits.time.to_string(), "seconds above 0"));
            }
        }
        if let Some(memory) = &document.memory {
            limits.memory = *memory.get_ref();
            if limits.memory == 0 {
                return Err(self.refuse(memory.span(), "0", "MiB, at least 1"));
            }
        }
        if let Some(threads) = &document.threads {
            limits.threads = *threads.get_ref();
            if limits.threads == 0 {
                return Err(self.refuse(threads.span(), "0", "at least one thread"));
            }
        }
        Ok(limits)
    }

    fn entry(&self, entry: Spanned<EntryDocument>, found: &mut Found) -> Result<(), SuiteError> {
        let span = entry.span();
        let entry = entry.into_inner();
        if entry.generator.is_none() {
            let stray = entry.parameters.as_ref().map(Spanned::span).or_else(|| entry.seeds.as_ref().map(Spanned::span));
            if let Some(stray) = stray {
                return Err(self.refuse(stray, "`parameters` or `seeds` without `generator`", "them only beside a generator"));
            }
        }
        if entry.file.is_none() && entry.glob.is_none() {
            if let Some(optional) = &entry.optional {
                return Err(self.refuse(
                    optional.span(),
                    "`optional` without `file` or `glob`",
                    "it beside one of them (`data` is optional as it is)",
                ));
            }
            if let Some(read) = entry.read.as_ref().filter(|_| entry.data.is_none() && entry.library.is_none()) {
                return Err(self.refuse(read.span(), "`read` without a file", "it beside `file`, `glob`, `data` or `library`"));
            }
        }
        let path = [&entry.file, &entry.glob, &entry.data].into_iter().flatten().next().map(|path| path.get_ref().clone());
        let readings = self.readings(entry.read, path.as_deref())?;
        let optional = entry.optional.is_some_and(Spanned::into_inner);
        let files = |paths: Vec<PathBuf>| {
            let read =
                |path: PathBuf| readings.iter().map(move |reading| InstanceSource::File { path: path.clone(), reading: reading.clone() });
            paths.into_iter().flat_map(read).collect::<Vec<_>>()
        };
        match (entry.file, entry.glob, entry.data, entry.library, entry.generator) {
            (Some(file), None, None, None, None) => match self.file(&file) {
                Ok(path) => found.entries.extend(files(vec![path])),
                Err(error) => found.skip(optional, file.into_inner(), error)?,
            },
            (None, Some(glob), None, None, None) => match self.glob(&glob) {
                Ok(paths) => found.entries.extend(files(paths)),
                Err(error) => found.skip(optional, glob.into_inner(), error)?,
            },
            (None, None, Some(data), None, None) => {
                let path = self.within(data.span(), data.get_ref())?;
                found.entries.extend(readings.into_iter().map(|reading| InstanceSource::Data { path: path.clone(), reading }));
            }
            (None, None, None, Some(name), None) => {
                let name = name.into_inner();
                found.entries.extend(readings.into_iter().map(|reading| InstanceSource::Library { name: name.clone(), reading }));
            }
            (None, None, None, None, Some(family)) => {
                let mut parameters =
                    entry.parameters.map(|table| self.text.json_table("parameters", table)).transpose()?.unwrap_or_default();
                self.resolve_files(&family, &mut parameters)?;
                let source = |seed| InstanceSource::Generated { family: family.get_ref().clone(), parameters: parameters.clone(), seed };
                found.entries.extend(self.seeds(entry.seeds)?.into_iter().map(source));
            }
            (None, None, None, None, None) => {
                let expected = "one of `file`, `glob`, `data`, `library`, `generator`";
                return Err(self.refuse(span, "an entry that names no instance", expected));
            }
            _ => return Err(self.refuse(span, "several of `file`, `glob`, `data`, `library`, `generator`", "one of them per entry")),
        }
        Ok(())
    }

    /// How a file is to be read: one way per combination of the values in an option that holds lists, such as `select = { trace = [1, 2] }`.
    fn readings(&self, read: Option<Spanned<toml::Table>>, path: Option<&str>) -> Result<Vec<Reading>, SuiteError> {
        let Some(read) = read else { return Ok(vec![Reading::default()]) };
        let span = read.span();
        let mut table = self.text.json_table("read", read)?;
        let mut name = |key: &str| match table.remove(key) {
            None => Ok(None),
            Some(Value::String(name)) => Ok(Some(name)),
            Some(other) => Err(self.refuse(span.clone(), &format!("{other} in `read.{key}`"), "a name")),
        };
        let (problem, format) = (name("problem")?, name("format")?);
        for key in table.keys() {
            // A class or a format that is named overrules the path's ending.
            self.knows_option(span.clone(), key, path.filter(|_| problem.is_none() && format.is_none()))?;
        }
        let mut all = vec![Reading { problem, format, options: Map::new() }];
        for (key, value) in table {
            let values = combinations(&key, value).map_err(|found| self.refuse(span.clone(), &found, "text or numbers"))?;
            all = all.iter().flat_map(|reading| values.iter().map(|value| reading.clone().with(&key, value.clone()))).collect();
        }
        Ok(all)
    }

    /// Refuses a reading option that no format has which a file of this path may be of, whatever it will turn out to hold.
    fn knows_option(&self, span: Range<usize>, key: &str, path: Option<&str>) -> Result<(), SuiteError> {
        let one = Map::from_iter([(key.to_owned(), Value::Null)]);
        let of_documents = |schema: &Value| unknown(schema, &one).is_none();
        let name = path.map(str::to_lowercase).unwrap_or_default();
        let name = [".gz", ".zst"].iter().find_map(|packing| name.strip_suffix(packing)).unwrap_or(&name);
        let told_by_name = self.classes.formats().any(|format| format.matches(name).is_some());
        let may_be = |format: &AnyFormat| !told_by_name || format.matches(name).is_some();
        let known = self.classes.formats().any(|format| may_be(format) && format.takes(&one))
            || self.classes.iter().filter_map(|class| class.document_options()).any(|options| of_documents(&options.schema()));
        if known {
            return Ok(());
        }
        let expected = match OLD_SPELLINGS.iter().find(|(old, _)| *old == key) {
            Some((_, new)) => format!("{new} (it was renamed)"),
            None => "`problem`, `format`, or an option of the file's format (`fathom list formats` shows them)".to_owned(),
        };
        Err(self.refuse(span, &format!("unknown option `{key}` in `read`"), &expected))
    }

    /// A path within a folder that is not known yet.
    fn within(&self, span: Range<usize>, path: &str) -> Result<PathBuf, SuiteError> {
        let inside = Path::new(path);
        if inside.components().all(|part| matches!(part, Component::Normal(_))) && inside.file_name().is_some() {
            return Ok(inside.to_path_buf());
        }
        Err(self.refuse(span, &format!("`{path}`"), "a path within the data folder, without `..`"))
    }

    /// Files that a generator reads are relative to the suite file, too, unless they are in the data folder.
    fn resolve_files(&self, family: &Spanned<String>, parameters: &mut Map<String, Value>) -> Result<(), SuiteError> {
        let files = self.classes.generator(family.get_ref()).map_or(&[][..], |generator| generator.files);
        for file in files {
            let Some(Value::String(path)) = parameters.get_mut(*file) else { continue };
            if let Some(inside) = path.strip_prefix(DATA) {
                self.within(family.span(), inside)?;
            } else if !path.starts_with(library::PREFIX) {
                let resolved = self.relative(&Spanned::new(family.span(), path.clone()))?;
                let Some(resolved) = resolved.to_str() else {
                    return Err(self.refuse(family.span(), "a folder whose name is not UTF-8", "one that is"));
                };
                resolved.clone_into(path);
            }
        }
        Ok(())
    }

    fn relative(&self, path: &Spanned<String>) -> Result<PathBuf, SuiteError> {
        match self.folder {
            Some(folder) => Ok(folder.join(path.get_ref())),
            None => Err(self.refuse(path.span(), "a path", "no path, because this suite is not a file that it could be relative to")),
        }
    }

    fn file(&self, file: &Spanned<String>) -> Result<PathBuf, SuiteError> {
        let path = self.relative(file)?;
        if !path.is_file() {
            let found = format!("`{}`, and there is no file {}", file.get_ref(), path.display());
            return Err(self.refuse(file.span(), &found, "an instance file, relative to the suite file"));
        }
        Ok(path)
    }

    fn glob(&self, pattern: &Spanned<String>) -> Result<Vec<PathBuf>, SuiteError> {
        let refuse = |found: &str| self.refuse(pattern.span(), found, "a pattern such as `instances/*.mtx`, relative to the suite file");
        // The folder's own name is taken literally, whatever characters it has.
        let folder = self.relative(&Spanned::new(pattern.span(), String::new()))?;
        let Some(folder) = folder.to_str() else {
            return Err(refuse("a folder whose name is not UTF-8"));
        };
        let whole = if Path::new(pattern.get_ref()).is_absolute() {
            pattern.get_ref().clone()
        } else {
            format!("{}{}", glob::Pattern::escape(folder), pattern.get_ref())
        };
        let matches = glob::glob(&whole).map_err(|error| refuse(&format!("`{}`: {}", pattern.get_ref(), error.msg)))?;
        let mut files = Vec::new();
        for path in matches {
            let path = path.map_err(|error| refuse(&error.to_string()))?;
            if path.is_file() {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(refuse(&format!("`{}`, which matches no file", pattern.get_ref())));
        }
        Ok(files)
    }

    fn solvers(&self, solvers: Spanned<Vec<Spanned<SolverEntry>>>) -> Result<Vec<SolverChoice>, SuiteError> {
        if solvers.get_ref().is_empty() {
            return Err(self.refuse(solvers.span(), "no solver", "at least one, or no `solvers` at all for every solver there is"));
        }
        let choice = |solver: Spanned<SolverEntry>| solver.into_inner().choice(self.text, self.folder, self.classes);
        solvers.into_inner().into_iter().map(choice).collect()
    }
}

/// The values that an option stands for: of one that holds lists, every combination.
fn combinations(key: &str, value: Value) -> Result<Vec<Value>, String> {
    let Value::Object(columns) = value else { return Ok(vec![value]) };
    let mut all = vec![Map::new()];
    for (column, values) in columns {
        let values = match values {
            Value::Array(values) => values,
            value => vec![value],
        };
        if let Some(other) = values.iter().find(|value| !matches!(value, Value::String(_) | Value::Number(_))) {
            return Err(format!("{other} in `read.{key}.{column}`"));
        }
        let longer = |options: &Map<String, Value>, value: &Value| {
            let mut options = options.clone();
            options.insert(column.clone(), value.clone());
            options
        };
        all = all.iter().flat_map(|options| values.iter().map(|value| longer(options, value)).collect::<Vec<_>>()).collect();
    }
    Ok(all.into_iter().map(Value::Object).collect())
}
