//! CUTEst problems in the Standard Input Format, decoded natively.
//!
//! The format is that of A. R. Conn, N. I. M. Gould, Ph. L. Toint, "LANCELOT" (1992), chapter 7, and "The SIF reference report" (1996). A program is
//!
//! ```text
//! sum over objective groups, and one function for each other group:  (1 / scale) g(a^T x - b + sum_j w_j F_j(x))
//! ```
//!
//! The files' own derivatives (cards G and H) are read for comparison alone: see [`derivative_cards`].

mod assemble;
mod card;
mod decoder;
mod derivatives;
mod elements;
mod entry;
mod fortran;
mod function_part;
mod groups;
mod loops;
mod parameter;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;

use fathom_opt_problems::nonlinear::Nonlinear;

pub use derivatives::{DerivativeCards, derivative_cards};

use super::fault::Fault;
use card::Card;
use decoder::Description;
use function_part::FunctionPart;

/// How a SIF file is read.
#[derive(Debug, Clone, PartialEq)]
pub struct SifOptions {
    /// Values for the parameters that the file marks with `$-PARAMETER`.
    pub parameters: BTreeMap<String, f64>,
    /// To how many significant decimal digits the numbers of the problem part (coefficients, constants, bounds, weights, parameters of elements) are rounded,
    /// after all computations with parameters. The reference decoder passes them on with 9 digits, so that this is the problem which everybody
    /// knows by its CUTEst figures; 17 keeps them as they are.
    pub digits: u8,
}

impl Default for SifOptions {
    fn default() -> Self {
        Self { parameters: BTreeMap::new(), digits: 9 }
    }
}

/// A decoded file.
#[derive(Debug, Clone)]
pub struct Sif {
    /// The name on its card NAME.
    pub name: String,
    /// The program.
    pub problem: Nonlinear,
}

/// The program in the bytes of a SIF file.
///
/// # Errors
/// Bytes that are no SIF file, with the line and the card; external functions; integer variables; an unknown parameter.
pub fn read(bytes: &[u8], options: &SifOptions) -> Result<Sif, Fault> {
    let (described, elements, groups) = parts(bytes, &options.parameters)?;
    let problem = assemble::assemble(&described, &elements, &groups, assemble::Digits(options.digits))?;
    Ok(Sif { name: described.name, problem })
}

fn parts(bytes: &[u8], parameters: &BTreeMap<String, f64>) -> Result<(Description, FunctionPart, FunctionPart), Fault> {
    let cards = card::cards(bytes);
    let described = decoder::read(&cards, parameters)?;
    let (mut elements, mut groups) = (FunctionPart::default(), FunctionPart::default());
    let mut rest = &cards[described.cards..];
    while let Some((first, others)) = rest.split_first() {
        let end = others.iter().position(|card| card.keyword == "ENDATA");
        let end = end.ok_or_else(|| Fault::at(first.line, 0, format!("`{}` without an end", first.keyword), "ENDATA"))?;
        let part: &[Card] = &others[..end];
        match first.keyword.as_str() {
            "ELEMENTS" => elements = function_part::read(part, &|name| described.element_types.get(name).map(elements::Type::names))?,
            "GROUPS" => groups = function_part::read(part, &|name| described.group_types.get(name).map(elements::Type::names))?,
            other => return Err(Fault::at(first.line, 1, format!("`{other}`"), "ELEMENTS or GROUPS")),
        }
        rest = &others[end + 1..];
    }
    Ok((described, elements, groups))
}
