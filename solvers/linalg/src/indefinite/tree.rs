//! The assembly tree: which variables are eliminated together, and to whom each front contributes.

use super::ordering::Order;
use super::pattern::{SymmetricPattern, as_u32};

/// No parent.
const NONE: u32 = u32::MAX;

/// Two fronts become one when this leaves at most so many columns, however many zeros it stores: tiny fronts cost more to manage than to eliminate.
const SMALL_FRONT: usize = 8;

/// Above [`SMALL_FRONT`], which part of the entries may be stored zeros, by the number of columns (measured on KKT matrices of optimal control and PDE control).
const ZEROS: [(usize, f64); 3] = [(16, 0.5), (48, 0.2), (usize::MAX, 0.05)];

/// A front of the assembly tree. Indices are places in the final order of elimination.
#[derive(Debug, Clone)]
pub(super) struct Supernode {
    /// The columns that it eliminates, unless pivots are delayed.
    pub columns: std::ops::Range<usize>,
    /// The later rows that those columns have entries in, increasing.
    pub border: Vec<u32>,
    /// How many of the fronts before it in postorder are its children; they stand on top of a stack when its turn comes.
    pub children: usize,
}

/// The fronts in postorder, and the final order of elimination.
#[derive(Debug, Clone)]
pub(super) struct AssemblyTree {
    pub supernodes: Vec<Supernode>,
    /// The variable at each place.
    pub variables: Vec<u32>,
    /// The place of each variable.
    pub places: Vec<u32>,
}

impl AssemblyTree {
    /// The tree for eliminating a matrix of this pattern in this order.
    pub fn new(pattern: &SymmetricPattern, order: &Order) -> Self {
        let n = pattern.dimension();
        let first = Upper::permuted(pattern, &order.variables);
        let parent = first.elimination_tree();
        let counts = first.column_counts(&parent);
        let groups = Groups::gather(&parent, &counts, &order.paired);
        // The final order: the groups in postorder, each with its columns together.
        let variables: Vec<u32> = groups.columns.iter().flatten().map(|&place| order.variables[place as usize]).collect();
        let mut places = vec![0; n];
        for (place, &variable) in variables.iter().enumerate() {
            places[variable as usize] = as_u32(place);
        }
        let mut tree = Self { supernodes: Vec::with_capacity(groups.columns.len()), variables, places };
        tree.find_borders(pattern, &groups);
        tree
    }

    /// Entries of the factor, if no pivot is delayed.
    pub fn factor_entries(&self) -> usize {
        let entries = |s: &Supernode| s.columns.len() * (s.columns.len() + s.border.len());
        self.supernodes.iter().map(entries).sum()
    }

    /// Multiplications of the elimination, each with its addition, if no pivot is delayed.
    pub fn operations(&self) -> f64 {
        let operations = |s: &Supernode| {
            let (width, below) = (s.columns.len() as f64, s.border.len() as f64);
            width * (width * width / 6.0 + width * below / 2.0 + below * below / 2.0)
        };
        self.supernodes.iter().map(operations).sum()
    }

    /// The border of each front: later rows of its columns' own entries and of its children's borders.
    fn find_borders(&mut self, pattern: &SymmetricPattern, groups: &Groups) {
        let upper = Upper::permuted(pattern, &self.variables);
        let lower = upper.transposed();
        let mut seen = vec![NONE; pattern.dimension()];
        let mut open: Vec<usize> = Vec::new();
        let mut begin = 0;
        for (s, columns) in groups.columns.iter().enumerate() {
            let end = begin + columns.len();
            let mark = as_u32(s);
            let mut border = Vec::new();
            let mut add = |row: u32| {
                if row as usize >= end && seen[row as usize] != mark {
                    seen[row as usize] = mark;
                    border.push(row);
                }
            };
            for column in begin..end {
                lower.column(column).iter().copied().for_each(&mut add);
            }
            let children = groups.children[s];
            for child in open.drain(open.len() - children..) {
                let child: &Supernode = &self.supernodes[child];
                child.border.iter().copied().for_each(&mut add);
            }
            border.sort_unstable();
            self.supernodes.push(Supernode { columns: begin..end, border, children });
            open.push(s);
            begin = end;
        }
    }
}

/// A triangle by columns, without the diagonal.
struct Upper {
    starts: Vec<usize>,
    rows: Vec<u32>,
}

