//! The groups of a SIF file: rows with a linear part, a constant, a scale, a range, elements and a type.

use std::collections::HashMap;

use super::card::Card;
use super::entry::{self, Entry};
use super::parameter::Parameters;
use super::variables::MAX_ITEMS;
use crate::nonlinear::fault::Fault;

/// What a group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Objective,
    Equal,
    AtMost,
    AtLeast,
}

/// One group: `(1 / scale) g(linear - constant + sum of weighted elements)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub name: String,
    pub role: Role,
    pub linear: Vec<(u32, f64)>,
    pub constant: f64,
    pub scale: f64,
    pub range: Option<f64>,
    pub multiplier: Option<f64>,
    /// The type's name, with the card that gave it.
    pub kind: Option<String>,
    /// Element and weight.
    pub elements: Vec<(u32, f64)>,
    pub parameters: HashMap<String, f64>,
}

/// All groups, in the order in which they were declared.
#[derive(Debug, Default)]
pub(super) struct Groups {
    list: Vec<Group>,
    index: HashMap<String, u32>,
    /// The type of groups that have none of their own.
    default_kind: Option<String>,
}

impl Groups {
    pub fn list(&self) -> &[Group] {
        &self.list
    }

    /// The type of a group.
    pub fn kind<'a>(&'a self, group: &'a Group) -> Option<&'a str> {
        group.kind.as_deref().or(self.default_kind.as_deref())
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    /// The group called `name`.
    pub fn known(&mut self, card: &Card, field: usize, name: &str) -> Result<&mut Group, Fault> {
        match self.index.get(name) {
            Some(&at) => Ok(&mut self.list[at as usize]),
            None => Err(card.fault(field, format!("`{name}`"), "the name of a group")),
        }
    }

    /// A card of the section GROUPS: the group, declared now if it was not, and the entries of its linear part.
    pub fn row(&mut self, card: &Card, parameters: &Parameters) -> Result<(u32, Vec<Entry>), Fault> {
        let combined = card.code.starts_with('D');
        let role = match card.code.trim_start_matches(['X', 'Z', 'D']) {
            "N" => Role::Objective,
            "E" => Role::Equal,
            "L" => Role::AtMost,
            "G" => Role::AtLeast,
            _ => return Err(card.fault(1, format!("`{}`", card.code), "N, E, L or G, after X, Z or D where needed")),
        };
        let name = entry::required(card, parameters, 2, "the name of a group")?;
        let at = self.declare(card, name, role)?;
        if combined {
            let mut linear = Vec::new();
            for one in entry::entries(card, parameters, false, None)? {
                let other = self.known(card, one.field, &one.name)?;
                linear.extend(other.linear.iter().map(|&(variable, c)| (variable, one.value * c)));
            }
            self.list[at as usize].linear.extend(linear);
            return Ok((at, Vec::new()));
        }
        let mut found = if card.field(3).is_empty() { Vec::new() } else { entry::entries(card, parameters, true, None)? };
        if let Some(scale) = found.iter().position(|entry| entry.name == "'SCALE'") {
            let scale = found.remove(scale);
            if scale.value == 0.0 {
                return Err(card.fault(4, "a scale 0", "another number"));
            }
            self.list[at as usize].scale = scale.value;
        }
        Ok((at, found))
    }

    fn declare(&mut self, card: &Card, name: String, role: Role) -> Result<u32, Fault> {
        if let Some(&at) = self.index.get(&name) {
            // A group is what its first card says: files of the collection add terms under other codes.
            return Ok(at);
        }
        let at = u32::try_from(self.list.len()).ok().filter(|at| (*at as usize) < MAX_ITEMS);
        let at = at.ok_or_else(|| card.fault(2, "more groups", format!("at most {MAX_ITEMS}")))?;
        self.index.insert(name.clone(), at);
        self.list.push(Group {
            name,
            role,
            linear: Vec::new(),
            constant: 0.0,
            scale: 1.0,
            range: None,
            multiplier: None,
            kind: None,
            elements: Vec::new(),
            parameters: HashMap::new(),
        });
        Ok(at)
    }

    /// A linear term of a group.
    pub fn add_term(&mut self, group: u32, variable: u32, coefficient: f64) {
        self.list[group as usize].linear.push((variable, coefficient));
    }

    /// A card of the section CONSTANTS or RANGES: `set` stores one number in a group.
    pub fn numbers(&mut self, card: &Card, parameters: &Parameters, set: impl Fn(&mut Group, f64)) -> Result<(), Fault> {
        for one in entry::entries(card, parameters, true, None)? {
            if one.name == "'DEFAULT'" {
                self.list.iter_mut().for_each(|group| set(group, one.value));
            } else {
                set(self.known(card, one.field, &one.name)?, one.value);
            }
        }
        Ok(())
    }

    /// The type of one group, or of all that have none of their own.
    pub fn set_kind(&mut self, card: &Card, parameters: &Parameters) -> Result<(), Fault> {
        let kind = card.field(3).to_owned();
        if card.field(2) == "'DEFAULT'" {
            self.default_kind = Some(kind);
            return Ok(());
        }
        let name = entry::required(card, parameters, 2, "the name of a group")?;
        self.known(card, 2, &name)?.kind = Some(kind);
        Ok(())
    }
}
