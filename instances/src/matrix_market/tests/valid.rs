use crate::matrix_market::{ConversionError, Entries, Field, Layout, Symmetry, read};
use sprs::CsMatI;

/// The matrix as rows of values, absent entries being zero.
fn dense(matrix: &CsMatI<f64, u32>) -> Vec<Vec<f64>> {
    let mut rows = vec![vec![0.0; matrix.cols()]; matrix.rows()];
    for (&value, (row, column)) in matrix {
        rows[row as usize][column as usize] = value;
    }
    rows
}

struct Case {
    name: &'static str,
    text: &'static str,
    matrix: &'static [&'static [f64]],
}

/// Every supported combination of format, field and symmetry, then the liberties files take.
const CASES: &[Case] = &[
    Case {
        name: "coordinate real general",
        text: "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 1.5\n2 3 -2e3\n1 2 .25\n",
        matrix: &[&[1.5, 0.25, 0.0], &[0.0, 0.0, -2000.0]],
    },
    Case {
        name: "coordinate real symmetric",
        text: "%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 2\n3 1 -1.5\n3 2 4\n",
        matrix: &[&[2.0, 0.0, -1.5], &[0.0, 0.0, 4.0], &[-1.5, 4.0, 0.0]],
    },
    Case {
        name: "coordinate real skew-symmetric",
        text: "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 2\n2 1 5\n3 2 -0.5\n",
        matrix: &[&[0.0, -5.0, 0.0], &[5.0, 0.0, 0.5], &[0.0, -0.5, 0.0]],
    },
    Case {
        name: "coordinate integer general",
        text: "%%MatrixMarket matrix coordinate integer general\n2 2 3\n1 2 9007199254740992\n2 1 -7\n2 2 +3\n",
        matrix: &[&[0.0, 9_007_199_254_740_992.0], &[-7.0, 3.0]],
    },
    Case {
        name: "coordinate integer symmetric",
        text: "%%MatrixMarket matrix coordinate integer symmetric\n2 2 2\n2 1 -7\n2 2 3\n",
        matrix: &[&[0.0, -7.0], &[-7.0, 3.0]],
    },
    Case {
        name: "coordinate integer skew-symmetric",
        text: "%%MatrixMarket matrix coordinate integer skew-symmetric\n2 2 1\n2 1 7\n",
        matrix: &[&[0.0, -7.0], &[7.0, 0.0]],
    },
    Case {
        name: "coordinate pattern general",
        text: "%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n",
        matrix: &[&[0.0, 0.0, 1.0], &[1.0, 0.0, 0.0]],
    },
    Case {
        name: "coordinate pattern symmetric",
        text: "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n",
        matrix: &[&[1.0, 1.0], &[1.0, 0.0]],
    },
    Case {
        name: "array real general, column after column",
        text: "%%MatrixMarket matrix array real general\n2 3\n1\n2\n3\n4\n5\n6e-1\n",
        matrix: &[&[1.0, 3.0, 5.0], &[2.0, 4.0, 0.6]],
    },
    Case {
        name: "array real symmetric, from the diagonal down",
        text: "%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n",
        matrix: &[&[1.0, 2.0, 3.0], &[2.0, 4.0, 5.0], &[3.0, 5.0, 6.0]],
    },
    Case {
        name: "array real skew-symmetric, from below the diagonal down",
        text: "%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n",
        matrix: &[&[0.0, -1.0, -2.0], &[1.0, 0.0, -3.0], &[2.0, 3.0, 0.0]],
    },
    Case { name: "array integer general", text: "%%MatrixMarket matrix array integer general\n2 1\n-4\n+5\n", matrix: &[&[-4.0], &[5.0]] },
    Case {
        name: "array integer symmetric",
        text: "%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n",
        matrix: &[&[1.0, 2.0], &[2.0, 3.0]],
    },
    Case {
        name: "array integer skew-symmetric of size one, which stores nothing",
        text: "%%MatrixMarket matrix array integer skew-symmetric\n1 1\n",
        matrix: &[&[0.0]],
    },
    Case {
        name: "a banner in any case with any blanks",
        text: "%%matrixmarket\tMATRIX  Coordinate REAL General  \n1 1 1\n1 1 3\n",
        matrix: &[&[3.0]],
    },
    Case {
        name: "comments and blank lines everywhere below the banner",
        text: "%%MatrixMarket matrix coordinate real general\n\n% a\n%\n  % b\n2 2 2\n%% c\n\n1 1 1\n\t\n% d\n2 2 2\n\n% e",
        matrix: &[&[1.0, 0.0], &[0.0, 2.0]],
    },
    Case {
        name: "CRLF line ends",
        text: "%%MatrixMarket matrix coordinate real general\r\n% a\r\n\r\n2 2 2\r\n1 1 1\r\n2 2 2.5\r\n",
        matrix: &[&[1.0, 0.0], &[0.0, 2.5]],
    },
    Case {
        name: "leading, repeated and trailing blanks and tabs",
        text: "%%MatrixMarket matrix coordinate real general\n  2\t2  2 \n  1   1\t1 \n\t2  2  -2\t\n",
        matrix: &[&[1.0, 0.0], &[0.0, -2.0]],
    },
    Case {
        name: "plus signs and leading zeros",
        text: "%%MatrixMarket matrix coordinate real general\n+2 02 +2\n+1 001 +1.5\n2 +2 +2e+0\n",
        matrix: &[&[1.5, 0.0], &[0.0, 2.0]],
    },
    Case {
        name: "Fortran exponents",
        text: "%%MatrixMarket matrix coordinate real general\n1 4 4\n1 1 1.0D+03\n1 2 1d3\n1 3 -2.5d-1\n1 4 .5D0\n",
        matrix: &[&[1000.0, 1000.0, -0.25, 0.5]],
    },
    Case { name: "no line feed at the end", text: "%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 3", matrix: &[&[3.0]] },
    Case {
        name: "entries in no order",
        text: "%%MatrixMarket matrix coordinate integer general\n2 3 6\n2 3 6\n1 3 3\n2 1 4\n1 1 1\n1 2 2\n2 2 5\n",
        matrix: &[&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]],
    },
    Case { name: "no entries", text: "%%MatrixMarket matrix coordinate real symmetric\n2 2 0\n", matrix: &[&[0.0, 0.0], &[0.0, 0.0]] },
    Case { name: "no rows", text: "%%MatrixMarket matrix coordinate real general\n0 0 0\n", matrix: &[] },
];

