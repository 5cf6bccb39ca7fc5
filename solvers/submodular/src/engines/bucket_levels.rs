//! Levels of whole blocks, each a uniform sample of a bucket of equal gains: our derivation of an engine as "Dynamic Constrained Submodular
//! Optimization with Polylogarithmic Update Time" (Banihashem et al., ICML 2023) describes it in its abstract. The paper's text could not be had; constants,
//! names and proof are our own.
//!
//! Level `i` has candidates `R_i`, those that gain at least the threshold on top of `G_{i-1}`. Some of them, drawn uniformly, are considered: a bucket holds those
//! whose gains lie within a factor `1 + eps`, and of one of the fullest, `B_i`, a uniform sample `S_i` of `m_i` elements is added at once. `m_i` is about the
//! largest number after which a share of `1 - eps` of the bucket still gains what it gained. Elements of `S_i` that die stay in `G` as ghosts; only answers leave
//! them out.
//!
//! Whether a level is rebuilt depends on the stream, on `G_{i-1}` and on `B_i`, never on which elements of `B_i` were drawn: so `S_i` stays uniform as long as
//! the level stands, and a stream that was fixed in advance kills an eps share of it in expectation at most.

use std::sync::Arc;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::levels::{Frame, Levels, Offer, sound};
use crate::counted::{self, Counted};
use crate::depth_lists::DepthLists;
use crate::draws::Draws;
use crate::error::OracleFault;
use crate::oracle::{LevelOracle, reaches};
use crate::work::Work;

/// A level may have half as many candidates again as when it was built.
const GROWTH: f64 = 1.5;

/// Buckets are looked for among so many candidates, or eight times as many as may be chosen. Deletions that were fixed in advance meet a sample as they meet all.
#[cfg(not(test))]
const CONSIDERED: usize = 512;
/// Small, so that small tests have others beside those considered.
#[cfg(test)]
const CONSIDERED: usize = 8;

/// A bucket is at least so full, compared with the fullest one.
const FULLEST_SHARE: f64 = 0.75;

/// The share of a bucket that may be dead before level `index + 1` is rebuilt: less than `eps`, and the less the lower the level.
///
/// Where elements die evenly, all levels wear at the same pace; a rebuild of a low level renews those above it, so it should come first.
fn wear_limit(index: usize, eps: f64) -> f64 {
    eps * (1.0 - 0.125 / (index + 1) as f64)
}

/// A level.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Block {
    /// The number of the build that made it.
    pub(crate) number: u64,
    /// `|R_i|` when the level was built.
    pub(crate) built: usize,
    /// `B_i`, increasing.
    pub(crate) bucket: Vec<u32>,
    /// `S_i`, in the order drawn.
    pub(crate) sample: Vec<u32>,
    /// The least gain in the bucket.
    pub(crate) low: f64,
    /// How many elements of the bucket are not live.
    pub(crate) dead: usize,
}

/// The levels of one guess. The depth of a candidate is the last level it is a candidate of.
pub(crate) struct BucketLevels<O> {
    oracle: Counted<O>,
    frame: Arc<Frame>,
    state: BucketState,
    /// The height of the oracle's stack below each level and on top of the last one.
    heights: Vec<usize>,
}

/// All that is drawn and not computed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct BucketState {
    pub(crate) blocks: Vec<Block>,
    pub(crate) candidates: DepthLists,
    /// How many levels were built so far: each build has a random stream of its own.
    builds: u64,
    work: Work,
}

/// The chance that an estimate accepts a sample size after which less than `1 - beta` of the bucket keeps its gains, at most:
/// the chance of as few failures in `trials` trials, each failing with probability `beta`, as are accepted.
pub(crate) fn estimate_error(trials: u32, eps: f64, beta: f64) -> f64 {
    let accepted = (f64::from(trials) * eps / 2.0).floor() as u32;
    let mut term = (1.0 - beta).powi(trials as i32);
    let mut sum = term;
    for failures in 1..=accepted {
        term *= f64::from(trials - failures + 1) / f64::from(failures) * beta / (1.0 - beta);
        sum += term;
    }
    sum.min(1.0)
}

