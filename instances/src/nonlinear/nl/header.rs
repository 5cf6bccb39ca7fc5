//! The ten header lines of an `.nl` file.

use super::source::{Encoding, Source};
use crate::nonlinear::fault::Fault;

/// The numbers of the header that matter for reading.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// AMPL's options, which go back in the `.sol`.
    pub options: Vec<f64>,
    pub encoding: Encoding,
    pub variables: usize,
    pub constraints: usize,
    pub objectives: usize,
    pub logical: usize,
    pub functions: usize,
    pub defined: usize,
}

/// Counts beyond this are taken for damage.
const MOST: usize = 1 << 28;

/// One header line: its numbers.
struct Line {
    number: usize,
    values: Vec<f64>,
}

impl Line {
    fn read(source: &mut Source<'_>, number: usize, what: &str) -> Result<Self, Fault> {
        let Some(text) = source.line() else {
            return Err(Fault::at(number, 0, "the end of the file", format!("header line {number}: {what}")));
        };
        let mut values = Vec::new();
        for word in text.split_whitespace() {
            let value = word.parse::<f64>().ok().filter(|value| value.is_finite());
            values.push(value.ok_or_else(|| Fault::at(number, 0, format!("`{word}`"), format!("header line {number}: {what}")))?);
        }
        Ok(Self { number, values })
    }

    /// Number `position`; 0 where the line ends before it and it may.
    fn count(&self, position: usize, needed: bool, what: &str) -> Result<usize, Fault> {
        match self.values.get(position) {
            None if needed => Err(Fault::at(self.number, 0, format!("{} numbers", self.values.len()), format!("the number of {what}"))),
            None => Ok(0),
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An integer from 0 to 2^28.
            Some(&value) if value.fract() == 0.0 && (0.0..=MOST as f64).contains(&value) => Ok(value as usize),
            Some(value) => Err(Fault::at(self.number, 0, value.to_string(), format!("the number of {what}, at most {MOST}"))),
        }
    }

    /// An error if any of these numbers is not 0.
    fn none(&self, positions: std::ops::Range<usize>, what: &str) -> Result<(), Fault> {
        let found = self.values.get(positions.start..positions.end.min(self.values.len())).unwrap_or_default();
        match found.iter().find(|value| **value != 0.0) {
            None => Ok(()),
            Some(value) => Err(Fault::at(self.number, 0, format!("{value} {what}"), format!("none ({what} are not supported)"))),
        }
    }
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Header, Fault> {
    let first = source.line().unwrap_or_default();
    let (letter, rest) = first.split_at_checked(1).unwrap_or_default();
    let binary = match letter {
        "g" => false,
        "b" => true,
        _ => return Err(Fault::at(1, 1, format!("`{letter}`"), "`g` (text) or `b` (binary), the beginning of an .nl file")),
    };
    let mut options: Vec<f64> = Vec::new();
    for word in rest.split_whitespace() {
        let value = word.parse::<f64>().ok().filter(|value| value.is_finite());
        options.push(value.ok_or_else(|| Fault::at(1, 0, format!("`{word}`"), "AMPL's options: a count and that many numbers"))?);
    }
    let sizes = Line::read(source, 2, "numbers of variables, constraints, objectives, ranges, equations, logical constraints")?;
    let nonlinear = Line::read(source, 3, "numbers of nonlinear constraints and objectives, complementarity conditions")?;
    nonlinear.none(2..4, "complementarity conditions")?;
    let network = Line::read(source, 4, "numbers of network constraints")?;
    network.none(0..2, "network constraints")?;
    Line::read(source, 5, "numbers of nonlinear variables in constraints, objectives, both")?;
    let functions = Line::read(source, 6, "numbers of network variables and functions, arithmetic, flags")?;
    functions.none(0..1, "network variables")?;
    let discrete = Line::read(source, 7, "numbers of discrete variables")?;
    discrete.none(0..5, "integer variables")?;
    Line::read(source, 8, "numbers of nonzeros in Jacobian and gradients")?;
    Line::read(source, 9, "lengths of the longest names")?;
    let defined = Line::read(source, 10, "numbers of defined variables")?;
    let encoding = match (binary, functions.values.get(2).copied().unwrap_or(0.0)) {
        (false, _) => Encoding::Text,
        (true, 1.0) => Encoding::LittleEndian,
        (true, 2.0) => Encoding::BigEndian,
        (true, other) => {
            return Err(Fault::at(6, 0, format!("arithmetic {other}"), "1 (little endian) or 2 (big endian) in a binary file"));
        }
    };
    source.encoding = encoding;
    let mut total = 0;
    for kind in 0..5 {
        total += defined.count(kind, false, "defined variables")?;
    }
    Ok(Header {
        options,
        encoding,
        variables: sizes.count(0, true, "variables")?,
        constraints: sizes.count(1, true, "constraints")?,
        objectives: sizes.count(2, true, "objectives")?,
        logical: sizes.count(5, false, "logical constraints")?,
        functions: functions.count(1, false, "functions")?,
        defined: total,
    })
}
