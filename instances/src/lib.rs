//! How problems come in: the document format, foreign file formats, generators and suites.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Instance`] | a problem with its name, source, best known value and content hash |
//! | [`read`], [`write()`] | a file of any known [`Format`], compressed or not |
//! | [`InstanceError`] | what is wrong with a file: line, column, found, expected |
//! | [`Class`] | a problem class, by name |
//! | [`SolutionDocument`] | what a solver returned, as people script against it |
//! | [`generator`] | instances from published parameters and a seed |
//! | [`suite`] | which solvers run on which instances |
//! | [`library`] | the instances shipped with Fathom |
#![forbid(unsafe_code)]

mod allocation_table;
mod class;
mod compression;
mod data_table;
mod document;
mod error;
mod folder;
mod format;
pub mod generator;
mod instance;
mod item_columns;
mod item_stream;
pub mod library;
mod locate;
pub mod matrix_market;
mod npy;
mod round_stream;
mod solution_document;
mod start_file;
pub mod suite;
mod table_lines;
mod utility_table;

pub use class::{Class, class, classes};
pub use compression::{Compression, Pending, ensure_writable, read_stored, unpack, unpacking, write_pending};
pub use document::{parse_bytes, schema};
pub use error::{Excerpt, InstanceError};
pub use folder::sha256;
pub use format::{Format, ReadOptions, read, read_each, read_with, write, write_to};
pub use generator::generate;
pub use instance::{Instance, Known, Source};
pub use locate::locate;
pub use solution_document::{
    ReadSolution, Seconds, SolutionDocument, SolvedBy, SolvedInstance, WrittenVerdict, file_sha256, read_solution, read_solution_of,
};
pub use start_file::read_start;
pub use table_lines::{TableLine, TableLines};
