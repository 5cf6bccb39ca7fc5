//! Running within a number of threads, and over rows and columns of matrices.

use std::ops::Range;

use rayon::prelude::*;

/// Runs `work` in a pool of `threads` threads, or where it stands if there can be no pool.
pub(crate) fn within<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// From this many rows on, they are shared out among threads; below, that costs more than it saves.
pub(crate) const SHARED: usize = 300;

/// Columns that one thread takes at a time: whole cache lines.
pub(crate) const WIDTH: usize = 64;

/// `of(row)` for each of `rows` rows. Every row is computed alone, so the result does not depend on the number of threads.
pub(crate) fn by_rows<T: Send>(rows: usize, of: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    if rows >= SHARED { (0..rows).into_par_iter().with_min_len(8).map(of).collect() } else { (0..rows).map(of).collect() }
}

/// `of(columns)` for runs of [`WIDTH`] columns, one result per run. As [`by_rows`], the same whatever the number of threads.
pub(crate) fn by_columns<T: Send>(columns: usize, of: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
    let run = |k: usize| of(k * WIDTH..((k + 1) * WIDTH).min(columns));
    let runs = columns.div_ceil(WIDTH);
    if columns >= SHARED { (0..runs).into_par_iter().map(run).collect() } else { (0..runs).map(run).collect() }
}
