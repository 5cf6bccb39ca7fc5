//! `dump FILE INTERVALS COUNT` writes systems of the heat equation, spread over one period and each with the exact solution of the time step before as
//! initial guess; `run FILE` solves them with Fathom, faer-precond and faer and prints milliseconds per system and iterations, one line per method.
//! `period INTERVALS` steps through a whole period with Fathom alone.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::time::Instant;

use dyn_stack::{MemBuffer, MemStack};
use faer::matrix_free::conjugate_gradient::{CgParams, conjugate_gradient, conjugate_gradient_scratch};
use faer::matrix_free::{IdentityPrecond, InitialGuessStatus, Precond};
use faer::sparse::linalg::solvers::{Llt, SymbolicLlt};
use faer::sparse::{SparseColMat, Triplet};
use faer::{MatMut, MatRef, Par, Side};
use faer::linalg::solvers::Solve;
use faer_precond::{Ic0, Ssor, SsorParams};
use fathom_opt_relaxation::{SequenceSettings, SolveSequence};

type Rows = (Vec<u32>, Vec<u32>, Vec<f64>);

/// The five-point Laplacian on `side * side` points, in compressed rows.
fn laplacian(side: usize) -> Rows {
    let (mut starts, mut columns, mut values) = (vec![0_u32], Vec::new(), Vec::new());
    for row in 0..side {
        for col in 0..side {
            let here = row * side + col;
            let mut push = |column: usize, value: f64| {
                columns.push(column as u32);
                values.push(value);
            };
            if row > 0 {
                push(here - side, -1.0);
            }
            if col > 0 {
                push(here - 1, -1.0);
            }
            push(here, 4.0);
            if col + 1 < side {
                push(here + 1, -1.0);
            }
            if row + 1 < side {
                push(here + side, -1.0);
            }
            starts.push(columns.len() as u32);
        }
    }
    (starts, columns, values)
}

fn bump(dx: f64, dy: f64, radius: f64) -> f64 {
    let squared = (dx * dx + dy * dy) / (radius * radius);
    if squared < 1.0 { (1.0 - 1.0 / (1.0 - squared)).exp() } else { 0.0 }
}

const DT: f64 = 1e-3;
const TAU: f64 = std::f64::consts::TAU;

/// Shift and right-hand side of time step `step` from the solution `u`, after division by `kappa dt / (2 h^2)`.
fn system(step: usize, intervals: usize, matrix: &Rows, u: &[f64]) -> (f64, Vec<f64>) {
    let side = intervals - 1;
    let h = 1.0 / intervals as f64;
    let middle = (step as f64 + 0.5) * DT;
    let sine = (TAU * middle).sin();
    let shift = 2.0 * h * h / ((0.1 * sine).max(-10.0 * sine) * DT);
    let angle = 8.0 * TAU * middle;
    let (cx, cy) = (0.5 + 0.25 * angle.cos(), 0.5 + 0.25 * angle.sin());
    let rhs = (0..side * side).map(|at| {
        let (x, y) = ((at % side + 1) as f64 * h, (at / side + 1) as f64 * h);
        let range = matrix.0[at] as usize..matrix.0[at + 1] as usize;
        let product: f64 = range.map(|k| matrix.2[k] * u[matrix.1[k] as usize]).sum();
        shift * u[at] - product + shift * DT * 32.0 * bump(x - cx, y - cy, 0.125)
    });
    (shift, rhs.collect())
}

fn initial(intervals: usize) -> Vec<f64> {
    let side = intervals - 1;
    let h = 1.0 / intervals as f64;
    (0..side * side).map(|at| bump((at % side + 1) as f64 * h - 0.5, (at / side + 1) as f64 * h - 0.5, 0.25)).collect()
}

fn sequence(intervals: usize, tolerance: f64) -> SolveSequence {
    let side = intervals - 1;
    let (starts, columns, values) = laplacian(side);
    SolveSequence::from_rows(side * side, &starts, &columns, &values, SequenceSettings { tolerance, ..SequenceSettings::default() }).unwrap()
}

fn write(out: &mut impl Write, values: &[f64]) {
    for value in values {
        out.write_all(&value.to_le_bytes()).unwrap();
    }
}

fn dump(path: &str, intervals: usize, count: usize) {
    let matrix = laplacian(intervals - 1);
    let mut out = BufWriter::new(File::create(path).unwrap());
    write(&mut out, &[intervals as f64, count as f64]);
    let mut stepper = sequence(intervals, 1e-12);
    let mut u = initial(intervals);
    let stride = 1000 / count;
    for step in 0..1000 {
        let (shift, rhs) = system(step, intervals, &matrix, &u);
        if step % stride == stride / 2 && step / stride < count {
            write(&mut out, &[shift]);
            write(&mut out, &u);
            write(&mut out, &rhs);
        }
        stepper.solve_shifted(shift, &rhs, &mut u).unwrap();
    }
}

struct System {
    shift: f64,
    guess: Vec<f64>,
    rhs: Vec<f64>,
}

fn load(path: &str) -> (usize, Vec<System>) {
    let mut input = BufReader::new(File::open(path).unwrap());
    let mut read = |count: usize| -> Vec<f64> {
        let mut bytes = vec![0; 8 * count];
        input.read_exact(&mut bytes).unwrap();
        bytes.chunks_exact(8).map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap())).collect()
    };
    let header = read(2);
    let intervals = header[0] as usize;
    let n = (intervals - 1).pow(2);
    let systems = (0..header[1] as usize).map(|_| System { shift: read(1)[0], guess: read(n), rhs: read(n) }).collect();
    (intervals, systems)
}

