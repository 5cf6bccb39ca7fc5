//! The suite `regressions`: no claim of any solver about an instance of it is refuted, and no solver crashes or hangs on one.

use std::path::Path;
use std::process::{Command, Stdio};

use fathom_opt_bench::Store;

/// How the harness begins the reason of a run that gave no answer of its own.
const CRASHES: [&str; 8] =
    ["killed", "panicked", "aborted", "no answer", "out of memory", "stack overflow", "exit status", "malformed answer"];

#[test]
fn every_claim_about_an_instance_that_once_went_wrong_holds() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path().join("regressions.sqlite");
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions/regressions.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_fathom-under-test"))
        .args(["bench", "run"])
        .arg(suite)
        .args(["--jobs", "2", "--results"])
        .arg(&results)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{text}");
    let mut runs = 0;
    Store::open(&results)
        .unwrap()
        .for_each(|record| {
            runs += 1;
            let crashed = record.report.status.detail().is_some_and(|reason| CRASHES.iter().any(|start| reason.starts_with(start)));
            assert!(!crashed, "{} on {}: {}", record.label, record.instance, record.report.status);
            Ok(())
        })
        .unwrap();
    assert!(runs > 0, "{text}");
}
