//! AMPL models as instances, and their solutions.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fathom_opt_problems::nonlinear::{Nonlinear, NonlinearSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nl::{self, NlNames, SolFile, read_sol};
use super::sif_file::located;
use crate::error::InstanceError;
use crate::file_format::{FileFormat, Head, Imported, Recognition, WritesFiles};
use crate::input_file::InputFile;
use crate::solution_form::{Given, SolutionForm, StatusWords, WritesSolutions};

/// An AMPL model, text or binary; names come from `.col` and `.row` files beside it.
#[derive(Debug)]
pub struct NlFile;

/// How an AMPL model is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NlOptions {
    /// Which objective is wanted of several, 0-based.
    pub objective: usize,
}

impl FileFormat for NlFile {
    type Problem = Nonlinear;
    type Options = NlOptions;
    const NAME: &'static str = "nl";
    const SUMMARY: &'static str = "an AMPL model, text or binary, with names from .col and .row files beside it";
    const ENDINGS: &'static [&'static str] = &[".nl"];

    fn recognizes(head: &Head<'_>, _: &NlOptions) -> Recognition {
        let begins = matches!(head.bytes, [b'g' | b'b', b'0'..=b'9', ..]);
        if begins { Recognition::Likely } else { Recognition::No }
    }

    fn companions(path: &Path) -> Vec<(&'static str, PathBuf)> {
        vec![("col", path.with_extension("col")), ("row", path.with_extension("row"))]
    }

    fn read(file: &InputFile, options: &NlOptions) -> Result<Imported<Nonlinear>, InstanceError> {
        let text = |role: &str| file.other(role).map(InputFile::text).transpose();
        let names = NlNames { variables: text("col")?, constraints: text("row")? };
        let model = nl::read(file.bytes(), &names, options.objective).map_err(|fault| located(file, &fault))?;
        Ok(model.problem.into())
    }
}

impl WritesFiles for NlFile {
    fn write(problem: &Nonlinear, _: &str, out: &mut dyn Write) -> io::Result<()> {
        nl::write(problem, false, out).map(drop)
    }
}

/// A solution in AMPL's `.sol` form, as any solver writes it: its variables and constraints are in the model's order.
#[derive(Debug)]
pub struct SolSolution;

impl SolutionForm for SolSolution {
    type Problem = Nonlinear;
    const NAME: &'static str = "sol";
    const SUMMARY: &'static str = "AMPL's .sol, with duals and the suffixes ipopt_zL_out and ipopt_zU_out where they are";
    const ENDINGS: &'static [&'static str] = &[".sol"];

    fn read(file: &InputFile, problem: &Nonlinear) -> Result<Given<NonlinearSolution>, InstanceError> {
        let sol = read_sol(file.unmarked()).map_err(|fault| located(file, &fault))?;
        sol.solution(problem).map(Given::Whole).map_err(|fault| located(file, &fault))
    }

    /// AMPL's ranges of `solve_result_num`. None of them is a proof for a nonlinear model.
    fn status(file: &InputFile) -> Option<StatusWords> {
        let sol = read_sol(file.unmarked()).ok()?;
        // A file without this line says nothing.
        if !file.text().is_ok_and(|text| text.lines().any(|line| line.starts_with("objno"))) {
            return None;
        }
        Some(match sol.code {
            0..=99 => ("locally-optimal", None),
            100..=199 => ("feasible", None),
            200..=299 => ("locally-infeasible", None),
            300..=399 => ("diverging", None),
            // Which limit it was stands in the message alone.
            400..=499 if sol.message.to_lowercase().contains("time") => ("limit", Some("time".to_owned())),
            400..=499 => ("limit", Some("iterations".to_owned())),
            code => ("failed", Some(format!("{} (solve_result_num {code})", sol.message.lines().last().unwrap_or_default()))),
        })
    }
}

impl WritesSolutions for SolSolution {
    type Problem = Nonlinear;
    const NAME: &'static str = "sol";
    const WRITTEN: &'static [&'static str] = &[".sol"];

    fn write(problem: &Nonlinear, solution: &NonlinearSolution, _: &str, out: &mut dyn Write) -> io::Result<()> {
        // Code 100: whether the point solves the model is not said here.
        let file = SolFile::of(problem, problem.constraints().len(), &[3.0, 1.0, 1.0, 0.0], "a solution from Fathom", 100, Some(solution));
        out.write_all(file.text().as_bytes())
    }
}
