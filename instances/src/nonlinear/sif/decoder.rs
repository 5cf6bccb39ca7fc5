//! The problem part of a SIF file, section by section.

use std::collections::BTreeMap;

use super::card::Card;
use super::elements::{Elements, Types};
use super::entry;
use super::groups::{Groups, Role};
use super::loops::Walk;
use super::parameter::Parameters;
use super::variables::Variables;
use crate::nonlinear::fault::Fault;

/// What the problem part describes.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub name: String,
    pub variables: Variables,
    pub groups: Groups,
    pub elements: Elements,
    pub element_types: Types,
    pub group_types: Types,
    /// Entries of the objective's quadratic part, each with its line's two variables.
    pub quadratic: Vec<(u32, u32, f64)>,
    /// Lines of cards that say nothing.
    pub passed_over: Vec<usize>,
    /// How many cards belong to the problem part.
    pub cards: usize,
}

/// The sections of the problem part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Parameters,
    Groups,
    Variables,
    Constants,
    Ranges,
    Bounds,
    Start,
    Quadratic,
    ElementType,
    ElementUses,
    GroupType,
    GroupUses,
    ObjectBound,
    End,
}

impl Section {
    fn named(keyword: &str) -> Option<Self> {
        Some(match keyword {
            "NAME" => Self::Parameters,
            "GROUPS" | "ROWS" | "CONSTRAINTS" => Self::Groups,
            "VARIABLES" | "COLUMNS" => Self::Variables,
            "CONSTANTS" | "RHS" => Self::Constants,
            "RANGES" => Self::Ranges,
            "BOUNDS" => Self::Bounds,
            "START POINT" => Self::Start,
            "QUADRATIC" | "HESSIAN" | "QUADS" | "QUADOBJ" | "QSECTION" | "QMATRIX" => Self::Quadratic,
            "ELEMENT TYPE" => Self::ElementType,
            "ELEMENT USES" => Self::ElementUses,
            "GROUP TYPE" => Self::GroupType,
            "GROUP USES" => Self::GroupUses,
            "OBJECT BOUND" => Self::ObjectBound,
            "ENDATA" => Self::End,
            _ => return None,
        })
    }
}

/// Reads the problem part; `wishes` are the user's values of parameters.
pub(super) fn read(cards: &[Card], wishes: &BTreeMap<String, f64>) -> Result<Description, Fault> {
    let mut parameters = Parameters::new(wishes);
    let mut walk = Walk::default();
    let mut described = Description::default();
    let mut section = None;
    // Only the first named vector of constants, ranges, bounds and starts counts.
    let mut vector: Option<String> = None;
    while let Some(card) = walk.next(cards, &mut parameters)? {
        if !card.keyword.is_empty() {
            let Some(next) = Section::named(&card.keyword) else {
                return Err(Fault::at(
                    card.line,
                    1,
                    format!("the section `{}`", card.keyword),
                    "a section of SIF, such as GROUPS or BOUNDS",
                ));
            };
            if section.is_none() && next != Section::Parameters {
                return Err(Fault::at(card.line, 1, format!("`{}`", card.keyword), "NAME first"));
            }
            if next == Section::Parameters {
                card.code.clone_into(&mut described.name);
            }
            if next == Section::End {
                described.cards = cards.iter().position(|other| other.line == card.line).map_or(cards.len(), |at| at + 1);
                parameters.all_met()?;
                return Ok(described);
            }
            (section, vector) = (Some(next), None);
            continue;
        }
        let Some(section) = section else {
            return Err(Fault::at(card.line, 1, "a data card", "NAME first"));
        };
        if parameters.execute(card)? {
            continue;
        }
        let named = matches!(section, Section::Constants | Section::Ranges | Section::Bounds | Section::Start);
        if named && vector.get_or_insert_with(|| card.field(2).to_owned()) != card.field(2) {
            continue;
        }
        described.data(section, card, &parameters)?;
    }
    debug_assert!(walk.is_outside() || cards.is_empty() || described.cards == 0);
    let line = cards.last().map_or(0, |card| card.line);
    Err(Fault::at(line, 0, "the end of the file", "ENDATA"))
}

