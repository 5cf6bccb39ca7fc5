//! The Hessian of a weighted sum of rows in one reverse pass.
//!
//! The method is edge pushing (R. M. Gower and M. P. Mello, "A new framework for the computation of Hessians", Optimization Methods and Software 27,
//! 2012): beside the adjoint of each result the pass keeps the second derivative of the sum by each pair of results not yet eliminated, an *edge*.
//! Eliminating a result with arguments `a`, `b` and partials `p_a`, `p_b` moves its edges to its arguments:
//!
//! ```text
//! w(p, a) += p_a w(p, i)          for every other end p of an edge (twice where p is a itself)
//! w(a, b) += p_a p_b w(i, i)
//! w(a, b) += adjoint(i) d2i/da db
//! ```
//!
//! Which edges come to be depends on the program alone, so the whole pass is planned when the program is compiled, and runs over fixed places.
//! A group `g(linear part + elements)` gives its outer product `g'' u u^T` and `g'` times the elements' Hessians by itself, and so does every
//! other shape of partial separability; no colouring is needed and no entry is recovered by subtraction.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::pattern::Pattern;
use super::program::Instruction;
use super::tape::{Slopes, Tape};

/// How many edge updates a plan may hold; a Hessian that needs more is called too dense.
const MOST_UPDATES: usize = 1 << 28;

/// Marks an update that counts twice.
const TWICE: u32 = 1 << 31;

/// No edge.
const NONE: u32 = u32::MAX;

/// What is done when one instruction is eliminated.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The instruction.
    at: u32,
    /// The edge of the result with itself, or `NONE`.
    own: u32,
    /// End of its range of `SecondOrder::edges`: its edges to others. (The range starts where the last step's ends; so for the others.)
    edges_end: u32,
    /// End of its range of `SecondOrder::targets`: for `own` each pair of arguments (j, k <= j), then for each edge each argument.
    targets_end: usize,
    /// End of its range of `SecondOrder::curvatures`.
    curvatures_end: u32,
}

/// The plan of the pass.
#[derive(Debug)]
pub(super) struct SecondOrder {
    steps: Vec<Step>,
    edges: Vec<u32>,
    targets: Vec<u32>,
    /// Edge, and position of the second partial in [`Slopes::second`].
    curvatures: Vec<(u32, u32)>,
    /// Number of edges; the first ones are the entries of `pattern`.
    count: usize,
    /// Lower triangle.
    pub pattern: Pattern,
}

/// Edges while the plan is made.
struct Edges {
    known: HashMap<u64, u32, BuildHasherDefault<PairHasher>>,
    /// For each instruction, the other end and the number of each edge to something before it.
    of: Vec<Vec<(u32, u32)>>,
    /// Both ends of each edge, larger first.
    ends: Vec<(u32, u32)>,
    variables: u32,
}

/// Mixes a pair of indices; the standard hasher is several times slower and its protection is not needed for numbers we made.
#[derive(Default)]
struct PairHasher(u64);

impl Hasher for PairHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

impl Edges {
    fn between(&mut self, a: u32, b: u32) -> u32 {
        let (high, low) = (a.max(b), a.min(b));
        let next = u32::try_from(self.ends.len()).unwrap_or(NONE);
        let edge = *self.known.entry(u64::from(high) << 32 | u64::from(low)).or_insert(next);
        if edge == next {
            self.ends.push((high, low));
            if let Some(at) = high.checked_sub(self.variables) {
                self.of[at as usize].push((low, edge));
            }
        }
        edge
    }
}

impl SecondOrder {
    /// The plan for all instructions of `tape`; `None` where it would be too large.
    pub fn plan(tape: &Tape) -> Option<Self> {
        let count = tape.program.instructions.len();
        let variables = u32::try_from(tape.program.variables).ok()?;
        let mut edges = Edges { known: HashMap::default(), of: vec![Vec::new(); count], ends: Vec::new(), variables };
        let mut plan = Self {
            steps: Vec::new(),
            edges: Vec::new(),
            targets: Vec::new(),
            curvatures: Vec::new(),
            count: 0,
            pattern: Pattern::default(),
        };
        for at in (0..count).rev() {
            plan.eliminate(tape, at, &mut edges)?;
        }
        plan.count = edges.ends.len();
        plan.number_entries_first(&edges);
        Some(plan)
    }

    fn eliminate(&mut self, tape: &Tape, at: usize, edges: &mut Edges) -> Option<()> {
        let arguments = tape.arguments(at);
        let here = u32::try_from(at).ok()? + edges.variables;
        let mine = std::mem::take(&mut edges.of[at]);
        let own = mine.iter().find(|(other, _)| *other == here).map_or(NONE, |(_, edge)| *edge);
        let updates = if own == NONE { 0 } else { arguments.len() * (arguments.len() + 1) / 2 } + mine.len() * arguments.len();
        if self.targets.len() + updates > MOST_UPDATES {
            return None;
        }
        if own != NONE {
            for (j, argument) in arguments.iter().enumerate() {
                for other in &arguments[..=j] {
                    self.targets.push(edges.between(argument.operand, other.operand));
                }
            }
        }
        for &(other, edge) in mine.iter().filter(|(other, _)| *other != here) {
            self.edges.push(edge);
            for argument in arguments {
                let target = edges.between(other, argument.operand);
                self.targets.push(if argument.operand == other { target | TWICE } else { target });
            }
        }
        self.add_curvatures(tape, at, edges);
        if edges.ends.len() >= TWICE as usize {
            return None;
        }
        let step = Step {
            at: u32::try_from(at).ok()?,
            own,
            edges_end: u32::try_from(self.edges.len()).ok()?,
            targets_end: self.targets.len(),
            curvatures_end: u32::try_from(self.curvatures.len()).ok()?,
        };
        self.steps.push(step);
        Some(())
    }

