//! What [`read`] must hold for any bytes at all, tried on valid files that are edited at random.

use crate::matrix_market::{Entries, Field, Layout, MatrixMarket, Symmetry, read};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const VALID: &[&str] = &[
    "%%MatrixMarket matrix coordinate real general\n% comment\n3 4 4\n1 1 1.5\n2 3 -2e3\n3 4 1.0D+03\n1 2 .25\n",
    "%%MatrixMarket matrix coordinate real symmetric\r\n3 3 3\r\n1 1 2\r\n3 1 -1.5\r\n3 2 4\r\n",
    "%%MatrixMarket matrix coordinate integer skew-symmetric\n3 3 2\n2 1 5\n\n3 2 -9007199254740992\n",
    "%%MatrixMarket matrix coordinate pattern symmetric\n12 12 3\n1 1\n12 1\n+10 9\n",
    "%%MatrixMarket matrix array real general\n2 3\n1\n2\n3e0\n4\n5\n6e-1\n",
    "%%MatrixMarket matrix array integer symmetric\n3 3\n1\n2\n3\n% c\n4\n5\n6\n",
    "%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2.5\n3",
];

/// Pieces that are likelier than random bytes to reach the checks behind the tokens.
const PIECES: &[&str] = &[
    "0",
    "1",
    "9",
    "-",
    "+",
    ".",
    "e",
    "D",
    " ",
    "\t",
    "\n",
    "\r\n",
    "%",
    "\0",
    "\u{fffd}",
    "nan",
    "inf",
    "-1",
    "1e400",
    "4294967295",
    "4294967296",
    "1000000000000000",
    "1000000000000000000",
    "18446744073709551615",
    "18446744073709551616",
    "9007199254740993",
    "general",
    "symmetric",
    "skew-symmetric",
    "hermitian",
    "pattern",
    "complex",
    "array",
    "coordinate",
    "real",
    "integer",
    "1 1 1\n",
    "2 2 2\n",
];

#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, &'static str),
    Delete(Index, Index),
    Truncate(Index),
    /// Repeats a stretch of the text at another place.
    Duplicate(Index, Index, Index),
    /// Continues with the tail of another valid file.
    Splice(Index, &'static str, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    prop_oneof![
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        2 => (place(), b'0'..=b'9').prop_map(|(at, byte)| Edit::Replace(at, byte)),
        4 => (place(), select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        2 => (place(), place()).prop_map(|(from, to)| Edit::Delete(from, to)),
        1 => place().prop_map(Edit::Truncate),
        1 => (place(), place(), place()).prop_map(|(from, to, at)| Edit::Duplicate(from, to, at)),
        1 => (place(), select(VALID), place()).prop_map(|(at, other, from)| Edit::Splice(at, other, from)),
    ]
}

fn apply(text: &mut Vec<u8>, edit: &Edit) {
    let position = |place: &Index| place.index(text.len() + 1);
    let stretch = |a: &Index, b: &Index| {
        let from = position(a);
        // Short stretches leave most of the file standing.
        from..(from + b.index(8)).min(text.len())
    };
    match edit {
        Edit::Replace(at, byte) => {
            let at = position(at);
            if let Some(replaced) = text.get_mut(at) {
                *replaced = *byte;
            }
        }
        Edit::Insert(at, piece) => {
            let at = position(at);
            text.splice(at..at, piece.bytes());
        }
        Edit::Delete(from, to) => {
            let range = stretch(from, to);
            text.drain(range);
        }
        Edit::Truncate(at) => {
            let at = position(at);
            text.truncate(at);
        }
        Edit::Duplicate(from, to, at) => {
            let piece = text[stretch(from, to)].to_vec();
            let at = position(at);
            text.splice(at..at, piece);
        }
        Edit::Splice(at, other, from) => {
            let at = position(at);
            text.truncate(at);
            text.extend(&other.as_bytes()[from.index(other.len())..]);
        }
    }
}

