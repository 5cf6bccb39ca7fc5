//! The checker: replays the stream and recomputes every answer from the data.

use super::optimum::optimum;
use super::solution::Answers;
use super::stream::SubmodularStream;
use super::upper_bound::upper_bound;
use super::{Operation, share::SHARES};
use crate::malformed::{Malformed, Place};
use crate::problem::Sense;
use crate::verdict::{Certainty, Improvement, Measure, Objective, Property, Verdict, Violation, Witness};

/// How many numbers of the data the bounds of all queries together may look at before only a sample of the queries is bounded.
const MAX_BOUND_WORK: f64 = 2e8;
/// How many numbers the optima of all queries together may look at.
const MAX_OPTIMUM_WORK: f64 = 1e8;
/// How many sets are looked at for one optimum.
const MAX_SETS: u64 = 5000;
/// Values are sums of many rounded terms.
const TOLERANCE: f64 = 1e-9;
/// Violations beyond so many are counted, not listed.
const MAX_LISTED: usize = 20;

/// What was found at one query.
struct Finding {
    at: usize,
    value: f64,
    /// An upper bound on the optimum, where the query is one of those bounded.
    bound: Option<f64>,
    /// Whether the bound is the optimum itself.
    exact: bool,
}

pub(super) fn check(problem: &SubmodularStream, solution: &Answers) -> Result<Verdict, Malformed> {
    let mut verdict = Verdict::default();
    let answers = chosen(problem, solution)?;
    let total = problem.queries().count();
    let sample = sample(problem, total);
    let mut live = vec![false; problem.ground().len()];
    let mut optimum_work = MAX_OPTIMUM_WORK;
    let mut findings = Vec::with_capacity(total);
    let mut unlisted = 0_usize;
    for (at, operation) in problem.operations().iter().enumerate() {
        match *operation {
            Operation::Insert(element) => live[element as usize] = true,
            Operation::Delete(element) => live[element as usize] = false,
            Operation::Query => {
                let number = findings.len();
                let found = if let Some(chosen) = answers.get(number).and_then(Option::as_ref) {
                    requirements(problem, at, chosen, &live, &mut verdict.violations);
                    chosen.as_slice()
                } else {
                    verdict.violations.push(Violation { what: "an answer".into(), place: format!("query at {at}"), amount: 1.0 });
                    &[]
                };
                if verdict.violations.len() > MAX_LISTED {
                    unlisted += verdict.violations.len() - MAX_LISTED;
                    verdict.violations.truncate(MAX_LISTED);
                }
                findings.push(finding(problem, at, found, &live, sample.contains(&number), &mut optimum_work));
            }
        }
    }
    if unlisted > 0 {
        verdict.violations.push(Violation { what: "further requirements".into(), place: "later queries".into(), amount: unlisted as f64 });
    }
    let mean = findings.iter().map(|finding| finding.value).sum::<f64>() / total as f64;
    verdict.objective = Some(Objective { name: "mean value".into(), value: mean, exact: None, sense: Sense::Maximize });
    measures(&findings, &answers, &mut verdict.measures);
    verdict.improvements.extend(improvement(&findings, mean));
    if verdict.violations.is_empty() {
        verdict.properties = SHARES.iter().map(|share| share_of_optimum(share.name(), share.factor, &findings)).collect();
    }
    Ok(verdict)
}

/// The elements of each answer by the number of its query.
fn chosen(problem: &SubmodularStream, solution: &Answers) -> Result<Vec<Option<Vec<usize>>>, Malformed> {
    let queries: Vec<usize> = problem.queries().collect();
    let mut answers = vec![None; queries.len()];
    let mut next = 0;
    for (k, answer) in solution.answers.iter().enumerate() {
        let place = Place::root().field("answers").index(k);
        let number = usize::try_from(answer.at).ok().and_then(|at| queries.binary_search(&at).ok()).filter(|&number| number >= next);
        let Some(number) = number else {
            return Err(Malformed::new(place.field("at"), answer.at.to_string(), "the position of a later query in the stream"));
        };
        next = number + 1;
        let mut elements = Vec::with_capacity(answer.chosen.len());
        for (position, &id) in answer.chosen.iter().enumerate() {
            let Some(element) = problem.ground().position(id) else {
                let place = place.field("chosen").index(position);
                return Err(Malformed::new(place, id.to_string(), "the id of an element of the ground set"));
            };
            elements.push(element);
        }
        answers[number] = Some(elements);
    }
    Ok(answers)
}

/// Which queries (by number) are bounded: all, or as many as the work allows, evenly spaced and the last one among them.
fn sample(problem: &SubmodularStream, total: usize) -> std::collections::BTreeSet<usize> {
    let function = problem.function();
    // A gain under the log-determinant costs as many products of vectors as elements are chosen.
    let factor = if function.name() == "log-determinant" { 60.0 } else { 2.0 };
    let mut width = 0.0;
    let mut work = 0.0;
    for operation in problem.operations() {
        match *operation {
            Operation::Insert(element) => width += factor * (1 + function.width(element as usize)) as f64,
            Operation::Delete(element) => width -= factor * (1 + function.width(element as usize)) as f64,
            Operation::Query => work += width,
        }
    }
    let share = (MAX_BOUND_WORK / f64::max(work, 1.0)).min(1.0);
    let size = ((total as f64 * share).floor() as usize).clamp(1, total);
    (1..=size).map(|k| k * total / size - 1).collect()
}

