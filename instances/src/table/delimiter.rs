//! What stands between the cells of a row.

use crate::input_file::has_ending;

/// What stands between the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Comma,
    Semicolon,
    Tab,
}

impl Delimiter {
    /// The delimiter of a table whose file is called `name` (lower case, no ending of a packing) and begins with `head`: a tab where the name says so; otherwise
    /// the comma, unless the first line has none outside quotes but a tab or a semicolon.
    pub(crate) fn of(name: &str, head: &[u8]) -> Self {
        if has_ending(name, ".tsv") {
            return Self::Tab;
        }
        let line = head.split(|&byte| byte == b'\n' || byte == b'\r').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        let mut quoted = false;
        let mut seen = [false; 2];
        for &byte in line {
            match byte {
                b'"' => quoted = !quoted,
                b',' if !quoted => return Self::Comma,
                b'\t' if !quoted => seen[0] = true,
                b';' if !quoted => seen[1] = true,
                _ => {}
            }
        }
        match seen {
            [true, _] => Self::Tab,
            [false, true] => Self::Semicolon,
            [false, false] => Self::Comma,
        }
    }

    /// The byte.
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_or_the_first_line_tells_the_delimiter() {
        let cases = [
            ("a.tsv", "a,b\n", Delimiter::Tab),
            ("a.csv", "a,b;c\n", Delimiter::Comma),
            ("a.csv", "\n\na;b\n1,5;2\n", Delimiter::Semicolon),
            ("a.csv", "\"a,b\";c\r\n", Delimiter::Semicolon),
            ("a", "a\tb c\n", Delimiter::Tab),
            ("a.csv", "a\n1,2\n", Delimiter::Comma),
            ("a.csv", "", Delimiter::Comma),
        ];
        for (name, text, delimiter) in cases {
            assert_eq!(Delimiter::of(name, text.as_bytes()), delimiter, "{text:?}");
        }
    }
}
