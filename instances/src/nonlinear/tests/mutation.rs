//! Any bytes are refused with a reason or read, without a panic and in a bounded time: files that are right, edited at random.

use fathom_opt_problems::expression::Graph;
use fathom_opt_problems::expression::infix::{Meaning, parse};
use fathom_opt_problems::nonlinear::{ExpressionNlp, Nlp, Nonlinear};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::nonlinear::labelled_data::{read_libsvm, read_table};
use crate::nonlinear::nl::{self, NlNames, read_sol};
use crate::nonlinear::sif::{self, SifOptions, derivative_cards};

/// Pieces that are likelier than random bytes to reach the checks behind the tokens.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "0",
    "1",
    "-1",
    "2",
    "9",
    "99999999999",
    "1e400",
    "1e-400",
    "nan",
    "inf",
    "-",
    ".",
    "\t",
    "#",
    "\u{0}",
    "\u{fffd}",
    "'",
    "(",
    ")",
    "C0\n",
    "V2 1 0\n",
    "J0 1\n",
    "o54\n3\n",
    "o35\n",
    "o5\n",
    "v1\n",
    "n1e308\n",
    "S4 1 a\n",
    "r\n",
    "b\n",
    "suffix 4 1 2 0 0\n",
    "objno 0 0\n",
    "Options\n",
    " DO I         1                        N\n",
    " ND\n",
    " XN OBJ       X(I)      1.0\n",
    "ENDATA\n",
    "GROUPS\n",
    "INDIVIDUALS\n",
    " F                      V ** 0.5\n",
    " RE N                   3.0\n",
    "X1",
    "BOUNDS\n",
    " FR TINY      X1\n",
    "1:2",
    "x1",
    "^",
    "*",
    "exp(",
];

fn edited(text: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..rng.random_range(1..5) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = rng.random_range(0..bytes.len());
        let end = (at + rng.random_range(1..20)).min(bytes.len());
        match rng.random_range(0..5) {
            0 => bytes[at] = rng.random(),
            1 => drop(bytes.splice(at..at, PIECES[rng.random_range(0..PIECES.len())].bytes())),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            _ => drop(bytes.splice(at..end, PIECES[rng.random_range(0..PIECES.len())].bytes())),
        }
    }
    bytes
}

/// What was read can be evaluated, or says why not; and what is written of it reads back.
fn exercise(problem: &Nonlinear, rewrite: bool) {
    let mut nlp = ExpressionNlp::new(problem);
    let x = problem.start();
    let _ = nlp.objective(&x);
    let _ = nlp.gradient(&x, &mut vec![0.0; x.len()]);
    if rewrite {
        for binary in [false, true] {
            let mut bytes = Vec::new();
            nl::write(problem, binary, &mut bytes).expect("writing to memory does not fail");
            nl::read(&bytes, &NlNames::default(), 0).expect("what was written can be read");
        }
    }
}

fn each(seeds: &[Vec<u8>], count: usize, mut read: impl FnMut(&[u8])) {
    let mut rng = ChaCha8Rng::seed_from_u64(99);
    for k in 0..count {
        read(&edited(&seeds[k % seeds.len()], &mut rng));
    }
}

const NL: &str = "g3 1 1 0\n 3 2 1 1 0\n 2 1\n 0 0\n 3 3 3\n 0 0 0 1\n 0 0 0 0 0\n 4 3\n 0 0\n 1 0 0 0 0\n\
    S0 1 scale\n0 2\nV3 1 0\n2 1.5\no41\nv0\nC0\no2\nv3\nv1\nC1\no54\n3\nv0\no16\nv1\no5\nv2\nn2\nO0 0\no35\no22\nv0\nn1\no44\nv0\no12\n2\nv1\nv2\n\
    d1\n0 1.5\nx2\n0 0.5\n2 1\nr\n0 1 2\n2 -1\nb\n0 0 1\n3\n1 4\nk2\n1\n2\nJ0 2\n0 0\n1 3\nJ1 2\n1 1\n2 0\nG0 1\n1 2\n";

const SOL: &str =
    "a message\nin two lines\n\nOptions\n3\n1\n1\n0\n2\n2\n3\n3\n0.5\n-1\n1\n2\n3\nobjno 0 0\nsuffix 4 1 13 0 0\nipopt_zL_out\n0 0.25\n";

