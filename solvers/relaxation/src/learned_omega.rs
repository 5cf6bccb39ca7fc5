//! SOR and SSOR-CG whose relaxation factor is learned from system to system.

use std::marker::PhantomData;

use fathom_opt_core::{OptionError, Outcome, Run, SolveError, Solver, WarmStart};
use fathom_opt_learners::{Bandit, Binned, ChebCb, DriftReset, Estimator, LossScale, ThompsonSampling, TsallisInf, Uniform};
use fathom_opt_linalg::RelaxationFactor;
use fathom_opt_problems::linear_sequence::{Change, LinearSequence, LinearSequenceSolution};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::driver::Frame;
use crate::initial_vectors::InitialVectors;
use crate::keep::Keep;
use crate::learned::Learned;
use crate::option::relaxation_factor;
use crate::relaxed::{Relaxed, requirement};
use crate::rescaled::Rescaled;
use crate::start_at::StartAt;

/// The two experiments of the source paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Shifted Laplacians: 20 factors from 1 to 1.95, contexts from -0.15 to 0.65, 5 bins.
    PaperSor,
    /// Heat equation: the same factors, 6 bins over the range of contexts.
    PaperHeat,
}

/// A learner without context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Learner {
    /// Tsallis-INF with importance weights: the paper's.
    #[default]
    TsallisInf,
    /// Tsallis-INF with the reduced-variance estimator.
    TsallisInfRv,
    /// Gaussian Thompson sampling.
    Thompson,
    /// No learning: every factor alike.
    Uniform,
}

/// A learner that knows how much the diagonal changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContextualLearner {
    /// Inverse-gap weighting over Chebyshev regressions: the paper's.
    #[default]
    ChebCb,
    /// One Tsallis-INF per bin of the context: the paper's other one.
    TsallisInfBins,
    /// The same with the reduced-variance estimator.
    TsallisInfRvBins,
}

/// What losses are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The mean of all losses so far: the experiments.
    #[default]
    RunningMean,
    /// The largest loss so far.
    ObservedMaximum,
    /// The cap on iterations: the theory.
    WorstCase,
}

/// Learns the relaxation factor from the numbers of iterations alone (Khodak, Chow, Balcan and Talwalkar, ICLR 2024): Tsallis-INF over a grid of factors.
/// `M` says whether the factor is that of SSOR-preconditioned CG or of SOR itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case", bound = "")]
#[schemars(bound = "")]
pub struct OmegaBandit<M: Relaxed> {
    /// One of the paper's experiments; overrides the grid and the scale.
    pub preset: Option<Preset>,
    /// The learner.
    pub learner: Learner,
    /// Number of factors to choose from.
    pub arms: usize,
    /// Smallest factor.
    pub omega_from: f64,
    /// Largest factor.
    pub omega_to: f64,
    /// What losses are divided by.
    pub scale: Scale,
    /// Whether to learn anew when losses leave what was known. The paper does not.
    pub drift_reset: bool,
    /// Iterations per system before giving up.
    pub max_iterations: u64,
    /// Whether to solve every system with every other factor, too, so that the trace shows the regret; takes as many times longer as there are factors.
    pub regret: bool,
    /// Where the iteration of each system starts.
    pub start: StartAt,
    /// Which solution vectors to return.
    pub keep: Keep,
    /// SOR or SSOR-CG.
    #[serde(skip)]
    pub method: PhantomData<M>,
}

impl<M: Relaxed> Default for OmegaBandit<M> {
    fn default() -> Self {
        Self {
            preset: None,
            learner: Learner::TsallisInf,
            arms: 20,
            omega_from: 1.0,
            omega_to: 1.95,
            scale: Scale::RunningMean,
            drift_reset: false,
            max_iterations: 10_000,
            regret: false,
            start: StartAt::Problem,
            keep: Keep::Auto,
            method: PhantomData,
        }
    }
}

