//! The findings that need more than one pass: maximin shares, Pareto optimality and its fractional form.

use serde_json::json;

use super::amount::{Amount, Table};
use super::fractional_pareto::{self, FractionalPareto};
use super::instance::FairDivision;
use super::maximin_share::{self, Partition};
use super::notion::Notion;
use super::pareto::{self, Dominance};
use super::wording::amount_json;
use crate::verdict::{Certainty, Property, Witness};

/// How much searching a check may do, whatever the size of the instance. Work is counted in steps of the searches, so that a verdict does not depend on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckLimits {
    /// Placements tried for each agent's maximin share.
    pub maximin_share: u64,
    /// Looks at one part in the searches for all agents' maximin shares together: a placement looks at as many parts as there are agents.
    pub maximin_parts: u64,
    /// Owners tried in the search for a dominating allocation.
    pub pareto: u64,
    /// Transfers and exchanges tried for each measure of welfare.
    pub neighbours: u64,
}

impl Default for CheckLimits {
    /// A fraction of a second.
    fn default() -> Self {
        Self { maximin_share: 20_000, maximin_parts: 40_000_000, pareto: 400_000, neighbours: 200_000 }
    }
}

/// Longest list of numbers that a sentence shows.
const MOST_SHOWN: usize = 8;

/// The placements that are left for all agents together.
struct Placements {
    left: u64,
    per_agent: u64,
}

impl Placements {
    fn of(limits: CheckLimits, agents: usize) -> Self {
        Self { left: limits.maximin_parts / agents.max(1) as u64, per_agent: limits.maximin_share }
    }

    /// Lets `search` take its share of them.
    fn spend<R>(&mut self, search: impl FnOnce(&mut u64) -> R) -> R {
        let granted = self.per_agent.min(self.left);
        let mut work = granted;
        let result = search(&mut work);
        self.left -= granted - work;
        result
    }
}

fn mms_of<A: Amount>(
    problem: &FairDivision,
    agent: usize,
    values: &[A],
    own: &A,
    placements: &mut Placements,
) -> Result<Option<Witness>, ()> {
    let parts = problem.agents();
    let target = own.plus(&A::one());
    match placements.spend(|work| maximin_share::partition(values, parts, &target, work)) {
        Partition::Impossible => Ok(None),
        Partition::Undecided => Err(()),
        Partition::Found(part) => {
            let least = maximin_share::least_worth(values, &part, parts);
            let text = format!(
                "{} values its bundle at {}, but could divide everything into {parts} parts worth at least {} each",
                problem.agent_name(agent),
                problem.display_utility(own),
                problem.display_utility(&least)
            );
            Ok(Some(Witness::new(
                text,
                json!({ "agent": agent, "own": amount_json(problem, own), "partition": part, "least": amount_json(problem, &least) }),
            )))
        }
    }
}

fn row<T: Table>(table: &T, agent: usize) -> Vec<T::Amount> {
    (0..table.items()).map(|o| table.value(agent, o)).collect()
}

/// Whether every agent has its maximin share: for each, no division into `n` parts is better than its bundle in every part.
pub(super) fn maximin_shares<T: Table>(problem: &FairDivision, table: &T, utilities: &[T::Amount], limits: CheckLimits) -> Property {
    let name = Notion::Mms.name();
    let mut undecided = Vec::new();
    let mut placements = Placements::of(limits, problem.agents());
    for (agent, own) in utilities.iter().enumerate() {
        match mms_of(problem, agent, &row(table, agent), own, &mut placements) {
            Ok(None) => {}
            Ok(Some(witness)) => return Property::fails(name, Certainty::Exact, witness),
            Err(()) => undecided.push(agent),
        }
    }
    if undecided.is_empty() {
        return Property::holds(name, Certainty::Exact);
    }
    let text = format!(
        "undecided within {} placements for {} of {} agents; the others have their shares",
        limits.maximin_share,
        undecided.len(),
        utilities.len()
    );
    Property::undecided(name, Witness::new(text, json!({ "agents": undecided })))
}

/// How the worst-off agent stands: `min_a (v_aa - MMS_a) / |MMS_a|`, with one unit of the stored integers in place of a share of 0. Nothing when some share
/// is not found within the limits.
pub(super) fn mms_margin<T: Table>(problem: &FairDivision, table: &T, utilities: &[T::Amount], limits: CheckLimits) -> Option<f64> {
    let mut placements = Placements::of(limits, problem.agents());
    let mut least = f64::INFINITY;
    for (agent, own) in utilities.iter().enumerate() {
        let share = placements.spend(|work| maximin_share::maximin_share(&row(table, agent), problem.agents(), work))?;
        let size = if share.is_negative() { T::Amount::zero().minus(&share) } else { share.clone() };
        let size = size.max(T::Amount::one());
        least = least.min(ratio(&own.minus(&share), &size));
    }
    Some(least)
}

