//! File formats: how a kind of file becomes a problem of a class, and back.
//!
//! A format belongs to one class and is told by the file's ending, by its content, or by its name (`--format NAME`). To add one: implement [`FileFormat`] in the
//! class's folder, and [`WritesFiles`] where it can also be written, and name it in the class's [`Class`](crate::Class).

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fathom_opt_problems::{AnyProblem, Problem};
use serde_json::{Map, Value};

use crate::error::InstanceError;
use crate::input_file::InputFile;
use crate::instance::{Known, Source};
use crate::options::{self, Options};

/// How surely a file is of a format, judged by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recognition {
    /// It is not: reading it would end in an error.
    No,
    /// It may be, and would be read if nothing else fits better. The class that an ending belongs to by default says this of files that say nothing.
    Possible,
    /// It looks like one.
    Likely,
    /// It says so itself.
    Certain,
}

/// How a file begins.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The file's name in lower case, without the ending of a packing.
    pub name: &'a str,
    /// Its first bytes (whole lines, if it has any), without a byte order mark.
    pub bytes: &'a [u8],
}

impl<'a> Head<'a> {
    /// At most so many bytes are looked at.
    const LENGTH: usize = 1 << 16;

    /// The head of `unmarked`, the bytes of the file `name` without a byte order mark.
    pub fn of(name: &'a str, unmarked: &'a [u8]) -> Self {
        let bytes = match unmarked.get(..Self::LENGTH) {
            None => unmarked,
            Some(head) => head.iter().rposition(|&byte| byte == b'\n').map_or(head, |end| &head[..=end]),
        };
        Self { name, bytes }
    }

    /// The lines that are not blank, without the space around them.
    pub fn lines(&self) -> impl Iterator<Item = &'a [u8]> {
        self.bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
    }

    /// The first line that is not blank; empty where there is none.
    pub fn first_line(&self) -> &'a [u8] {
        self.lines().next().unwrap_or_default()
    }
}

/// What a file holds: a problem, and what else the file says about it.
#[derive(Debug)]
pub struct Imported<P> {
    /// The problem.
    pub problem: P,
    /// Its name; the file's where there is none.
    pub name: Option<String>,
    /// Where it comes from.
    pub source: Option<Source>,
    /// What is known about its solutions.
    pub known: Option<Known>,
    /// What the reader took upon itself, a sentence each: which column of a table it took for row numbers, say.
    pub notes: Vec<String>,
}

impl<P> From<P> for Imported<P> {
    fn from(problem: P) -> Self {
        Self { problem, name: None, source: None, known: None, notes: Vec::new() }
    }
}

/// A kind of file that holds problems of one class.
pub trait FileFormat: 'static {
    /// The class.
    type Problem: Problem;
    /// The reading options, given by `--read key=value` and by `read` in suites. [`NoOptions`](crate::options::NoOptions) where there are none.
    type Options: Options;
    /// The name for `--format`, unique among all formats: `item-table`.
    const NAME: &'static str;
    /// The format in one line.
    const SUMMARY: &'static str;
    /// Endings of file names, lower case, with their dots: `.csv`. Empty where a file has to be named by `--format`.
    const ENDINGS: &'static [&'static str];
    /// Names of reading options that hold paths of files. They are read beforehand: [`InputFile::other`] has them under the option's name.
    const FILES: &'static [&'static str] = &[];

    /// How surely a file that begins like this, and that is to be read with these options, is of this format. Judged by content alone.
    fn recognizes(head: &Head<'_>, options: &Self::Options) -> Recognition;

    /// Files that belong to the file at `path` where they exist, each with a role: [`InputFile::other`] has those under it.
    fn companions(path: &Path) -> Vec<(&'static str, PathBuf)> {
        let _ = path;
        Vec::new()
    }

    /// What the file holds.
    ///
    /// # Errors
    /// When it is not of this format or no instance of the class: line, what was found and what was expected.
    fn read(file: &InputFile, options: &Self::Options) -> Result<Imported<Self::Problem>, InstanceError>;

    /// What the options add to the instance's name, such as `-trace2`, where they choose one of several instances in the file.
    fn label(options: &Self::Options) -> String {
        let _ = options;
        String::new()
    }
}