/// What every file that was read promises.
fn assert_invariants(text: &[u8], file: &MatrixMarket) -> Result<(), TestCaseError> {
    let header = file.header();
    let (rows, columns) = (file.rows(), file.columns());
    prop_assert!(file.stored() <= text.len());
    prop_assert!(header.symmetry == Symmetry::General || rows == columns);
    match file.entries() {
        Entries::Coordinate(triplets) => {
            prop_assert_eq!(header.format, Layout::Coordinate);
            prop_assert_eq!(triplets.len(), triplets.iter().count());
            for (row, column, value) in triplets.iter() {
                prop_assert!((row as usize) < rows && (column as usize) < columns && value.is_finite());
                let stored = match header.symmetry {
                    Symmetry::General => true,
                    Symmetry::Symmetric => column <= row,
                    Symmetry::SkewSymmetric => column < row,
                };
                prop_assert!(stored, "row {}, column {} of a {} file", row, column, header.symmetry);
                prop_assert!(header.field == Field::Real || value == value.trunc());
            }
        }
        Entries::Array(values) => {
            prop_assert_eq!(header.format, Layout::Array);
            prop_assert!(values.iter().all(|value| value.is_finite()));
            prop_assert_eq!(file.to_dense_columns().unwrap().len(), rows * columns);
        }
    }
    if let Ok(matrix) = file.to_csr() {
        prop_assert_eq!(matrix.shape(), (rows, columns));
        prop_assert!(matrix.outer_iterator().all(|row| row.indices().is_sorted_by(|a, b| a < b)));
        if header.symmetry != Symmetry::General {
            let sign = if header.symmetry == Symmetry::Symmetric { 1.0 } else { -1.0 };
            prop_assert!(matrix.iter().all(|(&value, (row, column))| matrix.get(column as usize, row as usize) == Some(&(sign * value))));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn an_edited_file_is_refused_or_keeps_every_promise(text in select(VALID), edits in vec(edit(), 1..6)) {
        let mut text = text.as_bytes().to_vec();
        for edit in &edits {
            apply(&mut text, edit);
        }
        match read(&text) {
            Ok(file) => assert_invariants(&text, &file)?,
            Err(error) => {
                let lines = text.split(|&byte| byte == b'\n').count();
                prop_assert!((1..=lines).contains(&error.line) && (1..=text.len() + 1).contains(&error.column), "{}", error);
                prop_assert!(error.to_string().len() < 400, "{}", error);
            }
        }
    }

    #[test]
    fn a_line_means_the_same_whether_it_is_plain_or_peculiar(row in "[0-9]{1,2}", column in "[0-9]{1,2}", value in "-?[0-9]{0,3}\\.?[0-9]{0,3}(e-?[0-9]{1,3})?") {
        // A comment line end forces the careful way: only the last line of a file without a line feed takes it for sure.
        for field in ["real", "integer"] {
            let careful = format!("%%MatrixMarket matrix coordinate {field} general\n12 12 1\n{row} {column} {value}");
            let plain = format!("{careful}\n");
            match (read(plain.as_bytes()), read(careful.as_bytes())) {
                (Ok(plain), Ok(careful)) => match (plain.entries(), careful.entries()) {
                    (Entries::Coordinate(plain), Entries::Coordinate(careful)) => prop_assert!(plain.iter().eq(careful.iter())),
                    _ => prop_assert!(false, "both are coordinate files"),
                },
                (Err(plain), Err(careful)) => prop_assert_eq!((plain.line, plain.column), (careful.line, careful.column)),
                (plain, careful) => prop_assert!(false, "{plain:?} against {careful:?}"),
            }
        }
    }
}

#[test]
fn every_unedited_file_is_read() {
    for text in VALID {
        let file = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_invariants(text.as_bytes(), &file).unwrap();
    }
}

#[test]
fn every_prefix_is_refused_or_keeps_every_promise() {
    for text in VALID {
        for end in 0..text.len() {
            let prefix = &text.as_bytes()[..end];
            if let Ok(file) = read(prefix) {
                assert_invariants(prefix, &file).unwrap();
            }
        }
    }
}