/// `excess / size` for a positive size, whose digits may be more than a floating-point number holds.
fn ratio<A: Amount>(excess: &A, size: &A) -> f64 {
    let magnitude = if excess.is_negative() { A::zero().minus(excess) } else { excess.clone() };
    if !magnitude.is_positive() {
        return 0.0;
    }
    let (numerator, denominator) = (magnitude.to_f64(), size.to_f64());
    let ratio = if numerator.is_finite() && denominator.is_finite() {
        numerator / denominator
    } else {
        (magnitude.ln() - size.ln()).exp().min(f64::MAX)
    };
    if excess.is_negative() { -ratio } else { ratio }
}

/// fPO and PO, which fPO implies.
pub(super) fn pareto_optimality<T: Table>(problem: &FairDivision, table: &T, owner: &[usize], limits: CheckLimits) -> [Property; 2] {
    let (po, fpo) = (Notion::Po.name(), Notion::Fpo.name());
    match fractional_pareto::decide(table, owner) {
        FractionalPareto::Weights(weights) => {
            let weights: Vec<String> = weights.iter().map(ToString::to_string).collect();
            let shown = if weights.len() <= MOST_SHOWN { weights.join(", ") } else { format!("{}, …", weights[..MOST_SHOWN].join(", ")) };
            let text = format!("with the agents' utilities weighted by {shown}, every item is where it is worth most");
            let witness = Witness::new(text, json!({ "weights": weights }));
            [Property::holds_by(po, Certainty::Exact, witness.clone()), Property::holds_by(fpo, Certainty::Exact, witness)]
        }
        FractionalPareto::Transfer { item, from, to } => {
            let text = format!(
                "{} passing {} to {} changes their utilities by {} and {}",
                problem.agent_name(from),
                problem.item_name(item),
                problem.agent_name(to),
                problem.display_utility(&T::Amount::zero().minus(&table.value(from, item))),
                problem.display_utility(&table.value(to, item))
            );
            let mut better = owner.to_vec();
            better[item] = to;
            let witness = Witness::new(text, json!({ "item": item, "from": from, "to": to, "owner": better }));
            [Property::fails(po, Certainty::Exact, witness.clone()), Property::fails(fpo, Certainty::Exact, witness)]
        }
        FractionalPareto::Cycle(trades) => {
            let steps: Vec<String> = trades
                .iter()
                .take(MOST_SHOWN)
                .map(|trade| {
                    let (payer, gainer) = (problem.agent_name(trade.payer), problem.agent_name(trade.gainer));
                    let item = problem.item_name(trade.item);
                    let (cost, gain) = (table.value(trade.payer, trade.item), table.value(trade.gainer, trade.item));
                    let verb = if cost.is_negative() { "takes part of" } else { "gives part of" };
                    let direction = if cost.is_negative() { "from" } else { "to" };
                    let (cost, gain) = (problem.display_utility(&cost), problem.display_utility(&gain));
                    format!("{payer} {verb} {item} {direction} {gainer} ({cost} and {gain} in whole)")
                })
                .collect();
            let data: Vec<_> = trades
                .iter()
                .map(|trade| {
                    json!({
                        "payer": trade.payer,
                        "gainer": trade.gainer,
                        "item": trade.item,
                        "cost": amount_json(problem, &table.value(trade.payer, trade.item)),
                        "gain": amount_json(problem, &table.value(trade.gainer, trade.item)),
                    })
                })
                .collect();
            let witness = Witness::new(format!("all gain when {}", steps.join(", ")), json!({ "cycle": data }));
            [integral(problem, table, owner, limits), Property::fails(fpo, Certainty::Exact, witness)]
        }
    }
}

/// PO by search, for allocations that are not fPO.
fn integral<T: Table>(problem: &FairDivision, table: &T, owner: &[usize], limits: CheckLimits) -> Property {
    let name = Notion::Po.name();
    match pareto::decide(table, owner, limits.pareto) {
        Dominance::None => Property::holds(name, Certainty::Exact),
        Dominance::Undecided => {
            let text = format!("undecided within {} owners tried; the allocation is not fPO", limits.pareto);
            Property::undecided(name, Witness::new(text, serde_json::Value::Null))
        }
        Dominance::Dominated(better) => {
            let moved: Vec<usize> = (0..owner.len()).filter(|&o| owner[o] != better[o]).collect();
            let moves: Vec<String> = moved
                .iter()
                .take(MOST_SHOWN)
                .map(|&o| format!("{} from {} to {}", problem.item_name(o), problem.agent_name(owner[o]), problem.agent_name(better[o])))
                .collect();
            let more = if moved.len() > MOST_SHOWN { ", …" } else { "" };
            let text = format!("nobody loses and somebody gains by moving {}{more}", moves.join(", "));
            Property::fails(name, Certainty::Exact, Witness::new(text, json!({ "owner": better })))
        }
    }
}