impl Upper {
    /// The upper triangle of the matrix whose variables stand in this order.
    fn permuted(pattern: &SymmetricPattern, variables: &[u32]) -> Self {
        let n = pattern.dimension();
        let mut places = vec![0_usize; n];
        for (place, &variable) in variables.iter().enumerate() {
            places[variable as usize] = place;
        }
        let mut entries = Vec::with_capacity(pattern.entries());
        for (j, &place) in places.iter().enumerate() {
            for at in pattern.column(j).skip(1) {
                let other = places[pattern.rows()[at] as usize];
                entries.push((as_u32(place.min(other)), as_u32(place.max(other))));
            }
        }
        Self::of(n, &entries)
    }

    /// From (row, column) pairs.
    fn of(n: usize, entries: &[(u32, u32)]) -> Self {
        let mut starts = vec![0; n + 1];
        for &(_, column) in entries {
            starts[column as usize + 1] += 1;
        }
        for at in 0..n {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; entries.len()];
        for &(row, column) in entries {
            rows[next[column as usize]] = row;
            next[column as usize] += 1;
        }
        Self { starts, rows }
    }

    fn transposed(&self) -> Self {
        let n = self.starts.len() - 1;
        let entries: Vec<(u32, u32)> = (0..n).flat_map(|j| self.column(j).iter().map(move |&i| (as_u32(j), i))).collect();
        Self::of(n, &entries)
    }

    fn column(&self, j: usize) -> &[u32] {
        &self.rows[self.starts[j]..self.starts[j + 1]]
    }

    /// The parent of each column: the first later row of its column of the factor (Liu, "The role of elimination trees", 1990, with path compression).
    fn elimination_tree(&self) -> Vec<u32> {
        let n = self.starts.len() - 1;
        let (mut parent, mut ancestor) = (vec![NONE; n], vec![NONE; n]);
        for j in 0..n {
            for &row in self.column(j) {
                let mut i = row;
                // Ends: each step goes to a later column, and none is later than j.
                while i != NONE && (i as usize) < j {
                    let next = ancestor[i as usize];
                    ancestor[i as usize] = as_u32(j);
                    if next == NONE {
                        parent[i as usize] = as_u32(j);
                    }
                    i = next;
                }
            }
        }
        parent
    }

    /// Entries below the diagonal in each column of the factor: row j's subtree reaches from its entries up to j.
    fn column_counts(&self, parent: &[u32]) -> Vec<u32> {
        let n = parent.len();
        let mut counts = vec![0; n];
        let mut seen = vec![NONE; n];
        for j in 0..n {
            seen[j] = as_u32(j);
            for &row in self.column(j) {
                let mut i = row as usize;
                while seen[i] != as_u32(j) {
                    seen[i] = as_u32(j);
                    counts[i] += 1;
                    i = parent[i] as usize;
                }
            }
        }
        counts
    }
}

/// Columns gathered into fronts, in postorder.
struct Groups {
    /// Columns of each group, in the order of elimination.
    columns: Vec<Vec<u32>>,
    /// How many children each group has.
    children: Vec<usize>,
}

impl Groups {
    /// Joins each column with its parent where both have the same rows, where they are a pair, or where the zeros that this stores are few.
    fn gather(parent: &[u32], counts: &[u32], paired: &[bool]) -> Self {
        let n = parent.len();
        // A group is known by its last column.
        let mut columns: Vec<Vec<u32>> = (0..n).map(|j| vec![as_u32(j)]).collect();
        let mut zeros = vec![0_usize; n];
        let mut joined = vec![false; n];
        // Children come before parents in any elimination order, so a column's own group is complete when its turn comes.
        for j in 0..n {
            if parent[j] == NONE {
                continue;
            }
            let p = parent[j] as usize;
            let (width, border) = (columns[j].len(), counts[j] as usize);
            let (parent_width, parent_border) = (columns[p].len(), counts[p] as usize);
            // Rows of the joint front that the child's columns do not have.
            let new_rows = (parent_width + parent_border).saturating_sub(border);
            let stored = zeros[j] + zeros[p] + width * new_rows;
            let joint = width + parent_width;
            let entries = joint * joint / 2 + joint * parent_border;
            let allowed = ZEROS.iter().find(|&&(most, _)| joint <= most).map_or(0.0, |&(_, part)| part);
            let pair = paired[j] && p == j + 1;
            if pair || new_rows == 0 || joint <= SMALL_FRONT || (stored as f64) < allowed * entries as f64 {
                let mut all = std::mem::take(&mut columns[j]);
                all.append(&mut columns[p]);
                columns[p] = all;
                zeros[p] = stored;
                joined[j] = true;
            }
        }
        Self::in_postorder(parent, columns, &joined)
    }

