//! The numeric factor: fronts assembled and eliminated along the assembly tree.

use super::error::LdlError;
use super::front::Front;
use super::inertia::Inertia;
use super::pattern::{SymmetricPattern, as_u32};
use super::tree::{AssemblyTree, Supernode};

/// What a front left behind: `pivots` columns of `L`, and the rows they reach.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub pivots: usize,
    /// Places of the rows, pivots first: positions in [`Factor::index`].
    pub rows: std::ops::Range<usize>,
    /// Columns of `L`, `rows.len()` entries each: position in [`Factor::entries`].
    pub entries: usize,
    /// Position of its pivots in [`Factor::diagonal`].
    pub diagonal: usize,
    /// The first node of its subtree; all up to it belong to it.
    pub first: usize,
}

/// `P S A S P' = L D L'` with `D` of blocks of order one and two.
#[derive(Debug, Clone, Default)]
pub(super) struct Factor {
    pub nodes: Vec<Node>,
    pub index: Vec<u32>,
    pub entries: Vec<f64>,
    pub diagonal: Vec<f64>,
    pub coupling: Vec<f64>,
    /// What was added up in each pivot's diagonal entry, as magnitudes.
    pub magnitude: Vec<f64>,
    pub inertia: Inertia,
    /// Pivots that a front could not eliminate and left to its parent, each counted once per front.
    pub delayed: usize,
}

/// The entries of the matrix in the order of elimination: for each place, the later places it meets and where their values stand.
#[derive(Debug, Clone)]
pub(super) struct Entries {
    starts: Vec<usize>,
    /// (later or same place, position of the value, the two variables' product of scales is applied by the caller).
    items: Vec<(u32, u32)>,
}

impl Entries {
    pub fn new(pattern: &SymmetricPattern, places: &[u32]) -> Result<Self, LdlError> {
        let n = pattern.dimension();
        let mut starts = vec![0; n + 1];
        let each = |visit: &mut dyn FnMut(usize, usize, usize)| {
            for j in 0..n {
                for at in pattern.column(j) {
                    let (p, q) = (places[j] as usize, places[pattern.rows()[at] as usize] as usize);
                    visit(p.min(q), p.max(q), at);
                }
            }
        };
        each(&mut |first, _, _| starts[first + 1] += 1);
        for at in 0..n {
            starts[at + 1] += starts[at];
        }
        if u32::try_from(starts[n]).is_err() {
            return Err(LdlError::Size);
        }
        let mut next = starts.clone();
        let mut items = vec![(0, 0); starts[n]];
        each(&mut |first, second, at| {
            items[next[first]] = (as_u32(second), as_u32(at));
            next[first] += 1;
        });
        Ok(Self { starts, items })
    }

    fn of_place(&self, place: usize) -> &[(u32, u32)] {
        &self.items[self.starts[place]..self.starts[place + 1]]
    }
}

/// The state of one numeric factorization.
pub(super) struct Elimination<'a> {
    pub tree: &'a AssemblyTree,
    pub entries: &'a Entries,
    pub values: &'a [f64],
    /// Scale of each place.
    pub scales: &'a [f64],
    pub threshold: f64,
    /// Numbers that factor and open fronts may hold together.
    pub max_entries: usize,
}

/// What goes on while fronts are eliminated.
struct Workspace {
    /// Fronts whose parents' turn has not come; children stand on top.
    open: Vec<Front>,
    /// Buffers of fronts that were absorbed.
    spare: Vec<Vec<f64>>,
    /// The row of the present front that each place stands in.
    position: Vec<u32>,
    /// What was added up in each place's diagonal entry by eliminated fronts.
    magnitude: Vec<f64>,
    /// Numbers held by the open fronts.
    held: usize,
}