const SIF: &str = "NAME          TINY\n IE N                   3              $-PARAMETER\n IE 1                   1\n RE H                   0.5\n\
VARIABLES\n DO I         1                        N\n X  X(I)\n ND\n\
GROUPS\n N  OBJ       X1        1.0\n DO I         1                        N\n XE C(I)      X(I)      2.0\n ND\n\
CONSTANTS\n    TINY      C2        4.0\nRANGES\n    TINY      C1        1.0\nBOUNDS\n FR TINY      X1\n UP TINY      X2        0.0\n\
START POINT\n    TINY      'DEFAULT' 7.0\n\
ELEMENT TYPE\n EV SQ        V                        W\n IV SQ        U\n EP SQ        P\nELEMENT USES\n T  E         SQ\n \
V  E         V                        X1\n V  E         W                        X2\n P  E         P         2.0\n\
GROUP TYPE\n GV L2        GVAR\nGROUP USES\n T  OBJ       L2\n E  OBJ       E         2.0\n E  C1        E\nENDATA\n\
ELEMENTS      TINY\nTEMPORARIES\n R  Q\n L  B\n M  EXP\nINDIVIDUALS\n T  SQ\n R  U         V         1.0            W         -1.0\n \
A  Q                   U * U\n A  B                   Q .GT. P\n I  B         Q         EXP( - Q )\n F                      P * Q ** 2\n \
G  U                   2.0 * P * Q\n H  U         U         2.0D0\nENDATA\n\
GROUPS        TINY\nINDIVIDUALS\n T  L2\n F                      GVAR * GVAR\n G                      2.0 * GVAR\n H                      2.0\nENDATA\n";

#[test]
fn edited_nl_files_are_refused_or_read() {
    let mut seeds = vec![NL.as_bytes().to_vec()];
    let problem = nl::read(NL.as_bytes(), &NlNames::default(), 0).expect("the file that is edited").problem;
    let mut binary = Vec::new();
    nl::write(&problem, true, &mut binary).unwrap();
    seeds.push(binary);
    let mut read = 0;
    each(&seeds, 20_000, |bytes| {
        if let Ok(model) = nl::read(bytes, &NlNames::default(), 0) {
            read += 1;
            exercise(&model.problem, true);
        }
    });
    assert!(read > 500, "{read}");
}

#[test]
fn edited_sol_files_are_refused_or_read() {
    let problem = nl::read(NL.as_bytes(), &NlNames::default(), 0).unwrap().problem;
    let mut read = 0;
    each(&[SOL.as_bytes().to_vec()], 20_000, |bytes| {
        if let Ok(sol) = read_sol(bytes) {
            read += 1;
            let _ = sol.solution(&problem);
            assert_eq!(read_sol(sol.text().as_bytes()).expect("what was written can be read").values, sol.values);
        }
    });
    assert!(read > 500, "{read}");
}

#[test]
fn edited_sif_files_are_refused_or_read() {
    sif::read(SIF.as_bytes(), &SifOptions::default()).expect("the file that is edited");
    derivative_cards(SIF.as_bytes()).expect("its cards G and H");
    let mut read = 0;
    each(&[SIF.as_bytes().to_vec()], 600, |bytes| {
        let _ = derivative_cards(bytes);
        if let Ok(sif) = sif::read(bytes, &SifOptions::default()) {
            read += 1;
            exercise(&sif.problem, false);
        }
    });
    assert!(read > 20, "{read}");
}

#[test]
fn edited_tables_of_samples_are_refused_or_read() {
    let mut read = 0;
    each(&[b"+1 1:0.5 2:-2\n-1 2:1\n+1 1:-1 3:0.25\n".to_vec(), b"a,b,label\n0.5,-2,1\n0,1,-1\n".to_vec()], 20_000, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        read += usize::from(read_libsvm(&text).is_ok()) + usize::from(read_table(&text, "label").is_ok());
    });
    assert!(read > 500, "{read}");
}

#[test]
fn edited_expressions_are_refused_or_read() {
    let meaning = |name: &str| name.strip_prefix('x')?.parse().ok().filter(|index| *index < 10).map(Meaning::Variable);
    let mut read = 0;
    each(&[b"100*(x2 - x1^2)^2 + exp(-x3)/max(x4, 1e-3) - (x5 <= 2 && x6 > 0)".to_vec()], 20_000, |bytes| {
        read += usize::from(parse(&String::from_utf8_lossy(bytes), &mut Graph::new(), meaning).is_ok());
    });
    assert!(read > 500, "{read}");
}