    fn in_postorder(parent: &[u32], mut columns: Vec<Vec<u32>>, joined: &[bool]) -> Self {
        let n = parent.len();
        // The group of each column, by its last column; parents come later, so going backwards finds them known.
        let mut group: Vec<usize> = (0..n).collect();
        for j in (0..n).rev() {
            if joined[j] {
                group[j] = group[parent[j] as usize];
            }
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); n];
        let mut roots = Vec::new();
        for j in (0..n).filter(|&j| !joined[j]) {
            match parent[j] {
                NONE => roots.push(j),
                p => children[group[p as usize]].push(j),
            }
        }
        let mut ordered = Self { columns: Vec::new(), children: Vec::new() };
        // Depth first with a stack of its own: trees can be as deep as the matrix is large.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        for root in roots {
            stack.push((root, 0));
            while let Some(top) = stack.last_mut() {
                let (node, done) = *top;
                if let Some(&child) = children[node].get(done) {
                    top.1 += 1;
                    stack.push((child, 0));
                } else {
                    stack.pop();
                    ordered.columns.push(std::mem::take(&mut columns[node]));
                    ordered.children.push(children[node].len());
                }
            }
        }
        ordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity_order(n: usize) -> Order {
        Order { variables: (0..n).map(as_u32).collect(), paired: vec![false; n] }
    }

    /// The pattern of the factor by dense elimination.
    fn fill(n: usize, entries: &[(u32, u32)], variables: &[u32]) -> Vec<Vec<bool>> {
        let mut places = vec![0; n];
        for (place, &variable) in variables.iter().enumerate() {
            places[variable as usize] = place;
        }
        let mut filled = vec![vec![false; n]; n];
        for &(i, j) in entries {
            let (i, j) = (places[i as usize], places[j as usize]);
            filled[i.max(j)][i.min(j)] = true;
        }
        for k in 0..n {
            for i in k + 1..n {
                for j in k + 1..i {
                    filled[i][j] |= filled[i][k] && filled[j][k];
                }
            }
        }
        filled
    }

    #[test]
    fn every_entry_of_the_factor_lies_in_a_front() {
        let entries = [(1, 0), (5, 0), (4, 2), (3, 2), (9, 4), (7, 6), (8, 7), (9, 8), (5, 9), (6, 3), (11, 10), (2, 11)];
        let (pattern, _) = SymmetricPattern::from_entries(12, &entries).unwrap();
        let tree = AssemblyTree::new(&pattern, &identity_order(12));
        let filled = fill(12, &entries, &tree.variables);
        let mut column = 0;
        for supernode in &tree.supernodes {
            assert_eq!(supernode.columns.start, column);
            for j in supernode.columns.clone() {
                for (i, row) in filled.iter().enumerate().skip(j + 1) {
                    let inside = supernode.columns.contains(&i) || supernode.border.contains(&as_u32(i));
                    assert!(!row[j] || inside, "row {i} of column {j} is outside its front");
                }
            }
            column = supernode.columns.end;
        }
        assert_eq!(column, 12);
        assert_eq!(tree.places.iter().map(|&place| tree.variables[place as usize]).collect::<Vec<_>>(), (0..12).collect::<Vec<u32>>());
    }

    #[test]
    fn column_counts_are_those_of_dense_elimination() {
        let entries = [(3, 0), (6, 0), (4, 1), (5, 1), (6, 2), (7, 3), (7, 5)];
        let (pattern, _) = SymmetricPattern::from_entries(8, &entries).unwrap();
        let upper = Upper::permuted(&pattern, &identity_order(8).variables);
        let counts = upper.column_counts(&upper.elimination_tree());
        let filled = fill(8, &entries, &identity_order(8).variables);
        for (j, &count) in counts.iter().enumerate() {
            assert_eq!(count as usize, (j + 1..8).filter(|&i| filled[i][j]).count(), "column {j}");
        }
    }
}
