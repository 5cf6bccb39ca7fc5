//! The engine that a maximizer runs, whichever it is.

use std::sync::Arc;

use rayon::ThreadPool;
use serde::{Deserialize, Serialize};

use crate::auto::{Auto, AutoState, expected_guesses};
use crate::constraint::Constraint;
use crate::counted::Counted;
use crate::engines::{
    BucketLevels, BucketState, Frame, LattanziLevels, LattanziState, ManySamples, ManyState, Offer, SampleLevels, SampleState, Sieve,
    SieveState, SwapGate, ThresholdGate, TwoRuns, TwoStates, estimate_error, size_grid,
};
use crate::error::{MaximizeError, OracleFault};
use crate::greedy::{Greedy, GreedyState};
use crate::grid::Grid;
use crate::guarantee::{Formula, Guarantee};
use crate::guesses::{Change, Guesses, GuessesState};
use crate::live::Live;
use crate::oracle::LevelOracle;
use crate::settings::{Engine, Settings};
use crate::work::Work;

type Samples<O> = SampleLevels<O, ThresholdGate>;
type Swaps<O> = SampleLevels<O, SwapGate>;

/// An engine at work.
pub(crate) enum Machine<O> {
    Greedy(Box<Greedy<O>>),
    Samples(Guesses<O, Samples<O>>),
    Swaps(Guesses<O, Swaps<O>>),
    Two(Guesses<O, TwoRuns<O>>),
    Buckets(Guesses<O, BucketLevels<O>>),
    Lattanzi(Guesses<O, LattanziLevels<O>>),
    Many(Guesses<O, ManySamples<O>>),
    Sieve(Guesses<O, Sieve<O>>),
    AutoSamples(Box<Auto<O, Samples<O>>>),
    AutoSwaps(Box<Auto<O, Swaps<O>>>),
}

/// What is saved of a machine.
#[derive(Serialize, Deserialize)]
pub(crate) enum MachineState {
    Greedy(GreedyState),
    Samples(GuessesState<SampleState>),
    Swaps(GuessesState<SampleState>),
    Two(GuessesState<TwoStates>),
    Buckets(GuessesState<BucketState>),
    Lattanzi(GuessesState<LattanziState>),
    Many(GuessesState<ManyState>),
    Sieve(GuessesState<SieveState>),
    AutoSamples(AutoState<SampleState>),
    AutoSwaps(AutoState<SampleState>),
}

/// A greedy answer is complete; guesses offer many, of which the best is taken and improved.
pub(crate) enum Found {
    /// The greedy set, its value, and an upper bound on the optimum if the function is monotone.
    Greedy(Vec<u32>, f64, f64),
    /// Feasible sets, with values where they are known, elements to look at beside theirs, and an upper bound on the optimum if the function is monotone and
    /// there is one.
    Offers(Vec<Offer>, Vec<u32>, Option<f64>),
}

macro_rules! each {
    ($self:expr, $greedy:ident => $of_greedy:expr, $guesses:ident => $of_guesses:expr, $auto:ident => $of_auto:expr) => {
        match $self {
            Machine::Greedy($greedy) => $of_greedy,
            Machine::Samples($guesses) => $of_guesses,
            Machine::Swaps($guesses) => $of_guesses,
            Machine::Two($guesses) => $of_guesses,
            Machine::Buckets($guesses) => $of_guesses,
            Machine::Lattanzi($guesses) => $of_guesses,
            Machine::Many($guesses) => $of_guesses,
            Machine::Sieve($guesses) => $of_guesses,
            Machine::AutoSamples($auto) => $of_auto,
            Machine::AutoSwaps($auto) => $of_auto,
        }
    };
}

