//! What the decision log of a stream of items shows: posted prices, who was taken, and a picture.

use fathom_opt_problems::online_knapsack::{Amounts, Arrival, DensityBounds, Fairness, Offered, OnlineKnapsack, Packing, density};
use fathom_opt_problems::{Problem, Segment};
use fathom_opt_serve::{DecisionLog, Figure, LogFault, LogFigures, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::curve::Plateau;
use crate::ledger::PreciseSum;

/// The decisions about items in a decision log.
#[derive(Debug, Clone, Default)]
pub struct PackingLog {
    capacity: u64,
    bounds: Option<DensityBounds>,
    decisions: Vec<Logged>,
    /// Lines that were answered with an error.
    faults: u64,
}

#[derive(Debug, Clone)]
struct Logged {
    line: usize,
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

/// The figures of an audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
struct PackingFigures {
    /// Items offered.
    offered: usize,
    /// Items taken.
    accepted: usize,
    /// Lines answered with an error.
    faults: u64,
    /// Value taken.
    value: f64,
    /// Used share of the capacity in the end.
    used_share: f64,
    /// Bounds on what the best packing of all these items would have been worth, and whether the lower one is proved to be it.
    hindsight: (f64, f64, bool),
    /// Bounds on the ratio of that to the value taken; none where nothing was taken.
    ratio: Option<(f64, f64)>,
    /// Intervals of the used share during which one price was posted, the longest first, at most ten. While the use lies inside one, equals were treated
    /// alike; that is what `alpha`-CTIF promises, and no more.
    posted_prices: Vec<Plateau>,
    /// Share of the refused items that are denser than some item taken.
    envy_share: f64,
    /// Share of the pairs (item taken, item refused) in which the refused one is denser.
    inverted_pairs: f64,
    /// Share of the items taken in each quarter of the stream.
    quarters: [f64; 4],
    /// Group, items taken, items offered.
    groups: Vec<(String, u64, u64)>,
}

impl PackingLog {
    /// The decisions in `log`.
    ///
    /// # Errors
    /// The first line that belongs to no such log.
    pub fn parse(log: &DecisionLog<'_>) -> Result<Self, LogFault> {
        let mut packing = Self::default();
        for (number, line) in log.lines() {
            let wrong = |found: String, expected: &str| LogFault::new(number, found, expected);
            let line: Line = serde_json::from_slice(line).map_err(|error| wrong(error.to_string(), "a line of a decision log"))?;
            if let Some(kind) = line.kind.filter(|kind| kind != OnlineKnapsack::KIND) {
                return Err(wrong(format!("the log of a {kind} stream"), "one of an online-knapsack stream"));
            }
            if let Some(capacity) = line.capacity {
                packing.capacity = capacity.first();
                packing.bounds = line.bounds;
            }
            packing.faults += u64::from(line.error.is_some());
            let (Some(id), Some(accepted)) = (line.id, line.accept) else { continue };
            let (Some(value), Some(weight), Some(used), Some(total)) = (line.v, line.w, line.used, line.value) else {
                return Err(wrong("a decision without its item".into(), "`v`, `w`, `used` and `value`"));
            };
            if packing.capacity == 0 {
                return Err(wrong("a decision before the header".into(), "the header's answer, with the capacity"));
            }
            // In parts the log has the share itself, which is no whole number.
            let fractional = line.share.is_some() || used.is_f64();
            let used = used.as_f64().unwrap_or(0.0) / if fractional { 1.0 } else { packing.capacity as f64 };
            packing.decisions.push(Logged {
                line: number,
                id,
                accepted,
                share: line.share,
                price: line.price,
                worth: value,
                density: density(value, weight.first(), packing.capacity),
                weight,
                used,
                value: total,
                group: line.group,
            });
        }
        Ok(packing)
    }

    /// The stream that was decided about, and what was taken.
    ///
    /// # Errors
    /// When the items of the log are none: ids out of order, several dimensions.
    pub fn recorded(&self) -> Result<Recorded<OnlineKnapsack>, LogFault> {
        let item =
            |logged: &Logged| Arrival { id: logged.id, value: logged.worth, weight: logged.weight.clone(), group: logged.group.clone() };
        let items = self.decisions.iter().map(item).collect();
        let problem = OnlineKnapsack::new(Amounts::single(self.capacity.max(1)), self.bounds, items).map_err(|fault| {
            let at = fault.place.segments().iter().find_map(|segment| match segment {
                Segment::Index(at) => self.decisions.get(*at),
                Segment::Field(_) => None,
            });
            LogFault::new(at.map_or(1, |logged| logged.line), fault.found.clone(), fault.expected.clone())
        })?;
        Ok(Recorded { problem, solution: self.packing() })
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

    /// The first line whose sums are not those of the decisions up to it.
    fn wrong_sums(&self) -> Option<String> {
        let (mut used, mut value) = (PreciseSum::default(), PreciseSum::default());
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        for logged in &self.decisions {
            let share = if logged.accepted { logged.share.unwrap_or(1.0) } else { 0.0 };
            used.add(share * logged.weight.first() as f64 / self.capacity as f64);
            value.add(share * logged.worth);
            if !close(used.value(), logged.used) || !close(value.value(), logged.value) {
                return Some(format!(
                    "after item {} the log tells of {} of the capacity and the value {}; its decisions add up to {} and {}",
                    logged.id,
                    logged.used,
                    logged.value,
                    used.value(),
                    value.value()
                ));
            }
        }
        None
    }

    /// What an audit shows.
    pub fn figures(&self) -> LogFigures {
        let offered: Vec<Offered<'_>> = self
            .decisions
            .iter()
            .map(|logged| Offered { density: logged.density, accepted: logged.accepted, group: logged.group.as_deref() })
            .collect();
        let fairness = Fairness::of(&offered);
        let last = self.decisions.last();
        let verdict = self.recorded().ok().and_then(|recorded| recorded.problem.check(&recorded.solution).ok());
        let measure = |name: &str| verdict.as_ref().and_then(|verdict| verdict.measure(name));
        let figures = PackingFigures {
            offered: offered.len(),
            accepted: offered.iter().filter(|item| item.accepted).count(),
            faults: self.faults,
            value: last.map_or(0.0, |logged| logged.value),
            used_share: last.map_or(0.0, |logged| logged.used),
            hindsight: (
                measure("hindsight lower bound").unwrap_or(0.0),
                measure("hindsight upper bound").unwrap_or(0.0),
                measure("hindsight optimum proved").unwrap_or(0.0) > 0.0,
            ),
            ratio: measure("empirical ratio at least").zip(measure("empirical ratio at most")),
            posted_prices: self.posted_prices(),
            envy_share: fairness.envy_share,
            inverted_pairs: fairness.inverted_pairs,
            quarters: fairness.quarters,
            groups: fairness.groups.into_iter().map(|(group, (taken, offered))| (group, taken, offered)).collect(),
        };
        let data = match json!(figures) {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        LogFigures { shown: figures.shown(), data, mistakes: self.wrong_sums().into_iter().collect() }
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

impl PackingFigures {
    /// For a person.
    fn shown(&self) -> Vec<Figure> {
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        let mut shown = vec![
            Figure::new("items", format!("{} offered, {} taken, {} lines at fault", self.offered, self.accepted, self.faults)),
            Figure::new("value", format!("{} in {} of the capacity", self.value, percent(self.used_share))),
        ];
        let (lower, upper, proved) = self.hindsight;
        let best = if proved || lower == upper { format!("{lower}, proved") } else { format!("{lower} to {upper}") };
        shown.push(Figure::new("hindsight", format!("the best packing of these items is worth {best}")));
        if let Some((least, most)) = self.ratio {
            let ratio = if least == most { format!("{least:.6}") } else { format!("{least:.6} to {most:.6}") };
            shown.push(Figure::new("ratio", format!("{ratio} times what was taken")));
        }
        for (k, posted) in self.posted_prices.iter().take(3).enumerate() {
            let label = if k == 0 { "posted" } else { "" };
            let (from, to) = (percent(posted.from), percent(posted.to));
            shown.push(Figure::new(label, format!("{} while the use was {from} to {to}", posted.price)));
        }
        shown.push(Figure::new("quarters", self.quarters.map(percent).join(", ")));
        for (group, taken, offered) in &self.groups {
            let share = percent(*taken as f64 / *offered as f64);
            shown.push(Figure::new("group", format!("{group}: {taken} of {offered}, {share}")));
        }
        shown.push(Figure::new("envy", format!("{} of the refused items are denser than some item taken", percent(self.envy_share))));
        let inverted = percent(self.inverted_pairs);
        shown.push(Figure::new("inverted", format!("{inverted} of the pairs of an item taken and one refused")));
        let note = "posted prices treat equals alike while room lasts; envy afterwards is no breach of that promise";
        shown.push(Figure::new("note", note));
        shown
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

    fn parse(text: &[u8]) -> Result<PackingLog, LogFault> {
        PackingLog::parse(&DecisionLog::new(text))
    }

    #[test]
    fn a_log_tells_prices_groups_and_envy() {
        let log = parse(LOG.as_bytes()).unwrap();
        let figures = log.figures();
        let expected = json!({
            "offered": 3, "accepted": 2, "faults": 1, "value": 10.0, "used-share": 0.9,
            // The best two of three fill 9 of 10.
            "hindsight": [10.0, 10.0, true], "ratio": [1.0, 1.0],
            "groups": [["a", 1, 1], ["b", 1, 2]], "envy-share": 1.0,
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&figures.data[name], value, "{name}");
        }
        assert_eq!(figures.data["posted-prices"][0], json!({ "from": 0.4, "to": 0.9, "price": 5.0 }));
        assert!(figures.mistakes.is_empty(), "{:?}", figures.mistakes);
        let svg = log.svg();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn a_log_that_does_not_add_up_is_found_out() {
        let changed = |from: &str, to: &str| parse(LOG.replace(from, to).as_bytes()).unwrap();
        assert!(changed("\"value\":10.0", "\"value\":11.0").figures().mistakes[0].contains("after item 3"));
        assert!(changed("\"used\":9", "\"used\":8").figures().mistakes[0].contains("after item 3"));
        let heavier = changed("\"w\":[5]", "\"w\":[7]").recorded().unwrap();
        let violations = heavier.problem.check(&heavier.solution).unwrap().violations;
        assert!(violations[0].what == "capacity 10 at every time" && violations[0].place == "item 3" && violations[0].amount == 1.0);
        assert_eq!(changed("\"id\":3", "\"id\":1").recorded().unwrap_err().line, 5);
    }

    #[test]
    fn other_files_are_refused_with_their_line() {
        let error = parse(b"{\"id\":1,\"accept\":true}\n").unwrap_err().to_string();
        assert!(error.starts_with("line 1: found a decision without its item"), "{error}");
        assert!(parse(b"not a log\n").is_err());
        let bandit = parse(b"{\"stream\":1,\"kind\":\"replenishable-bandit\"}\n").unwrap_err().to_string();
        assert!(bandit.contains("replenishable-bandit"), "{bandit}");
        assert_eq!(parse(b"").unwrap().figures().data["offered"], 0);
    }
}
