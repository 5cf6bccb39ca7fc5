//! What must not change a result: how agents and items are numbered, how many threads there are, the unit of one agent's utilities.

use fathom_opt_core::{Run, Solver};
use fathom_opt_division::{AdjustedWinner, Auto, DoubleRoundRobin, EnvyCycle, Form, MaxNashWelfare, RoundRobin, Turns, TwoSidedGreedy};
use fathom_opt_problems::fair_division::{FairDivision, Welfare};
use proptest::prelude::*;

type Rows = Vec<Vec<i64>>;

fn owners<S: Solver<FairDivision>>(solver: &S, rows: &Rows) -> Vec<usize> {
    solver.solve(&FairDivision::new(rows.clone()).unwrap(), &Run::default()).unwrap().solution.unwrap().owner
}

/// Utilities of both signs whose magnitudes and sums all differ: distinct powers of two, in random places.
fn without_ties(agents: std::ops::Range<usize>, items: std::ops::Range<usize>) -> impl Strategy<Value = (Rows, Vec<usize>, Vec<usize>)> {
    (agents, items).prop_flat_map(|(n, m)| {
        let magnitudes = Just((0..n * m).map(|k| 1_i64 << k).collect::<Vec<_>>()).prop_shuffle();
        let signs = prop::collection::vec(any::<bool>(), n * m);
        let orders = (Just((0..n).collect::<Vec<_>>()).prop_shuffle(), Just((0..m).collect::<Vec<_>>()).prop_shuffle());
        (magnitudes, signs, orders).prop_map(move |(magnitudes, signs, (agents, items))| {
            let values: Vec<i64> = magnitudes.into_iter().zip(signs).map(|(value, good)| if good { value } else { -value }).collect();
            (values.chunks(m).map(<[i64]>::to_vec).collect(), agents, items)
        })
    })
}

/// The instance whose agent `k` is `agents[k]` and whose item `k` is `items[k]`.
fn relabelled(rows: &Rows, agents: &[usize], items: &[usize]) -> Rows {
    agents.iter().map(|&a| items.iter().map(|&o| rows[a][o]).collect()).collect()
}

/// The owners of the original items, by the original numbers, after a solve of the relabelled instance.
fn original(owner: &[usize], agents: &[usize], items: &[usize]) -> Vec<usize> {
    let mut original = vec![0; owner.len()];
    for (k, &item) in items.iter().enumerate() {
        original[item] = agents[owner[k]];
    }
    original
}

fn position(order: &[usize], agent: usize) -> usize {
    order.iter().position(|&other| other == agent).unwrap()
}

proptest! {
    #[test]
    fn other_numbers_of_the_items_lead_to_the_same_bundles((rows, _, items) in without_ties(1..5, 1..12)) {
        let agents: Vec<usize> = (0..rows.len()).collect();
        let again = relabelled(&rows, &agents, &items);
        macro_rules! same {
            ($($solver:expr),+) => {$(
                prop_assert_eq!(original(&owners(&$solver, &again), &agents, &items), owners(&$solver, &rows), "{:?}", $solver);
            )+};
        }
        same!(
            DoubleRoundRobin::default(),
            DoubleRoundRobin { form: Form::Original, ..DoubleRoundRobin::default() },
            RoundRobin::default(),
            RoundRobin { turns: Turns::Bidirectional, ..RoundRobin::default() },
            EnvyCycle::default(),
            TwoSidedGreedy::default()
        );
    }

    #[test]
    fn other_numbers_of_the_agents_in_the_same_order_lead_to_the_same_bundles((rows, agents, items) in without_ties(1..5, 1..12)) {
        let again = relabelled(&rows, &agents, &items);
        let natural: Vec<usize> = (0..rows.len()).collect();
        let order: Vec<usize> = natural.iter().map(|&agent| position(&agents, agent)).collect();
        for form in [Form::Modified, Form::Original] {
            let (here, there) = (DoubleRoundRobin { form, order: natural.clone() }, DoubleRoundRobin { form, order: order.clone() });
            prop_assert_eq!(original(&owners(&there, &again), &agents, &items), owners(&here, &rows));
        }
        for turns in [Turns::Cyclic, Turns::Bidirectional] {
            let (here, there) = (RoundRobin { turns, order: natural.clone() }, RoundRobin { turns, order: order.clone() });
            prop_assert_eq!(original(&owners(&there, &again), &agents, &items), owners(&here, &rows));
        }
    }

    #[test]
    fn the_number_of_threads_does_not_matter((rows, _, _) in without_ties(2..3, 1..10)) {
        let problem = FairDivision::new(rows).unwrap();
        let solve = |threads| {
            let run = Run::new(7).with_threads(threads);
            [
                Auto::default().solve(&problem, &run).unwrap().solution,
                MaxNashWelfare::default().solve(&problem, &run).unwrap().solution,
                AdjustedWinner::default().solve(&problem, &run).unwrap().solution,
            ]
        };
        prop_assert_eq!(solve(1), solve(4));
    }

    #[test]
    fn the_unit_of_an_agents_utilities_does_not_move_the_nash_optimum(
        rows in (1_usize..4, 1_usize..7).prop_flat_map(|(n, m)| prop::collection::vec(prop::collection::vec(0_i64..12, m), n)),
        agent in 0_usize..4,
        factor in 2_i64..50,
    ) {
        let score = |owner: &[usize]| {
            let utility = |a: usize| owner.iter().zip(&rows[a]).filter(|(holder, _)| **holder == a).map(|(_, value)| value).sum::<i64>();
            let positive: Vec<i64> = (0..rows.len()).map(utility).filter(|&utility| utility > 0).collect();
            (positive.len(), positive.iter().product::<i64>())
        };
        let mut scaled = rows.clone();
        let agent = agent % rows.len();
        scaled[agent].iter_mut().for_each(|value| *value *= factor);
        let optimum = |rows: &Rows| {
            let problem = FairDivision::new(rows.clone()).unwrap().with_welfare(Welfare::Nash);
            MaxNashWelfare::default().solve(&problem, &Run::default()).unwrap().solution.unwrap().owner
        };
        let (here, there) = (score(&optimum(&rows)), score(&optimum(&scaled)));
        // When some agents must go without, scaling may change which: only the number of the others is sure to stay.
        if here.0 == rows.len() {
            prop_assert_eq!(here, there);
        } else {
            prop_assert_eq!(here.0, there.0);
        }
    }
}
