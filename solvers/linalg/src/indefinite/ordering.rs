//! In which order to eliminate: pairs for weak diagonals, then approximate minimum degree.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

use super::error::LdlError;
use super::pattern::{SymmetricPattern, as_u32};

/// A diagonal entry below this part of its row's largest entry makes no good pivot of order one.
const WEAK: f64 = 1e-3;

/// An off-diagonal entry below this part of its row's largest makes no good pair.
const STRONG: f64 = 0.1;

/// An order of elimination.
pub(super) struct Order {
    /// The variable at each place of the order.
    pub variables: Vec<u32>,
    /// Whether the variable at a place makes a pair with that of the next place, so that both belong into one front.
    pub paired: Vec<bool>,
}

/// A fill-reducing order for the (scaled) `values`.
///
/// A variable with a weak diagonal, such as a multiplier of a saddle-point matrix, can only be eliminated together with a neighbour. The two are made one
/// vertex of the graph before the degrees are counted (Duff and Pralet, "Strategies for scaling and pivoting for sparse symmetric indefinite problems",
/// 2005; here with a greedy matching), so that the pivot of order two is at hand when its turn comes.
pub(super) fn order(pattern: &SymmetricPattern, values: &[f64]) -> Result<Order, LdlError> {
    let n = pattern.dimension();
    let neighbours = Neighbours::of(pattern, values);
    let partner = pairs(&neighbours, pattern, values);
    // Vertices of the compressed graph: a pair is numbered where its smaller member stands.
    let mut vertex = vec![u32::MAX; n];
    let mut members: Vec<(u32, u32)> = Vec::with_capacity(n);
    for i in 0..n {
        let j = partner[i] as usize;
        if j == i || i < j {
            vertex[i] = as_u32(members.len());
            vertex[j] = vertex[i];
            members.push((as_u32(i), as_u32(j)));
        }
    }
    let places = minimum_degree(&neighbours, &vertex, &members)?;
    let mut variables = Vec::with_capacity(n);
    let mut paired = Vec::with_capacity(n);
    for place in places {
        let (i, j) = members[place as usize];
        variables.push(i);
        if i != j {
            paired.push(true);
            variables.push(j);
        }
        paired.push(false);
    }
    Ok(Order { variables, paired })
}

/// The graph of the off-diagonal entries, both triangles.
struct Neighbours {
    starts: Vec<usize>,
    /// Neighbour and magnitude.
    edges: Vec<(u32, f64)>,
}

impl Neighbours {
    fn of(pattern: &SymmetricPattern, values: &[f64]) -> Self {
        let n = pattern.dimension();
        let mut starts = vec![0; n + 1];
        let each = |visit: &mut dyn FnMut(usize, usize, f64)| {
            for j in 0..n {
                for at in pattern.column(j).skip(1) {
                    visit(pattern.rows()[at] as usize, j, values[at].abs());
                }
            }
        };
        each(&mut |i, j, _| {
            starts[i + 1] += 1;
            starts[j + 1] += 1;
        });
        for at in 0..n {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut edges = vec![(0, 0.0); starts[n]];
        each(&mut |i, j, magnitude| {
            edges[next[i]] = (as_u32(j), magnitude);
            edges[next[j]] = (as_u32(i), magnitude);
            next[i] += 1;
            next[j] += 1;
        });
        Self { starts, edges }
    }

    fn of_vertex(&self, i: usize) -> &[(u32, f64)] {
        &self.edges[self.starts[i]..self.starts[i + 1]]
    }

    fn degree(&self, i: usize) -> usize {
        self.starts[i + 1] - self.starts[i]
    }
}

/// For each variable its partner, or itself: a greedy matching of the weak diagonals, those with the fewest neighbours first.
fn pairs(neighbours: &Neighbours, pattern: &SymmetricPattern, values: &[f64]) -> Vec<u32> {
    let n = pattern.dimension();
    let largest = pattern.row_maxima(values);
    let weak: Vec<bool> = (0..n).map(|j| values[pattern.column(j).start].abs() < WEAK * largest[j]).collect();
    let mut partner: Vec<u32> = (0..n).map(as_u32).collect();
    let mut turn: Vec<usize> = (0..n).filter(|&j| weak[j]).collect();
    turn.sort_by_key(|&j| (neighbours.degree(j), j));
    for j in turn {
        if partner[j] as usize != j {
            continue;
        }
        let free = neighbours
            .of_vertex(j)
            .iter()
            .filter(|&&(i, magnitude)| partner[i as usize] == i && magnitude >= STRONG * largest[j] && magnitude > 0.0);
        // A partner that could stand alone leaves the other weak ones theirs; then the sparser one, which fills less.
        let best = free.map(|&(i, _)| i as usize).min_by_key(|&i| (weak[i], neighbours.degree(i), i));
        if let Some(i) = best {
            partner[j] = as_u32(i);
            partner[i] = as_u32(j);
        }
    }
    partner
}

/// The order of the compressed graph's vertices by approximate minimum degree.
fn minimum_degree(neighbours: &Neighbours, vertex: &[u32], members: &[(u32, u32)]) -> Result<Vec<u32>, LdlError> {
    let count = members.len();
    let mut starts: Vec<u32> = vec![0];
    let mut rows: Vec<u32> = Vec::new();
    let mut seen = vec![u32::MAX; count];
    for (v, &(i, j)) in members.iter().enumerate() {
        let own = as_u32(v);
        seen[v] = own;
        let begin = rows.len();
        let both = if i == j { &[i][..] } else { &[i, j][..] };
        for &member in both {
            for &(other, _) in neighbours.of_vertex(member as usize) {
                let w = vertex[other as usize];
                // The upper triangle is enough for faer.
                if seen[w as usize] != own {
                    seen[w as usize] = own;
                    if w < own {
                        rows.push(w);
                    }
                }
            }
        }
        rows[begin..].sort_unstable();
        starts.push(u32::try_from(rows.len()).map_err(|_| LdlError::Memory)?);
    }
    let pattern = SymbolicSparseColMatRef::new_checked(count, count, &starts, None, &rows);
    let mut memory = MemBuffer::try_new(amd::order_scratch::<u32>(count, rows.len())).map_err(|_| LdlError::Memory)?;
    let (mut order, mut inverse) = (vec![0_u32; count], vec![0_u32; count]);
    amd::order(&mut order, &mut inverse, pattern, amd::Control::default(), MemStack::new(&mut memory)).map_err(|_| LdlError::Memory)?;
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipliers_are_paired_with_variables_and_every_variable_has_its_place() {
        // Two variables with curvature, one constraint on both, and a variable without neighbours.
        let (pattern, positions) = SymmetricPattern::from_entries(4, &[(0, 0), (1, 1), (2, 0), (2, 1), (3, 3)]).unwrap();
        let mut values = vec![0.0; pattern.entries()];
        for (&position, value) in positions.iter().zip([1.0, 1.0, 1.0, 1.0, 1.0]) {
            values[position] = value;
        }
        let order = order(&pattern, &values).unwrap();
        let mut sorted = order.variables.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3]);
        let place = order.paired.iter().position(|&paired| paired).unwrap();
        assert!(order.variables[place..=place + 1].contains(&2));
        assert_eq!(order.paired.iter().filter(|&&paired| paired).count(), 1);
    }
}
