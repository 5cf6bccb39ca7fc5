//! Random instances with few items, every solver that claims an optimum or that there is none, and brute force over all allocations in big integers.

use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_division::{EfxSearch, Exists, Leximin, MaxNashWelfare, MaximinShare};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision, Notion, Utilities, Welfare};
use num_bigint::BigInt;
use rand::RngExt;

/// What was compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub instances: u64,
    pub proofs: u64,
    pub refused: u64,
    pub impossible: u64,
}

/// Sizes of utilities.
const LARGEST: [&str; 6] = ["4", "60", "100000", "1000000000000000000", "9223372036854775807", "123456789012345678901234567890"];

/// A random instance: goods, chores or mixed; some or all agents alike; with copies, entitlements, decimals, utilities of every size.
pub fn instance(random: &mut impl rand::Rng, most_items: usize) -> FairDivision {
    let agents = random.random_range(2..4_usize);
    let kinds = random.random_range(1..=most_items);
    let largest: BigInt = LARGEST[random.random_range(0..LARGEST.len())].parse().unwrap();
    let sign: u32 = random.random_range(0..3);
    let nearly_equal = random.random_bool(0.2);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for a in 0..agents {
        if a > 0 && random.random_bool(0.4) {
            // An identical agent, or one in other units.
            let factor = BigInt::from(if random.random_bool(0.3) { 3 } else { 1 });
            let twin =
                rows[random.random_range(0..a)].iter().map(|value| (value.parse::<BigInt>().unwrap() * &factor).to_string()).collect();
            rows.push(twin);
            continue;
        }
        let row = (0..kinds).map(|_| {
            let spread: u64 = if nearly_equal { 1 << 40 } else { u64::MAX };
            let part = u64::MAX - random.random_range(0..spread);
            let magnitude = &largest * part / u64::MAX;
            let negative = match sign {
                0 => false,
                1 => true,
                _ => random.random_bool(0.5),
            };
            (if negative { -magnitude } else { magnitude }).to_string()
        });
        rows.push(row.collect());
    }
    if random.random_bool(0.1) {
        for row in &mut rows {
            for value in row {
                value.push_str("e-3");
            }
        }
    }
    let mut problem = FairDivision::from_decimal_rows(None, None, &rows).unwrap();
    if random.random_bool(0.3) {
        let mut left = most_items - kinds;
        let copies = (0..kinds).map(|_| {
            let more: usize = random.random_range(0..=left);
            left -= more;
            1 + more as u64
        });
        problem = problem.with_copies(copies.collect()).unwrap();
    }
    if random.random_bool(0.4) {
        problem = problem.with_entitlements((0..agents).map(|_| random.random_range(1..5_u64)).collect()).unwrap();
    }
    let welfare = [Welfare::Utilitarian, Welfare::Egalitarian, Welfare::Nash][random.random_range(0..3_usize)];
    problem.with_welfare(welfare)
}

fn value(problem: &FairDivision, a: usize, o: usize) -> BigInt {
    match problem.utilities() {
        Utilities::Small(values) => BigInt::from(values[a * problem.items() + o]),
        Utilities::Big(values) => values[a * problem.items() + o].clone(),
    }
}

/// Every allocation with the agents' utilities.
struct All {
    owners: Vec<Vec<usize>>,
    utilities: Vec<Vec<BigInt>>,
}

impl All {
    fn of(problem: &FairDivision) -> Self {
        let (n, m) = (problem.agents(), problem.items());
        let count = n.pow(u32::try_from(m).unwrap());
        let owners: Vec<Vec<usize>> =
            (0..count).map(|code| (0..m).map(|o| code / n.pow(u32::try_from(o).unwrap()) % n).collect()).collect();
        let utilities = owners.iter().map(|owner| utilities(problem, owner)).collect();
        Self { owners, utilities }
    }
}

fn utilities(problem: &FairDivision, owner: &[usize]) -> Vec<BigInt> {
    let mut sums = vec![BigInt::ZERO; problem.agents()];
    for (o, &a) in owner.iter().enumerate() {
        sums[a] += value(problem, a, o);
    }
    sums
}

fn nash_score(problem: &FairDivision, utilities: &[BigInt]) -> (usize, BigInt) {
    let weight = |a: usize| problem.entitlements().map_or(1, |weights| u32::try_from(weights[a]).unwrap());
    let positive: Vec<usize> = (0..utilities.len()).filter(|&a| utilities[a] > BigInt::ZERO).collect();
    (positive.len(), positive.iter().fold(BigInt::from(1), |product, &a| product * utilities[a].pow(weight(a))))
}

fn sorted(utilities: &[BigInt]) -> Vec<BigInt> {
    let mut sorted = utilities.to_vec();
    sorted.sort_unstable();
    sorted
}