impl<O: LevelOracle> Machine<O> {
    /// The machine for these settings.
    pub(crate) fn new(
        oracle: &Counted<O>,
        constraint: &Constraint,
        settings: &Settings,
        pool: Option<Arc<ThreadPool>>,
    ) -> Result<Self, MaximizeError> {
        let function = oracle.oracle();
        let monotone = function.is_monotone();
        let refuse = |what| Err(MaximizeError::Unsupported { engine: settings.engine.name(), what });
        let most = constraint.most(function.elements());
        let frame = Frame {
            guess: 0,
            threshold: 1.0,
            constraint: constraint.clone(),
            most,
            eps: settings.eps,
            trials: settings.trials,
            seed: settings.seed,
        };
        let thresholds = |share: f64| Grid::thresholds(most, settings.eps, share);
        let greedy = |keeps_prefix| Greedy::new(oracle, constraint.clone(), keeps_prefix);
        let matroid = matches!(constraint, Constraint::Matroid(_));
        let halves = thresholds(sample_share(settings.eps));
        Ok(match settings.engine {
            Engine::RepairGreedy => Self::Greedy(Box::new(greedy(true))),
            Engine::Recompute => Self::Greedy(Box::new(greedy(false))),
            // Nothing is known to hold for functions that may be negative, nor for those that are not monotone under a matroid: greedy does as well as any.
            Engine::Auto if !monotone && (matroid || !function.is_non_negative()) => Self::Greedy(Box::new(greedy(true))),
            Engine::Auto | Engine::SingleSample if !monotone => {
                if matroid {
                    return refuse("a function that is not monotone under a matroid");
                }
                Self::Two(Guesses::new(oracle, frame, thresholds(two_runs_share(settings.eps)), pool))
            }
            Engine::Auto if matroid => {
                let net = Guesses::new(oracle, frame, Grid::floors(most, settings.eps), pool);
                Self::AutoSwaps(Box::new(Auto::new(greedy(true), net, most, 1)))
            }
            Engine::Auto => {
                let net = Guesses::new(oracle, frame, halves, pool);
                Self::AutoSamples(Box::new(Auto::new(greedy(true), net, most, expected_guesses(most, settings.eps))))
            }
            Engine::SingleSample if matroid => Self::Swaps(Guesses::new(oracle, frame, Grid::floors(most, settings.eps), pool)),
            _ if matroid => return refuse("a matroid"),
            Engine::SingleSample => Self::Samples(Guesses::new(oracle, frame, halves, pool)),
            _ if !monotone => return refuse("a function that is not monotone"),
            Engine::LeveledBuckets => Self::Buckets(Guesses::new(oracle, frame, thresholds(bucket_share(settings.eps)), pool)),
            Engine::Lattanzi => Self::Lattanzi(Guesses::new(oracle, frame, halves, pool)),
            Engine::Monemizadeh => Self::Many(Guesses::new(oracle, frame, halves, pool)),
            Engine::Sieve => Self::Sieve(Guesses::new(oracle, frame, halves, pool)),
        })
    }

    /// What is proved about the present answer; nothing for comparators and for functions that may be negative.
    pub(crate) fn guarantee(&self, oracle: &O, settings: &Settings, constraint: &Constraint) -> Option<Guarantee> {
        let eps = settings.eps;
        let samples = || Guarantee::sure(sample_share(eps), Formula::Thresholds);
        let swaps = || Guarantee::sure((1.0 - eps / 2.0) / 4.0, Formula::Swaps);
        let greedy = || match constraint {
            Constraint::Cardinality(most) => Guarantee::greedy(*most),
            // Fisher, Nemhauser, Wolsey 1978.
            Constraint::Matroid(_) => Guarantee::sure(0.5, Formula::GreedyUnderMatroid),
        };
        if !oracle.is_non_negative() || !oracle.is_monotone() && !matches!(self, Self::Two(_)) {
            return None;
        }
        match self {
            Self::Greedy(_) => Some(greedy()),
            Self::Samples(_) | Self::Sieve(_) => Some(samples()),
            Self::Swaps(_) => Some(swaps()),
            Self::Two(_) => Some(Guarantee::sure(two_runs_share(eps), Formula::TwoRuns)),
            Self::Buckets(_) => bucket_factor(eps, settings.trials, constraint.most(oracle.elements()))
                .map(|factor| Guarantee::in_expectation(factor, Formula::Blocks)),
            Self::Lattanzi(_) | Self::Many(_) => None,
            Self::AutoSamples(auto) => Some(if auto.on_net() { samples() } else { greedy() }),
            Self::AutoSwaps(auto) => Some(if auto.on_net() { swaps() } else { greedy() }),
        }
    }

