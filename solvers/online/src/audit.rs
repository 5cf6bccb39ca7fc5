//! What a decision log shows: posted prices, who was taken, and a picture.

use fathom_opt_problems::online_knapsack::{Amounts, Arrival, DensityBounds, Fairness, Offered, OnlineKnapsack, Packing, density};
use fathom_opt_problems::{Malformed, Problem};
use serde::{Deserialize, Serialize};

use crate::curve::Plateau;

/// A decision log, read again.
#[derive(Debug, Clone, Default)]
pub struct DecisionLog {
    capacity: u64,
    bounds: Option<DensityBounds>,
    decisions: Vec<Logged>,
    /// Lines that were answered with an error.
    faults: u64,
}

#[derive(Debug, Clone)]
struct Logged {
    id: u64,
    accepted: bool,
    /// The share taken, where items are taken in parts.
    share: Option<f64>,
    price: Option<f64>,
    worth: f64,
    weight: Amounts,
    density: f64,
    /// Used share after the decision.
    used: f64,
    value: f64,
    group: Option<String>,
}

/// A line of the log, of whatever kind.
#[derive(Deserialize)]
struct Line {
    kind: Option<String>,
    capacity: Option<Amounts>,
    bounds: Option<DensityBounds>,
    id: Option<u64>,
    accept: Option<bool>,
    price: Option<f64>,
    v: Option<f64>,
    w: Option<Amounts>,
    used: Option<serde_json::Number>,
    value: Option<f64>,
    group: Option<String>,
    share: Option<f64>,
    error: Option<String>,
}

/// Why a file is no decision log.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: found {found}, expected {expected}")]
pub struct LogError {
    /// 1-based line.
    pub line: usize,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

/// The figures of an audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AuditReport {
    /// Items offered.
    pub offered: usize,
    /// Items taken.
    pub accepted: usize,
    /// Lines answered with an error.
    pub faults: u64,
    /// Value taken.
    pub value: f64,
    /// Used share of the capacity in the end.
    pub used_share: f64,
    /// Bounds on what the best packing of all these items would have been worth, and whether the lower one is proved to be it.
    pub hindsight: (f64, f64, bool),
    /// Bounds on the ratio of that to the value taken; none where nothing was taken.
    pub ratio: Option<(f64, f64)>,
    /// What the log says and its own items and decisions refute: value, use, capacity.
    pub mistakes: Vec<String>,
    /// Intervals of the used share during which one price was posted, the longest first, at most ten. While the use lies inside one, equals were treated
    /// alike; that is what `alpha`-CTIF promises, and no more.
    pub posted_prices: Vec<Plateau>,
    /// Share of the refused items that are denser than some item taken.
    pub envy_share: f64,
    /// Share of the pairs (item taken, item refused) in which the refused one is denser.
    pub inverted_pairs: f64,
    /// Share of the items taken in each quarter of the stream.
    pub quarters: [f64; 4],
    /// Group, items taken, items offered.
    pub groups: Vec<(String, u64, u64)>,
}

/// What follows from the decisions alone; see the fields of [`AuditReport`].
#[derive(Debug, Default)]
struct Recomputed {
    mistakes: Vec<String>,
    hindsight: (f64, f64, bool),
    ratio: Option<(f64, f64)>,
}

