//! Depth-first branch and bound in order of density (Horowitz and Sahni 1974): quick where few items are in doubt.

use fathom_opt_core::{Counters, Run, Stop};

use super::incumbent::Incumbent;
use super::number::Number;
use super::program::Program;

/// How many nodes pass between two looks at the clock.
const STRIDE: u64 = 4096;

/// Searches up to `most` nodes (decisions about one item each). A finished search sets `search.upper` to the optimum.
pub(super) fn branch_and_bound<N: Number>(
    program: &Program<N>,
    search: &mut Incumbent<N>,
    most: u64,
    run: &Run,
    counters: &mut Counters,
) -> Option<Stop> {
    let items = &program.items;
    let (mut value, mut room) = (N::default(), program.capacity);
    let mut taken: Vec<usize> = Vec::new();
    let mut next = 0;
    let (mut nodes, mut look) = (0_u64, STRIDE);
    loop {
        // Forward: take whatever fits, as long as the bound allows an improvement.
        while next < items.len() && program.linear_bound(next, value, room) > search.best {
            if items[next].weight <= room {
                value += items[next].value;
                room -= items[next].weight;
                taken.push(next);
            }
            next += 1;
            nodes += 1;
        }
        if next == items.len() && value > search.best {
            search.best = value;
            search.chosen.clone_from(&taken);
            if search.best >= search.upper {
                break;
            }
        }
        // Backward: leave out the last item taken.
        let Some(last) = taken.pop() else {
            search.upper = search.best;
            break;
        };
        value -= items[last].value;
        room += items[last].weight;
        next = last + 1;
        if nodes >= most {
            break;
        }
        if nodes >= look {
            look = nodes + STRIDE;
            if let Some(stop) = run.should_stop(counters) {
                counters.add("nodes", nodes);
                return Some(stop);
            }
        }
    }
    counters.add("nodes", nodes);
    None
}