impl Description {
    fn data(&mut self, section: Section, card: &Card, parameters: &Parameters) -> Result<(), Fault> {
        match section {
            Section::Groups => {
                let (group, entries) = self.groups.row(card, parameters)?;
                for one in entries {
                    let variable = self.variables.known(card, one.field, &one.name)?;
                    self.groups.add_term(group, variable, one.value);
                }
                Ok(())
            }
            Section::Variables => {
                let (variable, entries) = self.variables.column(card, parameters)?;
                for one in entries {
                    let group = self.groups.find(&one.name);
                    let group =
                        group.ok_or_else(|| card.fault(one.field, format!("`{}`", one.name), "the name of a group declared before"))?;
                    self.groups.add_term(group, variable, one.value);
                }
                Ok(())
            }
            Section::Constants => self.groups.numbers(card, parameters, |group, value| group.constant = value),
            Section::Ranges => self.groups.numbers(card, parameters, |group, value| group.range = Some(value)),
            Section::Bounds => self.variables.bound(card, parameters),
            Section::Start => self.start(card, parameters),
            Section::Quadratic => {
                let row = entry::required(card, parameters, 2, "the name of a variable")?;
                let row = self.variables.known(card, 2, &row)?;
                for one in entry::entries(card, parameters, true, None)? {
                    let column = self.variables.known(card, one.field, &one.name)?;
                    self.quadratic.push((row, column, one.value));
                }
                Ok(())
            }
            Section::ElementType => self.element_types.declare(card, true),
            Section::GroupType => self.group_types.declare(card, false),
            Section::ElementUses => self.elements.use_card(card, parameters, &mut self.variables),
            Section::GroupUses => self.group_use(card, parameters),
            Section::ObjectBound => Ok(()),
            // A card without a code before the first section is what is left of a comment, and a lone R declares nothing.
            Section::Parameters if matches!(card.code.as_str(), "" | "R") && card.field(4).is_empty() => {
                self.passed_over.push(card.line);
                Ok(())
            }
            Section::Parameters | Section::End => Err(card.fault(1, format!("`{}`", card.code), "a parameter card or a section")),
        }
    }

    fn start(&mut self, card: &Card, parameters: &Parameters) -> Result<(), Fault> {
        let of = entry::plain_code(card);
        if !matches!(of, "" | "V" | "M") {
            return Err(card.fault(1, format!("`{}`", card.code), "V, M or nothing, after X or Z where needed"));
        }
        for one in entry::entries(card, parameters, true, None)? {
            if one.name == "'DEFAULT'" {
                if of != "M" {
                    self.variables.start_all(one.value);
                }
                if of == "M" {
                    self.groups.numbers(card, parameters, |group, value| group.multiplier = Some(value))?;
                }
                continue;
            }
            match self.variables.find(&one.name).filter(|_| of != "M") {
                Some(variable) => self.variables.start(variable, one.value),
                None if of == "V" => return Err(card.fault(one.field, format!("`{}`", one.name), "the name of a variable")),
                None => self.groups.known(card, one.field, &one.name)?.multiplier = Some(one.value),
            }
        }
        Ok(())
    }

    fn group_use(&mut self, card: &Card, parameters: &Parameters) -> Result<(), Fault> {
        match entry::plain_code(card) {
            "T" => self.groups.set_kind(card, parameters),
            "E" => {
                let name = entry::required(card, parameters, 2, "the name of a group")?;
                for one in entry::entries(card, parameters, true, Some(1.0))? {
                    let element = self.elements.known(card, one.field, &one.name)?;
                    self.groups.known(card, 2, &name)?.elements.push((element, one.value));
                }
                Ok(())
            }
            "P" => {
                let name = entry::required(card, parameters, 2, "the name of a group")?;
                let values = entry::entries(card, parameters, false, None)?;
                let group = self.groups.known(card, 2, &name)?;
                group.parameters.extend(values.into_iter().map(|one| (one.name, one.value)));
                Ok(())
            }
            _ => Err(card.fault(1, format!("`{}`", card.code), "T, E or P, after X or Z where needed")),
        }
    }
}

/// Lower and upper side of a constraint with this role and range.
pub(super) fn sides(role: Role, range: Option<f64>) -> (f64, f64) {
    match (role, range) {
        (Role::Objective, _) => (f64::NEG_INFINITY, f64::INFINITY),
        (Role::Equal, None) => (0.0, 0.0),
        // The old linear format: the sign of a range at an equation says on which side it lies.
        (Role::Equal, Some(range)) => (range.min(0.0), range.max(0.0)),
        (Role::AtMost, range) => (range.map_or(f64::NEG_INFINITY, |range| -range.abs()), 0.0),
        (Role::AtLeast, range) => (0.0, range.map_or(f64::INFINITY, f64::abs)),
    }
}
