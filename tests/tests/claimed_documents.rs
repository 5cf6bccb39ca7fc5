//! `fathom check` of solution documents that come from somebody else: what a document claims is held against what the checker finds.

use std::process::Command;

/// The exit status and the output of `fathom check` of a document that claims this beside its solution.
fn check(claims: &str, solution: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let (instance, document) = (folder.path().join("i.fathom.json"), folder.path().join("s.json"));
    std::fs::write(&instance, r#"{"fathom":1,"problem":"fair-division","data":{"utilities":[[3,1],[1,3]]}}"#).unwrap();
    std::fs::write(&document, format!(r#"{{"fathom":1,{claims}"solution":{solution}}}"#)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fathom-under-test")).arg("check").args([&instance, &document]).output().unwrap();
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_false_status_or_bound_is_wrong() {
    const BEST: &str = r#"{"owner":[0,1]}"#;
    const WORST: &str = r#"{"owner":[1,0]}"#;
    for (claims, solution) in [
        (r#""status":"optimal","bound":1,"objective":6,"#, BEST),
        (r#""status":"optimal","objective":2,"bound":6,"#, WORST),
        (r#""status":"locally-optimal","#, WORST),
        (r#""status":"infeasible","#, BEST),
        (r#""status":"feasible","objective":5,"#, BEST),
    ] {
        let (status, text) = check(claims, solution);
        assert_eq!(status, Some(1), "{claims} {solution}: {text}");
        assert!(text.contains("WRONG"), "{text}");
    }
}

#[test]
fn a_true_claim_holds_and_words_that_mean_nothing_are_refused() {
    for claims in ["", r#""status":"optimal","objective":6,"bound":6,"#, r#""status":"limit","detail":"time","objective":6,"bound":7,"#] {
        assert_eq!(check(claims, r#"{"owner":[0,1]}"#).0, Some(0), "{claims}");
    }
    for claims in [r#""status":"blabla","#, r#""bound":"x","#] {
        assert_eq!(check(claims, r#"{"owner":[0,1]}"#).0, Some(2), "{claims}");
    }
}