/// A file beside another: what its name adds to the other's stem (`_b.mtx`), and its bytes.
pub type Companion = (&'static str, Vec<u8>);

/// A format that can also be written.
pub trait WritesFiles: FileFormat {
    /// Writes `problem` as a file whose name, lower case and without the ending of a packing, is `name`.
    ///
    /// # Errors
    /// When `out` cannot be written, or the problem holds more than the format has a place for ([`io::ErrorKind::InvalidData`], with what was found and what was
    /// expected).
    fn write(problem: &Self::Problem, name: &str, out: &mut dyn Write) -> io::Result<()>;

    /// What belongs to `problem` and has no place in the file itself, for programs that read it from files beside.
    fn beside(problem: &Self::Problem) -> Vec<Companion> {
        let _ = problem;
        Vec::new()
    }
}

/// A format in which one file may hold several instances, told apart by a column.
pub trait SplitsByColumn: FileFormat {
    /// The instances, one for each value of `column`, in the order in which they start, with that value.
    ///
    /// # Errors
    /// As [`FileFormat::read`]; a file without such a column.
    fn read_each(file: &InputFile, column: &str, options: &Self::Options) -> Result<Vec<(String, Self::Problem)>, InstanceError>;
}

/// A [`FileFormat`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyFormat {
    /// [`Problem::KIND`] of the class.
    pub kind: &'static str,
    /// [`FileFormat::NAME`].
    pub name: &'static str,
    /// [`FileFormat::SUMMARY`].
    pub summary: &'static str,
    /// [`FileFormat::ENDINGS`].
    pub endings: &'static [&'static str],
    /// [`FileFormat::FILES`].
    pub files: &'static [&'static str],
    schema: fn() -> Value,
    defaults: fn() -> Value,
    recognizes: fn(&Head<'_>, &Map<String, Value>) -> Recognition,
    companions: fn(&Path) -> Vec<(&'static str, PathBuf)>,
    effective: EffectiveErased,
    read: ReadErased,
}

/// From the options that are given to all options and a label.
type EffectiveErased = fn(&Map<String, Value>) -> Result<(Value, String), String>;

type ReadErased = fn(&InputFile, &Map<String, Value>) -> Result<Imported<Box<dyn AnyProblem>>, InstanceError>;

impl AnyFormat {
    /// The format `F`.
    pub fn of<F: FileFormat>() -> Self {
        Self {
            kind: F::Problem::KIND,
            name: F::NAME,
            summary: F::SUMMARY,
            endings: F::ENDINGS,
            files: F::FILES,
            schema: options::schema::<F::Options>,
            defaults: options::defaults::<F::Options>,
            recognizes: |head, given| F::recognizes(head, &options::parse(given).unwrap_or_default()),
            companions: F::companions,
            effective: |given| options::parse::<F::Options>(given).map(|options| (options::effective(&options), F::label(&options))),
            read: |file, given| {
                let options = options::parse(given).map_err(|message| file.about(refusal::<F>(&message)))?;
                let Imported { problem, name, source, known, notes } = F::read(file, &options)?;
                Ok(Imported { problem: Box::new(problem), name, source, known, notes })
            },
        }
    }

    /// JSON Schema of the reading options.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }

    /// All reading options with their defaults.
    pub fn defaults(&self) -> Value {
        (self.defaults)()
    }

    /// [`FileFormat::recognizes`]; options that are none count as not given.
    pub fn recognizes(&self, head: &Head<'_>, given: &Map<String, Value>) -> Recognition {
        (self.recognizes)(head, given)
    }

    /// Whether a file called `name` (lower case, no ending of a packing) has one of the endings: the length of the longest.
    pub fn matches(&self, name: &str) -> Option<usize> {
        self.endings.iter().filter(|ending| name.ends_with(**ending)).map(|ending| ending.len()).max()
    }

    /// Whether the format has a reading option of each of these names.
    pub fn takes(&self, given: &Map<String, Value>) -> bool {
        options::unknown(&self.schema(), given).is_none()
    }

    /// [`FileFormat::companions`].
    pub fn companions(&self, path: &Path) -> Vec<(&'static str, PathBuf)> {
        (self.companions)(path)
    }

    /// All reading options with the values that `given` leads to, and [`FileFormat::label`].
    ///
    /// # Errors
    /// An option that the format does not take, or a value of the wrong type: a sentence.
    pub fn effective(&self, given: &Map<String, Value>) -> Result<(Value, String), String> {
        (self.effective)(given).map_err(|message| refused(self.name, &message))
    }

    /// [`FileFormat::read`].
    ///
    /// # Errors
    /// As there, and for options that are none.
    pub fn read(&self, file: &InputFile, given: &Map<String, Value>) -> Result<Imported<Box<dyn AnyProblem>>, InstanceError> {
        (self.read)(file, given)
    }
}

fn refusal<F: FileFormat>(message: &str) -> String {
    refused(F::NAME, message)
}

fn refused(format: &str, message: &str) -> String {
    format!("reading option of {format}: {message}")
}

/// A [`WritesFiles`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnyFileWriter {
    /// [`FileFormat::NAME`].
    pub name: &'static str,
    /// [`FileFormat::ENDINGS`].
    pub endings: &'static [&'static str],
    write: fn(&dyn AnyProblem, &str, &mut dyn Write) -> io::Result<()>,
    beside: fn(&dyn AnyProblem) -> Vec<Companion>,
}

