//! A record as a row of the results file.

use fathom_opt_core::{Report, Seconds, Status};
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::course::Course;
use crate::key::RunKey;
use crate::record::{Record, UNSUPPORTED};

const INTO: &str = "
INTO runs (key, suite, instance, instance_sha256, source, kind, known_objective, solver, label, options, options_sha256, seed, time_limit,
    memory_limit, threads, version, machine, started, status, detail, objective, bound, checked_objective, holds, verdict, refuted, wall_seconds,
    cpu_seconds, peak_memory, counters, notes, stderr, trace, criterion, promised, sought, unconfirmed, build, course)
VALUES (:key, :suite, :instance, :instance_sha256, :source, :kind, :known_objective, :solver, :label, :options, :options_sha256, :seed, :time_limit,
    :memory_limit, :threads, :version, :machine, strftime('%Y-%m-%dT%H:%M:%fZ', :started, 'unixepoch'), :status, :detail, :objective, :bound,
    :checked_objective, :holds, :verdict, :refuted, :wall_seconds, :cpu_seconds, :peak_memory, :counters, :notes, :stderr, :trace, :criterion,
    :promised, :sought, :unconfirmed, :build, :course)
";

/// Stores `record` and its trace by `verb`, which is `INSERT` or `INSERT OR REPLACE`.
pub(crate) fn insert(connection: &Connection, verb: &str, record: &Record, trace: Option<&str>) -> rusqlite::Result<()> {
    let (key, report) = (&record.key, &record.report);
    let inserted = connection.prepare(&format!("{verb} {INTO}"))?.execute(named_params! {
        ":key": key.digest(),
        ":suite": record.suite,
        ":instance": record.instance,
        ":instance_sha256": key.instance_sha256,
        ":source": record.source,
        ":kind": record.kind,
        ":known_objective": record.known_objective,
        ":solver": key.solver,
        ":label": record.label,
        ":options": record.options,
        ":options_sha256": key.options_sha256,
        ":seed": key.seed.cast_signed(),
        ":time_limit": key.time_limit,
        ":memory_limit": i64::try_from(key.memory_limit).unwrap_or(i64::MAX),
        ":threads": i64::try_from(key.threads).unwrap_or(i64::MAX),
        ":version": key.version,
        ":machine": record.machine,
        ":started": record.started,
        ":status": record.status(),
        ":detail": report.status.detail(),
        ":objective": report.objective,
        ":bound": report.bound,
        ":checked_objective": report.checked_objective(),
        ":holds": report.holds(),
        ":verdict": report.verdict.as_ref().map(json),
        ":refuted": json(&report.refuted),
        ":wall_seconds": report.seconds.wall,
        ":cpu_seconds": report.seconds.cpu,
        ":peak_memory": record.peak_memory.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        ":counters": json(&report.counters),
        ":notes": json(&report.notes),
        ":stderr": record.stderr,
        ":trace": trace,
        ":criterion": report.criterion,
        ":promised": json(&report.promised),
        ":sought": json(&report.sought),
        ":unconfirmed": json(&report.unconfirmed),
        ":build": key.build,
        ":course": Some(&record.course).filter(|course| !course.is_empty()).map(Course::to_csv),
    });
    inserted.map(|_| ())
}

/// The record in a row that has all columns, and the time it started in seconds as `started_seconds`.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Record> {
    let (status, detail): (String, Option<String>) = (row.get("status")?, row.get("detail")?);
    let unsupported = status == UNSUPPORTED;
    // Another version may have had other words: what they were is then the reason.
    let status = Status::of_words(&status, detail.as_deref())
        .unwrap_or_else(|| Status::Failed(if unsupported { detail.unwrap_or_default() } else { format!("the status `{status}`") }));
    let report = Report {
        criterion: row.get("criterion")?,
        objective: row.get("objective")?,
        bound: row.get("bound")?,
        promised: parsed(row, "promised")?,
        sought: parsed(row, "sought")?,
        notes: parsed(row, "notes")?,
        refuted: parsed(row, "refuted")?,
        unconfirmed: parsed(row, "unconfirmed")?,
        verdict: parsed(row, "verdict")?,
        counters: parsed(row, "counters")?,
        ..Report::new(status, Seconds { wall: row.get("wall_seconds")?, cpu: row.get("cpu_seconds")? })
    };
    Ok(Record {
        key: RunKey {
            instance_sha256: row.get("instance_sha256")?,
            solver: row.get("solver")?,
            options_sha256: row.get("options_sha256")?,
            seed: unsigned(row, "seed")?,
            time_limit: row.get("time_limit")?,
            memory_limit: unsigned(row, "memory_limit")?,
            threads: usize::try_from(unsigned(row, "threads")?).unwrap_or(usize::MAX),
            version: row.get("version")?,
            build: row.get("build")?,
        },
        suite: row.get("suite")?,
        instance: row.get("instance")?,
        source: row.get("source")?,
        kind: row.get("kind")?,
        known_objective: row.get("known_objective")?,
        label: row.get("label")?,
        options: row.get("options")?,
        machine: row.get("machine")?,
        started: row.get("started_seconds")?,
        unsupported,
        report,
        peak_memory: row.get::<_, Option<i64>>("peak_memory")?.map(i64::cast_unsigned),
        course: row.get::<_, Option<String>>("course")?.as_deref().map(Course::of_csv).unwrap_or_default(),
        stderr: row.get("stderr")?,
    })
}

fn json<T: Serialize>(value: &T) -> String {
    // Reports are plain data; one that cannot be written would have stopped the worker that sent it.
    serde_json::to_string(value).unwrap_or_else(|_| "null".into())
}

/// What a column holds as JSON; the default where it holds nothing, or what this version cannot read.
fn parsed<T: DeserializeOwned + Default>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// A count that was stored from an unsigned number.
fn unsigned(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}
