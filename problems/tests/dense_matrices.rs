//! Instances from matrices of nalgebra, as the programs of those who have them do it.

use fathom_opt_problems::Problem;
use fathom_opt_problems::dag_learning::DagLearning;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use nalgebra::{DMatrix, dmatrix};

#[test]
fn rows_of_utilities_are_agents() {
    let problem = FairDivision::try_from(&dmatrix![5_i64, 3, 1; 4, 4, 2]).unwrap();
    assert_eq!((problem.agents(), problem.items()), (2, 3));
    let verdict = problem.check(&Allocation::new(vec![0, 1, 1])).unwrap();
    assert_eq!(verdict.objective.unwrap().value, 11.0);
    assert!(FairDivision::try_from(&DMatrix::<i64>::zeros(0, 3)).is_err());
}

#[test]
fn columns_of_observations_are_variables() {
    let problem = DagLearning::try_from(&dmatrix![0.0, 0.5; 1.0, 2.0; 2.0, 3.5; 3.0, 5.5]).unwrap();
    assert_eq!((problem.variables(), problem.sample().observations()), (2, 4));
    assert!(DagLearning::try_from(&dmatrix![0.0, f64::NAN; 1.0, 2.0]).is_err());
}