/// Distinct live elements that may be chosen together.
fn requirements(problem: &SubmodularStream, at: usize, chosen: &[usize], live: &[bool], violations: &mut Vec<Violation>) {
    let mut violate = |what: String, amount: f64| violations.push(Violation { what, place: format!("query at {at}"), amount });
    let mut sorted = chosen.to_vec();
    sorted.sort_unstable();
    let twice = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if twice > 0 {
        violate("each element at most once".into(), twice as f64);
    }
    sorted.dedup();
    for &element in sorted.iter().filter(|&&element| !live[element]) {
        violate(format!("element {} live", problem.ground().id(element)), 1.0);
    }
    if !problem.constraint().allows(&sorted) {
        violate("a set that the constraint allows".into(), 1.0);
    }
}

fn finding(problem: &SubmodularStream, at: usize, chosen: &[usize], live: &[bool], bounded: bool, optimum_work: &mut f64) -> Finding {
    let (function, constraint) = (problem.function(), problem.constraint());
    let mut distinct = chosen.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let value = function.value(&distinct);
    if !bounded {
        return Finding { at, value, bound: None, exact: false };
    }
    let live: Vec<usize> = live.iter().enumerate().filter(|(_, live)| **live).map(|(element, _)| element).collect();
    let cost = live.iter().map(|&element| 1 + function.width(element)).sum::<usize>() as f64 * MAX_SETS as f64;
    if cost <= *optimum_work
        && let Some(optimum) = optimum(function, constraint, &live, MAX_SETS)
    {
        *optimum_work -= cost;
        return Finding { at, value, bound: Some(optimum), exact: true };
    }
    Finding { at, value, bound: Some(upper_bound(function, constraint, &live, &distinct, value)), exact: false }
}

/// The optima found by brute force in place of worse answers: what refutes a bound that is too low.
fn improvement(findings: &[Finding], mean: f64) -> Option<Improvement> {
    let better = |finding: &Finding| finding.bound.filter(|_| finding.exact).map_or(finding.value, |optimum| optimum.max(finding.value));
    let value = findings.iter().map(better).sum::<f64>() / findings.len() as f64;
    let first = findings.iter().find(|finding| better(finding) > finding.value * (1.0 + TOLERANCE))?;
    let (at, optimum) = (first.at, better(first));
    let text = format!("the optima of the queries where every set was looked at, such as {optimum} at {at} in place of {}", first.value);
    let witness = Witness::new(text, serde_json::json!({ "at": at, "optimum": optimum }));
    (value > mean).then(|| Improvement::elsewhere(Some(value), witness))
}

fn measures(findings: &[Finding], answers: &[Option<Vec<usize>>], measures: &mut Vec<Measure>) {
    let mut measure = |name: &str, value: f64| measures.push(Measure { name: name.into(), value });
    let bounded = || findings.iter().filter_map(|finding| finding.bound.map(|bound| (finding.value, bound)));
    let ratio = |(value, bound): (f64, f64)| if bound > 0.0 { (value / bound).min(1.0) } else { 1.0 };
    let count = bounded().count().max(1) as f64;
    measure("queries", findings.len() as f64);
    measure("bounded queries", bounded().count() as f64);
    measure("queries with known optimum", findings.iter().filter(|finding| finding.exact).count() as f64);
    measure("mean upper bound", bounded().map(|(_, bound)| bound).sum::<f64>() / count);
    measure("mean certified ratio", bounded().map(ratio).sum::<f64>() / count);
    measure("least certified ratio", bounded().map(ratio).fold(1.0, f64::min));
    if findings.iter().any(|finding| finding.exact) {
        let exact = findings.iter().filter(|finding| finding.exact).filter_map(|finding| finding.bound.map(|bound| (finding.value, bound)));
        measure("least ratio to optimum", exact.map(ratio).fold(1.0, f64::min));
    }
    let sorted: Vec<Vec<usize>> = answers
        .iter()
        .map(|answer| answer.clone().unwrap_or_default())
        .map(|mut set| {
            set.sort_unstable();
            set
        })
        .collect();
    let kept = |pair: &[Vec<usize>]| pair[1].iter().filter(|element| pair[0].binary_search(element).is_ok()).count();
    let changes: usize = sorted.windows(2).map(|pair| pair[0].len() + pair[1].len() - 2 * kept(pair)).sum();
    measure("mean recourse", changes as f64 / (sorted.len().max(2) - 1) as f64);
}

/// Whether every query's value is at least `factor` times the optimum, as far as bounds and known optima tell.
fn share_of_optimum(name: String, factor: f64, findings: &[Finding]) -> Property {
    let reaches = |value: f64, bound: f64| value >= factor * bound * (1.0 - TOLERANCE);
    let mut undecided = None;
    for finding in findings {
        let Some(bound) = finding.bound else { continue };
        if reaches(finding.value, bound) {
            continue;
        }
        let text = |what: &str| format!("query at {}: value {}, {what} {bound}", finding.at, finding.value);
        let data = serde_json::json!({ "at": finding.at, "value": finding.value, "bound": bound, "optimum": finding.exact });
        if finding.exact {
            return Property::fails(name, Certainty::Within(TOLERANCE), Witness::new(text("optimum"), data));
        }
        undecided.get_or_insert_with(|| Witness::new(text("upper bound on the optimum"), data));
    }
    let bounded = findings.iter().filter(|finding| finding.bound.is_some()).count();
    match undecided {
        Some(why) => Property::undecided(name, why),
        None if bounded == findings.len() => Property::holds(name, Certainty::Within(TOLERANCE)),
        None => {
            let text = format!("{bounded} of {} queries were looked at, evenly spaced; none is below", findings.len());
            let witness = Witness::new(text, serde_json::json!({ "looked-at": bounded }));
            Property::holds_by(name, Certainty::Sampled(bounded as u64), witness)
        }
    }
}
