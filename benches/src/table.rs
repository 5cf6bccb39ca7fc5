//! The final table for people.

use std::fmt::Write;

use crate::summary::{Row, RowVerdict, Summary};

/// A reason longer than this is cut in the table, in characters.
const LONGEST_REASON: usize = 60;

const RED: &str = "31;1";
const YELLOW: &str = "33";
const GREEN: &str = "32";

/// The summary as aligned plain text, with ANSI colours on request: one line per run, then what needs attention.
pub fn table(summary: &Summary, colour: bool) -> String {
    let seeds = summary.rows.iter().any(|row| row.seed != summary.rows[0].seed);
    let mut headers = vec!["instance", "solver"];
    if seeds {
        headers.push("seed");
    }
    headers.extend(["status", "objective", "gap", "time", "verdict"]);
    let cells: Vec<Vec<String>> = summary.rows.iter().map(|row| cells(row, seeds)).collect();
    let width = |k: usize| cells.iter().map(|row| row[k].chars().count()).chain([headers[k].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let numeric = |name: &str| matches!(name, "seed" | "objective" | "gap" | "time");
    let mut out = String::new();
    let mut line = |cells: Vec<&str>, last_colour: Option<&str>| {
        let mut text = String::new();
        for (k, cell) in cells.iter().enumerate() {
            if k > 0 {
                text.push_str("  ");
            }
            let gap = " ".repeat(widths[k] - cell.chars().count());
            if numeric(headers[k]) {
                text.push_str(&gap);
                text.push_str(cell);
            } else if k + 1 == cells.len() {
                text.push_str(&painted(cell, last_colour.filter(|_| colour)));
            } else {
                text.push_str(cell);
                text.push_str(&gap);
            }
        }
        out.push_str(&text);
        out.push('\n');
    };
    if !summary.rows.is_empty() {
        line(headers.clone(), None);
    }
    for (row, cells) in summary.rows.iter().zip(&cells) {
        let last_colour = match row.verdict {
            RowVerdict::Holds => GREEN,
            RowVerdict::Unchecked | RowVerdict::Violated | RowVerdict::NoSolution | RowVerdict::Unsupported(_) => YELLOW,
            RowVerdict::Wrong(_) | RowVerdict::Failed(_) => RED,
        };
        line(cells.iter().map(String::as_str).collect(), Some(last_colour));
    }
    if !summary.rows.is_empty() {
        out.push('\n');
    }
    out + &remarks(summary, colour)
}

/// What needs attention, and the counts. Writing to a string cannot fail, so its results are dropped.
fn remarks(summary: &Summary, colour: bool) -> String {
    let mut out = String::new();
    for row in &summary.rows {
        if let RowVerdict::Wrong(claims) = &row.verdict {
            for claim in claims {
                let _ = writeln!(
                    out,
                    "{}: {} on {} (seed {}) {claim}",
                    painted("WRONG", Some(RED).filter(|_| colour)),
                    row.solver,
                    row.instance,
                    row.seed
                );
            }
        }
    }
    for unreadable in &summary.unreadable {
        let _ = writeln!(out, "{}: {}: {}", painted("no instance", Some(RED).filter(|_| colour)), unreadable.entry, unreadable.reason);
    }
    for skipped in &summary.skipped {
        let _ = writeln!(out, "{}: {}: {}", painted("skipped", Some(YELLOW).filter(|_| colour)), skipped.entry, skipped.reason);
    }
    let count = |wanted: fn(&RowVerdict) -> bool| summary.rows.iter().filter(|row| wanted(&row.verdict)).count();
    let mut counts = vec![format!("{} hold", count(|verdict| matches!(verdict, RowVerdict::Holds)))];
    let others: [(usize, &str); 6] = [
        (count(|verdict| matches!(verdict, RowVerdict::Unchecked)), "not fully checked"),
        (count(|verdict| matches!(verdict, RowVerdict::Violated)), "violated"),
        (count(|verdict| matches!(verdict, RowVerdict::NoSolution)), "without a solution"),
        (count(|verdict| matches!(verdict, RowVerdict::Unsupported(_))), "unsupported"),
        (count(|verdict| matches!(verdict, RowVerdict::Failed(_))), "failed"),
        (count(|verdict| matches!(verdict, RowVerdict::Wrong(_))), "WRONG"),
    ];
    counts.extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")));
    let _ = write!(out, "{} runs: {}", summary.rows.len(), counts.join(", "));
    if summary.untaken > 0 {
        let _ = write!(out, "; {} more not shown, whose solver does not take the instance", summary.untaken);
    }
    if summary.recorded_before > 0 {
        let _ = write!(out, "; {} recorded before", summary.recorded_before);
    }
    if summary.interrupted {
        let _ = write!(out, "; interrupted with {} runs to go", summary.missing);
    }
    let _ = writeln!(out, "; {}", summary.results.display());
    out
}

fn painted(text: &str, colour: Option<&str>) -> String {
    match colour {
        Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
        None => text.to_owned(),
    }
}

fn cells(row: &Row, seeds: bool) -> Vec<String> {
    let mut cells = vec![one_line(&row.instance), one_line(&row.solver)];
    if seeds {
        cells.push(row.seed.to_string());
    }
    let status = match &row.detail {
        Some(detail) if row.status == "limit" => format!("{} ({detail})", row.status),
        _ => row.status.clone(),
    };
    let verdict = match &row.verdict {
        RowVerdict::Holds => "holds".into(),
        RowVerdict::Unchecked => "not fully checked".into(),
        RowVerdict::Violated => "violated".into(),
        RowVerdict::NoSolution => "no solution".into(),
        RowVerdict::Wrong(claims) => shortened(&format!("WRONG: {}", claims.first().map_or("", String::as_str))),
        RowVerdict::Failed(reason) | RowVerdict::Unsupported(reason) => shortened(reason),
    };
    cells.extend([
        status,
        row.objective.map_or_else(|| "-".into(), number),
        row.gap.map_or_else(|| "-".into(), |gap| format!("{:.2} %", 100.0 * gap)),
        duration(row.seconds),
        verdict,
    ]);
    cells
}

fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn shortened(text: &str) -> String {
    let text = one_line(text);
    if text.chars().count() <= LONGEST_REASON { text } else { text.chars().take(LONGEST_REASON - 3).chain("...".chars()).collect() }
}

/// Three or four significant digits, in seconds or milliseconds.
fn duration(seconds: f64) -> String {
    if seconds < 0.1 { format!("{:.2} ms", 1000.0 * seconds) } else { format!("{seconds:.*} s", if seconds < 10.0 { 3 } else { 1 }) }
}

/// About six significant digits; whole numbers in full as long as they are exact.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value}");
    }
    if !(1e-3..1e7).contains(&value.abs()) {
        return format!("{value:.3e}");
    }
    let digits = format!("{value:.6}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Unreadable;

    fn summary() -> Summary {
        let row = |solver: &str, seed, status: &str, objective, gap, seconds, verdict| Row {
            instance: "grid-31".into(),
            solver: solver.into(),
            seed,
            status: status.into(),
            detail: (status == "limit").then(|| "time".into()),
            objective,
            gap,
            seconds,
            verdict,
        };
        let wrong = "claims objective 3, but worst relative residual 4.25".to_owned();
        Summary {
            rows: vec![
                row("SOR, omega 1.5", 1, "feasible", Some(9.87e-9), Some(0.0), 0.0123, RowVerdict::Holds),
                row("SOR, omega 1.5", 12, "limit", Some(1234.5), None, 12.34, RowVerdict::Violated),
                row("liar", 1, "optimal", Some(4.25), Some(0.5), 0.5, RowVerdict::Wrong(vec![wrong])),
                row("glutton", 1, "failed", None, None, 1.0, RowVerdict::Failed("out of memory (limit 64 MiB)".into())),
                row("thrower", 1, "failed", None, None, 1.0, RowVerdict::Failed(format!("panicked: {}", "long\n".repeat(30)))),
                row("lazy", 1, "limit", None, None, 1.0, RowVerdict::NoSolution),
                row("picky", 1, "unsupported", None, None, 0.0, RowVerdict::Unsupported("it has 3 agents".into())),
            ],
            untaken: 2,
            unreadable: vec![Unreadable { entry: "a.mtx".into(), reason: "a.mtx:3: found `x`, expected a number".into() }],
            skipped: Vec::new(),
            finished: 4,
            recorded_before: 2,
            missing: 3,
            interrupted: true,
            results: "results.sqlite".into(),
        }
    }

    #[test]
    fn the_table_is_aligned_and_names_what_needs_attention() {
        insta::assert_snapshot!(table(&summary(), false), @r"
        instance  solver          seed  status        objective      gap      time  verdict
        grid-31   SOR, omega 1.5     1  feasible       9.870e-9   0.00 %  12.30 ms  holds
        grid-31   SOR, omega 1.5    12  limit (time)     1234.5        -    12.3 s  violated
        grid-31   liar               1  optimal            4.25  50.00 %   0.500 s  WRONG: claims objective 3, but worst relative residual 4.25
        grid-31   glutton            1  failed                -        -   1.000 s  out of memory (limit 64 MiB)
        grid-31   thrower            1  failed                -        -   1.000 s  panicked: long long long long long long long long long lo...
        grid-31   lazy               1  limit (time)          -        -   1.000 s  no solution
        grid-31   picky              1  unsupported           -        -   0.00 ms  it has 3 agents

        WRONG: liar on grid-31 (seed 1) claims objective 3, but worst relative residual 4.25
        no instance: a.mtx: a.mtx:3: found `x`, expected a number
        7 runs: 1 hold, 1 violated, 1 without a solution, 1 unsupported, 2 failed, 1 WRONG; 2 more not shown, whose solver does not take the instance; 2 recorded before; interrupted with 3 runs to go; results.sqlite
        ");
    }

    #[test]
    fn a_refuted_claim_is_red() {
        let text = table(&summary(), true);
        assert!(text.contains("\x1b[31;1mWRONG: claims objective 3"), "{text}");
        assert!(text.contains("\x1b[32mholds\x1b[0m\n"), "{text}");
    }

    #[test]
    fn an_empty_summary_is_only_its_counts() {
        let empty = Summary {
            rows: Vec::new(),
            untaken: 0,
            unreadable: Vec::new(),
            skipped: Vec::new(),
            finished: 0,
            recorded_before: 0,
            missing: 0,
            interrupted: false,
            results: "r".into(),
        };
        assert_eq!(table(&empty, false), "0 runs: 0 hold; r\n");
    }
}
