//! What every move would gain, in closed form from the Cholesky factor and its inverse.
//!
//! With tail sums `T[p,k] = sum_{m=k..p} L_pm^2` (variance of the node at `p` given the first `k - 1`) and head sums
//! `S[k,p] = sum_{m=p..k} M_mp^2` (precision of the node at `p` given all others up to `k`), a re-insertion changes the residual variances as follows:
//!
//! ```text
//! p to the left, to q:   moved node T[p,q];   passed node k:  D_k T[p,k+1] / T[p,k]
//! p to the right, to q:  moved node 1/S[q,p]; passed node k:  D_k S[k,p] / S[k-1,p]
//! ```
//!
//! so one running sum per node gives all its targets. Runs of nodes change the same way, with determinants in the place of `T` and `S`; exchanges take a
//! walk between the two nodes. Gains are in units of the score (half the sum of the variances).

mod blocks;
mod columns;
mod disjoint;
mod exchanges;
mod insertions;

pub use blocks::{LONGEST_BLOCK, all_blocks};
pub use exchanges::all_exchanges;
pub use insertions::all_insertions;

pub(crate) use blocks::best_blocks;
pub(crate) use disjoint::best_disjoint;
pub(crate) use exchanges::best_exchanges;
pub(crate) use insertions::best_insertions;
