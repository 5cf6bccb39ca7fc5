use super::*;
use crate::process::WorkerCommand;
use fathom_opt_core::{Outcome, Run, SolveError, Solver, Status};
use fathom_opt_instances::classes;
use fathom_opt_problems::linear_sequence::{LinearSequence, LinearSequenceSolution};
use fathom_opt_problems::{Problem, Sense};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Idle {
    omega: f64,
}

impl Default for Idle {
    fn default() -> Self {
        Self { omega: 1.0 }
    }
}

impl Solver<LinearSequence> for Idle {
    const NAME: &'static str = "idle";
    const SUMMARY: &'static str = "does nothing";

    fn solve_accepted(&self, _: &LinearSequence, _: &Run) -> Result<Outcome<LinearSequenceSolution>, SolveError> {
        Ok(Outcome::new(Status::Failed("idle".into())))
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.add::<LinearSequence, Idle>();
    registry.rename::<LinearSequence>("lazy", "`idle`");
    registry
}

fn planned(suite: &str, change: impl FnOnce(&mut RunRequest)) -> Result<Vec<PlannedRun>, String> {
    let suite = Suite::parse("test", &format!("name = 't'\n{suite}"), None, &classes()).unwrap();
    let mut request = RunRequest::new(vec![suite], "r".into(), WorkerCommand { program: "w".into(), arguments: Vec::new() });
    change(&mut request);
    let suite = &request.suites[0];
    let description = |name: &str, kind: &str| Description {
        name: name.into(),
        sha256: name.into(),
        kind: kind.into(),
        sense: Sense::Minimize,
        objective_tolerance: 0.0,
        objective_scale: 0.0,
        criteria: Vec::new(),
        ranks_by_objective: true,
        known: None,
        sizes: Vec::new(),
    };
    let kinds = [LinearSequence::KIND, "other"];
    let instances: Vec<_> = suite
        .entries
        .iter()
        .zip(kinds.iter().cycle())
        .map(|(source, kind)| SuiteInstance {
            source: source.clone(),
            key: source.to_string(),
            description: description(&source.to_string(), kind),
        })
        .collect();
    let registry = registry();
    let contenders = solvers(suite, &request, &registry).map_err(|error| error.to_string())?;
    runs(suite, &contenders.present, &instances, &request, (&registry, "b"), &mut HashSet::new()).map_err(|error| error.to_string())
}

const TWO: &str = "seeds = [1, 2]\n[[entries]]\nlibrary = 'a'\n[[entries]]\nlibrary = 'b'\n";

#[test]
fn every_solver_runs_with_every_seed_on_the_instances_of_its_kind() {
    let runs = planned(TWO, |_| ()).unwrap();
    let seeds: Vec<_> = runs.iter().map(|run| (run.description.name.as_str(), run.key.seed)).collect();
    assert_eq!(seeds, [("library:a", 1), ("library:a", 2)]);
    assert_eq!(runs[0].all_options, r#"{"omega":1.0}"#);
}

#[test]
fn options_that_are_the_defaults_make_no_other_run() {
    let runs =
        planned(&format!("{TWO}[[solvers]]\nname = 'idle'\n[[solvers]]\nname = 'idle'\noptions = {{ omega = 1.0 }}\n"), |_| ()).unwrap();
    assert_eq!(runs.len(), 2);
    let runs =
        planned(&format!("{TWO}[[solvers]]\nname = 'idle'\n[[solvers]]\nname = 'idle'\noptions = {{ omega = 1.5 }}\n"), |_| ()).unwrap();
    assert_eq!(runs.len(), 4);
}

#[test]
fn the_request_overrides_limits_and_seeds() {
    let runs = planned(TWO, |request| {
        request.seeds = Some(vec![9]);
        request.time_limit = Some(0.5);
        request.memory_limit = Some(7);
    })
    .unwrap();
    assert_eq!(runs.len(), 1);
    let key = &runs[0].key;
    assert_eq!((key.seed, key.time_limit, key.memory_limit), (9, 0.5, 7));
}

#[test]
fn the_request_picks_solvers_by_label_or_name() {
    let suite = format!("{TWO}[[solvers]]\nname = 'idle'\nlabel = 'slow'\noptions = {{ omega = 0.5 }}\n");
    let picked = |name: &str| planned(&suite, |request| request.solvers = Some(vec![name.into()])).unwrap();
    assert_eq!(picked("slow")[0].all_options, r#"{"omega":0.5}"#);
    assert_eq!(picked("idle")[0].all_options, r#"{"omega":0.5}"#);
}

#[test]
fn solvers_and_options_that_do_not_exist_are_refused() {
    let refused = |solver: &str| planned(&format!("{TWO}[[solvers]]\n{solver}\n"), |_| ()).unwrap_err();
    assert_eq!(refused("name = 'idel'"), "suite t: no solver `idel` for any kind of problems; there is: idle");
    assert_eq!(refused("name = 'lazy'"), "suite t: the solver `lazy` for linear-sequence problems is now `idle`");
    assert!(refused("name = 'idle'\nkind = 'x'").contains("no solver for x problems"));
    assert!(refused("name = 'idle'\noptions = { omga = 1 }").contains("solver `idle`: options: `omga`"));
    let unknown = planned(TWO, |request| request.solvers = Some(vec!["none".into()])).unwrap_err();
    assert!(unknown.contains("no solver `none`"));
}

#[test]
fn the_hash_of_a_recipe_does_not_depend_on_the_order_of_its_parameters() {
    let key = |text: &str| {
        let parameters: Map<String, Value> = serde_json::from_str(text).unwrap();
        source_key(&InstanceSource::Generated { family: "poisson".into(), parameters, seed: 1 }, &classes()).unwrap()
    };
    assert_eq!(key(r#"{"grid":4,"systems":2}"#), key(r#"{"systems":2,"grid":4}"#));
    assert_ne!(key(r#"{"grid":4,"systems":2}"#), key(r#"{"grid":2,"systems":4}"#));
}

#[test]
fn a_command_runs_where_its_formats_are_and_is_known_by_its_program() {
    let suite = |command: &str| format!("{TWO}[[solvers]]\nname = 'theirs'\n{command}\n");
    let runs = planned(&suite("command = 'sh -c true {instance}'"), |_| ()).unwrap();
    assert_eq!((runs.len(), runs[0].key.solver.as_str()), (2, "theirs"));
    let identity: Value = serde_json::from_str(&runs[0].all_options).unwrap();
    assert_eq!(identity["command"]["words"][1], "-c");
    assert_eq!(identity["command"]["program"].as_str().unwrap().len(), 64);
    let Job { task: Task::Command(task), .. } = runs[0].job(&Grace::default()) else { panic!("no command") };
    assert!(task.words[0].starts_with('/') && task.words[3] == "{instance}" && task.kill_after > task.time_limit);
    let Job { task: Task::Command(other), .. } = runs[0].job(&Grace::default()) else { panic!("no command") };
    assert_ne!(task.scratch, other.scratch);
    assert_eq!(planned(&suite("command = 'sh {instance}'\nreads = '.nl'\nwrites = '.sol'"), |_| ()).unwrap().len(), 0);
    assert_eq!(planned(&suite("command = 'sh {instance}'\nreads = '.mtx'\nwrites = '.csv'"), |_| ()).unwrap().len(), 2);
    let ours = planned(&format!("{TWO}[[solvers]]\nname = 'idle'\ncommand = 'sh {{instance}}'\n"), |_| ()).unwrap_err();
    assert_eq!(ours, "suite t: solver `idle`: found the name of a solver of Fathom's, expected another name");
    let gone = planned(&suite("command = 'no-such-program {instance}'"), |_| ()).unwrap_err();
    assert!(gone.contains("there is no program `no-such-program`"), "{gone}");
}
