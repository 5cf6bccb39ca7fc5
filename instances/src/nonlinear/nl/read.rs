//! The segments of an `.nl` file.

use fathom_opt_problems::Sense;
use fathom_opt_problems::expression::{Function, Graph, NodeId};
use fathom_opt_problems::nonlinear::{Constraint, Nonlinear, Parts, Variable};

use super::expression::{self, References};
use super::header::{self, Header};
use super::model::{NlModel, Suffix, SuffixOf};
use super::source::Source;
use crate::nonlinear::fault::Fault;

/// Names that stand in the files beside a model: `.col` for variables, `.row` for constraints and objectives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NlNames<'a> {
    /// The text of the `.col` file.
    pub variables: Option<&'a str>,
    /// The text of the `.row` file.
    pub constraints: Option<&'a str>,
}

/// Everything read so far.
struct Reader<'a> {
    source: Source<'a>,
    header: Header,
    graph: Graph,
    references: References,
    variables: Vec<Variable>,
    /// Algebraic constraints, then logical ones.
    constraints: Vec<Constraint>,
    objectives: Vec<(Sense, Function)>,
    suffixes: Vec<Suffix>,
    duals: Vec<(usize, f64)>,
}

/// The model in the bytes of an `.nl` file, text or binary; `objective` (0-based) is the one wanted of several.
///
/// # Errors
/// Bytes that are no model, with line and column (in binary files the byte); integer variables, complementarity conditions, imported functions, network
/// constraints and some operators, by name.
pub fn read(bytes: &[u8], names: &NlNames<'_>, objective: usize) -> Result<NlModel, Fault> {
    let mut source = Source::new(bytes);
    let header = header::read(&mut source)?;
    if header.functions > 0 {
        return Err(Fault::at(6, 0, format!("{} imported functions", header.functions), "none (imported functions are not supported)"));
    }
    let left = source.left();
    // A variable or a row takes at least two bytes of its bounds or sides, so that a damaged header costs no memory.
    for (count, what) in [(header.variables, "variables"), (header.constraints, "constraints"), (header.defined, "defined variables")] {
        if count > left {
            return Err(Fault::whole(format!("{count} {what} in {left} bytes"), "a header that fits the file"));
        }
    }
    let mut reader = Reader::new(source, header);
    while let Some(letter) = reader.source.letter() {
        reader.segment(letter)?;
    }
    reader.finish(names, objective)
}

impl<'a> Reader<'a> {
    fn new(source: Source<'a>, header: Header) -> Self {
        let mut graph = Graph::new();
        let variables: Vec<NodeId> = (0_u32..).take(header.variables).map(|index| graph.variable(index)).collect();
        let free = || Variable { name: String::new(), lower: f64::NEG_INFINITY, upper: f64::INFINITY, start: 0.0 };
        let row = |lower, upper| Constraint { name: String::new(), function: Function::default(), lower, upper, multiplier: None };
        let mut constraints: Vec<Constraint> = (0..header.constraints).map(|_| row(f64::NEG_INFINITY, f64::INFINITY)).collect();
        constraints.extend((0..header.logical.min(source.left())).map(|_| row(1.0, 1.0)));
        Self {
            graph,
            references: References { variables, defined: vec![None; header.defined] },
            variables: (0..header.variables).map(|_| free()).collect(),
            constraints,
            objectives: (0..header.objectives.min(source.left())).map(|_| (Sense::Minimize, Function::default())).collect(),
            suffixes: Vec::new(),
            duals: Vec::new(),
            source,
            header,
        }
    }

