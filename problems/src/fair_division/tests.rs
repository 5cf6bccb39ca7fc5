use serde_json::json;

use super::*;
use crate::bulk::InlineOnly;
use crate::{Malformed, Problem, Verdict};

fn load(data: &serde_json::Value) -> Result<FairDivision, Malformed> {
    // Through text, as documents come.
    let data: FairDivisionData = serde_json::from_str(&data.to_string()).unwrap();
    FairDivision::from_data(data, &mut InlineOnly)
}

fn refusal(data: &serde_json::Value) -> String {
    load(data).unwrap_err().to_string()
}

fn holds(utilities: &[&[i64]], owner: &[usize], notion: Notion) -> bool {
    let problem = FairDivision::new(utilities.iter().map(|row| row.to_vec()).collect()).unwrap();
    problem.holds(notion, &Allocation::new(owner.to_vec())).unwrap().unwrap()
}

#[test]
fn a_document_is_read_and_written_back() {
    let text = r#"{"agents":["Ann","Bob"],"items":["car","dog"],"utilities":[[1,-2],[0.5,"12345678901234567890.25"]],"copies":[1,2],"entitlements":[1,3],"welfare":"egalitarian"}"#;
    let data: FairDivisionData = serde_json::from_str(text).unwrap();
    let problem = FairDivision::from_data(data, &mut InlineOnly).unwrap();
    assert_eq!((problem.agents(), problem.items(), problem.scale_digits()), (2, 3, 2));
    assert_eq!(problem.item_name(2), "dog (copy 1)");
    assert_eq!(problem.welfare(), Welfare::Egalitarian);
    let Utilities::Big(values) = problem.utilities() else { panic!("beyond 64 bits") };
    assert_eq!(values[4].to_string(), "1234567890123456789025");
    let again = serde_json::to_string(&problem.to_data(&mut InlineOnly).unwrap()).unwrap();
    let again: FairDivisionData = serde_json::from_str(&again).unwrap();
    assert_eq!(FairDivision::from_data(again, &mut InlineOnly).unwrap(), problem);
}

#[test]
fn data_that_is_no_instance_is_refused_with_its_place() {
    assert_eq!(refusal(&json!({"utilities": []})), "utilities: found no rows, expected at least one agent");
    assert_eq!(refusal(&json!({"utilities": [[], []]})), "utilities[0]: found no values, expected at least one item");
    assert_eq!(
        refusal(&json!({"items": 4, "utilities": [[1, 2, 3, 4], [1, 2, 3]]})),
        "utilities[1]: found 3 values, expected 4 (one per item)"
    );
    assert_eq!(
        refusal(&json!({"utilities": [[1, 2], [1, 2, 3]]})),
        "utilities[1]: found 3 values, expected 2 (one per item, like the first row)"
    );
    assert_eq!(refusal(&json!({"utilities": [[1, "NaN"]]})), "utilities[0][1]: found `\"NaN\"`, expected a finite decimal number");
    assert_eq!(refusal(&json!({"utilities": [[1, null]]})), "utilities[0][1]: found `null`, expected a finite decimal number");
    assert_eq!(refusal(&json!({"utilities": [[1, [2]]]})), "utilities[0][1]: found `[2]`, expected a finite decimal number");
    assert_eq!(refusal(&json!({"utilities": [7]})), "utilities[0]: found `7`, expected an array of numbers");
    assert_eq!(
        refusal(&json!({"agents": ["a", "a"], "utilities": [[1], [2]]})),
        "agents[1]: found `a` for the second time, expected a name of its own"
    );
    assert_eq!(refusal(&json!({"agents": 3, "utilities": [[1], [2]]})), "utilities: found 2 rows, expected 3 (one per agent)");
    assert_eq!(refusal(&json!({"entitlements": [1, 0], "utilities": [[1], [2]]})), "entitlements[1]: found 0, expected a positive integer");
    assert_eq!(refusal(&json!({"copies": [0], "utilities": [[1]]})), "copies[0]: found 0, expected a count of at least 1");
    assert!(refusal(&json!({"copies": [99_999_999_999_u64], "utilities": [[1]]})).starts_with("copies: found 99999999999 items"));
    assert!(refusal(&json!({"utilities": [["1e999999999"]]})).contains("at most 400 decimal digits"));
    let negative: Result<FairDivisionData, _> = serde_json::from_value(json!({"entitlements": [-1], "utilities": [[1]]}));
    assert!(negative.is_err());
    let unknown: Result<FairDivisionData, _> = serde_json::from_value(json!({"utilities": [[1]], "utility": 3}));
    assert!(unknown.unwrap_err().to_string().contains("unknown field `utility`"));
}

