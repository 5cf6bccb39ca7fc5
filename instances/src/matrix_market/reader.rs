use super::error::MatrixMarketError;
use super::number;
use super::plain_line;
use super::scanner::{Scanner, Token};
use super::shape::Shape;
use super::{Entries, Field, Header, Layout, MatrixMarket, Symmetry, Triplets};

/// The shortest line that holds an entry, in bytes: `1 1` and a line feed, with a value ` 1` after it, or the value alone.
const SHORTEST_PATTERN_LINE: usize = 4;
const SHORTEST_ENTRY_LINE: usize = 6;
const SHORTEST_VALUE_LINE: usize = 2;

/// Reads a Matrix Market file from its bytes.
///
/// Memory and time are bounded by the length of `text`, whatever sizes its header declares.
///
/// # Errors
///
/// The first place in the text that breaks the format, with line, column, what stands there and what should. Besides malformed lines
/// these are: too few or too many entries, indices outside the declared shape or above the diagonal of a symmetric matrix,
/// values that are not finite, integers beyond `2^53`, and the parts of the format that are not supported (see the module's table).
pub fn read(text: &[u8]) -> Result<MatrixMarket, MatrixMarketError> {
    let mut scanner = Scanner::new(text);
    let header = read_banner(&mut scanner)?;
    let shape = read_shape(&mut scanner, header)?;
    let entries = match header.format {
        Layout::Coordinate => Entries::Coordinate(read_triplets(&mut scanner, &shape)?),
        Layout::Array => Entries::Array(read_values(&mut scanner, &shape)?),
    };
    if scanner.seek_content() {
        let token = scanner.token();
        let what = if header.format == Layout::Coordinate { "entries" } else { "values" };
        return Err(scanner.refuse(token, format!("the end of the file after all {} {what}", shape.stored)));
    }
    Ok(MatrixMarket { header, rows: shape.rows as usize, columns: shape.columns as usize, entries })
}

fn read_banner(scanner: &mut Scanner<'_>) -> Result<Header, MatrixMarketError> {
    keyword(scanner, "the banner \"%%MatrixMarket matrix ...\"", |word| (word == "%%matrixmarket").then_some(()))?;
    keyword(scanner, "the object \"matrix\" (no other is supported)", |word| (word == "matrix").then_some(()))?;
    let format = keyword(scanner, "the format \"coordinate\" or \"array\"", |word| match word {
        "coordinate" => Some(Layout::Coordinate),
        "array" => Some(Layout::Array),
        _ => None,
    })?;
    let fields = match format {
        Layout::Coordinate => "the field \"real\", \"integer\" or \"pattern\" (complex matrices are not supported)",
        Layout::Array => "the field \"real\" or \"integer\" of an array (complex matrices are not supported, and an array has no pattern)",
    };
    let field = keyword(scanner, fields, |word| match word {
        "real" => Some(Field::Real),
        "integer" => Some(Field::Integer),
        "pattern" if format == Layout::Coordinate => Some(Field::Pattern),
        _ => None,
    })?;
    let symmetries = match field {
        Field::Pattern => "the symmetry \"general\" or \"symmetric\" of a pattern",
        _ => "the symmetry \"general\", \"symmetric\" or \"skew-symmetric\" (hermitian matrices, being complex, are not supported)",
    };
    let symmetry = keyword(scanner, symmetries, |word| match word {
        "general" => Some(Symmetry::General),
        "symmetric" => Some(Symmetry::Symmetric),
        "skew-symmetric" if field != Field::Pattern => Some(Symmetry::SkewSymmetric),
        _ => None,
    })?;
    scanner.end_line("the end of the banner after the symmetry")?;
    Ok(Header { format, field, symmetry })
}

/// The next token of the banner, in any case, as `meaning` understands it.
fn keyword<T>(scanner: &mut Scanner<'_>, expected: &str, meaning: impl Fn(&str) -> Option<T>) -> Result<T, MatrixMarketError> {
    let token = scanner.token();
    token
        .and_then(|token| std::str::from_utf8(token.bytes).ok())
        .and_then(|word| meaning(&word.to_ascii_lowercase()))
        .ok_or_else(|| scanner.refuse(token, expected))
}

fn read_shape(scanner: &mut Scanner<'_>, header: Header) -> Result<Shape, MatrixMarketError> {
    if !scanner.seek_content() {
        let sizes = if header.format == Layout::Coordinate { "rows, columns and entries" } else { "rows and columns" };
        return Err(scanner.refuse(None, format!("the size line: the numbers of {sizes}")));
    }
    let (rows, _) = dimension(scanner, "rows")?;
    let (columns, token) = dimension(scanner, "columns")?;
    if header.symmetry != Symmetry::General && rows != columns {
        return Err(scanner.refuse(Some(token), format!("{rows} columns, as many as rows, in a {} matrix", header.symmetry)));
    }
    let stored = match header.format {
        Layout::Coordinate => {
            let token = scanner.token();
            let entries = token.and_then(|token| number::whole_number(token.bytes));
            entries.ok_or_else(|| scanner.refuse(token, "the number of entries, a whole number below 2^64"))?
        }
        Layout::Array => {
            let (rows, columns) = (u64::from(rows), u64::from(columns));
            // At most (2^32 - 1)^2, so no product overflows.
            match header.symmetry {
                Symmetry::General => rows * columns,
                Symmetry::Symmetric => rows * (rows + 1) / 2,
                Symmetry::SkewSymmetric => rows * rows.saturating_sub(1) / 2,
            }
        }
    };
    scanner.end_line("the end of the size line")?;
    Ok(Shape { header, rows, columns, stored })
}

