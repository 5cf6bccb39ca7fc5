//! What a cell of a table is.

/// Whether a cell is a number.
pub(crate) fn is_number(cell: &str) -> bool {
    fast_float2::parse::<f64, _>(cell).is_ok()
}

/// Whether a cell is what other programs write where a value is missing.
pub(crate) fn is_missing(cell: &str) -> bool {
    matches!(cell.to_ascii_lowercase().as_str(), "" | "na" | "n/a" | "nan" | "null" | "none" | "?")
}

/// Whether a cell is a whole row whose separators are not the table's.
pub(crate) fn is_row(cell: &str) -> bool {
    let mut parts = cell.split([';', ' ', '\t', ',', '|']).filter(|part| !part.is_empty()).peekable();
    parts.next().is_some_and(is_number) && parts.peek().is_some() && parts.all(is_number)
}
