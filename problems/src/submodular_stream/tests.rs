use super::*;
use crate::bulk::InlineOnly;
use crate::problem::Problem;

fn document() -> serde_json::Value {
    serde_json::json!({
        "function": { "coverage": { "sets": [[0, 1], [1, 2, 3], [0, 4], [4]] } },
        "elements": [10, 20, 30, 40],
        "constraint": { "cardinality": 2 },
        "operations": [
            {"op": "insert", "id": 10}, {"op": "insert", "id": 20}, {"op": "query"}, {"op": "insert", "id": 30},
            {"op": "delete", "id": 20}, {"op": "query"}
        ]
    })
}

fn load(document: serde_json::Value) -> Result<SubmodularStream, crate::Malformed> {
    SubmodularStream::from_data(serde_json::from_value(document).unwrap(), &mut InlineOnly)
}

fn answers(sets: &[(u64, &[u64])]) -> Answers {
    Answers { answers: sets.iter().map(|&(at, chosen)| Answer { at, chosen: chosen.to_vec() }).collect() }
}

#[test]
fn a_right_answer_is_valued_and_compared_with_the_optimum() {
    let problem = load(document()).unwrap();
    let verdict = problem.check(&answers(&[(2, &[10, 20]), (5, &[30])])).unwrap();
    assert!(verdict.holds(), "{verdict:?}");
    assert_eq!(verdict.objective.as_ref().map(|objective| objective.value), Some(3.0));
    assert_eq!(verdict.measure("mean upper bound"), Some(3.5));
    assert_eq!(verdict.measure("least ratio to optimum"), Some(2.0 / 3.0));
    assert_eq!(verdict.property("at least 1 - 1/e of the optimum at every query").unwrap().holds, Some(true));
    let poor = problem.check(&answers(&[(2, &[10, 20]), (5, &[])])).unwrap();
    assert_eq!(poor.property("at least 1/10 of the optimum at every query").unwrap().holds, Some(false));
}

#[test]
fn every_requirement_is_checked() {
    let problem = load(document()).unwrap();
    for (wrong, what) in [
        (answers(&[(2, &[10, 20])]), "an answer"),
        (answers(&[(2, &[10, 30]), (5, &[])]), "element 30 live"),
        (answers(&[(2, &[10, 10]), (5, &[])]), "each element at most once"),
        (answers(&[(2, &[10]), (5, &[10, 20, 30])]), "a set that the constraint allows"),
    ] {
        let verdict = problem.check(&wrong).unwrap();
        assert!(verdict.violations.iter().any(|violation| violation.what == what), "{what}: {verdict:?}");
        assert!(verdict.properties.is_empty());
    }
    for malformed in [answers(&[(3, &[])]), answers(&[(5, &[]), (2, &[])]), answers(&[(2, &[11])])] {
        assert!(problem.check(&malformed).is_err());
    }
}

#[test]
fn what_is_no_instance_is_refused_where_it_stands() {
    use serde_json::json;
    let fault = |path: &[&str], value: serde_json::Value| {
        let mut document = document();
        let mut place = &mut document;
        for step in path {
            place = match step.parse::<usize>() {
                Ok(index) => &mut place[index],
                Err(_) => &mut place[*step],
            };
        }
        *place = value;
        load(document).unwrap_err().to_string()
    };
    assert_eq!(
        fault(&["operations", "1", "id"], json!(10)),
        "operations[1].id: found 10, which is live, expected an element that is not live"
    );
    assert!(fault(&["operations", "4", "id"], json!(40)).starts_with("operations[4].id: found 40, which is not live"));
    assert_eq!(fault(&["elements", "1"], json!(10)), "elements[1]: found 10 again, expected each id once");
    assert_eq!(fault(&["constraint", "cardinality"], json!(0)), "constraint.cardinality: found 0, expected at least 1");
    assert_eq!(fault(&["elements"], json!(5)), "elements: found 5 elements, expected 4 (as many as the function has)");
    assert!(fault(&["function", "coverage", "sets", "2"], json!([4, 4])).starts_with("function.coverage.sets[2][1]: found 4 again"));
}

#[test]
fn documents_come_back_as_they_went() {
    let functions = [
        r#"{"facility-location":{"similarity":[[1.0,0.5],[0.25,2.0]]}}"#,
        r#"{"facility-location":{"nearest":[[[0,1.0]],[[1,0.5],[2,2.0]]],"clients":3}}"#,
        r#"{"feature-based":{"weights":[1.0,2.0],"shape":"sqrt","features":[[[0,1.0]],[[1,0.5]]]}}"#,
        r#"{"feature-based":{"weights":[1.0,2.0],"shape":{"saturated":0.5},"features":[[[0,1.0]],[[1,0.5]]]}}"#,
        r#"{"log-determinant":{"features":[[1.0,0.0],[0.5,0.5]]}}"#,
        r#"{"cut":{"edges":[[0,1,2.5]]}}"#,
        r#"{"influence":{"edges":[[0,1]],"probability":0.5,"samples":10,"seed":4}}"#,
        r#"{"modular":{"values":[1.0,-2.0]}}"#,
        r#"{"mixture":[{"weight":2.0,"function":{"modular":{"values":[1.0,1.0]}}},{"weight":1.0,"function":{"cut":{"edges":[[0,1,1.0]]}}}]}"#,
    ];
    for function in functions {
        let text = format!(
            r#"{{"function":{function},"elements":2,"constraint":{{"matroid":{{"partition":{{"parts":[0,0],"capacities":[1]}}}}}},"operations":[{{"op":"insert","id":1,"t":0.5}},{{"op":"query"}}]}}"#
        );
        let problem = SubmodularStream::from_data(serde_json::from_str(&text).unwrap(), &mut InlineOnly).unwrap();
        assert_eq!(serde_json::to_string(&problem.to_data(&mut InlineOnly).unwrap()).unwrap(), text);
    }
}

#[test]
fn matroids_are_validated_and_decide() {
    let laminar = |groups: &[(&[u32], u32)]| Matroid::Laminar {
        groups: groups.iter().map(|&(elements, capacity)| Group { elements: elements.to_vec(), capacity }).collect(),
    };
    assert!(laminar(&[(&[0, 1], 1), (&[0, 1, 2], 2), (&[3], 1)]).validate(4).is_ok());
    assert!(laminar(&[(&[0, 1], 1), (&[1, 2], 1)]).validate(4).is_err());
    assert!(laminar(&[(&[0, 4], 1)]).validate(4).is_err());
    let nested = laminar(&[(&[0, 1], 1), (&[0, 1, 2], 2)]);
    assert!(nested.is_independent(&[0, 2, 3]) && !nested.is_independent(&[0, 1]));
    let graphic = Matroid::Graphic { edges: vec![(0, 1), (1, 2), (2, 0), (3, 3)] };
    assert!(graphic.is_independent(&[0, 1]) && !graphic.is_independent(&[0, 1, 2]) && !graphic.is_independent(&[3]));
    assert!(Matroid::Partition { parts: vec![0, 2], capacities: vec![1, 1] }.validate(2).is_err());
}