    /// Takes in a change; `live` is as it is after it. Returns the evaluations of each change that was worked off, the oldest first.
    pub(crate) fn update(&mut self, change: Change, live: &Live) -> Result<Vec<u64>, OracleFault> {
        each!(self,
            greedy => {
                if change.inserted { greedy.insert(change.element) } else { greedy.delete(change.element) }
                Ok(vec![0])
            },
            guesses => guesses.update(change, live),
            auto => auto.update(change, live))
    }

    /// Works off what is pending.
    pub(crate) fn flush(&mut self) -> Result<Vec<u64>, OracleFault> {
        each!(self, _greedy => Ok(Vec::new()), guesses => guesses.flush(), auto => auto.net().flush())
    }

    /// Starts from the live elements, whatever there was.
    pub(crate) fn load(&mut self, live: &Live, changes: u64) -> Result<(), OracleFault> {
        each!(self,
            greedy => {
                greedy.forget();
                Ok(())
            },
            guesses => guesses.load(live, changes),
            auto => auto.load(live, changes))
    }

    /// The answer of the moment.
    pub(crate) fn find(&mut self, live: &Live) -> Result<Found, OracleFault> {
        let by_greedy = |greedy: &mut Greedy<O>| {
            let (chosen, value, bound) = greedy.solve(live)?;
            Ok(Found::Greedy(chosen.to_vec(), value, bound))
        };
        each!(self,
        greedy => by_greedy(greedy),
        guesses => {
            guesses.turn(live)?;
            Ok(Found::Offers(guesses.offers()?, guesses.aside().to_vec(), guesses.upper_bound(live.largest())))
        },
        auto => if auto.on_net() {
            auto.net().turn(live)?;
            Ok(Found::Offers(auto.net().offers()?, Vec::new(), auto.net().upper_bound(live.largest())))
        } else {
            by_greedy(auto.greedy())
        })
    }

    /// Books work done since the last answer and turns to another engine where that is due.
    pub(crate) fn settle(&mut self, work: u64, live: &Live) -> Result<(), OracleFault> {
        each!(self, _greedy => Ok(()), _guesses => Ok(()), auto => auto.settle(work, live))
    }

    pub(crate) fn work(&self) -> Work {
        each!(self, greedy => greedy.work(), guesses => guesses.work(), auto => auto.work())
    }

    pub(crate) fn kept_guesses(&self) -> usize {
        each!(self, _greedy => 0, guesses => guesses.kept(), auto => auto.net_ref().kept())
    }

    pub(crate) fn turns(&self) -> u64 {
        each!(self, _greedy => 0, _guesses => 0, auto => auto.turns())
    }

    pub(crate) fn save(&self) -> MachineState {
        match self {
            Self::Greedy(greedy) => MachineState::Greedy(greedy.save()),
            Self::Samples(guesses) => MachineState::Samples(guesses.save()),
            Self::Swaps(guesses) => MachineState::Swaps(guesses.save()),
            Self::Two(guesses) => MachineState::Two(guesses.save()),
            Self::Buckets(guesses) => MachineState::Buckets(guesses.save()),
            Self::Lattanzi(guesses) => MachineState::Lattanzi(guesses.save()),
            Self::Many(guesses) => MachineState::Many(guesses.save()),
            Self::Sieve(guesses) => MachineState::Sieve(guesses.save()),
            Self::AutoSamples(auto) => MachineState::AutoSamples(auto.save()),
            Self::AutoSwaps(auto) => MachineState::AutoSwaps(auto.save()),
        }
    }