#[test]
fn every_supported_form_gives_the_matrix_it_describes() {
    for Case { name, text, matrix } in CASES {
        let file = read(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let csr = file.to_csr().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(csr.rows(), matrix.len(), "{name}");
        assert_eq!(dense(&csr), *matrix, "{name}");
        if file.header().format == Layout::Array {
            let columns = file.to_dense_columns().unwrap_or_else(|error| panic!("{name}: {error}"));
            let expected: Vec<f64> = (0..csr.cols()).flat_map(|column| matrix.iter().map(move |row| row[column])).collect();
            assert_eq!(columns, expected, "{name}");
        }
    }
}

#[test]
fn the_entries_are_kept_as_the_file_stores_them() {
    let file = read(b"%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n3 1 0\n2 2 -0.0\n").unwrap();
    let header = file.header();
    assert_eq!((header.format, header.field, header.symmetry), (Layout::Coordinate, Field::Real, Symmetry::Symmetric));
    assert_eq!((file.rows(), file.columns(), file.stored()), (3, 3, 2));
    let Entries::Coordinate(triplets) = file.entries() else { panic!("coordinate") };
    assert_eq!((triplets.rows(), triplets.columns()), (&[2, 1][..], &[0, 1][..]));
    assert!(triplets.values()[1].is_sign_negative());
    // Explicit zeros are entries, and so are their mirror images.
    assert_eq!(file.to_csr().unwrap().nnz(), 3);
}

#[test]
fn values_are_the_nearest_floats_to_their_decimals() {
    let decimals = ["0.1", "1.7976931348623157e308", "4.9406564584124654e-324", "9007199254740993", "0.30000000000000004440892098500626"];
    for decimal in decimals {
        let text = format!("%%MatrixMarket matrix array real general\n1 1\n{decimal}\n");
        let values = read(text.as_bytes()).unwrap().to_dense_columns().unwrap();
        assert_eq!(values[0].to_bits(), decimal.parse::<f64>().unwrap().to_bits(), "{decimal}");
    }
}

#[test]
fn a_position_given_twice_is_refused_with_both_lines() {
    let text = b"%%MatrixMarket matrix coordinate real general\n3 3 4\n2 3 1\n% comment\n1 1 1\n\n2 1 1\n2 3 1\n";
    let error = read(text).unwrap().to_csr().unwrap_err();
    assert_eq!(error, ConversionError::DuplicateEntry { row: 2, column: 3, first_line: 3, second_line: 8 });
    let symmetric = b"%%MatrixMarket matrix coordinate pattern symmetric\n3 3 3\n3 1\n2 2\n3 1\n";
    let error = read(symmetric).unwrap().to_csr().unwrap_err();
    assert_eq!(error, ConversionError::DuplicateEntry { row: 3, column: 1, first_line: 3, second_line: 5 });
}

#[test]
fn rows_far_beyond_the_entries_are_refused_by_their_limit() {
    let file = |rows: usize| read(format!("%%MatrixMarket matrix coordinate real general\n{rows} 1 1\n1 1 1\n").as_bytes()).unwrap();
    assert_eq!(file(1_000_002).to_csr().unwrap().rows(), 1_000_002);
    let error = file(1_000_003).to_csr().unwrap_err();
    assert_eq!(error, ConversionError::TooManyRows { rows: 1_000_003, entries: 1, limit: 1_000_002 });
    // The widest matrix costs nothing: compressed rows have no storage per column.
    let wide = read(b"%%MatrixMarket matrix coordinate real general\n1 4294967295 1\n1 4294967295 1\n").unwrap();
    assert_eq!(wide.to_csr().unwrap().indices(), [4_294_967_294]);
}

#[test]
fn a_coordinate_file_has_no_dense_form() {
    let file = read(b"%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 1\n").unwrap();
    assert_eq!(file.to_dense_columns().unwrap_err(), ConversionError::NotAnArray { found: Layout::Coordinate });
}
