//! Tables of text: rows of cells, read and written in one way for every class.
//!
//! A table's delimiter is told by the file's name and its first line; a byte order mark, either kind of line end and space around cells are read over; every row
//! knows its line.

mod cell;
mod delimiter;
mod names;
mod reader;
mod writer;

pub(crate) use cell::{is_missing, is_number, is_row};
pub(crate) use delimiter::Delimiter;
pub use names::Names;
pub(crate) use reader::{Row, TableReader, first_rows};
pub(crate) use writer::write_table;