fn residual(matrix: &Rows, system: &System, x: &[f64]) -> f64 {
    let (mut square, mut reference) = (0.0, 0.0);
    for (at, b) in system.rhs.iter().enumerate() {
        let range = matrix.0[at] as usize..matrix.0[at + 1] as usize;
        let product: f64 = range.map(|k| matrix.2[k] * x[matrix.1[k] as usize]).sum();
        square += (b - product - system.shift * x[at]).powi(2);
        reference += b * b;
    }
    (square / reference).sqrt()
}

/// Solves all systems by `solve` (which returns the iterations) and prints name, milliseconds and iterations per system, worst true residual.
fn measure(name: &str, matrix: &Rows, systems: &[System], mut solve: impl FnMut(&System, &mut Vec<f64>) -> usize) {
    let (mut seconds, mut iterations, mut worst) = (0.0, 0, 0.0_f64);
    for system in systems {
        let mut x = system.guess.clone();
        let started = Instant::now();
        iterations += solve(system, &mut x);
        seconds += started.elapsed().as_secs_f64();
        worst = worst.max(residual(matrix, system, &x));
    }
    let count = systems.len() as f64;
    println!("{name}\t{:.4}\t{:.2}\t{worst:.1e}", 1e3 * seconds / count, iterations as f64 / count);
}

fn shifted(matrix: &Rows, shift: f64) -> SparseColMat<usize, f64> {
    let n = matrix.0.len() - 1;
    let mut triplets = Vec::with_capacity(matrix.1.len());
    for at in 0..n {
        for k in matrix.0[at] as usize..matrix.0[at + 1] as usize {
            let col = matrix.1[k] as usize;
            triplets.push(Triplet::new(col, at, matrix.2[k] + if col == at { shift } else { 0.0 }));
        }
    }
    SparseColMat::try_new_from_triplets(n, n, &triplets).unwrap()
}

fn faer_cg<P: Precond<f64>>(a: &SparseColMat<usize, f64>, pc: P, system: &System, x: &mut [f64]) -> usize {
    let n = x.len();
    let params = CgParams::<f64> { max_iters: 5000, rel_tolerance: 1e-8, abs_tolerance: 0.0, initial_guess: InitialGuessStatus::MaybeNonZero, ..CgParams::default() };
    let mut memory = MemBuffer::new(conjugate_gradient_scratch(&pc, a.as_ref(), 1, Par::Seq));
    let out = MatMut::from_column_major_slice_mut(x, n, 1);
    let rhs = MatRef::from_column_major_slice(&system.rhs, n, 1);
    conjugate_gradient(out, pc, a.as_ref(), rhs, params, |_| {}, Par::Seq, MemStack::new(&mut memory)).unwrap().iter_count
}

fn run(path: &str) {
    let (intervals, systems) = load(path);
    let matrix = laplacian(intervals - 1);
    let n = matrix.0.len() - 1;
    let mut ours = sequence(intervals, 1e-8);
    measure("fathom auto", &matrix, &systems, |system, x| ours.solve_shifted(system.shift, &system.rhs, x).unwrap().iterations as usize);
    let mut matrices = systems.iter().map(|system| shifted(&matrix, system.shift)).collect::<Vec<_>>().into_iter();
    let kept: Vec<SparseColMat<usize, f64>> = matrices.by_ref().collect();
    let mut at = 0;
    let mut next = || {
        at += 1;
        (at - 1) % systems.len()
    };
    measure("faer cg", &matrix, &systems, |system, x| faer_cg(&kept[next()], IdentityPrecond { dim: n }, system, x));
    for omega in [1.5, 1.75, 1.9] {
        measure(&format!("faer-precond ssor {omega}"), &matrix, &systems, |system, x| {
            let a = &kept[next()];
            faer_cg(a, &Ssor::<usize, f64>::try_new(a.as_ref(), SsorParams { omega }).unwrap(), system, x)
        });
    }
    measure("faer-precond ic0", &matrix, &systems, |system, x| {
        let a = &kept[next()];
        faer_cg(a, &Ic0::<usize, f64>::try_new(a.as_ref()).unwrap(), system, x)
    });
    let symbolic = SymbolicLlt::try_new(kept[0].symbolic(), Side::Lower).unwrap();
    measure("faer llt", &matrix, &systems, |system, x| {
        let factor = Llt::try_new_with_symbolic(symbolic.clone(), kept[next()].as_ref(), Side::Lower).unwrap();
        x.copy_from_slice(&system.rhs);
        factor.solve_in_place(MatMut::from_column_major_slice_mut(x, n, 1));
        1
    });
}

fn period(intervals: usize) {
    let matrix = laplacian(intervals - 1);
    let mut ours = sequence(intervals, 1e-8);
    let mut u = initial(intervals);
    let (mut seconds, mut iterations, mut others) = (0.0, 0, 0);
    for step in 0..1000 {
        let (shift, rhs) = system(step, intervals, &matrix, &u);
        let started = Instant::now();
        let report = ours.solve_shifted(shift, &rhs, &mut u).unwrap();
        seconds += started.elapsed().as_secs_f64();
        iterations += report.iterations;
        others += u64::from(report.arm_index != 0);
    }
    println!("fathom auto, whole period\t{seconds:.4} ms per step\t{:.2} iterations per step\t{others} steps by other arms than the prior", iterations as f64 / 1000.0);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["dump", path, intervals, count] => dump(path, intervals.parse().unwrap(), count.parse().unwrap()),
        ["run", path] => run(path),
        ["period", intervals] => period(intervals.parse().unwrap()),
        _ => eprintln!("usage: dump FILE INTERVALS COUNT | run FILE | period INTERVALS"),
    }
}