/// A number of rows or columns, and the token it comes from.
fn dimension<'t>(scanner: &mut Scanner<'t>, what: &str) -> Result<(u32, Token<'t>), MatrixMarketError> {
    let token = scanner.token();
    token
        .and_then(|token| Some((u32::try_from(number::whole_number(token.bytes)?).ok()?, token)))
        .ok_or_else(|| scanner.refuse(token, format!("the number of {what}, a whole number of at most {}", u32::MAX)))
}

fn read_triplets(scanner: &mut Scanner<'_>, shape: &Shape) -> Result<Triplets, MatrixMarketError> {
    let shortest = if shape.header.field == Field::Pattern { SHORTEST_PATTERN_LINE } else { SHORTEST_ENTRY_LINE };
    let mut triplets = Triplets::with_capacity(justified(shape.stored, scanner, shortest));
    for entry in 0..shape.stored {
        let (row, column, value) = match plain_line::entry(scanner.rest(), shape) {
            Some((row, column, value, length)) => {
                triplets.note_line(scanner.line());
                scanner.accept_line(length);
                (row, column, value)
            }
            None => careful_entry(scanner, shape, entry, &mut triplets)?,
        };
        triplets.push(row, column, value);
    }
    Ok(triplets)
}

fn read_values(scanner: &mut Scanner<'_>, shape: &Shape) -> Result<Vec<f64>, MatrixMarketError> {
    let mut values = Vec::with_capacity(justified(shape.stored, scanner, SHORTEST_VALUE_LINE));
    for entry in 0..shape.stored {
        let value = match plain_line::value(scanner.rest(), shape.header.field) {
            Some((value, length)) => {
                scanner.accept_line(length);
                value
            }
            None => careful_value(scanner, shape, entry)?,
        };
        values.push(value);
    }
    Ok(values)
}

/// How many of the declared lines the rest of the text can hold: what to reserve.
fn justified(declared: u64, scanner: &Scanner<'_>, shortest_line: usize) -> usize {
    let possible = scanner.rest().len() / shortest_line + 1;
    usize::try_from(declared).map_or(possible, |declared| declared.min(possible))
}

/// Reads the next entry with everything the format allows, or says what is wrong.
#[cold]
fn careful_entry(
    scanner: &mut Scanner<'_>,
    shape: &Shape,
    entry: u64,
    triplets: &mut Triplets,
) -> Result<(u32, u32, f64), MatrixMarketError> {
    if !scanner.seek_content() {
        return Err(scanner.refuse(None, format!("entry {} of {}", entry + 1, shape.stored)));
    }
    triplets.note_line(scanner.line());
    let (row, _) = index(scanner, "row", shape.rows)?;
    let (column, token) = index(scanner, "column", shape.columns)?;
    match shape.header.symmetry {
        Symmetry::Symmetric if column > row => {
            let expected = format!("a column of at most {}, for a symmetric matrix is stored on and below its diagonal", row + 1);
            return Err(scanner.refuse(Some(token), expected));
        }
        Symmetry::SkewSymmetric if column >= row => {
            let expected = format!("a column below {}, for a skew-symmetric matrix is stored strictly below its diagonal", row + 1);
            return Err(scanner.refuse(Some(token), expected));
        }
        _ => {}
    }
    if shape.header.field == Field::Pattern {
        scanner.end_line("the end of the line after a pattern's row and column")?;
        return Ok((row, column, 1.0));
    }
    let value = value(scanner, shape.header.field)?;
    scanner.end_line("the end of the line after the value")?;
    Ok((row, column, value))
}

/// Reads the next value of an array with everything the format allows, or says what is wrong.
#[cold]
fn careful_value(scanner: &mut Scanner<'_>, shape: &Shape, entry: u64) -> Result<f64, MatrixMarketError> {
    if !scanner.seek_content() {
        return Err(scanner.refuse(None, format!("value {} of {}", entry + 1, shape.stored)));
    }
    let value = value(scanner, shape.header.field)?;
    scanner.end_line("the end of the line after the value")?;
    Ok(value)
}

/// A 0-based index, and the token it comes from.
fn index<'t>(scanner: &mut Scanner<'t>, what: &str, bound: u32) -> Result<(u32, Token<'t>), MatrixMarketError> {
    let token = scanner.token();
    token
        .and_then(|token| {
            let index = number::whole_number(token.bytes).filter(|&index| index <= u64::from(bound))?;
            Some((u32::try_from(index).ok()?.checked_sub(1)?, token))
        })
        .ok_or_else(|| {
            let expected =
                if bound == 0 { format!("no entry, for there are no {what}s") } else { format!("a {what} index from 1 to {bound}") };
            scanner.refuse(token, expected)
        })
}

fn value(scanner: &mut Scanner<'_>, field: Field) -> Result<f64, MatrixMarketError> {
    let token = scanner.token();
    let (value, expected) = match field {
        Field::Integer => {
            (token.and_then(|token| number::integer(token.bytes)), "an integer from -2^53 to 2^53 (others are not exact as f64)")
        }
        Field::Real | Field::Pattern => {
            (token.and_then(|token| number::real(token.bytes)), "a finite real number, at most 1.7976931348623157e308 in magnitude")
        }
    };
    value.filter(|value| value.is_finite()).ok_or_else(|| scanner.refuse(token, expected))
}