#[test]
fn rows_of_text_are_read_with_row_and_column() {
    let rows = vec![vec!["1", "0.1"], vec!["2", "inf"]];
    let fault = FairDivision::from_decimal_rows(None, None, &rows).unwrap_err();
    assert_eq!(fault.to_string(), "utilities[1][1]: found `inf`, expected a finite decimal number");
    let rows = vec![vec!["1", "0.1"], vec!["2", "-3e-2"]];
    let problem = FairDivision::from_decimal_rows(Some(vec!["x".into(), "y".into()]), None, &rows).unwrap();
    assert_eq!(problem.small_utilities(), Some([100, 10, 200, -3].as_slice()));
    assert_eq!(problem.display_utility(&-3), "-0.03");
}

#[test]
fn an_allocation_that_does_not_fit_is_malformed() {
    let problem = FairDivision::new(vec![vec![1, 2], vec![3, 4]]).unwrap();
    let check = |owner: Vec<usize>| problem.check(&Allocation::new(owner)).unwrap_err().to_string();
    assert_eq!(check(vec![0]), "owner[1]: found no owner of item 1, which is unassigned, expected an owner for each item");
    assert_eq!(check(vec![0, 1, 1]), "owner: found 3 owners, expected 2 (one per item)");
    assert_eq!(check(vec![0, 2]), "owner[1]: found agent 2 as the owner of item 1, expected an agent's index, below 2");
}

#[test]
fn a_failed_property_shows_its_numbers() {
    let problem =
        FairDivision::new(vec![vec![5, 4, 1], vec![1, 1, 1]]).unwrap().with_agent_names(vec!["Ann".into(), "Bob".into()]).unwrap();
    let verdict = problem.check(&Allocation::new(vec![1, 1, 0])).unwrap();
    assert!(verdict.holds());
    let ef1 = verdict.property("EF1").unwrap();
    assert_eq!(ef1.holds, Some(false));
    assert_eq!(ef1.certainty, crate::verdict::Certainty::Exact);
    let witness = ef1.witness.as_ref().unwrap();
    assert_eq!(witness.text, "Ann values its own bundle at 1 and that of Bob at 9; without item 0 theirs is worth 4");
    assert_eq!(witness.data["removed"][0]["item"], 0);
    assert_eq!(verdict.objective.unwrap().value, 3.0);
}

#[test]
fn efx_needs_both_sides() {
    // Agent 0 holds a chore of -1 and envies; dropping the chore is not enough, dropping agent 1's small good neither.
    let rows: &[&[i64]] = &[&[-1, 5, 5], &[0, 1, 1]];
    assert!(!holds(rows, &[0, 1, 1], Notion::Efx));
    // Own side only: envy 0 against 1, and no positive item in the other bundle that could end it but the single one.
    assert!(holds(&[&[1], &[1]], &[1], Notion::Efx));
    assert!(!holds(&[&[-5, -1], &[-5, -1]], &[0, 0], Notion::Efx));
    assert!(!holds(&[&[-5, -1], &[-5, -1]], &[0, 0], Notion::Ef1));
    assert!(holds(&[&[-5, -1], &[-5, -1]], &[0, 1], Notion::Efx));
}

#[test]
fn the_readings_of_efx_differ_by_where_zero_items_count() {
    // Proposition 2 of Aleksandrov and Walsh 2020: one good and one dummy.
    let rows: &[&[i64]] = &[&[1, 0], &[1, 0]];
    for owner in [[0, 0], [0, 1], [1, 0], [1, 1]] {
        assert!(!holds(rows, &owner, Notion::Efx0), "{owner:?}");
        assert!(holds(rows, &owner, Notion::Efx), "{owner:?}");
        // The dummy in the envier's own bundle is allowed by the other reading.
        assert_eq!(holds(rows, &owner, Notion::Efx0EnviedSide), owner[0] != owner[1], "{owner:?}");
    }
}