/// The outcome, with its claims checked against the checker; nothing when the instance is refused for utilities beyond 64 bits.
fn solve<S: Solver<FairDivision>>(solver: &S, problem: &FairDivision, counts: &mut Counts) -> Option<Outcome<Allocation>> {
    let outcome = match solver.solve(problem, &Run::default()) {
        Ok(outcome) => outcome,
        Err(SolveError::Unsupported { why, .. }) => {
            assert!(why.contains("beyond 64 bits") && problem.small_utilities().is_none(), "{why}");
            counts.refused += 1;
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    if let Some(solution) = &outcome.solution {
        let verdict = problem.check(solution).unwrap();
        for name in &outcome.promised {
            assert_eq!(verdict.property(name).unwrap().holds, Some(true), "{}: {name} for {problem:?}", S::NAME);
        }
        let found = match &outcome.criterion {
            None => verdict.objective.as_ref().unwrap().value,
            Some(name) => verdict.measure(name).unwrap(),
        };
        let claimed = outcome.objective.unwrap();
        assert!((claimed - found).abs() <= 1e-12 * claimed.abs().max(1.0), "{}: {claimed} against {found} for {problem:?}", S::NAME);
        if let Some(bound) = outcome.bound {
            assert!(bound >= found - 1e-12 * found.abs().max(1.0), "{}: bound {bound} below {found} for {problem:?}", S::NAME);
            assert!(outcome.status != Status::Optimal || (bound - claimed).abs() <= 1e-12 * bound.abs().max(1.0));
        }
        if matches!(outcome.status, Status::Optimal | Status::LocallyOptimal) {
            let criterion = &outcome.criterion;
            assert!(!verdict.improvements.iter().any(|step| step.criterion == *criterion), "{}: {verdict:?} for {problem:?}", S::NAME);
        }
        counts.proofs += u64::from(outcome.status == Status::Optimal);
    }
    Some(outcome)
}

/// Solves one instance by every solver and compares with brute force.
pub fn compare(problem: &FairDivision, counts: &mut Counts) {
    counts.instances += 1;
    let all = All::of(problem);
    let goods = (0..problem.agents()).all(|a| (0..problem.items()).all(|o| value(problem, a, o) >= BigInt::ZERO));

    let best = all.utilities.iter().map(|utilities| nash_score(problem, utilities)).max().unwrap();
    for rounds in [0, 60] {
        let Some(nash) = solve(&MaxNashWelfare { rounds, ..MaxNashWelfare::default() }, problem, counts) else { continue };
        assert_eq!(nash.status, if goods { Status::Optimal } else { Status::LocallyOptimal }, "{problem:?}");
        let score = nash_score(problem, &utilities(problem, &nash.solution.unwrap().owner));
        assert!(if goods { score == best } else { score <= best }, "{score:?} against {best:?} for {problem:?}");
    }

    if let Some(leximin) = solve(&Leximin::default(), problem, counts) {
        assert_eq!(leximin.status, Status::Optimal);
        let best = all.utilities.iter().map(|utilities| sorted(utilities)).max().unwrap();
        assert_eq!(sorted(&utilities(problem, &leximin.solution.unwrap().owner)), best, "{problem:?}");
    }

    let shares: Vec<BigInt> = (0..problem.agents()).map(|a| share(problem, &all, a)).collect();
    let margin = |utilities: &[BigInt]| {
        let standing = |a: usize| (&utilities[a] - &shares[a], BigInt::from(shares[a].magnitude().clone()).max(BigInt::from(1)));
        (0..shares.len())
            .map(standing)
            .reduce(|worst, other| if &other.0 * &worst.1 < &worst.0 * &other.1 { other } else { worst })
            .unwrap()
    };
    if let Some(mms) = solve(&MaximinShare::default(), problem, counts) {
        assert_eq!(mms.status, Status::Optimal);
        let own = margin(&utilities(problem, &mms.solution.unwrap().owner));
        for utilities in &all.utilities {
            let other = margin(utilities);
            assert!(&other.0 * &own.1 <= &own.0 * &other.1, "{own:?} against {other:?} for {problem:?}");
        }
    }
    existence(problem, &all, counts);
}

/// Agent `a`'s maximin share: it divides all items into as many parts as there are agents.
fn share(problem: &FairDivision, all: &All, a: usize) -> BigInt {
    let least = |owner: &Vec<usize>| {
        let mut worth = vec![BigInt::ZERO; problem.agents()];
        for (o, &part) in owner.iter().enumerate() {
            worth[part] += value(problem, a, o);
        }
        worth.into_iter().min().unwrap()
    };
    all.owners.iter().map(least).max().unwrap()
}

/// Which combinations of notions some allocation has, by the checker, against `exists`.
fn existence(problem: &FairDivision, all: &All, counts: &mut Counts) {
    let combinations: [&[Notion]; 12] = [
        &[Notion::Ef],
        &[Notion::Efx],
        &[Notion::Ef1, Notion::Po],
        &[Notion::Ef1, Notion::Fpo],
        &[Notion::Efx0],
        &[Notion::EfxThree],
        &[Notion::Ef1Three, Notion::Po],
        &[Notion::Mms, Notion::Efx],
        &[Notion::PropX],
        &[Notion::PropM, Notion::Prop1Strict],
        &[Notion::Prop, Notion::Efx0EnviedSide],
        &[Notion::Wef1, Notion::Wprop, Notion::Po],
    ];
    let mut exists = [false; 12];
    for owner in &all.owners {
        let verdict = problem.check(&Allocation::new(owner.clone())).unwrap();
        for (notions, exists) in combinations.iter().zip(&mut exists) {
            *exists |= notions.iter().all(|notion| verdict.property(notion.name()).is_some_and(|property| property.holds == Some(true)));
        }
    }
    for (notions, exists) in combinations.iter().zip(exists) {
        if notions.iter().any(|notion| notion.is_weighted()) && problem.entitlements().is_none() {
            continue;
        }
        let Some(outcome) = solve(&Exists { notions: notions.to_vec() }, problem, counts) else { continue };
        let expected = if exists { Status::Feasible } else { Status::Infeasible };
        assert_eq!(outcome.status, expected, "{notions:?} for {problem:?}");
        counts.impossible += u64::from(!exists);
    }
    if let Some(outcome) = solve(&EfxSearch::default(), problem, counts) {
        assert_eq!(outcome.status == Status::Infeasible, !exists[1], "{problem:?}");
    }
}
