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

/// The status of a solver (notions in brackets are put to `exists`), after the checker has confirmed its promises.
fn status(problem: &FairDivision, solver: &str) -> Status {
    let mut registry = Registry::new();
    fathom_opt_division::register(&mut registry);
    let mut options = serde_json::Map::new();
    let mut name = solver;
    if solver.starts_with('[') {
        options.insert("notions".into(), serde_json::from_str(solver).unwrap());
        name = "exists";
    }
    let entry = registry.find("fair-division", Some(name)).unwrap();
    let outcome = entry.configure(&options).unwrap().solve(problem, &Run::default()).unwrap();
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
            "aw_prop1" | "aw_prop1_mirror" => (&[r#"["EFX^3"]"#], &[r#"["EFX"]"#]),
            "aw_prop2" => (&[r#"["EFX_0"]"#], &[r#"["EFX"]"#]),
            "ef13_po_n2" => (&[r#"["EF1^3","PO"]"#], &[r#"["EF1","PO"]"#, r#"["EFX","PO"]"#]),
            "ef1_fpo_3x4" | "ef1_fpo_3x4_b" => (&[r#"["EF1","fPO"]"#], &[r#"["EF1","PO"]"#, r#"["EFX","PO"]"#]),
            "efx_chores_4a" | "efx_chores_4b" => (&[r#"["EFX"]"#, "efx-search"], &["double-round-robin"]),
            "mms_goods_3x9" | "mms_chores_3x9" => (&[r#"["MMS"]"#], &[r#"["EFX"]"#]),
            "propm_mixed" => (&[r#"["PROPm"]"#], &["double-round-robin"]),
            "propx_goods" => (&[r#"["PROPx"]"#], &[r#"["EFX"]"#]),
            // The agents' APS is their proportional share here, so this is the absence of an APS allocation too.
            "aps_gt_mms" => (&[r#"["PROP"]"#], &[r#"["MMS"]"#]),
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

#[test]
fn old_names_say_what_took_their_place() {
    let mut registry = Registry::new();
    fathom_opt_division::register(&mut registry);
    let error = registry.find("fair-division", Some("exists-ef1-fpo")).err().unwrap().to_string();
    assert_eq!(error, r#"the solver `exists-ef1-fpo` for fair-division problems is now `exists` with notions=["EF1","fPO"]"#);
    let mut options = serde_json::Map::new();
    options.insert("notions".into(), serde_json::json!([]));
    let error = registry.find("fair-division", Some("exists")).unwrap().configure(&options).err().unwrap().to_string();
    assert_eq!(error, "option `notions`: found none, expected at least one, such as [\"EFX\"]");
}