    /// Continues from a saved state; `None` where it is damaged or another engine's.
    pub(crate) fn restore(&mut self, state: MachineState) -> Option<()> {
        match (self, state) {
            (Self::Greedy(greedy), MachineState::Greedy(state)) => greedy.restore(state),
            (Self::Samples(guesses), MachineState::Samples(state)) => guesses.restore(state),
            (Self::Swaps(guesses), MachineState::Swaps(state)) => guesses.restore(state),
            (Self::Two(guesses), MachineState::Two(state)) => guesses.restore(state),
            (Self::Buckets(guesses), MachineState::Buckets(state)) => guesses.restore(state),
            (Self::Lattanzi(guesses), MachineState::Lattanzi(state)) => guesses.restore(state),
            (Self::Many(guesses), MachineState::Many(state)) => guesses.restore(state),
            (Self::Sieve(guesses), MachineState::Sieve(state)) => guesses.restore(state),
            (Self::AutoSamples(auto), MachineState::AutoSamples(state)) => auto.restore(state),
            (Self::AutoSwaps(auto), MachineState::AutoSwaps(state)) => auto.restore(state),
            _ => None,
        }
    }
}

/// The share of the optimum that one sample per level is proved to reach.
///
/// Let the threshold `t` have `k t` in `[OPT/(2 + eps), (1 + eps) OPT/(2 + eps))`. A full choice is worth `k t` at least. Otherwise every live element gains less than `t`, and
/// `OPT <= f(G) + k t` by submodularity and monotonicity, so `f(G) >= OPT (1 - (1 + eps)/(2 + eps)) = OPT/(2 + eps)`.
fn sample_share(eps: f64) -> f64 {
    1.0 / (2.0 + eps)
}

/// See [`TwoRuns`]: with `k t` in `[OPT/(7 + 2 eps), (1 + eps) OPT/(7 + 2 eps))`, `5 best + 2 k t >= OPT` gives `best >= OPT/(7 + 2 eps)`.
fn two_runs_share(eps: f64) -> f64 {
    1.0 / (7.0 + 2.0 * eps)
}

/// The share of the optimum that `V = sum of m_i low_i` reaches with blocks sampled from buckets.
///
/// Every block has `f(S_i | G_{i-1}) <= (1 + eps) m_i low_i`, so `f(G) <= (1 + eps) V`. With `k t` in `[OPT/(2 (1 + eps)), OPT/2)` a full choice has `V >= k t`; otherwise
/// `OPT <= f(G) + k t` and `V >= (OPT - OPT/2)/(1 + eps)`.
fn bucket_share(eps: f64) -> f64 {
    1.0 / (2.0 * (1.0 + eps))
}

/// The share of the optimum that blocks sampled from buckets are proved to reach in expectation; `None` where the estimates are too rough to prove anything.
///
/// An element of `S_i` counts with `low_i` if it is alive and gained `low_i` when it was drawn. Deletions, fixed in advance, hit less than an eps share of `B_i`, and `S_i` is
/// uniform in it, so it is dead with probability less than `eps`. Let an estimate accept a size after which only a share below `1 - beta` of the bucket keeps its gains with
/// probability at most `delta`, all estimates for one block together; then it missed its gain with probability at most `beta + delta`, since gains fall along the
/// draws. Alive elements gain no less when others are left out. So `E f(alive) >= (1 - eps - beta - delta) V`. The bound holds for every `beta`; the best one is taken.
fn bucket_factor(eps: f64, trials: u32, most: usize) -> Option<f64> {
    // The sizes of the grid are bisected, the largest one first.
    let estimates = 1.0 + (size_grid(most, eps).len() as f64).log2().ceil();
    let missed = (1..1000).map(|step| f64::from(step) / 1000.0).map(|beta| beta + estimates * estimate_error(trials, eps, beta));
    let missed = missed.min_by(f64::total_cmp)?;
    let factor = (1.0 - eps - missed) * bucket_share(eps);
    (factor > 0.0).then_some(factor)
}
