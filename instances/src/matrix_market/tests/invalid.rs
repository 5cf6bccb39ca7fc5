use crate::matrix_market::read;

/// Text, the line and column of the fault, and what the message must contain about what was found and what was expected.
type Case = (&'static str, usize, usize, &'static str, &'static str);

const CASES: &[Case] = &[
    // The banner.
    ("", 1, 1, "end of the file", "banner"),
    ("\n", 1, 1, "end of the line", "banner"),
    ("1 1 1\n", 1, 1, "\"1\"", "banner"),
    ("% comment\n%%MatrixMarket matrix coordinate real general\n1 1 0\n", 1, 1, "\"%\"", "banner"),
    ("%MatrixMarket matrix coordinate real general\n", 1, 1, "\"%MatrixMarket\"", "%%MatrixMarket"),
    ("\u{feff}%%MatrixMarket matrix coordinate real general\n", 1, 1, "\\u{feff}", "banner"),
    ("%%MatrixMarket\n", 1, 15, "end of the line", "object"),
    ("%%MatrixMarket vector coordinate real general\n", 1, 16, "\"vector\"", "\"matrix\""),
    ("%%MatrixMarket matrix dense real general\n", 1, 23, "\"dense\"", "\"coordinate\" or \"array\""),
    ("%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 1\n", 1, 34, "\"complex\"", "complex matrices are not supported"),
    ("%%MatrixMarket matrix array complex general\n1 1\n1 1\n", 1, 29, "\"complex\"", "complex matrices are not supported"),
    ("%%MatrixMarket matrix array pattern general\n1 1\n", 1, 29, "\"pattern\"", "an array has no pattern"),
    (
        "%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n",
        1,
        39,
        "\"hermitian\"",
        "hermitian matrices, being complex, are not supported",
    ),
    ("%%MatrixMarket matrix coordinate pattern skew-symmetric\n1 1 0\n", 1, 42, "\"skew-symmetric\"", "of a pattern"),
    ("%%MatrixMarket matrix coordinate real\n1 1 0\n", 1, 38, "end of the line", "symmetry"),
    ("%%MatrixMarket matrix coordinate real general 1\n1 1 0\n", 1, 47, "\"1\"", "end of the banner"),
    // The size line.
    ("%%MatrixMarket matrix coordinate real general", 1, 46, "end of the file", "size line"),
    ("%%MatrixMarket matrix array real general\n% only a comment\n", 3, 1, "end of the file", "size line"),
    ("%%MatrixMarket matrix coordinate real general\n2 2\n", 2, 4, "end of the line", "number of entries"),
    ("%%MatrixMarket matrix coordinate real general\n2\n", 2, 2, "end of the line", "number of columns"),
    ("%%MatrixMarket matrix array real general\n2 2 4\n", 2, 5, "\"4\"", "end of the size line"),
    ("%%MatrixMarket matrix coordinate real general\n-2 2 1\n", 2, 1, "\"-2\"", "number of rows"),
    ("%%MatrixMarket matrix coordinate real general\n2.0 2 1\n", 2, 1, "\"2.0\"", "number of rows"),
    ("%%MatrixMarket matrix coordinate real general\n2 two 1\n", 2, 3, "\"two\"", "number of columns"),
    ("%%MatrixMarket matrix coordinate real general\n1000000000000000 1 1\n1 1 1\n", 2, 1, "\"1000000000000000\"", "at most 4294967295"),
    ("%%MatrixMarket matrix array real general\n1 1000000000000000\n1\n", 2, 3, "\"1000000000000000\"", "at most 4294967295"),
    ("%%MatrixMarket matrix coordinate real general\n1 1 99999999999999999999\n1 1 1\n", 2, 5, "\"99999999999999999999\"", "below 2^64"),
    ("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", 2, 3, "\"3\"", "2 columns, as many as rows"),
    ("%%MatrixMarket matrix array real skew-symmetric\n3 2\n", 2, 3, "\"2\"", "3 columns, as many as rows"),
    // Counts.
    ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n", 4, 1, "end of the file", "entry 2 of 2"),
    (
        "%%MatrixMarket matrix coordinate real general\n2 2 1000000000000000000\n1 1 1\n",
        4,
        1,
        "end of the file",
        "entry 2 of 1000000000000000000",
    ),
    ("%%MatrixMarket matrix array real general\n4294967295 4294967295\n1\n", 4, 1, "end of the file", "value 2 of 18446744065119617025"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\n\n2 2 1\n", 5, 1, "\"2\"", "end of the file after all 1 entries"),
    ("%%MatrixMarket matrix array real general\n1 2\n1\n2\n3\n", 5, 1, "\"3\"", "end of the file after all 2 values"),
    ("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n4\n", 6, 1, "\"4\"", "end of the file after all 3 values"),
    // Indices.
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n0 1 1\n", 3, 1, "\"0\"", "row index from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 0 1\n", 3, 3, "\"0\"", "column index from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n", 3, 1, "\"3\"", "row index from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n% c\n2 5 2\n1 5 1\n1 6 1\n", 5, 3, "\"6\"", "column index from 1 to 5"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n-1 1 1\n", 3, 1, "\"-1\"", "row index from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1.0 1 1\n", 3, 1, "\"1.0\"", "row index from 1 to 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n4294967297 1 1\n", 3, 1, "\"4294967297\"", "row index from 1 to 2"),
    (
        "%%MatrixMarket matrix coordinate real general\n2 2 1\n18446744073709551617 1 1\n",
        3,
        1,
        "\"18446744073709551617\"",
        "row index from 1 to 2",
    ),
    ("%%MatrixMarket matrix coordinate real general\n0 2 1\n1 1 1\n", 3, 1, "\"1\"", "no entry, for there are no rows"),
    ("%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n  2 3 1\n", 4, 5, "\"3\"", "a column of at most 2"),
    ("%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 2 1\n", 3, 3, "\"2\"", "a column below 2"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1\n", 3, 2, "end of the line", "column index"),
    // Values.
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1\n", 3, 4, "end of the line", "finite real number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 nan\n", 3, 5, "\"nan\"", "finite real number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 -Inf\n", 3, 5, "\"-Inf\"", "finite real number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1e309\n", 3, 5, "\"1e309\"", "finite real number"),
    ("%%MatrixMarket matrix array real general\n1 2\n1\nNaN\n", 4, 1, "\"NaN\"", "finite real number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1,5\n", 3, 5, "\"1,5\"", "finite real number"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 0x1p3\n", 3, 5, "\"0x1p3\"", "finite real number"),
    ("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 1.5\n", 3, 5, "\"1.5\"", "an integer"),
    ("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 9007199254740993\n", 3, 5, "\"9007199254740993\"", "-2^53 to 2^53"),
    ("%%MatrixMarket matrix array integer general\n1 1\n-9007199254740993\n", 3, 1, "\"-9007199254740993\"", "-2^53 to 2^53"),
    ("%%MatrixMarket matrix array integer general\n1 1\n-\n", 3, 1, "\"-\"", "an integer"),
    // More on a line than belongs there.
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1 1\n", 3, 7, "\"1\"", "end of the line after the value"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1 % c\n", 3, 7, "\"%\"", "end of the line after the value"),
    ("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 1 1\n", 3, 5, "\"1\"", "end of the line after a pattern's row and column"),
    ("%%MatrixMarket matrix array real general\n1 2\n1 2\n", 3, 3, "\"2\"", "end of the line after the value"),
    ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 1\0\n", 3, 5, "\"1\\0\"", "finite real number"),
];

