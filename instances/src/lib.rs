//! How problems come in: the document format, foreign file formats, generators and suites.
//!
//! | noun | what it is |
//! |---|---|
//! | [`InstanceSource`] | where an instance comes from: a file, a shipped instance, a generator; it opens the instance and knows its key |
//! | [`Instance`] | a problem with its name, source, best known value and content hash |
//! | [`Reading`] | how a file is to be read, where it does not tell: class, format, reading options |
//! | [`Classes`], [`Class`] | the problem classes that a program knows; each with its formats, solution forms and generators |
//! | [`FileFormat`], [`WritesFiles`] | a kind of file that holds problems of a class |
//! | [`SolutionForm`], [`WritesSolutions`] | a kind of file that holds solutions of a class |
//! | [`StubFormat`] | files in which modelling languages hand over models, with answers beside them |
//! | [`Generator`], [`FileGenerator`] | instances from published parameters and a seed |
//! | [`SolutionFile`] | a solution from a file, in whatever form |
//! | [`InstanceError`] | what is wrong with a file: line, column, found, expected |
//! | [`suite`] | which solvers run on which instances |
//! | [`library`] | the instances shipped with Fathom |
//!
//! Everything about one problem class stands in the class's own module; [`classes`] lists those that are shipped, as far as their features are on.
#![forbid(unsafe_code)]
// What classes share is not used by each of them: without some of them, some of it is left over.
#![cfg_attr(
    not(all(
        feature = "dag-learning",
        feature = "fair-division",
        feature = "linear-sequence",
        feature = "nonlinear",
        feature = "online-knapsack",
        feature = "replenishable-bandit",
        feature = "submodular-stream"
    )),
    allow(dead_code, unused_imports)
)]

mod atomic_file;
mod beside;
mod bulk_folder;
mod class;
mod classes;
mod content_hash;
mod data_field;
mod document;
mod document_format;
mod document_options;
mod document_schema;
mod error;
mod file_format;
mod format_choice;
mod generator;
mod input_file;
mod inputs;
mod instance;
mod instance_file;
mod instance_source;
pub mod library;
mod live_lines;
mod locate;
pub mod matrix_market;
mod npy;
pub mod options;
mod output_file;
mod parameter_error;
mod reading;
mod recipe;
mod shipped_classes;
mod solution_file;
mod solution_form;
mod solution_output;
mod solved_instance;
mod split_file;
mod stored_bytes;
mod stream_header;
mod stub_format;
pub mod suite;
mod table;
mod text;

#[cfg(feature = "dag-learning")]
pub mod dag_learning;
#[cfg(feature = "fair-division")]
pub mod fair_division;
#[cfg(feature = "linear-sequence")]
pub mod linear_sequence;
#[cfg(feature = "nonlinear")]
pub mod nonlinear;
#[cfg(feature = "online-knapsack")]
pub mod online_knapsack;
#[cfg(feature = "replenishable-bandit")]
pub mod replenishable_bandit;
#[cfg(feature = "submodular-stream")]
pub mod submodular_stream;

pub use atomic_file::{Pending, ensure_writable, write_pending};
pub use class::Class;
pub use classes::Classes;
pub use content_hash::sha256;
pub use document::write_to as write_document;
pub use document_options::{AnyDocumentOptions, DocumentOptions};
pub use document_schema::schema;
pub use error::{Excerpt, InstanceError};
pub use file_format::{
    AnyFileWriter, AnyFormat, AnySplitter, Companion, FileFormat, Head, Imported, Recognition, SplitProblem, SplitsByColumn, WritesFiles,
};
pub use generator::{AnyGenerator, FileGenerator, Generator, WritesInstances};
pub use input_file::InputFile;
pub use inputs::Inputs;
pub use instance::{Instance, Known, Source};
pub use instance_file::InstanceFile;
pub use instance_source::{InstanceSource, OpenError};
pub use live_lines::{AnyLiveFormat, ComesByLine, LiveLine, LiveLines};
pub use locate::locate;
pub use output_file::{write_instance, write_instance_to};
pub use parameter_error::ParameterError;
pub use reading::Reading;
pub use shipped_classes::{classes, generate, parse_bytes, read, write};
pub use solution_file::{Claimed, SolutionFile};
pub use solution_form::{AnySolutionForm, AnySolutionWriter, Given, SolutionForm, StatusWords, WritesSolutions};
pub use solution_output::SolutionOutput;
pub use solved_instance::SolvedInstance;
pub use split_file::read_each;
pub use stored_bytes::{Compression, read_stored, unpack, unpacking};
pub use stub_format::{AnyStubFormat, Keyword, Meaning, StubAnswer, StubFormat};
pub use table::{Delimiter, Encoding, Mark, Names, Selection, TableOptions, YesNo};
