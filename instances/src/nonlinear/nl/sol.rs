//! AMPL's `.sol` files: solutions of `.nl` models.

use std::fmt::Write as _;

use fathom_opt_problems::Sense;
use fathom_opt_problems::nonlinear::{Multipliers, Nonlinear, NonlinearSolution};

use super::model::{Suffix, SuffixOf};
use crate::nonlinear::fault::Fault;

/// What a `.sol` file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SolFile {
    /// The solver's message, without empty lines.
    pub message: String,
    /// AMPL's options of the model's first header line.
    pub options: Vec<f64>,
    /// Number of constraints of the model.
    pub constraints: usize,
    /// Number of variables of the model.
    pub variables: usize,
    /// AMPL's dual value of each constraint; none where they are not known.
    pub duals: Vec<f64>,
    /// The value of each variable; none where there is no point.
    pub values: Vec<f64>,
    /// AMPL's `solve_result_num`: 0 to 99 solved, 100 solved with doubt, 200 infeasible, 300 unbounded, 400 limit, 500 failure.
    pub code: i64,
    /// Which of the model's objectives it is about, 0-based.
    pub objective: usize,
    /// Suffixes, such as the bound multipliers `ipopt_zL_out` and `ipopt_zU_out`.
    pub suffixes: Vec<Suffix>,
}

/// The suffix of multipliers of lower bounds.
const LOWER: &str = "ipopt_zL_out";
/// The suffix of multipliers of upper bounds.
const UPPER: &str = "ipopt_zU_out";

impl SolFile {
    /// The file for a solution of `problem`, whose file has `constraints` algebraic constraints. AMPL's signs: the dual is the change of the declared objective
    /// with the right-hand side, and the bound multipliers add up to the reduced cost.
    pub fn of(
        problem: &Nonlinear,
        constraints: usize,
        options: &[f64],
        message: &str,
        code: i64,
        solution: Option<&NonlinearSolution>,
    ) -> Self {
        let sign = sign(problem);
        let mut file = Self {
            message: message.to_owned(),
            options: options.to_vec(),
            constraints,
            variables: problem.variables().len(),
            code,
            ..Self::default()
        };
        let Some(solution) = solution else { return file };
        file.values.clone_from(&solution.x);
        let Some(multipliers) = &solution.multipliers else { return file };
        file.duals = multipliers.constraints.iter().take(constraints).map(|multiplier| 0.0 - sign * multiplier).collect();
        let suffix = |name: &str, values: &[f64], sign: f64| Suffix {
            name: name.to_owned(),
            of: SuffixOf::Variables,
            real: true,
            values: values.iter().enumerate().filter(|(_, value)| **value != 0.0).map(|(j, value)| (j, sign * value)).collect(),
        };
        file.suffixes = vec![suffix(LOWER, &multipliers.lower, sign), suffix(UPPER, &multipliers.upper, -sign)];
        file
    }

    /// The solution of `problem` that the file holds, with multipliers where it has duals.
    ///
    /// # Errors
    /// A file without values, or of another model.
    pub fn solution(&self, problem: &Nonlinear) -> Result<NonlinearSolution, Fault> {
        let (n, m) = (problem.variables().len(), problem.constraints().len());
        if self.variables != n || self.constraints > m {
            let found = format!("a solution for {} variables and {} constraints", self.variables, self.constraints);
            return Err(Fault::whole(found, format!("one for {n} and {m}")));
        }
        if self.values.len() != n {
            return Err(Fault::whole(format!("{} values", self.values.len()), format!("{n} (one for each variable)")));
        }
        let sign = sign(problem);
        let mut multipliers = Multipliers { constraints: vec![0.0; m], lower: vec![0.0; n], upper: vec![0.0; n] };
        multipliers.constraints.iter_mut().zip(&self.duals).for_each(|(slot, dual)| *slot = 0.0 - sign * dual);
        let mut bounds = false;
        for suffix in self.suffixes.iter().filter(|suffix| suffix.of == SuffixOf::Variables) {
            let (target, sign) = match suffix.name.as_str() {
                LOWER => (&mut multipliers.lower, sign),
                UPPER => (&mut multipliers.upper, -sign),
                _ => continue,
            };
            bounds = true;
            for &(j, value) in &suffix.values {
                if let Some(slot) = target.get_mut(j) {
                    *slot = sign * value;
                }
            }
        }
        // Where no variable has bounds, the duals are all there is to give.
        let unbounded = problem.variables().iter().all(|variable| variable.lower == f64::NEG_INFINITY && variable.upper == f64::INFINITY);
        let given = bounds || (unbounded && !self.duals.is_empty());
        let complete = self.duals.len() == self.constraints;
        Ok(NonlinearSolution { x: self.values.clone(), multipliers: (given && complete).then_some(multipliers) })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let message: Vec<&str> = self.message.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        // The first line must not be empty.
        text.push_str(&if message.is_empty() { " ".to_owned() } else { message.join("\n") });
        text.push_str("\n\nOptions\n");
        let mut put = |value: &dyn std::fmt::Display| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{value}");
        };
        for option in &self.options {
            put(option);
        }
        put(&self.constraints);
        put(&self.duals.len());
        put(&self.variables);
        put(&self.values.len());
        self.duals.iter().chain(&self.values).for_each(|value| put(&number(*value)));
        put(&format!("objno {} {}", self.objective, self.code));
        for suffix in &self.suffixes {
            let kind = of_number(suffix.of) + if suffix.real { 4 } else { 0 };
            put(&format!("suffix {kind} {} {} 0 0", suffix.values.len(), suffix.name.len() + 1));
            put(&suffix.name);
            suffix.values.iter().for_each(|(index, value)| put(&format!("{index} {}", number(*value))));
        }
        text
    }
}

