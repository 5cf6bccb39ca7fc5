//! Solutions of linear systems as vectors: Matrix Market arrays, `NumPy` arrays, and tables of numbers, a column per system.

use std::io::{self, Write};

use fathom_opt_problems::linear_sequence::{KeptSolution, LinearSequence, LinearSequenceSolution};

use super::dense_columns::dense_columns;
use crate::error::InstanceError;
use crate::input_file::{InputFile, has_ending};
use crate::matrix_market::{into_io, write_array};
use crate::npy;
use crate::solution_form::{Given, SolutionForm, WritesSolutions};
use crate::table::write_table;

/// The solution vector, or one column for each of the first systems. It claims that each residual is within the tolerance.
#[derive(Debug)]
pub struct SolutionVector;

impl SolutionForm for SolutionVector {
    type Problem = LinearSequence;
    const NAME: &'static str = "solution-vector";
    const SUMMARY: &'static str = "numbers alone, an unknown per row and a column per system";
    const ENDINGS: &'static [&'static str] = &[".mtx", ".npy", ".csv", ".tsv", ".txt"];

    fn read(file: &InputFile, sequence: &LinearSequence) -> Result<Given<LinearSequenceSolution>, InstanceError> {
        let columns = dense_columns(file, sequence.steps().len())?;
        let n = sequence.dimension();
        if columns[0].len() != n {
            return Err(file.about(format!("found {} rows, expected {n} (one per unknown)", columns[0].len())));
        }
        Ok(Given::Whole(LinearSequenceSolution {
            residuals: vec![sequence.tolerance(); columns.len()],
            iterations: vec![0; columns.len()],
            x: columns.into_iter().enumerate().map(|(system, values)| KeptSolution { system, values }).collect(),
        }))
    }
}

impl WritesSolutions for SolutionVector {
    type Problem = LinearSequence;
    const NAME: &'static str = "solution-vector";
    const WRITTEN: &'static [&'static str] = &[".mtx", ".npy", ".csv", ".tsv"];

    fn write(sequence: &LinearSequence, solution: &LinearSequenceSolution, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let (n, systems) = (sequence.dimension(), sequence.steps().len());
        if solution.x.len() != systems || solution.x.iter().any(|kept| kept.values.len() != n) {
            let message = format!("found the vectors of {} systems, expected those of all {systems}", solution.x.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let row = |i: usize| solution.x.iter().map(move |kept| kept.values[i]);
        if has_ending(name, ".mtx") {
            let columns: Vec<f64> = solution.x.iter().flat_map(|kept| kept.values.iter().copied()).collect();
            let mut out = out;
            return write_array(&mut out, n, systems, &columns, &[]).map_err(into_io);
        }
        if has_ending(name, ".npy") {
            let values: Vec<f64> = (0..n).flat_map(row).collect();
            return npy::write(n, systems, &values, out);
        }
        let header = (0..systems).map(|system| if systems == 1 { "x".to_owned() } else { format!("x{system}") });
        write_table(name, header, (0..n).map(|i| row(i).map(|value| value.to_string())), out)
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::Problem;
    use sprs::TriMatI;

    use super::*;

    fn sequence() -> LinearSequence {
        let mut triplets: TriMatI<f64, u32> = TriMatI::new((2, 2));
        for (row, col, value) in [(0, 0, 2.0), (1, 1, 4.0)] {
            triplets.add_triplet(row, col, value);
        }
        LinearSequence::single(triplets.to_csr(), vec![1.0, 2.0], 1e-8).unwrap()
    }

    #[test]
    fn vectors_are_written_read_back_and_checked() {
        let sequence = sequence();
        let x = vec![KeptSolution { system: 0, values: vec![0.5, 0.5] }];
        let solution = LinearSequenceSolution { residuals: vec![0.0], iterations: vec![3], x };
        for name in ["x.mtx", "x.npy", "x.csv", "x.tsv"] {
            let mut bytes = Vec::new();
            SolutionVector::write(&sequence, &solution, name, &mut bytes).unwrap();
            let Given::Whole(read) = SolutionVector::read(&InputFile::of_bytes(name, bytes), &sequence).unwrap() else { panic!("{name}") };
            assert_eq!(read.x, solution.x, "{name}");
            assert!(sequence.check(&read).unwrap().holds(), "{name}");
        }
        let Given::Whole(wrong) = SolutionVector::read(&InputFile::of_bytes("x.txt", b"0.5\n0.6\n".to_vec()), &sequence).unwrap() else {
            panic!("a part")
        };
        assert!(!sequence.check(&wrong).unwrap().holds());
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        let refusal = |name: &str, text: &str| {
            SolutionVector::read(&InputFile::of_bytes(name, text.as_bytes().to_vec()), &sequence()).unwrap_err().to_string()
        };
        assert!(refusal("x.csv", "1\n2\n3\n").contains("found 3 rows, expected 2"));
        assert!(refusal("x.csv", "1,2\n3,4\n").contains("found 2 columns of numbers, expected one"));
        assert!(refusal("x.csv", "x\n1\ny\n").starts_with("x.csv:3: found `y`"));
        assert!(refusal("x.csv", "1\n2,3\n").starts_with("x.csv:2: found 2 cells"));
        assert!(refusal("x.mtx", "1 2\n").starts_with("x.mtx:1"));
    }
}