#[test]
fn no_allocation_of_one_good_and_two_small_chores_is_efx_in_all_three_ways() {
    // Proposition 1 of Aleksandrov and Walsh 2020, and its negative.
    for rows in [[[2_i64, -1, -1]; 2], [[-2, 1, 1]; 2]] {
        let rows: Vec<&[i64]> = rows.iter().map(<[i64; 3]>::as_slice).collect();
        let mut efx = 0;
        for code in 0..8_usize {
            let owner = [code & 1, code >> 1 & 1, code >> 2];
            assert!(!holds(&rows, &owner, Notion::EfxThree), "{owner:?}");
            efx += usize::from(holds(&rows, &owner, Notion::Efx));
        }
        assert!(efx > 0);
    }
}

#[test]
fn proportionality_up_to_one_item_is_weak_or_strict() {
    // Agent 0 has 0 of 4; with one more item it has exactly its share 2.
    let rows: &[&[i64]] = &[&[2, 2], &[1, 1]];
    assert!(!holds(rows, &[1, 1], Notion::Prop));
    assert!(holds(rows, &[1, 1], Notion::Prop1));
    assert!(!holds(rows, &[1, 1], Notion::Prop1Strict));
    // 50, 10 for three agents: whoever has nothing gets at most 10 by PROPx.
    assert!(!holds(&[&[50, 10], &[50, 10], &[50, 10]], &[0, 1], Notion::PropX));
}

#[test]
fn entitlements_weigh_envy() {
    let problem = FairDivision::new(vec![vec![1; 4], vec![1; 4]]).unwrap().with_entitlements(vec![2, 1]).unwrap();
    let holds =
        |owner: [usize; 4], name: &str| problem.check(&Allocation::new(owner.to_vec())).unwrap().property(name).unwrap().holds.unwrap();
    // 3 for an entitlement of 2 against 1 for 1: the second agent envies until one item goes.
    assert!(!holds([0, 0, 0, 1], "WEF"));
    assert!(holds([0, 0, 0, 1], "WEF1"));
    assert!(holds([0, 0, 1, 1], "EF"));
    assert!(!holds([0, 0, 1, 1], "WEF"));
    assert!(!holds([0, 1, 1, 1], "WEF1"));
    assert!(!holds([0, 0, 1, 1], "WPROP"));
    assert!(!holds([0, 0, 0, 1], "WPROP"));
    let thirds = FairDivision::new(vec![vec![1; 3], vec![1; 3]]).unwrap().with_entitlements(vec![2, 1]).unwrap();
    let verdict = thirds.check(&Allocation::new(vec![0, 0, 1])).unwrap();
    assert_eq!(verdict.property("WPROP").unwrap().holds, Some(true));
    assert_eq!(verdict.property("WEF").unwrap().holds, Some(true));
}

#[test]
fn big_utilities_are_judged_like_small_ones() {
    let rows = vec![vec!["5", "4", "1", "-2"], vec!["1", "-1", "1", "3"], vec!["0", "2", "-7", "1"]];
    let factor = "000000000000000000000000000";
    let big: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|value| if *value == "0" { "0".into() } else { format!("{value}{factor}") }).collect())
        .collect();
    let small = FairDivision::from_decimal_rows(None, None, &rows).unwrap();
    let big = FairDivision::from_decimal_rows(None, None, &big).unwrap();
    assert!(big.small_utilities().is_none());
    for code in 0..81_usize {
        let owner = vec![code % 3, code / 3 % 3, code / 9 % 3, code / 27];
        let allocation = Allocation::new(owner);
        let verdicts = [small.check(&allocation).unwrap(), big.check(&allocation).unwrap()];
        let decided =
            |verdict: &Verdict| verdict.properties.iter().map(|property| (property.name.clone(), property.holds)).collect::<Vec<_>>();
        assert_eq!(decided(&verdicts[0]), decided(&verdicts[1]));
    }
}

#[test]
fn sums_beyond_64_bits_do_not_wrap() {
    let rows = vec![vec![i64::MAX, i64::MAX, i64::MAX], vec![i64::MIN, i64::MIN, i64::MIN]];
    let problem = FairDivision::new(rows).unwrap();
    let verdict = problem.check(&Allocation::new(vec![0, 0, 1])).unwrap();
    assert_eq!(verdict.objective.unwrap().exact.as_deref(), Some("9223372036854775806"));
    assert_eq!(verdict.properties[0].holds, Some(true));
    assert_eq!(problem.holds(Notion::Ef, &Allocation::new(vec![1, 1, 0])).unwrap(), Some(false));
}

