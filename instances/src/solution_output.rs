//! The file that a solution is written to; its name says the form.

use std::path::Path;

use crate::class::Class;
use crate::document_format::ENDING;
use crate::error::InstanceError;
use crate::input_file::lower_name;
use crate::solution_form::AnySolutionWriter;

/// As what a solution is written.
#[derive(Debug, Clone)]
pub enum SolutionOutput {
    /// As a solution document.
    Document,
    /// In a form of the class, for other tools; the name is what the form's ending is told by.
    Form(AnySolutionWriter, String),
}

impl SolutionOutput {
    /// What the name of `file` says for solutions of `class`.
    ///
    /// # Errors
    /// When the class has no form of this ending.
    pub fn of(file: &Path, class: &Class) -> Result<Self, InstanceError> {
        let name = lower_name(file);
        if name.ends_with(ENDING) {
            return Ok(Self::Document);
        }
        let writers = class.solution_writers();
        let longest =
            |writer: &AnySolutionWriter| writer.endings.iter().filter(|ending| name.ends_with(**ending)).map(|ending| ending.len()).max();
        let best = writers.iter().filter_map(|writer| Some((longest(writer)?, writer))).max_by_key(|(length, _)| *length);
        if let Some((_, writer)) = best {
            return Ok(Self::Form(*writer, name));
        }
        let endings: Vec<&str> = std::iter::once(ENDING).chain(writers.iter().flat_map(|writer| writer.endings).copied()).collect();
        let expected = format!("expected {} (also with .gz or .zst)", endings.join(", "));
        Err(InstanceError::about(file, format!("cannot write a solution of a {} instance as this kind of file, {expected}", class.kind)))
    }
}