impl DecisionLog {
    /// The log in `text`, JSON lines as `fathom online` writes them. A last line that was cut short is left out.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    pub fn parse(text: &[u8]) -> Result<Self, LogError> {
        let mut log = Self::default();
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(&text[..0], |end| &text[..end]);
        for (number, line) in whole.split(|&byte| byte == b'\n').enumerate().filter(|_| !whole.is_empty()) {
            let wrong = |found: String, expected: &str| LogError { line: number + 1, found, expected: expected.to_owned() };
            let line: Line = serde_json::from_slice(line).map_err(|error| wrong(error.to_string(), "a line of a decision log"))?;
            if let Some(kind) = line.kind.filter(|kind| kind != OnlineKnapsack::KIND) {
                return Err(wrong(format!("the log of a {kind} stream"), "one of an online-knapsack stream"));
            }
            if let Some(capacity) = line.capacity {
                log.capacity = capacity.first();
                log.bounds = line.bounds;
            }
            log.faults += u64::from(line.error.is_some());
            let (Some(id), Some(accepted)) = (line.id, line.accept) else { continue };
            let (Some(value), Some(weight), Some(used), Some(total)) = (line.v, line.w, line.used, line.value) else {
                return Err(wrong("a decision without its item".into(), "`v`, `w`, `used` and `value`"));
            };
            if log.capacity == 0 {
                return Err(wrong("a decision before the header".into(), "the header's answer, with the capacity"));
            }
            // In parts the log has the share itself; the decision before tells which of the two it is.
            let fractional = line.share.is_some() || used.is_f64();
            let used = used.as_f64().unwrap_or(0.0) / if fractional { 1.0 } else { log.capacity as f64 };
            log.decisions.push(Logged {
                id,
                accepted,
                share: line.share,
                price: line.price,
                worth: value,
                density: density(value, weight.first(), log.capacity),
                weight,
                used,
                value: total,
                group: line.group,
            });
        }
        Ok(log)
    }

    /// The stream that was decided about.
    ///
    /// # Errors
    /// When the items of the log are none: ids out of order, several dimensions.
    pub fn stream(&self) -> Result<OnlineKnapsack, Malformed> {
        let item =
            |logged: &Logged| Arrival { id: logged.id, value: logged.worth, weight: logged.weight.clone(), group: logged.group.clone() };
        OnlineKnapsack::new(Amounts::single(self.capacity.max(1)), self.bounds, self.decisions.iter().map(item).collect())
    }

    /// What was taken, according to the decisions alone.
    fn packing(&self) -> Packing {
        let taken = || self.decisions.iter().filter(|logged| logged.accepted);
        let in_parts = taken().any(|logged| logged.share.is_some());
        Packing {
            accepted: taken().map(|logged| logged.id).collect(),
            shares: in_parts.then(|| taken().map(|logged| logged.share.unwrap_or(1.0)).collect()),
        }
    }

    /// What the log says and its own decisions refute, and the verdict of the independent checker on them.
    fn recomputed(&self) -> Recomputed {
        let verdict = match self.stream().and_then(|stream| stream.check(&self.packing())) {
            Ok(verdict) => verdict,
            Err(fault) => {
                return Recomputed {
                    mistakes: vec![format!("the decisions are no packing of the items: {fault}")],
                    ..Recomputed::default()
                };
            }
        };
        let mut mistakes: Vec<String> = verdict
            .violations
            .iter()
            .map(|broken| format!("{} is exceeded by {} at {}", broken.what, broken.amount, broken.place))
            .collect();
        let (mut used, mut value) = (0.0, 0.0_f64);
        for logged in &self.decisions {
            let share = if logged.accepted { logged.share.unwrap_or(1.0) } else { 0.0 };
            used += share * logged.weight.first() as f64 / self.capacity as f64;
            value += share * logged.worth;
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9);
            if !close(used, logged.used) || !close(value, logged.value) {
                mistakes.push(format!(
                    "after item {} the log tells of {} of the capacity and the value {}; its decisions add up to {used} and {value}",
                    logged.id, logged.used, logged.value
                ));
                break;
            }
        }
        let measure = |name: &str| verdict.measure(name).unwrap_or(0.0);
        let hindsight = (measure("hindsight lower bound"), measure("hindsight upper bound"), measure("hindsight optimum proved") > 0.0);
        let ratio = verdict.measure("empirical ratio at least").zip(verdict.measure("empirical ratio at most"));
        Recomputed { mistakes, hindsight, ratio }
    }

    /// The figures.
    pub fn report(&self) -> AuditReport {
        let offered: Vec<Offered<'_>> = self
            .decisions
            .iter()
            .map(|logged| Offered { density: logged.density, accepted: logged.accepted, group: logged.group.as_deref() })
            .collect();
        let fairness = Fairness::of(&offered);
        let last = self.decisions.last();
        let Recomputed { mistakes, hindsight, ratio } = self.recomputed();
        AuditReport {
            offered: offered.len(),
            accepted: offered.iter().filter(|item| item.accepted).count(),
            faults: self.faults,
            value: last.map_or(0.0, |logged| logged.value),
            used_share: last.map_or(0.0, |logged| logged.used),
            hindsight,
            ratio,
            mistakes,
            posted_prices: self.posted_prices(),
            envy_share: fairness.envy_share,
            inverted_pairs: fairness.inverted_pairs,
            quarters: fairness.quarters,
            groups: fairness.groups.into_iter().map(|(group, (taken, offered))| (group, taken, offered)).collect(),
        }
    }

    fn posted_prices(&self) -> Vec<Plateau> {
        let mut posted: Vec<Plateau> = Vec::new();
        let mut used = 0.0;
        for logged in &self.decisions {
            let Some(price) = logged.price else { continue };
            match posted.last_mut() {
                Some(last) if (last.price - price).abs() <= 1e-12 * price => last.to = last.to.max(logged.used),
                _ => posted.push(Plateau { from: used, to: logged.used, price }),
            }
            used = logged.used;
        }
        posted.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
        posted.truncate(10);
        posted
    }

    /// Price, used share and densities over the stream as an SVG picture of its own: above, the price (a line) and the items taken (dots) on a logarithmic
    /// scale; below, the used share.
    pub fn svg(&self) -> String {
        crate::picture::picture(
            &self.decisions.iter().map(|d| (d.id, d.price, d.accepted.then_some(d.density), d.used)).collect::<Vec<_>>(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "{\"stream\":1,\"kind\":\"online-knapsack\",\"algorithm\":\"ect\",\"options\":{},\"seed\":1,\"capacity\":[10]}\n\
        {\"id\":1,\"accept\":true,\"why\":\"taken\",\"price\":2.0,\"v\":1.0,\"w\":[4],\"group\":\"a\",\"used\":4,\"value\":1.0}\n\
        {\"line\":3,\"error\":\"found an empty line, expected an item\"}\n\
        {\"id\":2,\"accept\":false,\"why\":\"price\",\"price\":5.0,\"v\":1.0,\"w\":[3],\"group\":\"b\",\"used\":4,\"value\":1.0}\n\
        {\"id\":3,\"accept\":true,\"why\":\"taken\",\"price\":5.0,\"v\":9.0,\"w\":[5],\"group\":\"b\",\"used\":9,\"value\":10.0}\n\
        {\"id\":4,\"acc";

    #[test]
    fn a_log_tells_prices_groups_and_envy() {
        let log = DecisionLog::parse(LOG.as_bytes()).unwrap();
        let report = log.report();
        assert_eq!((report.offered, report.accepted, report.faults, report.value, report.used_share), (3, 2, 1, 10.0, 0.9));
        assert_eq!(report.posted_prices[0], Plateau { from: 0.4, to: 0.9, price: 5.0 });
        assert_eq!(report.groups, [("a".into(), 1, 1), ("b".into(), 1, 2)]);
        assert_eq!(report.envy_share, 1.0);
        // The best two of three fill 9 of 10.
        assert_eq!((report.hindsight, report.ratio), ((10.0, 10.0, true), Some((1.0, 1.0))));
        assert!(report.mistakes.is_empty(), "{:?}", report.mistakes);
        let svg = log.svg();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn a_log_that_does_not_add_up_is_found_out() {
        let mistakes = |from: &str, to: &str| DecisionLog::parse(LOG.replace(from, to).as_bytes()).unwrap().report().mistakes.join("; ");
        assert!(mistakes("\"value\":10.0", "\"value\":11.0").contains("after item 3"));
        assert!(mistakes("\"used\":9", "\"used\":8").contains("after item 3"));
        assert!(mistakes("\"w\":[5]", "\"w\":[7]").contains("capacity 10 at every time is exceeded by 1 at item 3"));
        assert!(mistakes("\"id\":3", "\"id\":1").contains("no packing"));
    }

    #[test]
    fn other_files_are_refused_with_their_line() {
        let error = DecisionLog::parse(b"{\"id\":1,\"accept\":true}\n").unwrap_err().to_string();
        assert!(error.starts_with("line 1: found a decision without its item"), "{error}");
        assert!(DecisionLog::parse(b"not a log\n").is_err());
        let bandit = DecisionLog::parse(b"{\"stream\":1,\"kind\":\"replenishable-bandit\"}\n").unwrap_err().to_string();
        assert!(bandit.contains("replenishable-bandit"), "{bandit}");
        assert_eq!(DecisionLog::parse(b"").unwrap().report().offered, 0);
    }
}
