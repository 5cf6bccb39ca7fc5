//! Times the Matrix Market reader: `read_matrix_market FILE [REPEATS]` prints one line of tab-separated seconds per stage,
//! `stage  minimum  median`. The stages are the file to stored entries, bytes in memory to stored entries, and bytes in memory to compressed rows.

use fathom_opt_instances::matrix_market::read;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: read_matrix_market FILE [REPEATS]")?;
    let repeats = arguments.next().map_or(Ok(9), |count| count.parse::<usize>())?.max(1);
    let text = std::fs::read(&path)?;
    let matrix = read(&text)?;
    println!("# {} rows, {} columns, {} stored entries, {} bytes", matrix.rows(), matrix.columns(), matrix.stored(), text.len());

    report("file-to-entries", repeats, || Ok(black_box(read(&std::fs::read(&path)?)?).stored()))?;
    report("bytes-to-entries", repeats, || Ok(black_box(read(black_box(&text))?).stored()))?;
    report("bytes-to-csr", repeats, || Ok(black_box(read(black_box(&text))?.to_csr()?).nnz()))?;
    Ok(())
}

fn report(stage: &str, repeats: usize, work: impl Fn() -> Result<usize, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::with_capacity(repeats);
    for _ in 0..repeats {
        let start = Instant::now();
        black_box(work()?);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let seconds = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64);
    println!("{stage}\t{:.6}\t{:.6}", seconds(times.first()), seconds(times.get(repeats / 2)));
    Ok(())
}
