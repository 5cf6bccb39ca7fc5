//! Every impossibility on file is answered by a finished search, and what is said to exist is found.

use std::path::Path;

use fathom_opt_core::{Registry, Run, Status};
use fathom_opt_problems::Problem;
use fathom_opt_problems::fair_division::{Allocation, FairDivision};
use serde::Deserialize;

#[derive(Deserialize)]
struct Instance {
    name: String,
    u: Vec<Vec<i64>>,
}

/// The status of a solver, after the checker has confirmed its promises.
fn status(problem: &FairDivision, solver: &str) -> Status {
    let mut registry = Registry::new();
    fathom_opt_division::register(&mut registry);
    let entry = registry.find("fair-division", Some(solver)).unwrap();
    let outcome = entry.configure(&serde_json::Map::new()).unwrap().solve(problem, &Run::default()).unwrap();
    if let Some(solution) = &outcome.solution {
        let verdict = problem.check(solution.downcast::<Allocation>().unwrap()).unwrap();
        for name in &outcome.promised {
            assert_eq!(verdict.property(name).unwrap().holds, Some(true), "{solver}: {name}");
        }
    }
    outcome.status
}

#[test]
fn what_does_not_exist_is_proven_not_to_exist() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fair-division/impossibility_instances.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let instances: Vec<Instance> = serde_json::from_str(&text).unwrap();
    let mut decided = 0;
    for instance in instances {
        let problem = FairDivision::new(instance.u).unwrap();
        let (none, some): (&[&str], &[&str]) = match instance.name.as_str() {
            "aw_prop1" | "aw_prop1_mirror" => (&["exists-efx3"], &["exists-efx"]),
            "aw_prop2" => (&["exists-efx0"], &["exists-efx"]),
            "ef13_po_n2" => (&["exists-ef13-po"], &["exists-ef1-po", "exists-efx-po"]),
            "ef1_fpo_3x4" | "ef1_fpo_3x4_b" => (&["exists-ef1-fpo"], &["exists-ef1-po", "exists-efx-po"]),
            "efx_chores_4a" | "efx_chores_4b" => (&["exists-efx", "efx-search"], &["double-round-robin"]),
            "mms_goods_3x9" | "mms_chores_3x9" => (&["exists-mms"], &["exists-efx"]),
            "propm_mixed" => (&["exists-propm"], &["double-round-robin"]),
            "propx_goods" => (&["exists-propx"], &["exists-efx"]),
            // The agents' APS is their proportional share here, so this is the absence of an APS allocation too.
            "aps_gt_mms" => (&["exists-prop"], &["exists-mms"]),
            _ => continue,
        };
        for solver in none {
            assert_eq!(status(&problem, solver), Status::Infeasible, "{}: {solver}", instance.name);
            decided += 1;
        }
        for solver in some {
            assert_eq!(status(&problem, solver), Status::Feasible, "{}: {solver}", instance.name);
        }
    }
    assert_eq!(decided, 15);
}
