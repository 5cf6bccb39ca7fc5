//! The names that expressions may use, and how their numbers are taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kind::Kind;
use super::literals::Literals;
use super::procedure::Procedure;
use crate::nonlinear::fault::Fault;

/// External functions by their names in capitals, or what keeps one from being read.
pub(in crate::nonlinear::sif) type Externals = BTreeMap<String, Result<Arc<Procedure>, Fault>>;

/// The names that an expression may use.
#[derive(Debug, Clone, Default)]
pub(in crate::nonlinear::sif) struct Scope {
    names: Vec<(String, Kind)>,
    /// Functions that are not part of Fortran.
    external: Vec<String>,
    /// Their code, where the file has it.
    code: Arc<Externals>,
    /// How its numbers are taken.
    literals: Literals,
}

impl Scope {
    /// No names, and the external functions whose code the file has.
    pub(in crate::nonlinear::sif) fn new(literals: Literals, code: Arc<Externals>) -> Self {
        Self { code, literals, ..Self::default() }
    }

    /// Adds a name, or changes its kind; returns its position.
    pub(in crate::nonlinear::sif) fn declare(&mut self, name: &str, kind: Kind) -> usize {
        let name = name.to_ascii_uppercase();
        if let Some(at) = self.position(&name) {
            self.names[at].1 = kind;
            return at;
        }
        self.names.push((name, kind));
        self.names.len() - 1
    }

    /// Adds the name of an external function.
    pub(in crate::nonlinear::sif) fn declare_external(&mut self, name: &str) {
        self.external.push(name.to_ascii_uppercase());
    }

    /// Whether `name`, in capitals, is an external function.
    pub(super) fn is_external(&self, name: &str) -> bool {
        self.external.iter().any(|external| external == name)
    }

    /// The code of the external function `name`, in capitals.
    pub(super) fn code(&self, name: &str) -> Option<&Result<Arc<Procedure>, Fault>> {
        self.code.get(name)
    }

    /// How numbers are taken.
    pub(super) fn literals(&self) -> Literals {
        self.literals
    }

    /// The position of a name.
    pub(in crate::nonlinear::sif) fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The kind of the name at a position.
    pub(in crate::nonlinear::sif) fn kind(&self, position: usize) -> Kind {
        self.names.get(position).map_or(Kind::Real, |(_, kind)| *kind)
    }

    /// The name at a position.
    pub(in crate::nonlinear::sif) fn name(&self, position: usize) -> &str {
        self.names.get(position).map_or("?", |(name, _)| name)
    }

    /// How many names there are.
    pub(in crate::nonlinear::sif) fn len(&self) -> usize {
        self.names.len()
    }
}