impl AnyFileWriter {
    /// The writer of the format `F`.
    pub fn of<F: WritesFiles>() -> Self {
        Self {
            name: F::NAME,
            endings: F::ENDINGS,
            beside: |problem| problem.downcast::<F::Problem>().map_or_else(Vec::new, F::beside),
            write: |problem, name, out| match problem.downcast::<F::Problem>() {
                Some(problem) => F::write(problem, name, out),
                None => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("found a {} instance, expected {}", problem.kind(), F::Problem::KIND),
                )),
            },
        }
    }

    /// [`WritesFiles::write`].
    ///
    /// # Errors
    /// As there, and for a problem of another class.
    pub fn write(&self, problem: &dyn AnyProblem, name: &str, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(problem, name, out)
    }

    /// [`WritesFiles::beside`]; nothing for a problem of another class.
    pub fn beside(&self, problem: &dyn AnyProblem) -> Vec<Companion> {
        (self.beside)(problem)
    }
}

/// A [`SplitsByColumn`] with its types erased.
#[derive(Debug, Clone, Copy)]
pub struct AnySplitter {
    /// The format.
    pub format: AnyFormat,
    split: SplitErased,
}

type SplitErased = fn(&InputFile, &str, &Map<String, Value>) -> Result<Vec<SplitProblem>, InstanceError>;

/// The value of a column, and the problem that its rows make.
pub type SplitProblem = (String, Box<dyn AnyProblem>);

impl AnySplitter {
    /// The splitter of the format `F`.
    pub fn of<F: SplitsByColumn>() -> Self {
        Self {
            format: AnyFormat::of::<F>(),
            split: |file, column, given| {
                let options = options::parse(given).map_err(|message| file.about(refusal::<F>(&message)))?;
                let all = F::read_each(file, column, &options)?;
                Ok(all.into_iter().map(|(value, problem)| (value, Box::new(problem) as Box<dyn AnyProblem>)).collect())
            },
        }
    }

    /// [`SplitsByColumn::read_each`].
    ///
    /// # Errors
    /// As there, and for options that are none.
    pub fn read_each(&self, file: &InputFile, column: &str, given: &Map<String, Value>) -> Result<Vec<SplitProblem>, InstanceError> {
        (self.split)(file, column, given)
    }
}
