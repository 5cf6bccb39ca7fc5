//! Matching agents with items.

use crate::valuations::Valuations;

/// How many agents can have an item of positive utility at once: the size of a largest matching (augmenting paths).
pub(crate) fn most_positive_agents(valuations: &Valuations<'_>) -> usize {
    let mut holder: Vec<Option<usize>> = vec![None; valuations.items()];
    (0..valuations.agents())
        .filter(|&agent| {
            let mut seen = vec![false; valuations.items()];
            augment(valuations, agent, &mut holder, &mut seen)
        })
        .count()
}

fn augment(valuations: &Valuations<'_>, agent: usize, holder: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for item in 0..holder.len() {
        if valuations.value(agent, item) > 0 && !std::mem::replace(&mut seen[item], true) {
            let free = match holder[item] {
                None => true,
                Some(other) => augment(valuations, other, holder, seen),
            };
            if free {
                holder[item] = Some(agent);
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_make_way_for_each_other() {
        let rows = [vec![1, 1, 0], vec![1, 0, 0], vec![0, 1, 0]];
        assert_eq!(most_positive_agents(&Valuations::from_rows(&rows)), 2);
        let rows = [vec![1, 1, 1], vec![1, 0, 0], vec![0, 1, 0]];
        assert_eq!(most_positive_agents(&Valuations::from_rows(&rows)), 3);
    }
}
