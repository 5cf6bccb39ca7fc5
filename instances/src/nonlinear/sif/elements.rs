//! The elements of a SIF file and their types, and the types of groups.

use std::collections::HashMap;

use super::card::Card;
use super::entry;
use super::parameter::Parameters;
use super::variables::{MAX_ITEMS, Variables};
use crate::nonlinear::fault::Fault;

/// The names that a type's formulas use.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Type {
    pub variables: Vec<String>,
    pub internal: Vec<String>,
    pub parameters: Vec<String>,
}

impl Type {
    /// All names.
    pub fn names(&self) -> Vec<String> {
        [&self.variables[..], &self.internal, &self.parameters].concat()
    }
}

/// Types of elements, or of groups.
#[derive(Debug, Default)]
pub(super) struct Types {
    known: HashMap<String, Type>,
}

impl Types {
    pub fn get(&self, name: &str) -> Option<&Type> {
        self.known.get(name)
    }

    /// A card of the section ELEMENT TYPE or GROUP TYPE.
    pub fn declare(&mut self, card: &Card, element: bool) -> Result<(), Fault> {
        let name = card.field(2);
        if name.is_empty() {
            return Err(card.fault(2, "nothing", "the name of a type"));
        }
        let kind = self.known.entry(name.to_owned()).or_default();
        let names = [3, 5].into_iter().map(|field| card.field(field).to_owned()).filter(|name| !name.is_empty());
        match card.code.as_str() {
            "EV" if element => kind.variables.extend(names),
            "IV" if element => kind.internal.extend(names),
            "EP" if element => kind.parameters.extend(names),
            "GV" if !element => kind.variables.extend(names),
            "GP" if !element => kind.parameters.extend(names),
            other => {
                let expected = if element { "EV, IV or EP" } else { "GV or GP" };
                return Err(card.fault(1, format!("`{other}`"), expected));
            }
        }
        Ok(())
    }
}

/// One element: a type, and what its variables and parameters are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    pub name: String,
    /// 1-based line of the card that introduced it.
    pub line: usize,
    pub kind: Option<String>,
    pub variables: Vec<(String, u32)>,
    pub parameters: Vec<(String, f64)>,
}

/// All elements, in the order in which they were introduced.
#[derive(Debug, Default)]
pub(super) struct Elements {
    list: Vec<Element>,
    index: HashMap<String, u32>,
    default_kind: Option<String>,
}

impl Elements {
    pub fn list(&self) -> &[Element] {
        &self.list
    }

    /// The element called `name`.
    pub fn known(&self, card: &Card, field: usize, name: &str) -> Result<u32, Fault> {
        self.index.get(name).copied().ok_or_else(|| card.fault(field, format!("`{name}`"), "the name of an element"))
    }

    fn introduce(&mut self, card: &Card, name: String) -> Result<&mut Element, Fault> {
        let next = u32::try_from(self.list.len()).ok().filter(|at| (*at as usize) < MAX_ITEMS);
        let next = next.ok_or_else(|| card.fault(2, "more elements", format!("at most {MAX_ITEMS}")))?;
        let at = *self.index.entry(name.clone()).or_insert(next);
        if at == next {
            let kind = self.default_kind.clone();
            self.list.push(Element { name, line: card.line, kind, variables: Vec::new(), parameters: Vec::new() });
        }
        Ok(&mut self.list[at as usize])
    }

    /// A card of the section ELEMENT USES.
    pub fn use_card(&mut self, card: &Card, parameters: &Parameters, variables: &mut Variables) -> Result<(), Fault> {
        let code = entry::plain_code(card);
        if code == "T" && card.field(2) == "'DEFAULT'" {
            self.default_kind = Some(card.field(3).to_owned());
            return Ok(());
        }
        let name = entry::required(card, parameters, 2, "the name of an element")?;
        match code {
            "T" => self.introduce(card, name)?.kind = Some(card.field(3).to_owned()),
            "V" => {
                let variable = entry::required(card, parameters, 5, "the name of a variable")?;
                // A variable that stands only in elements need not be declared before.
                let variable = variables.declare(card, &variable)?;
                let own = card.field(3).to_owned();
                let element = self.introduce(card, name)?;
                match element.variables.iter_mut().find(|(known, _)| *known == own) {
                    Some((_, known)) => *known = variable,
                    None => element.variables.push((own, variable)),
                }
            }
            "P" => {
                let values = entry::entries(card, parameters, false, None)?;
                let element = self.introduce(card, name)?;
                element.parameters.extend(values.into_iter().map(|one| (one.name, one.value)));
            }
            _ => return Err(card.fault(1, format!("`{}`", card.code), "T, V or P, after X or Z where needed")),
        }
        Ok(())
    }
}
