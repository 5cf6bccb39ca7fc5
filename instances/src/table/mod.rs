//! Tables of text: rows of cells, read and written in one way for every class.
//!
//! What a table's options do not say its content tells: how bytes are characters, what separates cells, whether the first line is a header, what stands before the
//! decimals of numbers and between their thousands, and which columns only number or name the rows. Where the content may mean two things, the table is refused
//! with the option that decides. A byte order mark, any kind of line end, comments, blank rows and space around cells are read over; every row knows its line.

mod cell;
mod column;
mod delimiter;
mod delimiter_choice;
mod encoding;
mod fault;
mod header;
mod index_column;
mod layout;
mod names;
mod number_style;
mod options;
mod reader;
mod record;
mod selection;
mod writer;

pub(crate) use cell::{is_missing, is_number, is_row};
pub use delimiter::Delimiter;
pub use encoding::Encoding;
pub(crate) use encoding::line_text;
pub(crate) use layout::Layout;
pub use names::Names;
pub use number_style::Mark;
pub(crate) use number_style::NumberStyle;
pub use options::{TableOptions, YesNo};
pub(crate) use reader::{Table, is_wanted, preview, records, split_line};
pub use selection::Selection;
pub(crate) use writer::write_table;