    fn segment(&mut self, letter: u8) -> Result<(), Fault> {
        let (n, m) = (self.header.variables, self.header.constraints);
        match letter {
            b'C' => {
                let row = self.source.index("a constraint", m)?;
                self.constraints[row].function.nonlinear = Some(self.expression()?);
            }
            b'L' => {
                let row = self.source.index("a logical constraint", self.constraints.len() - m)?;
                self.constraints[m + row].function.nonlinear = Some(self.expression()?);
            }
            b'O' => {
                let row = self.source.index("an objective", self.objectives.len())?;
                let sense = if self.source.index("a sense", 2)? == 1 { Sense::Maximize } else { Sense::Minimize };
                let root = self.expression()?;
                self.objectives[row].0 = sense;
                self.objectives[row].1.nonlinear = Some(root);
            }
            b'V' => self.defined()?,
            b'J' => {
                let row = self.source.index("a constraint", m)?;
                self.constraints[row].function.linear = self.linear(n)?;
            }
            b'G' => {
                let row = self.source.index("an objective", self.objectives.len())?;
                self.objectives[row].1.linear = self.linear(n)?;
            }
            b'k' | b'K' => {
                let count = self.source.index("a number of column counts", n + 1)?;
                for _ in 0..count {
                    self.source.integer("a column count")?;
                }
            }
            b'r' => {
                for row in 0..m {
                    (self.constraints[row].lower, self.constraints[row].upper) = self.sides("side of a constraint")?;
                }
            }
            b'b' => {
                for column in 0..n {
                    (self.variables[column].lower, self.variables[column].upper) = self.sides("bound of a variable")?;
                }
            }
            b'x' => {
                for (column, value) in self.pairs("a variable", n)? {
                    self.variables[column].start = value;
                }
            }
            b'd' => self.duals = self.pairs("a constraint", m)?,
            b'S' => self.suffix()?,
            b'F' => return Err(self.source.fault("a segment F (imported function)", "no imported functions")),
            other => return Err(self.source.unexpected(Some(other), "a segment: C, L, O, V, J, G, k, K, r, b, x, d or S")),
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<NodeId, Fault> {
        expression::read(&mut self.source, &mut self.graph, &self.references)
    }

    fn defined(&mut self) -> Result<(), Fault> {
        let n = self.header.variables;
        let index = self.source.index("a defined variable", n + self.references.defined.len())?;
        let Some(at) = index.checked_sub(n) else {
            return Err(self.source.fault(format!("the variable {index}"), format!("a defined variable, from {n} on")));
        };
        let count = self.source.index("a number of linear terms", n + 1)?;
        self.source.integer("the use of a defined variable")?;
        let mut terms = Vec::with_capacity(count + 1);
        for _ in 0..count {
            let variable = self.source.index("a variable", n)?;
            let coefficient = self.source.real("a coefficient")?;
            terms.push(self.graph.scaled(coefficient, self.references.variables[variable]));
        }
        let root = self.expression()?;
        let node = if terms.is_empty() {
            root
        } else {
            terms.push(root);
            self.graph.sum(&terms)
        };
        self.references.defined[at] = Some(node);
        Ok(())
    }

    fn linear(&mut self, n: usize) -> Result<Vec<(u32, f64)>, Fault> {
        let pairs = self.pairs("a variable", n)?;
        #[allow(clippy::cast_possible_truncation)] // Counts are at most 2^28.
        Ok(pairs.into_iter().filter(|(_, coefficient)| *coefficient != 0.0).map(|(variable, c)| (variable as u32, c)).collect())
    }

    /// A count, then so many indices with numbers.
    fn pairs(&mut self, what: &str, limit: usize) -> Result<Vec<(usize, f64)>, Fault> {
        let count = self.source.index("a number of entries", self.source.left() + 1)?;
        let mut pairs = Vec::with_capacity(count.min(limit));
        for _ in 0..count {
            let index = self.source.index(what, limit)?;
            let value = self.source.real("a number")?;
            if !value.is_finite() {
                return Err(self.source.fault(value.to_string(), "a finite number"));
            }
            pairs.push((index, value));
        }
        Ok(pairs)
    }

    fn sides(&mut self, what: &str) -> Result<(f64, f64), Fault> {
        let letter = self.source.letter();
        let number = |reader: &mut Self| reader.source.real(what);
        let (lower, upper) = match letter {
            Some(b'0') => (number(self)?, number(self)?),
            Some(b'1') => (f64::NEG_INFINITY, number(self)?),
            Some(b'2') => (number(self)?, f64::INFINITY),
            Some(b'3') => (f64::NEG_INFINITY, f64::INFINITY),
            Some(b'4') => {
                let value = number(self)?;
                (value, value)
            }
            Some(b'5') => return Err(self.source.fault("a complementarity condition", "codes 0 to 4 (complementarity is not supported)")),
            other => return Err(self.source.unexpected(other, &format!("the code of a {what}: 0 to 4"))),
        };
        // AMPL's own infinity is 1.7e308; solvers read 1e20 so.
        let lower = if lower <= -INFINITE { f64::NEG_INFINITY } else { lower };
        let upper = if upper >= INFINITE { f64::INFINITY } else { upper };
        if lower == f64::INFINITY
            || upper == f64::NEG_INFINITY
            || (lower.is_finite() && lower >= INFINITE)
            || (upper.is_finite() && upper <= -INFINITE)
        {
            return Err(self.source.fault(format!("[{lower}, {upper}]"), "sides that leave room for a number"));
        }
        Ok((lower, upper))
    }

    fn suffix(&mut self) -> Result<(), Fault> {
        let kind = self.source.index("a kind of suffix", 8)?;
        let count = self.source.index("a number of entries", self.source.left() + 1)?;
        let name = self.source.string("the name of a suffix")?;
        let real = kind & 4 != 0;
        let (of, limit) = match kind & 3 {
            0 => (SuffixOf::Variables, self.header.variables),
            1 => (SuffixOf::Constraints, self.constraints.len()),
            2 => (SuffixOf::Objectives, self.objectives.len()),
            _ => (SuffixOf::Problem, 1),
        };
        let mut values = Vec::with_capacity(count.min(limit));
        for _ in 0..count {
            let index = self.source.index("an index of a suffix", limit)?;
            #[allow(clippy::cast_precision_loss)] // Integer suffixes have 32 bits.
            let value =
                if real { self.source.real("the value of a suffix")? } else { self.source.integer("the value of a suffix")? as f64 };
            values.push((index, value));
        }
        self.suffixes.push(Suffix { name, of, real, values });
        Ok(())
    }

    fn finish(mut self, names: &NlNames<'_>, objective: usize) -> Result<NlModel, Fault> {
        let objectives = self.objectives.len();
        if objective > 0 && objective >= objectives {
            return Err(Fault::whole(format!("objective {objective}"), format!("an objective below {objectives} (0-based)")));
        }
        // Without an objective any feasible point is a solution.
        let (sense, function) =
            if objectives == 0 { (Sense::Minimize, Function::default()) } else { self.objectives.swap_remove(objective) };
        let sign = if sense == Sense::Minimize { 1.0 } else { -1.0 };
        for (row, dual) in std::mem::take(&mut self.duals) {
            self.constraints[row].multiplier = Some(-sign * dual);
        }
        let algebraic = self.header.constraints;
        give(names.variables, ".col", &mut self.variables, |variable, name| name.clone_into(&mut variable.name))?;
        give(names.constraints, ".row", &mut self.constraints, |constraint, name| name.clone_into(&mut constraint.name))?;
        let parts = Parts {
            variables: self.variables,
            graph: self.graph,
            sense,
            objective: function,
            constraints: self.constraints,
            notes: Vec::new(),
        };
        let problem = Nonlinear::new(parts).map_err(|fault| Fault::whole(format!("{} at {}", fault.found, fault.place), fault.expected))?;
        Ok(NlModel { problem, options: self.header.options, algebraic, objectives, suffixes: self.suffixes })
    }
}

/// Bounds from here on are none.
const INFINITE: f64 = 1e20;

/// Gives names from a file, one in a line. A `.row` file goes on with the names of objectives.
fn give<T>(text: Option<&str>, file: &str, items: &mut [T], set: impl Fn(&mut T, &str)) -> Result<(), Fault> {
    let Some(text) = text else { return Ok(()) };
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if lines.len() < items.len() {
        return Err(Fault::whole(format!("{} names in the {file} file", lines.len()), format!("{} (one in a line)", items.len())));
    }
    items.iter_mut().zip(lines).for_each(|(item, name)| set(item, name));
    Ok(())
}
