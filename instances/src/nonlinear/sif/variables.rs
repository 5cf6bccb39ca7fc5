//! The variables of a SIF file: names, bounds, start.

use std::collections::HashMap;

use super::card::Card;
use super::entry::{self, entries, plain_code};
use super::parameter::Parameters;
use crate::nonlinear::fault::Fault;

/// One variable.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Variable {
    pub name: String,
    pub lower: f64,
    pub upper: f64,
    pub start: f64,
    /// Whether a card set the lower bound.
    lower_set: bool,
    /// Whether a card set the upper bound.
    upper_set: bool,
}

/// All variables, in the order in which they were declared.
#[derive(Debug, Default)]
pub(super) struct Variables {
    list: Vec<Variable>,
    index: HashMap<String, u32>,
    /// How many were declared to be integers.
    integers: usize,
}

/// How many variables, groups or elements a file may expand to.
pub(super) const MAX_ITEMS: usize = 20_000_000;

impl Variables {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many were declared to be integers.
    pub fn integers(&self) -> usize {
        self.integers
    }

    pub fn list(&self) -> &[Variable] {
        &self.list
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The variable called `name`, declared now if it was not.
    pub fn declare(&mut self, card: &Card, name: &str) -> Result<u32, Fault> {
        if let Some(known) = self.find(name) {
            return Ok(known);
        }
        let index = u32::try_from(self.list.len()).ok().filter(|index| (*index as usize) < MAX_ITEMS);
        let index = index.ok_or_else(|| card.fault(2, "more variables", format!("at most {MAX_ITEMS}")))?;
        self.index.insert(name.to_owned(), index);
        self.list.push(Variable {
            name: name.to_owned(),
            lower: 0.0,
            upper: f64::INFINITY,
            start: 0.0,
            lower_set: false,
            upper_set: false,
        });
        Ok(index)
    }

    /// The variable called `name`.
    pub fn known(&self, card: &Card, field: usize, name: &str) -> Result<u32, Fault> {
        self.find(name).ok_or_else(|| card.fault(field, format!("`{name}`"), "the name of a variable"))
    }

    /// A card of the section BOUNDS.
    pub fn bound(&mut self, card: &Card, parameters: &Parameters) -> Result<(), Fault> {
        let name = entry::required(card, parameters, 3, "the name of a variable")?;
        let code = plain_code(card);
        let value = |card: &Card| if card.code.starts_with('Z') { entry::parameter_value(card, parameters) } else { card.number(4) };
        let bound = match code {
            "LO" | "L" => Bound::Lower(value(card)?),
            "UP" | "U" => Bound::Upper(value(card)?),
            "FX" | "X" => Bound::Fixed(value(card)?),
            "FR" | "R" => Bound::Free,
            "MI" | "M" => Bound::NoLower,
            "PL" | "P" => Bound::NoUpper,
            _ => return Err(card.fault(1, format!("`{}`", card.code), "LO, UP, FX, FR, MI or PL (integer variables are not supported)")),
        };
        if name == "'DEFAULT'" {
            for variable in &mut self.list {
                variable.apply(bound);
                (variable.lower_set, variable.upper_set) = (true, true);
            }
        } else {
            let at = self.known(card, 3, &name)?;
            self.list[at as usize].apply(bound);
        }
        Ok(())
    }

    /// The start of a variable, or of all of them.
    pub fn start_all(&mut self, value: f64) {
        self.list.iter_mut().for_each(|variable| variable.start = value);
    }

    pub fn start(&mut self, variable: u32, value: f64) {
        self.list[variable as usize].start = value;
    }

    /// A card of the section VARIABLES: the variable, and the entries that say in which groups it stands.
    pub fn column(&mut self, card: &Card, parameters: &Parameters) -> Result<(u32, Vec<entry::Entry>), Fault> {
        let name = entry::required(card, parameters, 2, "the name of a variable")?;
        let variable = self.declare(card, &name)?;
        if matches!(card.field(3), "'INTEGER'" | "INTEGER" | "'ZERO-ONE'" | "ZERO-ONE") {
            self.integers += 1;
            if card.field(3).contains("ZERO-ONE") {
                self.list[variable as usize].apply(Bound::Upper(1.0));
            }
            return Ok((variable, Vec::new()));
        }
        // A scale of a variable is advice to solvers and changes nothing about the problem.
        if card.field(3) == "'SCALE'" {
            return Ok((variable, Vec::new()));
        }
        Ok((variable, if card.field(3).is_empty() { Vec::new() } else { entries(card, parameters, true, None)? }))
    }
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    Lower(f64),
    Upper(f64),
    Fixed(f64),
    Free,
    NoLower,
    NoUpper,
}

impl Variable {
    /// Two habits of the old linear format are kept, as the reference decoder keeps them: with the default lower bound an upper bound of exactly 0 takes
    /// the lower one away, and taking the lower bound away with the default upper one makes that 0.
    fn apply(&mut self, bound: Bound) {
        match bound {
            Bound::Lower(value) => (self.lower, self.lower_set) = (value, true),
            Bound::Upper(value) => {
                if value == 0.0 && !self.lower_set {
                    self.lower = f64::NEG_INFINITY;
                }
                (self.upper, self.upper_set) = (value, true);
            }
            Bound::Fixed(value) => *self = Self { lower: value, upper: value, lower_set: true, upper_set: true, ..self.clone() },
            Bound::Free => (self.lower, self.upper, self.lower_set, self.upper_set) = (f64::NEG_INFINITY, f64::INFINITY, true, true),
            Bound::NoLower => {
                if !self.upper_set {
                    self.upper = 0.0;
                }
                (self.lower, self.lower_set) = (f64::NEG_INFINITY, true);
            }
            Bound::NoUpper => (self.upper, self.upper_set) = (f64::INFINITY, true),
        }
        // The reference decoder writes 1e20 for infinity, and reads it so.
        if self.lower <= -INFINITE {
            self.lower = f64::NEG_INFINITY;
        }
        if self.upper >= INFINITE {
            self.upper = f64::INFINITY;
        }
    }
}

/// Bounds from here on are none.
pub(super) const INFINITE: f64 = 1e20;
