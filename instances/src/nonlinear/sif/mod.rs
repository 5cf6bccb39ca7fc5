//! `CUTEst` problems in the Standard Input Format, decoded natively.
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
use std::sync::Arc;

use fathom_opt_problems::nonlinear::Nonlinear;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use derivatives::{DerivativeCards, derivative_cards};

use super::fault::Fault;
use card::Card;
use decoder::Description;
use fortran::{Externals, Literals, procedures};
use function_part::FunctionPart;

/// How a SIF file is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct SifOptions {
    /// With how many digits its numbers are taken.
    pub precision: Precision,
    /// Values for the parameters that the file marks with `$-PARAMETER`, by their names.
    #[serde(flatten)]
    pub parameters: BTreeMap<String, f64>,
}

/// With how many digits the numbers of a SIF file are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// As the reference decoder takes them, so that the problem has the figures by which `CUTEst`'s users know it: numbers of the problem part (coefficients,
    /// constants, bounds, weights, parameters of elements) have 11 significant digits, after all computations with parameters, and numbers of the function
    /// parts have single precision unless their exponent is a D, as in Fortran.
    #[default]
    Reference,
    /// In double precision throughout.
    Double,
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
    let (described, elements, groups) = parts(bytes, options)?;
    let problem = assemble::assemble(&described, &elements, &groups, options.precision)?;
    Ok(Sif { name: described.name, problem })
}

fn parts(bytes: &[u8], options: &SifOptions) -> Result<(Description, FunctionPart, FunctionPart), Fault> {
    let cards = card::cards(bytes);
    let described = decoder::read(&cards, &options.parameters)?;
    let literals = match options.precision {
        Precision::Reference => Literals::Fortran,
        Precision::Double => Literals::Double,
    };
    let (mut elements, mut groups) = (FunctionPart::default(), FunctionPart::default());
    let mut rest = &cards[described.cards..];
    let externals = Arc::new(externals(bytes, rest, literals));
    // What follows without a keyword, or as a comment of Fortran, is the code of external functions where there are some.
    while let Some((first, others)) = rest.split_first().filter(|(first, _)| externals.is_empty() || !is_code(first)) {
        let end = others.iter().position(|card| card.keyword == "ENDATA");
        let end = end.ok_or_else(|| Fault::at(first.line, 0, format!("`{}` without an end", first.keyword), "ENDATA"))?;
        let part: &[Card] = &others[..end];
        let (target, types) = match first.keyword.as_str() {
            "ELEMENTS" => (&mut elements, &described.element_types),
            "GROUPS" => (&mut groups, &described.group_types),
            other => return Err(Fault::at(first.line, 1, format!("`{other}`"), "ELEMENTS or GROUPS")),
        };
        *target = function_part::read(part, &|name| types.get(name).map(elements::Type::names), literals, &externals)?;
        rest = &others[end + 1..];
    }
    Ok((described, elements, groups))
}

/// Whether a card behind the parts is a line of Fortran code.
fn is_code(card: &Card) -> bool {
    card.keyword.is_empty() || card.keyword.starts_with(['C', 'c', '!'])
}

/// The external functions whose code stands behind the last part; `cards` begin with the first part.
fn externals(bytes: &[u8], cards: &[Card], literals: Literals) -> Externals {
    let Some(last) = cards.iter().rposition(|card| card.keyword == "ENDATA") else { return Externals::new() };
    let line = cards[last].line;
    // Only ASCII counts in code.
    let code: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').skip(line).collect();
    let text = String::from_utf8_lossy(&code.join(&b'\n')).into_owned();
    procedures(&text, line + 1, literals).into_iter().map(|(name, read)| (name, read.map(Arc::new))).collect()
}