/// Learns the relaxation factor as a function of the context, the mean change of the diagonal (Khodak, Chow, Balcan and Talwalkar, ICLR 2024): `ChebCB`, or one
/// Tsallis-INF per bin. `M` says whether the factor is that of SSOR-preconditioned CG or of SOR itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case", bound = "")]
#[schemars(bound = "")]
pub struct OmegaContextual<M: Relaxed> {
    /// One of the paper's experiments; overrides the grid, the bins and the range.
    pub preset: Option<Preset>,
    /// The learner.
    pub learner: ContextualLearner,
    /// Number of factors to choose from.
    pub arms: usize,
    /// Smallest factor.
    pub omega_from: f64,
    /// Largest factor.
    pub omega_to: f64,
    /// Bins of the context.
    pub bins: usize,
    /// Smallest context; by default that of the sequence, which is taken as known beforehand.
    pub context_from: Option<f64>,
    /// Largest context; by default that of the sequence.
    pub context_to: Option<f64>,
    /// Whether the learner sees the logarithm of the context, where contexts are positive; shifts often span decades.
    pub log_context: bool,
    /// Iterations per system before giving up.
    pub max_iterations: u64,
    /// Whether to solve every system with every other factor, too, so that the trace shows the regret; takes as many times longer as there are factors.
    pub regret: bool,
    /// Where the iteration of each system starts.
    pub start: StartAt,
    /// Which solution vectors to return.
    pub keep: Keep,
    /// SOR or SSOR-CG.
    #[serde(skip)]
    pub method: PhantomData<M>,
}

impl<M: Relaxed> Default for OmegaContextual<M> {
    fn default() -> Self {
        Self {
            preset: None,
            learner: ContextualLearner::ChebCb,
            arms: 20,
            omega_from: 1.0,
            omega_to: 1.95,
            bins: 6,
            context_from: None,
            context_to: None,
            log_context: true,
            max_iterations: 10_000,
            regret: false,
            start: StartAt::Problem,
            keep: Keep::Auto,
            method: PhantomData,
        }
    }
}

/// The factors to choose from.
fn grid(preset: Option<Preset>, arms: usize, from: f64, to: f64) -> Result<Vec<RelaxationFactor>, OptionError> {
    let (arms, from, to) = if preset.is_some() { (20, 1.0, 1.95) } else { (arms, from, to) };
    if arms == 0 || arms > 1000 {
        return Err(OptionError::new("arms", arms, "1 to 1000"));
    }
    relaxation_factor("omega-from", from)?;
    relaxation_factor("omega-to", to)?;
    if from > to {
        return Err(OptionError::new("omega-from", from, format!("at most omega-to, {to}")));
    }
    let gap = (to - from) / (arms - 1).max(1) as f64;
    (0..arms).map(|arm| relaxation_factor("omega-to", from + gap * arm as f64)).collect()
}

/// The mean change of the diagonal that each system brings, where it is known beforehand.
fn contexts(problem: &LinearSequence) -> Vec<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let context = |change: &Change| match change {
        Change::Shift(shift) => *shift,
        Change::Diagonal(added) => mean(added),
        Change::None | Change::Values(_) | Change::Matrix(_) => 0.0,
    };
    problem.steps().iter().map(|step| context(&step.change)).collect()
}

impl<M: Relaxed> Solver<LinearSequence> for OmegaBandit<M> {
    const NAME: &'static str = if M::CG { "ssor-cg-bandit" } else { "sor-bandit" };
    const SUMMARY: &'static str =
        if M::CG { "SSOR-CG with a factor learned by Tsallis-INF" } else { "SOR with a factor learned by Tsallis-INF" };

    fn validate(&self) -> Result<(), OptionError> {
        grid(self.preset, self.arms, self.omega_from, self.omega_to).map(|_| ())
    }