/// The sizes that are tried for a block of at most `cap` elements: 1 first, `cap` last, about `1 + eps` apart.
pub(crate) fn size_grid(cap: usize, eps: f64) -> Vec<usize> {
    let mut grid = vec![1];
    while let Some(&last) = grid.last().filter(|&&last| last < cap) {
        let next = ((last as f64 * (1.0 + eps)) as usize).max(last + 1);
        grid.push(next.min(cap));
    }
    grid
}

impl<O: LevelOracle> BucketLevels<O> {
    /// The elements of `G`, ghosts included.
    fn stack(&self) -> impl Iterator<Item = u32> + '_ {
        self.state.blocks.iter().flat_map(|block| &block.sample).copied()
    }

    /// Drops the levels from `level` on and builds them anew.
    ///
    /// Buckets are looked for among a uniform sample of the candidates, which is filtered from level to level and filled up from the others; what the others pass is
    /// found by bisection in the end.
    fn rebuild(&mut self, level: usize) -> Result<(), OracleFault> {
        self.state.blocks.truncate(level - 1);
        self.heights.truncate(level);
        self.oracle.truncate(self.heights[level - 1]);
        let mut others = self.state.candidates.drain_from(level);
        let most_considered = CONSIDERED.max(8 * self.frame.most);
        let mut considered: Vec<(u32, f64)> = Vec::with_capacity(others.len().min(most_considered));
        let mut sampled: Vec<u32> = Vec::new();
        loop {
            let depth = self.state.blocks.len();
            let height = self.oracle.height();
            if height == self.frame.most {
                for &(element, _) in &considered {
                    self.state.candidates.insert(element, depth);
                }
                break;
            }
            for (element, _) in std::mem::take(&mut considered) {
                // What was sampled gains nothing any more.
                let gain = if sampled.binary_search(&element).is_ok() { 0.0 } else { self.oracle.gain(element, height)? };
                if reaches(gain, self.frame.threshold) {
                    considered.push((element, gain));
                } else {
                    self.state.candidates.insert(element, depth);
                }
            }
            // Three random streams for every level: who is considered, the trials, the sample. The sample's draws must not depend on how many trials there were.
            let build = self.state.builds + 1;
            let mut draws = Draws::new(self.frame.seed, self.frame.guess, 3 * build);
            while considered.len() < most_considered && !others.is_empty() {
                let element = others.swap_remove(draws.rng.random_range(0..others.len()));
                let gain = self.oracle.gain(element, height)?;
                // Candidates of the level where this starts are known to pass.
                if depth + 1 == level || reaches(gain, self.frame.threshold) {
                    considered.push((element, gain));
                } else {
                    self.place(element, level, depth)?;
                }
            }
            if considered.is_empty() {
                break;
            }
            let (low, bucket) = self.bucket(&considered);
            self.state.builds = build;
            let mut draws = Draws::new(self.frame.seed, self.frame.guess, 3 * build + 1);
            let size = self.sample_size(&bucket, low, &mut draws)?;
            let mut draws = Draws::new(self.frame.seed, self.frame.guess, 3 * build + 2);
            let sample = draw(&mut bucket.clone(), size, &mut draws);
            for &element in &sample {
                self.oracle.push(element);
            }
            sampled.clone_from(&sample);
            sampled.sort_unstable();
            self.heights.push(self.oracle.height());
            self.state.blocks.push(Block { number: build, built: 0, bucket, sample, low, dead: 0 });
        }
        let levels = self.state.blocks.len();
        for element in others {
            self.place(element, level, levels)?;
        }
        for index in level - 1..levels {
            self.state.blocks[index].built = self.state.candidates.from(index + 1);
        }
        Ok(())
    }

    /// Puts `element`, which passes `G_{level-1}`, at its depth of at most `most`: it does not pass `G_most`, or nobody is asked to.
    fn place(&mut self, element: u32, level: usize, most: usize) -> Result<(), OracleFault> {
        let heights = std::mem::take(&mut self.heights);
        let passed = self.oracle.deepest(element, self.frame.threshold, counted::Levels::Of(&heights[level - 1..most]));
        self.heights = heights;
        self.state.candidates.insert(element, level + passed?);
        Ok(())
    }

    /// A bucket among the fullest, and the least gain it admits.
    ///
    /// A bucket reaches from some candidate's gain down to a `1 + eps`-th of it, or to the threshold. The fullest of these is no smaller than the fullest of a fixed
    /// grid. Of all that have at least [`FULLEST_SHARE`] of its elements the one that reaches down furthest is taken: the gains of its members have the most room
    /// to fall, so more of them can be drawn at once and there are fewer levels.
    fn bucket(&self, gains: &[(u32, f64)]) -> (f64, Vec<u32>) {
        let mut sorted: Vec<f64> = gains.iter().map(|&(_, gain)| gain).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let floor = |top: f64| (top / (1.0 + self.frame.eps)).max(self.frame.threshold).min(top);
        let mut end = 0;
        let mut sizes = Vec::with_capacity(sorted.len());
        for (start, &top) in sorted.iter().enumerate() {
            while end < sorted.len() && sorted[end] >= floor(top) {
                end += 1;
            }
            sizes.push(end - start);
        }
        let wanted = FULLEST_SHARE * sizes.iter().copied().max().unwrap_or(0) as f64;
        let (mut low, mut top) = (f64::INFINITY, f64::INFINITY);
        for (&gain, &size) in sorted.iter().zip(&sizes) {
            if size as f64 >= wanted && floor(gain) < low {
                (low, top) = (floor(gain), gain);
            }
        }
        let members = gains.iter().filter(|&&(_, gain)| gain >= low && gain <= top);
        let mut bucket: Vec<u32> = members.map(|&(element, _)| element).collect();
        bucket.sort_unstable();
        (low, bucket)
    }

    /// How many elements of `bucket` are drawn: the largest size of a geometric grid that estimates accept, found by bisection. A size `m` is accepted when in
    /// enough trials the last of `m` elements drawn still gains `low` on top of those before it.
    fn sample_size(&mut self, bucket: &[u32], low: f64, draws: &mut Draws) -> Result<usize, OracleFault> {
        let cap = (self.frame.most - self.oracle.height()).min(bucket.len());
        let grid = size_grid(cap, self.frame.eps);
        let (mut accepted, mut refused) = (0, grid.len());
        let mut probe = grid.len() - 1;
        let mut scratch = bucket.to_vec();
        while refused - accepted > 1 {
            if self.keeps_gains(&mut scratch, grid[probe], low, draws)? {
                accepted = probe;
            } else {
                refused = probe;
            }
            probe = accepted.midpoint(refused);
        }
        Ok(grid[accepted])
    }

    /// Whether at most `eps / 2` of the trials fail.
    fn keeps_gains(&mut self, scratch: &mut [u32], size: usize, low: f64, draws: &mut Draws) -> Result<bool, OracleFault> {
        let height = self.oracle.height();
        let mut failures_left = (f64::from(self.frame.trials) * self.frame.eps / 2.0).floor() as i64;
        for _ in 0..self.frame.trials {
            let drawn = draw(scratch, size, draws);
            for &element in &drawn[..size - 1] {
                self.oracle.push(element);
            }
            let kept = self.oracle.reaches(drawn[size - 1], height + size - 1, low);
            self.oracle.truncate(height);
            failures_left -= i64::from(!kept?);
            if failures_left < 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A uniform ordered sample of `size` of the elements.
fn draw(elements: &mut [u32], size: usize, draws: &mut Draws) -> Vec<u32> {
    for position in 0..size {
        let other = draws.rng.random_range(position..elements.len());
        elements.swap(position, other);
    }
    elements[..size].to_vec()
}

impl<O: LevelOracle> Levels<O> for BucketLevels<O> {
    type State = BucketState;

    /// A guess that were dropped because its own sample is worth much would be kept only with samples worth little.
    const ANCHORED: bool = true;

    fn new(oracle: &Counted<O>, frame: Arc<Frame>) -> Self {
        Self { oracle: oracle.fresh(), frame, state: BucketState::default(), heights: vec![0] }
    }

    fn load(&mut self, elements: Vec<u32>) -> Result<(), OracleFault> {
        self.state.candidates.drain_from(1);
        for element in elements {
            self.state.candidates.insert(element, 1);
        }
        self.rebuild(1)
    }

    fn insert(&mut self, element: u32) -> Result<(), OracleFault> {
        let levels = self.state.blocks.len();
        let full = self.oracle.height() == self.frame.most;
        let last = if full { levels - 1 } else { levels };
        let heights = std::mem::take(&mut self.heights);
        let depth = self.oracle.deepest(element, self.frame.threshold, counted::Levels::Of(&heights[..=last]));
        self.heights = heights;
        let depth = depth? + 1;
        self.state.candidates.insert(element, depth);
        // Whoever comes back to a bucket is dead no longer.
        for block in self.state.blocks.iter_mut().take(depth) {
            if block.bucket.binary_search(&element).is_ok() {
                block.dead = block.dead.saturating_sub(1);
            }
        }
        let mut size = self.state.candidates.len();
        for level in 1..=depth.min(levels) {
            if size as f64 >= GROWTH * self.state.blocks[level - 1].built as f64 {
                return self.rebuild(level);
            }
            size -= self.state.candidates.at(level);
        }
        if depth > levels { self.rebuild(depth) } else { Ok(()) }
    }

    fn delete(&mut self, element: u32) -> Result<(), OracleFault> {
        if self.state.candidates.remove(element) == 0 {
            return Ok(());
        }
        let mut worn = None;
        for (index, block) in self.state.blocks.iter_mut().enumerate() {
            if block.bucket.binary_search(&element).is_ok() {
                block.dead += 1;
                if block.dead as f64 >= wear_limit(index, self.frame.eps) * block.bucket.len() as f64 {
                    worn.get_or_insert(index + 1);
                }
            }
        }
        worn.map_or(Ok(()), |level| self.rebuild(level))
    }

    fn len(&self) -> usize {
        self.state.candidates.len()
    }

    fn offers(&mut self) -> Result<Vec<Offer>, OracleFault> {
        let alive: Vec<u32> = self.stack().filter(|&element| self.state.candidates.depth(element) > 0).collect();
        let value = (alive.len() == self.oracle.height()).then(|| self.oracle.value());
        Ok(vec![(alive, value)])
    }

    fn known_value(&self) -> Option<f64> {
        None
    }

    fn exhausted_value(&self) -> Option<f64> {
        (self.oracle.height() < self.frame.most).then(|| self.oracle.value())
    }

    fn work(&self) -> Work {
        self.oracle.work()
    }

    fn save(&self) -> BucketState {
        BucketState { work: self.oracle.work(), ..self.state.clone() }
    }

    fn restore(oracle: &Counted<O>, frame: Arc<Frame>, state: BucketState) -> Option<Self> {
        let mut levels = Self::new(oracle, frame);
        let stack: Vec<u32> = state.blocks.iter().flat_map(|block| &block.sample).copied().collect();
        let candidates: Vec<u32> = state.candidates.elements_from(1).collect();
        let deep = (state.blocks.len() + 1..=state.candidates.deepest()).any(|depth| state.candidates.at(depth) > 0);
        let shallow = !candidates.is_empty() && state.blocks.is_empty();
        if deep
            || shallow
            || stack.len() > levels.frame.most
            || !sound(&stack, oracle.oracle().elements())
            || !sound(&candidates, oracle.oracle().elements())
        {
            return None;
        }
        for block in &state.blocks {
            for &element in &block.sample {
                levels.oracle.push(element);
            }
            levels.heights.push(levels.oracle.height());
        }
        levels.oracle.set_work(state.work);
        levels.state = state;
        Some(levels)
    }
}

#[cfg(test)]
#[path = "bucket_levels_tests.rs"]
mod tests;
