//! What a sequence of solves allocates: nothing after the first one, and little in all.

use fathom_opt_relaxation::{SequenceSettings, SolveSequence};

fn laplacian(side: usize) -> (Vec<u32>, Vec<u32>, Vec<f64>) {
    let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::new(), Vec::new());
    for at in 0..side * side {
        let (row, col) = (at / side, at % side);
        let mut push = |column: usize, value: f64| {
            columns.push(u32::try_from(column).unwrap());
            values.push(value);
        };
        if row > 0 {
            push(at - side, -1.0);
        }
        if col > 0 {
            push(at - 1, -1.0);
        }
        push(at, 4.0);
        if col + 1 < side {
            push(at + 1, -1.0);
        }
        if row + 1 < side {
            push(at + side, -1.0);
        }
        starts.push(u32::try_from(columns.len()).unwrap());
    }
    (starts, columns, values)
}

/// The sparse factor has its own price in memory, so the settings here allow none.
#[test]
fn nothing_is_allocated_after_the_first_solves_and_the_total_is_three_matrices() {
    let side = 60;
    let (starts, columns, values) = laplacian(side);
    let n = side * side;
    let right: Vec<Vec<f64>> = (0..40).map(|t| (0..n).map(|i| ((i + 3 * t) as f64 * 0.01).sin()).collect()).collect();
    let mut x = vec![0.0; n];
    let mut made = None;
    let whole = allocation_counter::measure(|| {
        let settings = SequenceSettings { max_factor_entries: 0, ..SequenceSettings::default() };
        let mut sequence = SolveSequence::from_rows(n, &starts, &columns, &values, settings).unwrap();
        // The guess needs two systems of history.
        for (t, b) in right.iter().take(2).enumerate() {
            sequence.solve_shifted(0.01 + 0.001 * t as f64, b, &mut x).unwrap();
        }
        made = Some(sequence);
    });
    let mut sequence = made.unwrap();
    let later = allocation_counter::measure(|| {
        for (t, b) in right.iter().enumerate() {
            let report = sequence.solve_shifted(0.01 + 0.001 * t as f64, b, &mut x).unwrap();
            assert!(report.relative_residual <= 1e-8);
        }
    });
    assert_eq!(later.count_total, 0);
    let matrix = 12 * values.len() + 4 * starts.len();
    let kept = usize::try_from(whole.bytes_current).unwrap();
    assert!(kept <= 3 * matrix, "{kept} bytes kept for a matrix of {matrix}");
}