impl Elimination<'_> {
    /// Factors the matrix; asks `stop` at every front.
    pub fn run(&self, factor: &mut Factor, stop: &dyn Fn() -> bool) -> Result<(), LdlError> {
        factor.nodes.clear();
        factor.index.clear();
        factor.entries.clear();
        factor.diagonal.clear();
        factor.coupling.clear();
        factor.magnitude.clear();
        (factor.inertia, factor.delayed) = (Inertia::default(), 0);
        let expected = self.tree.factor_entries();
        if expected > self.max_entries || factor.entries.try_reserve(expected).is_err() {
            return Err(LdlError::Memory);
        }
        let n = self.scales.len();
        let mut work = Workspace { open: Vec::new(), spare: Vec::new(), position: vec![0; n], magnitude: vec![0.0; n], held: 0 };
        for supernode in &self.tree.supernodes {
            if stop() {
                return Err(LdlError::Interrupted);
            }
            let mut front = self.assemble(supernode, factor, &mut work)?;
            front.eliminate(self.threshold);
            if front.size() == front.summed {
                front.finish();
            }
            front.update_rest();
            if !front.is_finite() {
                return Err(LdlError::Overflow);
            }
            self.keep(factor, &front, supernode.children)?;
            work.leave(front);
        }
        factor.settle();
        Ok(())
    }

    /// The front of `supernode`: the matrix's own entries and what its children left.
    fn assemble(&self, supernode: &Supernode, factor: &Factor, work: &mut Workspace) -> Result<Front, LdlError> {
        let children = work.open.split_off(work.open.len() - supernode.children);
        let mut index: Vec<u32> = supernode.columns.clone().map(as_u32).collect();
        for child in &children {
            index.extend_from_slice(&child.index[child.pivots()..child.summed]);
        }
        let summed = index.len();
        index.extend_from_slice(&supernode.border);
        for (row, &place) in index.iter().enumerate() {
            work.position[place as usize] = as_u32(row);
        }
        let numbers = index.len().saturating_mul(summed).saturating_add((index.len() - summed).saturating_mul(index.len() - summed));
        let total = factor.entries.len().saturating_add(work.held).saturating_add(numbers);
        if total > self.max_entries {
            return Err(LdlError::Memory);
        }
        let (columns, rest) = (work.spare.pop().unwrap_or_default(), work.spare.pop().unwrap_or_default());
        let mut front = Front::new(index, summed, columns, rest);
        for row in 0..summed {
            front.magnitude[row] = work.magnitude[front.index[row] as usize];
        }
        for place in supernode.columns.clone() {
            let column = work.position[place] as usize;
            for &(other, at) in self.entries.of_place(place) {
                let value = self.values[at as usize] * self.scales[place] * self.scales[other as usize];
                if other as usize == place {
                    front.magnitude[column] += value.abs();
                }
                front.add(work.position[other as usize] as usize, column, value);
            }
        }
        for child in children {
            work.held -= child.columns.len() + child.rest.len();
            absorb(&mut front, &child, &work.position);
            work.spare.push(child.rest);
            work.spare.push(child.columns);
        }
        Ok(front)
    }

    /// Keeps the eliminated columns of `front`, which has so many children.
    fn keep(&self, factor: &mut Factor, front: &Front, children: usize) -> Result<(), LdlError> {
        let (size, pivots) = (front.size(), front.pivots());
        if factor.entries.len() + size * pivots > self.max_entries || factor.entries.try_reserve(size * pivots).is_err() {
            return Err(LdlError::Memory);
        }
        let rows = factor.index.len()..factor.index.len() + size;
        let mut first = factor.nodes.len();
        for _ in 0..children {
            // The child before ends where the one after begins.
            first = factor.nodes[first - 1].first;
        }
        factor.nodes.push(Node { pivots, rows, entries: factor.entries.len(), diagonal: factor.diagonal.len(), first });
        factor.index.extend_from_slice(&front.index);
        factor.entries.extend_from_slice(&front.columns[..size * pivots]);
        factor.diagonal.extend_from_slice(&front.diagonal);
        factor.coupling.extend_from_slice(&front.coupling);
        factor.magnitude.extend_from_slice(&front.magnitude[..pivots]);
        factor.delayed += front.summed - pivots;
        Ok(())
    }
}

impl Workspace {
    /// Keeps `front` for its parent.
    fn leave(&mut self, front: Front) {
        let pivots = front.pivots();
        for (row, (&place, &magnitude)) in front.index.iter().zip(&front.magnitude).enumerate().skip(pivots) {
            let known = &mut self.magnitude[place as usize];
            *known = if row < front.summed { magnitude } else { *known + magnitude };
        }
        self.held += front.columns.len() + front.rest.len();
        self.open.push(front);
    }
}

/// Adds to `front` what `child` left: its delayed columns and the rest of its rows.
fn absorb(front: &mut Front, child: &Front, position: &[u32]) {
    let (size, summed, pivots) = (child.size(), child.summed, child.pivots());
    let rows: Vec<usize> = child.index.iter().map(|&place| position[place as usize] as usize).collect();
    for column in pivots..summed {
        let entries = &child.columns[column * size..(column + 1) * size];
        for row in column..size {
            front.add(rows[row], rows[column], entries[row]);
        }
    }
    let border = size - summed;
    let rows = &rows[summed..];
    let (own_size, own_summed) = (front.size(), front.summed);
    let own_border = own_size - own_summed;
    for (j, &column) in rows.iter().enumerate() {
        let entries = &child.rest[j * border..(j + 1) * border];
        if column >= own_summed {
            // Borders are increasing in both fronts, so all later rows lie below in the same triangle.
            let own = &mut front.rest[(column - own_summed) * own_border..(column - own_summed + 1) * own_border];
            for (&row, &value) in rows[j..].iter().zip(&entries[j..]) {
                own[row - own_summed] += value;
            }
        } else {
            for (&row, &value) in rows[j..].iter().zip(&entries[j..]) {
                front.add(row, column, value);
            }
        }
    }
}