#[test]
fn the_witness_of_a_weighted_notion_names_the_weights() {
    let text = r#"{"agents":["Ada","Ben"],"items":["a","b","c","d"],"utilities":[[4,3,2,1],[4,3,2,1]],"entitlements":[3,1]}"#;
    let problem = FairDivision::from_data(serde_json::from_str(text).unwrap(), &mut InlineOnly).unwrap();
    let witness = |owner: [usize; 4], name: &str| {
        let verdict = problem.check(&Allocation::new(owner.to_vec())).unwrap();
        verdict.property(name).unwrap().witness.clone().unwrap()
    };
    let envy = witness([0, 1, 0, 0], "WEF");
    assert_eq!(
        envy.text,
        "Ada, entitled to 3, values its own bundle at 7 (7/3 per unit), and that of Ben, entitled to 1, at 3 (3 per unit)"
    );
    assert_eq!(envy.data["entitlements"], json!([3, 1]));
    let envy = witness([1, 1, 1, 0], "WEF1");
    assert!(envy.text.ends_with("at 9 (9 per unit); without a theirs is worth 5 (5 per unit)"), "{}", envy.text);
    let shortfall = witness([1, 0, 0, 1], "WPROP");
    assert_eq!(shortfall.text, "Ada values its bundle at 5, and is due 3/4 of 10, because its entitlement is 3 of 4");
    // Notions that ignore entitlements do not mention them.
    assert!(!witness([0, 0, 0, 0], "EF").text.contains("entitled"));
}

#[test]
fn entitlements_beyond_64_bits_together_are_judged_exactly() {
    let problem = FairDivision::new(vec![vec![1, 1], vec![1, 1]]).unwrap().with_entitlements(vec![u64::MAX, u64::MAX]).unwrap();
    let verdict = problem.check(&Allocation::new(vec![0, 1])).unwrap();
    assert!(["WEF", "WPROP"].iter().all(|name| verdict.property(name).unwrap().holds == Some(true)));
    let verdict = problem.check(&Allocation::new(vec![0, 0])).unwrap();
    let witness = verdict.property("WPROP").unwrap().witness.as_ref().unwrap();
    assert_eq!(witness.data["share"], json!([u64::MAX, "36893488147419103230"]));
}

#[test]
fn nash_welfare_is_right_at_every_scale() {
    let problem = load(&json!({"utilities": [["1e200", 0], [0, "1e-200"]], "welfare": "nash"})).unwrap();
    let verdict = problem.check(&Allocation::new(vec![0, 1])).unwrap();
    assert_eq!((verdict.objective.as_ref().unwrap().value, verdict.measure("nash")), (1.0, Some(1.0)));
}

#[test]
fn fractional_optimality_is_decided_beyond_the_range_of_floating_point() {
    // Each would gain by the exchange of the two items; numbers beyond 1e308 must not be taken for bounds that are not there.
    let rows = vec![vec!["1e320", "3e320"], vec!["3e-5", "1e-5"]];
    let problem = FairDivision::from_decimal_rows(None, None, &rows).unwrap();
    let verdict = problem.check(&Allocation::new(vec![0, 1])).unwrap();
    assert_eq!(verdict.property("fPO").unwrap().holds, Some(false));
    assert_eq!(verdict.property("PO").unwrap().holds, Some(false));
    let verdict = problem.check(&Allocation::new(vec![1, 0])).unwrap();
    assert_eq!(verdict.property("fPO").unwrap().holds, Some(true));
}

#[test]
fn unassigned_items_are_named_as_such() {
    let text = r#"{"items":["car","dog","boat"],"utilities":[[1,2,3],[3,2,1]]}"#;
    let problem = FairDivision::from_data(serde_json::from_str(text).unwrap(), &mut InlineOnly).unwrap();
    let refusal = |text: &str| problem.check(&serde_json::from_str(text).unwrap()).unwrap_err().to_string();
    assert_eq!(refusal(r#"{"owner":[0,null,1]}"#), "owner[1]: found no owner of dog, which is unassigned, expected an owner for each item");
    assert_eq!(
        refusal(r#"{"owner":[0]}"#),
        "owner[1]: found no owner of dog and 1 more items, which are unassigned, expected an owner for each item"
    );
    assert_eq!(refusal(r#"{"owner":[0,1,0,1]}"#), "owner: found 4 owners, expected 3 (one per item)");
    assert_eq!(refusal(r#"{"owner":[0,1,2]}"#), "owner[2]: found agent 2 as the owner of boat, expected an agent's index, below 2");
}
