//! The order in which a triangular sweep can go through its rows without waiting.

/// Rows sorted by level: a row's level is one more than the highest level among the earlier rows that it is coupled with, so the rows of one level do not
/// depend on each other.
///
/// Renumbering the unknowns in this order leaves every pair of coupled unknowns in its old order. SOR, SSOR and incomplete factors without fill are therefore the same
/// methods as in the given order (Duff and Meurant 1989 call such orderings equivalent); only the waiting goes away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Levels {
    /// New position to old row.
    pub(crate) order: Vec<u32>,
    /// Whether the matrix is consistently ordered (Young 1971): unknowns fall into layers such that coupled ones are in neighbouring layers, in row order.
    pub(crate) consistently_ordered: bool,
}

impl Levels {
    /// From compressed rows of a symmetric pattern. Rows of a level are sorted by their numbers of earlier and later neighbours, so that rows
    /// of one length stand together.
    pub(crate) fn of(starts: &[u32], columns: &[u32]) -> Self {
        let n = starts.len() - 1;
        let row = |i: usize| &columns[starts[i] as usize..starts[i + 1] as usize];
        let mut level = vec![0_u32; n];
        for i in 0..n {
            level[i] = row(i).iter().take_while(|&&j| (j as usize) < i).map(|&j| level[j as usize] + 1).max().unwrap_or(0);
        }
        let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..number(n)).collect();
        let shape = |i: u32| {
            let entries = row(i as usize);
            let earlier = entries.partition_point(|&j| j < i);
            (level[i as usize], earlier, entries.len() - earlier)
        };
        order.sort_by_cached_key(|&i| shape(i));
        Self { order, consistently_ordered: is_consistently_ordered(starts, columns) }
    }
}

/// Whether layers exist with every earlier neighbour one layer below and every later one one layer above.
fn is_consistently_ordered(starts: &[u32], columns: &[u32]) -> bool {
    let n = starts.len() - 1;
    let mut layer: Vec<Option<i64>> = vec![None; n];
    let mut stack = Vec::new();
    for root in 0..n {
        if layer[root].is_some() {
            continue;
        }
        layer[root] = Some(0);
        stack.push((root, 0_i64));
        while let Some((i, own)) = stack.pop() {
            for &j in &columns[starts[i] as usize..starts[i + 1] as usize] {
                let j = j as usize;
                if j == i {
                    continue;
                }
                let expected = if j < i { own - 1 } else { own + 1 };
                match layer[j] {
                    None => {
                        layer[j] = Some(expected);
                        stack.push((j, expected));
                    }
                    Some(found) if found != expected => return false,
                    Some(_) => {}
                }
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compressed rows of a symmetric pattern with a full diagonal.
    fn pattern(n: u32, edges: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
        let (mut starts, mut columns) = (vec![0], Vec::new());
        for i in 0..n {
            columns.extend((0..n).filter(|&j| i == j || edges.contains(&(i, j)) || edges.contains(&(j, i))));
            starts.push(u32::try_from(columns.len()).unwrap());
        }
        (starts, columns)
    }

    #[test]
    fn a_grid_has_its_antidiagonals_as_levels() {
        // 0 1 2
        // 3 4 5
        let (starts, columns) = pattern(6, &[(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]);
        let levels = Levels::of(&starts, &columns);
        assert!(levels.consistently_ordered);
        assert_eq!(levels.order[0], 0);
        let mut middle = levels.order[1..3].to_vec();
        middle.sort_unstable();
        assert_eq!(middle, [1, 3]);
        assert_eq!(levels.order[5], 5);
    }

    #[test]
    fn a_triangle_is_not_consistently_ordered() {
        let (starts, columns) = pattern(3, &[(0, 1), (1, 2), (0, 2)]);
        assert!(!Levels::of(&starts, &columns).consistently_ordered);
    }

    #[test]
    fn a_ring_numbered_around_is_not_consistently_ordered_though_it_has_two_colours() {
        let (starts, columns) = pattern(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        assert!(!Levels::of(&starts, &columns).consistently_ordered);
        let (starts, columns) = pattern(4, &[(0, 2), (0, 3), (1, 2), (1, 3)]);
        assert!(Levels::of(&starts, &columns).consistently_ordered);
    }
}
