//! Matching agents with items.

use crate::valuations::Valuations;
use crate::work_meter::WorkMeter;

/// A largest set of agents who can each have an item of positive utility at once: the agent of each item, where it has one (augmenting paths). Nothing
/// when the run has to stop.
pub(crate) fn positive_matching(valuations: &Valuations<'_>, meter: &mut WorkMeter<'_>) -> Option<Vec<Option<usize>>> {
    let (agents, items) = (valuations.agents(), valuations.items());
    let mut holder: Vec<Option<usize>> = vec![None; items];
    let mut matched = 0;
    let mut seen = vec![usize::MAX; items];
    for agent in 0..agents {
        if matched == items {
            break;
        }
        matched += usize::from(augment(valuations, agent, &mut holder, &mut seen, meter)?);
    }
    Some(holder)
}

/// One step of the search for an augmenting path: an agent, and the next item to look at.
struct Step {
    agent: usize,
    next: usize,
}

/// Whether `agent` can have an item when others make way. An item is `seen` in the search of the agent whose number stands there.
fn augment(
    valuations: &Valuations<'_>,
    agent: usize,
    holder: &mut [Option<usize>],
    seen: &mut [usize],
    meter: &mut WorkMeter<'_>,
) -> Option<bool> {
    let mut path = vec![Step { agent, next: 0 }];
    while let Some(step) = path.last_mut() {
        let start = step.next;
        let wanted = (start..holder.len()).find(|&item| seen[item] != agent && valuations.value(step.agent, item) > 0);
        if !meter.spends((wanted.unwrap_or(holder.len()) - start + 1) as u64) {
            return None;
        }
        let Some(item) = wanted else {
            path.pop();
            continue;
        };
        seen[item] = agent;
        step.next = item + 1;
        if let Some(other) = holder[item] {
            path.push(Step { agent: other, next: 0 });
            continue;
        }
        for step in path.iter().rev() {
            holder[step.next - 1] = Some(step.agent);
        }
        return Some(true);
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use fathom_opt_core::Run;

    use super::*;

    fn size(rows: &[Vec<i64>]) -> usize {
        let holder = positive_matching(&Valuations::from_rows(rows), &mut WorkMeter::new(&Run::default())).unwrap();
        for (item, agent) in holder.iter().enumerate() {
            assert!(agent.is_none_or(|agent| rows[agent][item] > 0));
        }
        let mut agents: Vec<usize> = holder.into_iter().flatten().collect();
        let count = agents.len();
        agents.sort_unstable();
        agents.dedup();
        assert_eq!(agents.len(), count);
        count
    }

    #[test]
    fn agents_make_way_for_each_other() {
        assert_eq!(size(&[vec![1, 1, 0], vec![1, 0, 0], vec![0, 1, 0]]), 2);
        assert_eq!(size(&[vec![1, 1, 1], vec![1, 0, 0], vec![0, 1, 0]]), 3);
        assert_eq!(size(&[vec![1, 0], vec![1, 0], vec![-1, 0]]), 1);
        // A path as long as there are agents, which recursion would follow as deep.
        let n = 3000;
        let mut rows: Vec<Vec<i64>> = (0..n).map(|a| (0..n).map(|o| i64::from(o == a || o == a + 1)).collect()).collect();
        rows.push((0..n).map(|o| i64::from(o == 0)).collect());
        assert_eq!(size(&rows), n);
    }
}