    fn accepts(&self, problem: &LinearSequence) -> Result<(), SolveError> {
        requirement::<M>().check(Self::NAME, problem)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<LinearSequence>> {
        Some(&InitialVectors)
    }

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let grid = grid(self.preset, self.arms, self.omega_from, self.omega_to)?;
        let scale = match self.scale {
            _ if self.preset.is_some() => LossScale::RunningMean,
            Scale::RunningMean => LossScale::RunningMean,
            Scale::ObservedMaximum => LossScale::ObservedMaximum,
            Scale::WorstCase => LossScale::WorstCase(self.max_iterations as f64),
        };
        let learner: Box<dyn Bandit + Send> = match self.learner {
            Learner::TsallisInf => Box::new(TsallisInf::new(grid.len(), Estimator::ImportanceWeighted, scale)),
            Learner::TsallisInfRv => Box::new(TsallisInf::new(grid.len(), Estimator::ReducedVariance, scale)),
            Learner::Thompson => Box::new(ThompsonSampling::new(grid.len())),
            Learner::Uniform => Box::new(Uniform::new(grid.len())),
        };
        let learner: Box<dyn Bandit + Send> = if self.drift_reset { Box::new(DriftReset::new(learner)) } else { learner };
        let frame = Frame { max_iterations: self.max_iterations, start: self.start, keep: self.keep };
        let contexts = vec![0.0; problem.steps().len()];
        Learned::<M>::new(&Rescaled::of(problem), run, grid, learner, contexts, self.regret).run(frame, run)
    }
}

impl<M: Relaxed> Solver<LinearSequence> for OmegaContextual<M> {
    const NAME: &'static str = if M::CG { "ssor-cg-contextual" } else { "sor-contextual" };
    const SUMMARY: &'static str = if M::CG {
        "SSOR-CG with a factor learned as a function of the shift"
    } else {
        "SOR with a factor learned as a function of the shift"
    };

    fn validate(&self) -> Result<(), OptionError> {
        grid(self.preset, self.arms, self.omega_from, self.omega_to)?;
        if self.bins == 0 || self.bins > 1000 {
            return Err(OptionError::new("bins", self.bins, "1 to 1000"));
        }
        for (name, bound) in [("context-from", self.context_from), ("context-to", self.context_to)] {
            if let Some(bound) = bound.filter(|bound| !bound.is_finite()) {
                return Err(OptionError::new(name, bound, "a finite number"));
            }
        }
        Ok(())
    }

    fn accepts(&self, problem: &LinearSequence) -> Result<(), SolveError> {
        requirement::<M>().check(Self::NAME, problem)
    }

    fn warm_start(&self) -> Option<&dyn WarmStart<LinearSequence>> {
        Some(&InitialVectors)
    }

    fn solve_accepted(&self, problem: &LinearSequence, run: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        let grid = grid(self.preset, self.arms, self.omega_from, self.omega_to)?;
        let mut contexts = contexts(problem);
        let logarithmic = self.log_context && self.preset != Some(Preset::PaperSor) && contexts.iter().all(|context| *context > 0.0);
        let mapped = |context: f64| if logarithmic { context.ln() } else { context };
        for context in &mut contexts {
            *context = mapped(*context);
        }
        let least = contexts.iter().copied().fold(f64::INFINITY, f64::min);
        let most = contexts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = match self.preset {
            Some(Preset::PaperSor) => (-0.15, 0.65),
            Some(Preset::PaperHeat) => (least, most),
            None => (self.context_from.map_or(least, mapped), self.context_to.map_or(most, mapped)),
        };
        let bins = match self.preset {
            Some(Preset::PaperSor) => 5,
            Some(Preset::PaperHeat) => 6,
            None => self.bins,
        };
        let tsallis = |estimator| TsallisInf::new(grid.len(), estimator, LossScale::RunningMean);
        let learner: Box<dyn Bandit + Send> = match self.learner {
            ContextualLearner::ChebCb => Box::new(ChebCb::new(grid.len(), range)),
            ContextualLearner::TsallisInfBins => Box::new(Binned::new(range, bins, &tsallis(Estimator::ImportanceWeighted))),
            ContextualLearner::TsallisInfRvBins => Box::new(Binned::new(range, bins, &tsallis(Estimator::ReducedVariance))),
        };
        let frame = Frame { max_iterations: self.max_iterations, start: self.start, keep: self.keep };
        Learned::<M>::new(&Rescaled::of(problem), run, grid, learner, contexts, self.regret).run(frame, run)
    }
}