#[test]
fn every_malformed_text_is_refused_at_its_place_with_what_was_found_and_expected() {
    for &(text, line, column, found, expected) in CASES {
        let error = match read(text.as_bytes()) {
            Err(error) => error,
            Ok(file) => panic!("{text:?} was read as {file:?}"),
        };
        assert_eq!((error.line, error.column), (line, column), "{text:?}: {error}");
        assert!(error.found.contains(found), "{text:?}: {error}");
        assert!(error.expected.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn the_message_reads_as_one_line() {
    let text = b"%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n";
    assert_eq!(read(text).unwrap_err().to_string(), "line 3, column 1: found \"3\", expected a row index from 1 to 2");
}

#[test]
fn bytes_that_are_not_utf8_are_refused_where_they_stand() {
    let error = read(b"%%MatrixMarket matrix coordinate re\xffal general\n1 1 0\n").unwrap_err();
    assert_eq!((error.line, error.column), (1, 34));
    let error = read(b"%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 \xf0\x9f\n").unwrap_err();
    assert_eq!((error.line, error.column), (3, 5));
    // Comments are not interpreted, so old encodings in them do no harm.
    assert!(read(b"%%MatrixMarket matrix coordinate real general\n% Universit\xe4t\n1 1 0\n").is_ok());
}
