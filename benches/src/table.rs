//! The final table for people.

use std::collections::HashMap;
use std::fmt::Write;

use crate::summary::{Proved, Row, RowVerdict, Summary};

/// No line of the table is longer, in characters, unless it would be by shortened names as well.
const WIDTH: usize = 80;

/// Names of instances and solvers are not shortened below this, in characters: fewer no longer tell them apart.
const SHORTEST_NAME: usize = 14;

/// Other words are not shortened below this, in characters.
const SHORTEST_WORD: usize = 8;

const RED: &str = "31;1";
const YELLOW: &str = "33";
const GREEN: &str = "32";

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Instance,
    Solver,
    Seed,
    Status,
    Criterion,
    Objective,
    Gap,
    Proved,
    Time,
    Verdict,
}

impl Column {
    fn header(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Solver => "solver",
            Self::Seed => "seed",
            Self::Status => "status",
            Self::Criterion => "in",
            Self::Objective => "objective",
            Self::Gap => "gap",
            Self::Proved => "proved",
            Self::Time => "time",
            Self::Verdict => "verdict",
        }
    }

    fn is_numeric(self) -> bool {
        matches!(self, Self::Seed | Self::Objective | Self::Gap | Self::Proved | Self::Time)
    }

    /// Whether it holds words that are understood when they are shortened: in which turn they give way, criterion and status before names, and down to how many
    /// characters.
    fn shrinks(self) -> Option<(u8, usize)> {
        match self {
            Self::Criterion | Self::Status => Some((0, SHORTEST_WORD)),
            Self::Instance | Self::Solver => Some((1, SHORTEST_NAME)),
            _ => None,
        }
    }

    fn cell(self, row: &Row) -> String {
        let missing = || "-".to_owned();
        match self {
            Self::Instance => one_line(&row.instance),
            Self::Solver => one_line(&row.solver),
            Self::Seed => row.seed.to_string(),
            Self::Status => match row.verdict {
                RowVerdict::Unsupported(_) => missing(),
                _ => row.status.clone(),
            },
            Self::Criterion => row.criterion.as_deref().map_or_else(missing, one_line),
            Self::Objective => row.objective.map_or_else(missing, number),
            Self::Gap => row.gap.map_or_else(missing, percent),
            Self::Proved => match row.proved {
                Proved::Status => "yes".into(),
                Proved::Within(gap) => percent(gap),
                Proved::Bound => "bound".into(),
                Proved::Nothing => missing(),
            },
            Self::Time => duration(row.seconds),
            Self::Verdict => match &row.verdict {
                RowVerdict::Holds => "holds",
                RowVerdict::Unchecked => "unchecked",
                RowVerdict::Violated => "violated",
                RowVerdict::NoSolution => "none",
                RowVerdict::Wrong(_) => "WRONG",
                RowVerdict::Failed(_) => "failed",
                RowVerdict::Unsupported(_) => "refused",
            }
            .into(),
        }
    }
}