fn sign(problem: &Nonlinear) -> f64 {
    match problem.objective_sense() {
        Sense::Minimize => 1.0,
        Sense::Maximize => -1.0,
    }
}

fn of_number(of: SuffixOf) -> u8 {
    match of {
        SuffixOf::Variables => 0,
        SuffixOf::Constraints => 1,
        SuffixOf::Objectives => 2,
        SuffixOf::Problem => 3,
    }
}

/// The shortest digits that read back to the same bits.
fn number(value: f64) -> String {
    let (plain, scientific) = (value.to_string(), format!("{value:e}"));
    if plain.len() <= scientific.len() { plain } else { scientific }
}

/// The lines of a file, numbered.
struct Lines<'a> {
    rest: std::str::Lines<'a>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.rest.next().map(str::trim_end)
    }

    fn read<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, Fault> {
        let text = self.next().ok_or_else(|| Fault::at(self.line, 0, "the end of the file", what))?;
        text.trim().parse().map_err(|_| Fault::at(self.line, 0, format!("`{text}`"), what))
    }

    fn finite(&mut self, what: &str) -> Result<f64, Fault> {
        let value: f64 = self.read(what)?;
        if value.is_finite() { Ok(value) } else { Err(Fault::at(self.line, 0, value.to_string(), format!("{what}, finite"))) }
    }
}

/// Reads a text `.sol` file.
///
/// # Errors
/// Text that is none: line, what was found and what was expected.
pub fn read_sol(bytes: &[u8]) -> Result<SolFile, Fault> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Fault::whole("bytes that are no text", "a .sol file in text form (binary ones are not supported)"));
    };
    let mut lines = Lines { rest: text.lines(), line: 0 };
    let mut file = SolFile::default();
    let mut message: Vec<&str> = Vec::new();
    loop {
        match lines.next() {
            None => return Err(Fault::at(lines.line, 0, "the end of the file", "`Options` after the message")),
            Some("Options") => break,
            Some("") => {}
            Some(line) => message.push(line),
        }
    }
    file.message = message.join("\n");
    let count: usize = lines.read("the number of AMPL's options")?;
    if !(3..=9).contains(&count) {
        return Err(Fault::at(lines.line, 0, count.to_string(), "3 to 9 options"));
    }
    file.options.push(count as f64);
    // When the second option is 3 a tolerance follows the others.
    let mut more = count;
    let mut k = 0;
    while k < more {
        let value = lines.finite("an option of AMPL")?;
        if k == 1 && value == 3.0 {
            more += 1;
        }
        file.options.push(value);
        k += 1;
    }
    file.constraints = lines.read("the number of constraints")?;
    let duals: usize = lines.read("the number of duals")?;
    file.variables = lines.read("the number of variables")?;
    let values: usize = lines.read("the number of values")?;
    for (count, whole, what) in [(duals, file.constraints, "duals"), (values, file.variables, "values")] {
        if count != 0 && count != whole {
            return Err(Fault::at(lines.line, 0, format!("{count} {what}"), format!("{whole}, or none")));
        }
    }
    for _ in 0..duals {
        file.duals.push(lines.finite("a dual value")?);
    }
    for _ in 0..values {
        file.values.push(lines.finite("the value of a variable")?);
    }
    while let Some(line) = lines.next() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            ["objno", objective, code] => {
                file.objective =
                    objective.parse().map_err(|_| Fault::at(lines.line, 0, format!("`{objective}`"), "the number of an objective"))?;
                file.code = code.parse().map_err(|_| Fault::at(lines.line, 0, format!("`{code}`"), "a result number"))?;
            }
            ["suffix", ref numbers @ ..] => {
                let suffix = suffix(&mut lines, numbers)?;
                file.suffixes.push(suffix);
            }
            _ => return Err(Fault::at(lines.line, 0, format!("`{line}`"), "`objno` or `suffix`")),
        }
    }
    Ok(file)
}

fn suffix(lines: &mut Lines<'_>, numbers: &[&str]) -> Result<Suffix, Fault> {
    let parsed: Option<Vec<usize>> = numbers.iter().map(|word| word.parse().ok()).collect();
    let Some([kind, count, _, _, table]) = parsed.as_deref() else {
        return Err(Fault::at(
            lines.line,
            0,
            numbers.join(" "),
            "five numbers: kind, entries, lengths of name and table, lines of the table",
        ));
    };
    let name: String = lines.read("the name of a suffix")?;
    let mut values = Vec::new();
    for _ in 0..*count {
        let line = lines.next().ok_or_else(|| Fault::at(lines.line, 0, "the end of the file", "an entry of a suffix"))?;
        let entry = line.split_once(' ').and_then(|(index, value)| Some((index.parse::<usize>().ok()?, value.trim().parse::<f64>().ok()?)));
        values.push(entry.ok_or_else(|| Fault::at(lines.line, 0, format!("`{line}`"), "an index and a number"))?);
    }
    for _ in 0..*table {
        lines.next();
    }
    let of = match kind & 3 {
        0 => SuffixOf::Variables,
        1 => SuffixOf::Constraints,
        2 => SuffixOf::Objectives,
        _ => SuffixOf::Problem,
    };
    Ok(Suffix { name, of, real: kind & 4 != 0, values })
}