    fn add_curvatures(&mut self, tape: &Tape, at: usize, edges: &mut Edges) {
        let curved = tape.program.curved(at);
        let (a, b) = match tape.program.instructions[at] {
            Instruction::Unary(_, a) | Instruction::Square(a) | Instruction::Reciprocal(a) | Instruction::Power(a, _) => (a, a),
            Instruction::Binary(_, a, b) => (a, b),
            _ => return,
        };
        let active = |operand: u32| tape.arguments(at).iter().any(|argument| argument.operand == operand);
        for (which, (x, y)) in [(a, a), (a, b), (b, b)].into_iter().enumerate() {
            if curved[which] && active(x) && active(y) {
                let edge = edges.between(x, y);
                #[allow(clippy::cast_possible_truncation)] // Positions fit 32 bits: graphs are bounded by MAX_NODES.
                self.curvatures.push((edge, (3 * at + which) as u32));
            }
        }
    }

    /// Renumbers the edges so that those between variables come first, in the order of the Hessian's lower triangle.
    fn number_entries_first(&mut self, edges: &Edges) {
        let mut entries: Vec<(u32, u32, u32)> = Vec::new();
        for (edge, &(high, low)) in (0_u32..).zip(&edges.ends) {
            if high < edges.variables {
                entries.push((high, low, edge));
            }
        }
        entries.sort_unstable();
        let mut number = vec![NONE; edges.ends.len()];
        for (position, (.., edge)) in (0_u32..).zip(&entries) {
            number[*edge as usize] = position;
        }
        let mut next = u32::try_from(entries.len()).unwrap_or(NONE);
        for slot in number.iter_mut().filter(|slot| **slot == NONE) {
            *slot = next;
            next = next.saturating_add(1);
        }
        let columns: Vec<u32> = entries.iter().map(|(_, low, _)| *low).collect();
        let mut rows = vec![0_usize; edges.variables as usize + 1];
        for (high, ..) in &entries {
            rows[*high as usize + 1] += 1;
        }
        for row in 1..rows.len() {
            rows[row] += rows[row - 1];
        }
        self.pattern = Pattern::from_rows(rows.windows(2).map(|row| &columns[row[0]..row[1]]));
        let renumber = |edge: &mut u32| *edge = number[(*edge & !TWICE) as usize] | (*edge & TWICE);
        self.edges.iter_mut().for_each(renumber);
        self.targets.iter_mut().for_each(renumber);
        self.curvatures.iter_mut().for_each(|(edge, _)| renumber(edge));
        self.steps.iter_mut().filter(|step| step.own != NONE).for_each(|step| renumber(&mut step.own));
    }

    /// Room for the edges.
    pub fn room(&self) -> Vec<f64> {
        vec![0.0; self.count]
    }

    /// The pass: `adjoints` holds the weights of the rows' terms at the results and 0 elsewhere; afterwards `room` starts with the Hessian's entries.
    ///
    /// What has adjoint 0 or an edge 0 is passed over, so that an undefined derivative of a branch not taken does no harm.
    pub fn run(&self, tape: &Tape, slopes: &Slopes, adjoints: &mut [f64], room: &mut [f64]) {
        room.fill(0.0);
        let variables = tape.program.variables;
        let (mut edge, mut target, mut curvature) = (0, 0, 0);
        for step in &self.steps {
            let at = step.at as usize;
            let arguments = tape.arguments(at);
            if step.own != NONE {
                let weight = room[step.own as usize];
                let pairs = arguments.len() * (arguments.len() + 1) / 2;
                if weight != 0.0 {
                    push_own(
                        &arguments.iter().map(|a| slopes.first[a.partial as usize]),
                        &self.targets[target..target + pairs],
                        weight,
                        room,
                    );
                }
                target += pairs;
            }
            while edge < step.edges_end as usize {
                let weight = room[self.edges[edge] as usize];
                if weight != 0.0 {
                    for (argument, &to) in arguments.iter().zip(&self.targets[target..]) {
                        let moved = weight * slopes.first[argument.partial as usize];
                        room[(to & !TWICE) as usize] += if to & TWICE == 0 { moved } else { 2.0 * moved };
                    }
                }
                target += arguments.len();
                edge += 1;
            }
            let adjoint = std::mem::take(&mut adjoints[variables + at]);
            if adjoint != 0.0 {
                for &(to, second) in &self.curvatures[curvature..step.curvatures_end as usize] {
                    room[to as usize] += adjoint * slopes.second[second as usize];
                }
                for argument in arguments {
                    adjoints[argument.operand as usize] += adjoint * slopes.first[argument.partial as usize];
                }
            }
            curvature = step.curvatures_end as usize;
            debug_assert_eq!(target, step.targets_end);
        }
    }
}

/// The outer product of an instruction's partials, times `weight`, onto the edges between its arguments.
fn push_own(partials: &(impl Iterator<Item = f64> + Clone), targets: &[u32], weight: f64, room: &mut [f64]) {
    let mut targets = targets.iter();
    for (j, p) in partials.clone().enumerate() {
        let scaled = weight * p;
        // `partials` comes first in the pair: the target list is the longer one, and `zip` must not swallow one of it.
        for (q, &to) in partials.clone().take(j + 1).zip(targets.by_ref()) {
            room[to as usize] += scaled * q;
        }
    }
}