/// The summary as aligned plain text, with ANSI colours on request: one line per run, then what needs attention.
pub fn table(summary: &Summary, colour: bool) -> String {
    let columns = columns(&summary.rows);
    let cells: Vec<Vec<String>> = summary.rows.iter().map(|row| columns.iter().map(|column| column.cell(row)).collect()).collect();
    let widths = widths(&columns, &cells);
    let mut out = String::new();
    let mut line = |cells: Vec<&str>, last_colour: Option<&str>| {
        for (k, (&column, cell)) in columns.iter().zip(cells).enumerate() {
            if k > 0 {
                out.push_str("  ");
            }
            let cell = shortened(cell, widths[k]);
            let gap = " ".repeat(widths[k] - cell.chars().count());
            if column.is_numeric() {
                out.push_str(&gap);
                out.push_str(&cell);
            } else if column == Column::Verdict {
                out.push_str(&painted(&cell, last_colour.filter(|_| colour)));
            } else {
                out.push_str(&cell);
                out.push_str(&gap);
            }
        }
        out.push('\n');
    };
    if !summary.rows.is_empty() {
        line(columns.iter().map(|column| column.header()).collect(), None);
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

/// The columns that tell the rows apart: the seed where there are several, the criterion where an instance has several.
fn columns(rows: &[Row]) -> Vec<Column> {
    let seeds = rows.iter().any(|row| row.seed != rows[0].seed);
    let mut of_instance: HashMap<&str, &str> = HashMap::new();
    let named = rows.iter().filter_map(|row| Some((row.instance.as_str(), row.criterion.as_deref()?)));
    let criteria =
        named.fold(false, |several, (instance, criterion)| *of_instance.entry(instance).or_insert(criterion) != criterion || several);
    let mut columns = vec![Column::Instance, Column::Solver];
    columns.extend(seeds.then_some(Column::Seed));
    columns.push(Column::Status);
    columns.extend(criteria.then_some(Column::Criterion));
    columns.extend([Column::Objective, Column::Gap, Column::Proved, Column::Time, Column::Verdict]);
    columns
}

/// As wide as the cells, but words give way where a line would be longer than [`WIDTH`]: criterion and status first, then the longest names.
fn widths(columns: &[Column], cells: &[Vec<String>]) -> Vec<usize> {
    let natural = |k: usize| cells.iter().map(|row| row[k].chars().count()).chain([columns[k].header().len()]).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..columns.len()).map(natural).collect();
    for turn in 0..=1 {
        while widths.iter().sum::<usize>() + 2 * (columns.len() - 1) > WIDTH {
            let gives_way = |k: &usize| columns[*k].shrinks().is_some_and(|(own, shortest)| own == turn && widths[*k] > shortest);
            let shrinking = (0..columns.len()).filter(gives_way);
            match shrinking.max_by_key(|&k| widths[k]) {
                Some(widest) => widths[widest] -= 1,
                None => break,
            }
        }
    }
    widths
}

/// What needs attention, and the counts. Writing to a string cannot fail, so its results are dropped.
fn remarks(summary: &Summary, colour: bool) -> String {
    let mut out = String::new();
    for row in &summary.rows {
        let (word, tone, reasons): (_, _, &[String]) = match &row.verdict {
            RowVerdict::Wrong(claims) => ("WRONG", RED, claims),
            RowVerdict::Failed(reason) => ("failed", RED, std::slice::from_ref(reason)),
            RowVerdict::Unsupported(reason) => ("refused", YELLOW, std::slice::from_ref(reason)),
            RowVerdict::Holds | RowVerdict::Unchecked | RowVerdict::Violated | RowVerdict::NoSolution => continue,
        };
        for reason in reasons {
            let word = painted(word, Some(tone).filter(|_| colour));
            let _ = writeln!(out, "{word}: {} on {} (seed {}): {}", row.solver, row.instance, row.seed, cut(one_line(reason).trim()));
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
        let _ = write!(out, "; {} recorded before (--rerun repeats them)", summary.recorded_before);
    }
    if summary.interrupted {
        let _ = write!(out, "; interrupted with {} runs to go", summary.missing);
    }
    let _ = writeln!(out, "; records in {}", summary.results.display());
    out
}

fn painted(text: &str, colour: Option<&str>) -> String {
    match colour {
        Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
        None => text.to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// `text` in at most `width` characters: the middle gives way, because names differ at their ends.
fn shortened(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    text.chars().take(head).chain(['\u{2026}']).chain(text.chars().skip(length - tail)).collect()
}

/// A reason longer than this is cut, in characters: a solver may panic with a page of text.
const LONGEST_REASON: usize = 300;

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_REASON { text.to_owned() } else { text.chars().take(LONGEST_REASON).chain("...".chars()).collect() }
}

fn percent(fraction: f64) -> String {
    format!("{:.2}%", 100.0 * fraction)
}

/// Three or four significant digits, in seconds or milliseconds.
fn duration(seconds: f64) -> String {
    if seconds < 0.1 { format!("{:.1} ms", 1000.0 * seconds) } else { format!("{seconds:.*} s", if seconds < 10.0 { 3 } else { 1 }) }
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
            criterion: Some("residual".into()),
            objective,
            gap,
            proved: Proved::Nothing,
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
        instance  solver          seed  status    objective     gap  proved     time  verdict
        grid-31   SOR, omega 1.5     1  feasible   9.870e-9   0.00%       -  12.3 ms  holds
        grid-31   SOR, omega 1.5    12  limit        1234.5       -       -   12.3 s  violated
        grid-31   liar               1  optimal        4.25  50.00%       -  0.500 s  WRONG
        grid-31   glutton            1  failed            -       -       -  1.000 s  failed
        grid-31   thrower            1  failed            -       -       -  1.000 s  failed
        grid-31   lazy               1  limit             -       -       -  1.000 s  none
        grid-31   picky              1  -                 -       -       -   0.0 ms  refused

        WRONG: liar on grid-31 (seed 1): claims objective 3, but worst relative residual 4.25
        failed: glutton on grid-31 (seed 1): out of memory (limit 64 MiB)
        failed: thrower on grid-31 (seed 1): panicked: long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long
        refused: picky on grid-31 (seed 1): it has 3 agents
        no instance: a.mtx: a.mtx:3: found `x`, expected a number
        7 runs: 1 hold, 1 violated, 1 without a solution, 1 unsupported, 2 failed, 1 WRONG; 2 more not shown, whose solver does not take the instance; 2 recorded before (--rerun repeats them); interrupted with 3 runs to go; records in results.sqlite
        ");
    }

    #[test]
    fn a_row_is_one_line_in_which_names_still_tell_what_is_meant() {
        let mut summary = summary();
        for (k, row) in summary.rows.iter_mut().enumerate() {
            row.instance = format!("an-instance-whose-name-tells-all-its-parameters-{k}");
            row.solver = format!("a solver with a label that its author liked {k}");
            row.status = "locally-infeasible".into();
            row.criterion = Some(format!("criterion {k}"));
            row.instance.push_str(if k < 3 { "-a" } else { "-b" });
        }
        let text = table(&summary, false);
        let rows: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(rows.len(), 1 + summary.rows.len());
        assert!(rows.iter().all(|row| row.chars().count() <= WIDTH + 2 * SHORTEST_NAME), "{text}");
        assert!(rows[1].starts_with("an-inst\u{2026}rs-0-a"), "{text}");
        assert_eq!(shortened("poisson-31-dirichlet", 11), "poiss\u{2026}chlet");
    }

    #[test]
    fn the_criterion_is_shown_where_an_instance_has_several() {
        let mut summary = summary();
        assert!(!table(&summary, false).contains("residual  "));
        summary.rows[1].criterion = Some("iterations".into());
        let text = table(&summary, false);
        assert!(text.lines().next().is_some_and(|header| header.contains("  in  ")), "{text}");
    }

    #[test]
    fn a_refuted_claim_is_red() {
        let text = table(&summary(), true);
        assert!(text.contains("\x1b[31;1mWRONG\x1b[0m\n") && text.contains("\x1b[31;1mWRONG\x1b[0m: liar on grid-31"), "{text}");
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
        assert_eq!(table(&empty, false), "0 runs: 0 hold; records in r\n");
    }
}
