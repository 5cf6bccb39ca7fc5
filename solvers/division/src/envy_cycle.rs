//! Envy-cycle elimination, for goods, chores and mixed items.

use fathom_opt_core::{Counters, Outcome, Run, SolveError, Solver, Status};
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::outcome;
use crate::envy_graph::EnvyGraph;
use crate::instance_class::InstanceClass;
use crate::valuations::Valuations;

/// In which order the items are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ItemOrder {
    /// By decreasing magnitude of the first agent's utility. With agents who rank goods alike the result is EFX.
    #[default]
    Decreasing,
    /// By index.
    Given,
}

/// Two-phase envy-cycle elimination (Bhaskar, Sricharan, Vaish 2021; Lipton et al. 2004 for goods).
///
/// First each item that somebody likes goes to an agent among those who like it whom none of them envies, after cycles of envy among them have been
/// resolved by passing bundles along; then each item that everybody dislikes goes to an agent who envies nobody, after a *top-trading* cycle has made one.
/// Other cycles would do for goods, but lose EF1 for chores. EF1 for additive utilities of any sign.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnvyCycle {
    /// In which order the items are given out.
    pub item_order: ItemOrder,
}

impl Solver<FairDivision> for EnvyCycle {
    const NAME: &'static str = "envy-cycle";
    const SUMMARY: &'static str = "goods to the unenvied, chores to the envy-free, bundles passed along cycles of envy: EF1";

    fn accepts(&self, problem: &FairDivision) -> Result<(), SolveError> {
        Valuations::cardinal(problem, Self::NAME).map(|_| ())
    }

    fn solve_accepted(&self, problem: &FairDivision, run: &Run) -> Result<Outcome<Allocation>, SolveError> {
        let valuations = Valuations::cardinal(problem, Self::NAME)?;
        let order = item_order(&valuations, self.item_order);
        let mut counters = Counters::default();
        let Some(owner) = envy_cycle(&valuations, &order, |counters| run.should_stop(counters).is_none(), &mut counters) else {
            // Half an allocation is none: items are still to be given out.
            let status = run.should_stop(&counters).map_or(Status::Failed("stopped".into()), Status::from);
            return Ok(Outcome { counters, ..Outcome::new(status) });
        };
        let mut promised = vec![Notion::Ef1];
        if InstanceClass::of(&valuations).goods && ranks_alike(&valuations, &order) {
            promised.push(Notion::Efx);
        }
        Ok(Outcome { counters, ..outcome(problem, owner, &promised) })
    }
}

fn item_order(valuations: &Valuations<'_>, order: ItemOrder) -> Vec<usize> {
    let mut items: Vec<usize> = (0..valuations.items()).collect();
    if order == ItemOrder::Decreasing {
        items.sort_by_key(|&item| (std::cmp::Reverse(valuations.value(0, item).unsigned_abs()), item));
    }
    items
}

/// Whether no agent values an item more than an earlier one.
fn ranks_alike(valuations: &Valuations<'_>, order: &[usize]) -> bool {
    (0..valuations.agents()).all(|a| order.windows(2).all(|pair| valuations.value(a, pair[0]) >= valuations.value(a, pair[1])))
}

/// The allocation, or nothing when `goes_on` said no.
pub(crate) fn envy_cycle(
    valuations: &Valuations<'_>,
    order: &[usize],
    goes_on: impl Fn(&Counters) -> bool,
    counters: &mut Counters,
) -> Option<Vec<usize>> {
    let agents = valuations.agents();
    let largest = valuations.largest();
    let mut graph = EnvyGraph::new(agents);
    let mut bundle_of = vec![0; valuations.items()];
    for &item in order.iter().filter(|&&item| largest[item] >= 0) {
        counters.iterations += 1;
        if !goes_on(counters) {
            return None;
        }
        // An item that nobody likes goes to those who do not mind it.
        let likers: Vec<usize> = (0..agents).filter(|&a| valuations.value(a, item) >= largest[item].signum()).collect();
        let receiver = loop {
            match graph.source(&likers) {
                Some(agent) => break agent,
                None => graph.resolve_cycle(&likers),
            }
            counters.add("cycles", 1);
            if !goes_on(counters) {
                return None;
            }
        };
        bundle_of[item] = graph.bundle(receiver);
        graph.add(valuations, item, receiver);
    }
    for &item in order.iter().filter(|&&item| largest[item] < 0) {
        counters.iterations += 1;
        if !goes_on(counters) {
            return None;
        }
        let receiver = loop {
            match graph.sink() {
                Some(agent) => break agent,
                None => graph.resolve_top_trading_cycle(),
            }
            counters.add("cycles", 1);
            if !goes_on(counters) {
                return None;
            }
        };
        bundle_of[item] = graph.bundle(receiver);
        graph.add(valuations, item, receiver);
    }
    let holder = graph.holders();
    Some(bundle_of.into_iter().map(|bundle| holder[bundle]).collect())
}
