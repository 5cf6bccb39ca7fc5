//! The names and numbers of a data card, with indices and parameters put in.

use super::card::Card;
use super::parameter::Parameters;
use crate::nonlinear::fault::Fault;

/// A name with a number, as fields 3 and 4, or 5 and 6, have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The field of the name.
    pub field: usize,
    pub name: String,
    pub value: f64,
}

/// Whether names of this card have indices: its code starts with X or Z (or is one of them).
pub(super) fn is_array(card: &Card) -> bool {
    card.code.starts_with(['X', 'Z'])
}

/// The code without the letter that marks an array card.
pub(super) fn plain_code(card: &Card) -> &str {
    card.code.strip_prefix(['X', 'Z']).unwrap_or(&card.code)
}

/// The name in `field`, with its indices replaced on array cards.
pub(super) fn name(card: &Card, parameters: &Parameters, field: usize) -> Result<String, Fault> {
    let text = card.field(field);
    if is_array(card) { parameters.indexed(card, field, text) } else { Ok(text.to_owned()) }
}

/// The name in `field`, which must be there.
pub(super) fn required(card: &Card, parameters: &Parameters, field: usize, what: &str) -> Result<String, Fault> {
    let name = name(card, parameters, field)?;
    if name.is_empty() { Err(card.fault(field, "nothing", what)) } else { Ok(name) }
}

/// The real parameter that field 5 of a Z card names.
pub(super) fn parameter_value(card: &Card, parameters: &Parameters) -> Result<f64, Fault> {
    let name = parameters.indexed(card, 5, card.field(5))?;
    parameters.real(card, 5, &name)
}

/// The entries of the card: fields 3 and 4, 5 and 6; on Z cards field 3 with the parameter in field 5. `default` is the number that may be left out.
pub(super) fn entries(card: &Card, parameters: &Parameters, indexed: bool, default: Option<f64>) -> Result<Vec<Entry>, Fault> {
    let read = |field: usize| if indexed { name(card, parameters, field) } else { Ok(card.field(field).to_owned()) };
    if card.code.starts_with('Z') {
        return Ok(vec![Entry { field: 3, name: read(3)?, value: parameter_value(card, parameters)? }]);
    }
    let mut found = Vec::new();
    for (field, number) in [(3, 4), (5, 6)] {
        let name = read(field)?;
        if name.is_empty() {
            continue;
        }
        let value = match default {
            Some(default) if card.field(number).is_empty() => default,
            _ => card.number(number)?,
        };
        found.push(Entry { field, name, value });
    }
    Ok(found)
}
