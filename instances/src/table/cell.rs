//! What a cell of a table is.

use super::number_style::is_numeric;

/// Whether a cell is what other programs write where a value is missing.
pub(crate) fn is_missing(cell: &str) -> bool {
    matches!(cell.to_ascii_lowercase().as_str(), "" | "na" | "n/a" | "#n/a" | "nan" | "null" | "none" | "?" | "-" | ".")
}

/// Whether a cell is a number that is not missing.
pub(crate) fn is_number(cell: &str) -> bool {
    is_numeric(cell) && !is_missing(cell)
}

/// Whether a cell is a whole row whose separators are not the table's.
pub(crate) fn is_row(cell: &str) -> bool {
    let mut parts = cell.split([';', ' ', '\t', ',', '|']).filter(|part| !part.is_empty()).peekable();
    parts.next().is_some_and(is_numeric) && parts.peek().is_some() && parts.all(is_numeric)
}
