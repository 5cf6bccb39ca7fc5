//! How even-handed the decisions on a stream were, seen afterwards.

use std::collections::BTreeMap;

/// One item of a stream, as far as fairness goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered<'a> {
    /// Its density.
    pub density: f64,
    /// Whether it was taken.
    pub accepted: bool,
    /// Whom it came from.
    pub group: Option<&'a str>,
}

/// Figures of fairness in hindsight. A posted price treats equals alike while room lasts; these figures say how the whole stream was treated, which no
/// online algorithm can promise (Lechowicz et al. 2024: time-independent fairness is impossible with a bounded ratio).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fairness {
    /// Share of the refused items that are denser than some item taken.
    pub envy_share: f64,
    /// Share of the pairs (item taken, item refused) in which the refused one is denser.
    pub inverted_pairs: f64,
    /// Share of the items taken in each quarter of the stream.
    pub quarters: [f64; 4],
    /// Items taken and offered, by group.
    pub groups: BTreeMap<String, (u64, u64)>,
}

impl Fairness {
    /// The figures of a stream.
    pub fn of(stream: &[Offered<'_>]) -> Self {
        let mut taken: Vec<f64> = stream.iter().filter(|item| item.accepted).map(|item| item.density).collect();
        taken.sort_by(f64::total_cmp);
        let refused = stream.iter().filter(|item| !item.accepted);
        let (mut envious, mut inverted, mut refusals) = (0_u64, 0_u64, 0_u64);
        for item in refused {
            let below = taken.partition_point(|&density| density < item.density) as u64;
            envious += u64::from(below > 0);
            inverted += below;
            refusals += 1;
        }
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let mut quarters = [0.0; 4];
        for (k, quarter) in quarters.iter_mut().enumerate() {
            let part = &stream[k * stream.len() / 4..(k + 1) * stream.len() / 4];
            *quarter = share(part.iter().filter(|item| item.accepted).count() as u64, part.len() as u64);
        }
        let mut groups: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for item in stream {
            let Some(group) = item.group else { continue };
            if !groups.contains_key(group) {
                groups.insert(group.to_owned(), (0, 0));
            }
            if let Some((taken, offered)) = groups.get_mut(group) {
                *taken += u64::from(item.accepted);
                *offered += 1;
            }
        }
        Self { envy_share: share(envious, refusals), inverted_pairs: share(inverted, refusals * taken.len() as u64), quarters, groups }
    }
}
