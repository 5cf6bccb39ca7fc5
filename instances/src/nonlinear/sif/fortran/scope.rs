//! The names that expressions may use, and how their numbers are taken.

use super::formula::Kind;

/// How the numbers of expressions are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::nonlinear::sif) enum Literals {
    /// As Fortran takes them: `0.1` has single precision and `0.1D0` double, and what is made of numbers of single precision alone has it too.
    #[default]
    Fortran,
    /// All have double precision.
    Double,
}

/// The names that an expression may use.
#[derive(Debug, Clone, Default)]
pub(in crate::nonlinear::sif) struct Scope {
    names: Vec<(String, Kind)>,
    /// Functions that are not part of Fortran.
    external: Vec<String>,
    /// How its numbers are taken.
    literals: Literals,
}

impl Scope {
    /// No names.
    pub(in crate::nonlinear::sif) fn new(literals: Literals) -> Self {
        Self { literals, ..Self::default() }
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
