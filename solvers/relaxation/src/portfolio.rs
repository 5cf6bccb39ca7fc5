//! Which arm solves the next system.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// One way to solve a system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arm {
    /// SSOR-CG; the distance of the factor from 2 is this multiple of the prior factor's.
    Ssor {
        /// 1 is the prior itself.
        distance: f64,
    },
    /// SSOR-CG with this factor.
    SsorAt {
        /// The factor.
        omega: f64,
    },
    /// CG with diagonal incomplete factors of this modification.
    Incomplete {
        /// In [0, 1].
        modification: f64,
    },
    /// A fresh sparse Cholesky factor.
    Cholesky,
}

impl Arm {
    /// A short name.
    pub fn name(&self) -> String {
        match self {
            Self::Ssor { distance } => format!("ssor-prior-x{distance}"),
            Self::SsorAt { omega } => format!("ssor-{omega}"),
            Self::Incomplete { modification } => format!("mic-{modification}"),
            Self::Cholesky => "cholesky".into(),
        }
    }
}

/// What is known of an arm: the logarithm of its cost relative to the forecast.
#[derive(Debug, Clone, Copy, Default)]
struct Experience {
    mean: f64,
    variance: f64,
    weight: f64,
}

/// Chooses among the arms by inverse-gap weighting (Abe and Long 1999; Foster and Rakhlin 2020) over their mean log costs relative to a forecast, and
/// explores only as far as the time spent so far has paid for.
#[derive(Debug, Clone)]
pub(crate) struct Portfolio {
    pub(crate) arms: Vec<Arm>,
    experience: Vec<Experience>,
    usable: Vec<bool>,
    rng: ChaCha8Rng,
    rounds: f64,
    total: f64,
    wasted: f64,
    /// How far the incumbent has lately been above its mean, in deviations, smoothed.
    surprise: f64,
    pub(crate) resets: u64,
}

/// Exploration may waste this part of all costs.
const EXPLORATION_SHARE: f64 = 0.04;
/// Systems before anything is tried.
const FIRST_ROUNDS: f64 = 2.0;
/// Probability of trying an arm for the first time when exploring is paid for.
const UNKNOWN: f64 = 0.75;
/// Older observations fade as if there were at most so many.
const MEMORY: f64 = 50.0;
/// Sharpness of the inverse-gap weights per square root of rounds.
const SHARPNESS: f64 = 20.0;
/// Smoothed surprise, in deviations, that counts as drift.
const DRIFT: f64 = 2.0;

impl Portfolio {
    pub(crate) fn new(arms: Vec<Arm>, rng: ChaCha8Rng) -> Self {
        let count = arms.len();
        Self {
            arms,
            experience: vec![Experience::default(); count],
            usable: vec![true; count],
            rng,
            rounds: 0.0,
            total: 0.0,
            wasted: 0.0,
            surprise: 0.0,
            resets: 0,
        }
    }

    /// Never plays this arm again.
    pub(crate) fn retire(&mut self, arm: usize) {
        // The first arm stays: something has to be played.
        self.usable[arm] = arm == 0;
    }

    /// Tells the cost of an arm that was not played, relative to the forecast.
    pub(crate) fn inform(&mut self, arm: usize, relative: f64) {
        if self.experience[arm].weight == 0.0 {
            self.experience[arm] = Experience { mean: relative.max(1e-12).ln(), variance: 0.0, weight: 1.0 };
        }
    }

    /// The arm with the lowest known mean.
    pub(crate) fn incumbent(&self) -> usize {
        let known = (0..self.arms.len()).filter(|&arm| self.usable[arm] && self.experience[arm].weight > 0.0);
        known.min_by(|&a, &b| self.experience[a].mean.total_cmp(&self.experience[b].mean)).unwrap_or(0)
    }

    /// Mean cost of the incumbent relative to the forecast, once there is one.
    pub(crate) fn expected(&self) -> Option<f64> {
        let experience = self.experience[self.incumbent()];
        (experience.weight > 0.0).then(|| experience.mean.exp())
    }

    /// Draws an arm for a system whose forecast is `forecast`; returns it and its probability.
    pub(crate) fn choose(&mut self, forecast: f64) -> (usize, f64) {
        let incumbent = self.incumbent();
        let Some(expected) = self.expected() else { return (incumbent, 1.0) };
        // What is better than the incumbent wastes nothing, so exploring waits only while earlier losses are not yet paid off.
        if self.rounds < FIRST_ROUNDS || self.wasted > EXPLORATION_SHARE * self.total {
            return (incumbent, 1.0);
        }
        // Arms never tried come first, in their order.
        let unknown = (0..self.arms.len()).find(|&arm| self.usable[arm] && self.experience[arm].weight == 0.0);
        if let Some(arm) = unknown {
            let tried = self.rng.random::<f64>() < UNKNOWN;
            return if tried { (arm, UNKNOWN) } else { (incumbent, 1.0 - UNKNOWN) };
        }
        if self.wasted + expected * forecast > EXPLORATION_SHARE * self.total {
            return (incumbent, 1.0);
        }
        let sharpness = SHARPNESS * self.rounds.sqrt();
        let best = self.experience[incumbent].mean;
        let count = self.usable.iter().filter(|usable| **usable).count() as f64;
        let weight = |arm: usize| -> f64 {
            if arm == incumbent || !self.usable[arm] {
                return 0.0;
            }
            1.0 / (count + sharpness * (self.experience[arm].mean - best).max(0.0))
        };
        let mut draw: f64 = self.rng.random();
        let mut explored = 0.0;
        for arm in 0..self.arms.len() {
            let weight = weight(arm);
            if draw < weight {
                return (arm, weight);
            }
            draw -= weight;
            explored += weight;
        }
        (incumbent, 1.0 - explored)
    }

    /// Learns that `arm` cost `cost` where `forecast` was forecast.
    pub(crate) fn observe(&mut self, arm: usize, cost: f64, forecast: f64) {
        self.rounds += 1.0;
        self.total += cost;
        if let Some(expected) = self.expected()
            && arm != self.incumbent()
        {
            self.wasted += (cost - expected * forecast).max(0.0);
        }
        let value = (cost / forecast).max(1e-12).ln();
        let incumbent = arm == self.incumbent();
        let experience = &mut self.experience[arm];
        let deviation = value - experience.mean;
        if incumbent && experience.weight >= 8.0 {
            let scale = experience.variance.sqrt().max(0.02);
            self.surprise = 0.8 * self.surprise + 0.2 * (deviation / scale).clamp(-5.0, 5.0);
        }
        experience.weight = (experience.weight + 1.0).min(MEMORY);
        let rate = experience.weight.recip();
        experience.mean += rate * deviation;
        experience.variance = (1.0 - rate) * (experience.variance + rate * deviation * deviation);
        if self.surprise > DRIFT {
            self.forget();
        }
    }

    /// Drift: what is known becomes a hint.
    fn forget(&mut self) {
        self.resets += 1;
        self.surprise = 0.0;
        self.rounds = 1.0;
        for experience in &mut self.experience {
            experience.weight = experience.weight.min(1.0);
        }
    }
}
