//! Whether the first line of a table names its columns.

use super::cell::{is_missing, is_number};
use super::column::Column;
use super::index_column::{is_index_name, names_rows};

/// Whether the first line names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstLine {
    Header,
    Data,
    /// Numbers that may be either.
    Unclear,
}

/// Years are whole numbers in this range.
const YEARS: std::ops::RangeInclusive<i64> = 1500..=2200;

/// What the first line `first` is, above `columns`, in tables whose rows are named by a column that is called one of `labels`.
///
/// Words above numbers are a header. Numbers above numbers are one only where they count the columns or are years in a row, and the numbers below are of another
/// kind; where the numbers below may be of the same kind, nobody can know.
pub(super) fn first_line(first: &[&str], columns: &[Column], labels: &[&str]) -> FirstLine {
    let numeric: Vec<usize> = (0..first.len()).filter(|&j| columns[j].is_numeric()).collect();
    if numeric.is_empty() {
        let is_data = first.iter().any(|cell| is_number(cell)) && first.iter().all(|cell| is_number(cell) || is_missing(cell));
        return if is_data && columns.iter().all(Column::is_empty) { FirstLine::Data } else { FirstLine::Header };
    }
    let is_word = |cell: &str| !is_number(cell) && !is_missing(cell);
    if numeric.iter().any(|&j| is_word(first[j])) || numeric.iter().all(|&j| is_missing(first[j])) {
        return FirstLine::Header;
    }
    let corner = first[0];
    let blank_corner = corner.is_empty() && first.len() > 1 && (columns[0].counts || columns[0].is_words() && columns[0].distinct);
    let named_corner = is_word(corner) && (is_index_name(corner) || names_rows(corner, labels));
    let above: Vec<usize> = numeric.into_iter().filter(|&j| j > 0 || !blank_corner).collect();
    if (blank_corner || named_corner) && above.iter().all(|&j| is_number(first[j])) {
        return FirstLine::Header;
    }
    let Some(values) = above.iter().map(|&j| first[j].parse::<i64>().ok()).collect::<Option<Vec<i64>>>() else { return FirstLine::Data };
    let follow = values.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    let years = values.iter().all(|year| YEARS.contains(year));
    let width = values.len();
    if width < 2 || !follow || !(values[0] == 0 || values[0] == 1 || years) {
        return FirstLine::Data;
    }
    let rows = columns[above[0]].numbers + columns[above[0]].missing;
    let with_fractions = above.iter().filter(|&&j| columns[j].fractions > 0).count();
    let outside = above.iter().zip(&values).all(|(&j, value)| columns[j].range.is_none_or(|(low, high)| *value < low || *value > high));
    let other_kind = if years { outside } else { with_fractions == width || (width > 2 && with_fractions > 0) };
    match (other_kind && rows > 1, width) {
        (true, _) => FirstLine::Header,
        (false, 2) if with_fractions == 0 => FirstLine::Data,
        _ => FirstLine::Unclear,
    }
}
