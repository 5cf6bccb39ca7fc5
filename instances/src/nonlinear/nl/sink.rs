//! Where an `.nl` file is written to, text or binary.

use std::io::{self, Write};

/// Writes the tokens of an `.nl` file.
pub(super) struct Sink<'a> {
    out: &'a mut dyn Write,
    pub binary: bool,
}

impl<'a> Sink<'a> {
    pub fn new(out: &'a mut dyn Write, binary: bool) -> Self {
        Self { out, binary }
    }

    /// A line of the header, which is always text.
    pub fn header(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    /// The beginning of a segment: its letter and integers.
    pub fn segment(&mut self, letter: char, integers: &[usize]) -> io::Result<()> {
        if !self.binary {
            write!(self.out, "{letter}")?;
            for (k, integer) in integers.iter().enumerate() {
                write!(self.out, "{}{integer}", if k == 0 { "" } else { " " })?;
            }
            return writeln!(self.out);
        }
        self.byte(letter)?;
        integers.iter().try_for_each(|&integer| self.raw_integer(integer))
    }

    /// An index and a number, as segments list them.
    pub fn pair(&mut self, index: usize, value: f64) -> io::Result<()> {
        if self.binary {
            self.raw_integer(index)?;
            self.out.write_all(&value.to_le_bytes())
        } else {
            writeln!(self.out, "{index} {}", number(value))
        }
    }

    /// An integer alone.
    pub fn integer(&mut self, integer: usize) -> io::Result<()> {
        if self.binary { self.raw_integer(integer) } else { writeln!(self.out, "{integer}") }
    }

    /// The sides of a row or the bounds of a variable.
    pub fn sides(&mut self, lower: f64, upper: f64) -> io::Result<()> {
        let (code, numbers): (char, Vec<f64>) = match (lower.is_finite(), upper.is_finite()) {
            (true, true) if lower == upper => ('4', vec![lower]),
            (true, true) => ('0', vec![lower, upper]),
            (false, true) => ('1', vec![upper]),
            (true, false) => ('2', vec![lower]),
            (false, false) => ('3', Vec::new()),
        };
        if self.binary {
            self.byte(code)?;
            return numbers.iter().try_for_each(|value| self.out.write_all(&value.to_le_bytes()));
        }
        write!(self.out, "{code}")?;
        for value in numbers {
            write!(self.out, " {}", number(value))?;
        }
        writeln!(self.out)
    }

    /// A number in an expression.
    pub fn constant(&mut self, value: f64) -> io::Result<()> {
        if self.binary {
            self.byte('n')?;
            self.out.write_all(&value.to_le_bytes())
        } else {
            writeln!(self.out, "n{}", number(value))
        }
    }

    /// A variable or defined variable in an expression.
    pub fn variable(&mut self, index: usize) -> io::Result<()> {
        if self.binary {
            self.byte('v')?;
            self.raw_integer(index)
        } else {
            writeln!(self.out, "v{index}")
        }
    }

    /// An operator in an expression.
    pub fn operator(&mut self, code: i32) -> io::Result<()> {
        if self.binary {
            self.byte('o')?;
            self.out.write_all(&code.to_le_bytes())
        } else {
            writeln!(self.out, "o{code}")
        }
    }

    fn byte(&mut self, letter: char) -> io::Result<()> {
        // All letters of the format are ASCII.
        self.out.write_all(&[u8::try_from(letter).unwrap_or(b'?')])
    }

    fn raw_integer(&mut self, integer: usize) -> io::Result<()> {
        let integer = i32::try_from(integer)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("found {integer}, expected a number below 2^31")))?;
        self.out.write_all(&integer.to_le_bytes())
    }
}

/// A number that reads back to the same bits.
fn number(value: f64) -> String {
    let (plain, scientific) = (value.to_string(), format!("{value:e}"));
    if plain.len() <= scientific.len() { plain } else { scientific }
}
