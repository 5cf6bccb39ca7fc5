//! Records as CSV or JSON.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use rusqlite::types::ValueRef;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::course::Course;
use crate::error::BenchError;
use crate::integral::Integrals;
use crate::job::Description;
use crate::reference::References;
use crate::store::Store;
use crate::yardstick::{Yardstick, measure};

/// The form of exported records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A tidy table: a row per run after a header line, a column per counter; structured fields are JSON text. Traces and courses are left out.
    Csv,
    /// An array with one object per record; structured fields and the course are nested, the trace is CSV text.
    Json,
}

/// Columns in their stable order: new ones are added at the end only.
const COLUMNS: &[&str] = &[
    "suite",
    "instance",
    "instance_sha256",
    "source",
    "kind",
    "known_objective",
    "solver",
    "label",
    "options",
    "options_sha256",
    "seed",
    "time_limit",
    "memory_limit",
    "threads",
    "version",
    "machine",
    "started",
    "status",
    "detail",
    "objective",
    "bound",
    "checked_objective",
    "holds",
    "verdict",
    "refuted",
    "wall_seconds",
    "cpu_seconds",
    "peak_memory",
    "counters",
    "notes",
    "stderr",
    "criterion",
    "promised",
    "sought",
    "unconfirmed",
    "build",
    "run",
    "program",
    "program_version",
];

/// Columns of the tidy table that are computed from all records together; the counters follow them.
const COMPUTED: [&str; 3] = ["best_known", "primal_integral", "dual_integral"];

/// Columns whose text is JSON.
const STRUCTURED: &[&str] = &["options", "machine", "verdict", "refuted", "counters", "notes", "promised", "sought", "unconfirmed"];

/// The query of `column`.
fn queried(column: &str) -> String {
    match column {
        "run" => "key AS run".to_owned(),
        "program" => "json_extract(options, '$.command.program') AS program".to_owned(),
        "program_version" => "json_extract(options, '$.command.version') AS program_version".to_owned(),
        other => other.to_owned(),
    }
}

fn query(more: &[&str]) -> String {
    COLUMNS.iter().chain(more).map(|column| queried(column)).collect::<Vec<_>>().join(", ")
}

/// Writes every record of `store`, in the order in which they were committed.
///
/// # Errors
/// When the store cannot be read or `out` cannot be written.
pub fn export(store: &Store, format: ExportFormat, out: &mut dyn Write) -> Result<(), BenchError> {
    match format {
        ExportFormat::Csv => csv(store, out),
        ExportFormat::Json => json(store, out),
    }
}

fn failed(error: csv::Error) -> BenchError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => BenchError::Export(error),
        other => BenchError::Export(io::Error::other(format!("{other:?}"))),
    }
}

/// Writes the courses of all runs that told theirs as one table: a row per sample, which names its run as the table of runs does.
///
/// # Errors
/// When the store cannot be read or `out` cannot be written.
pub fn export_courses(store: &Store, out: &mut dyn Write) -> Result<(), BenchError> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["run", "suite", "instance", "label", "seed", "seconds", "incumbent", "bound"]).map_err(failed)?;
    store.for_each(|record| {
        let (run, seed) = (record.key.digest(), record.key.seed.to_string());
        let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        for sample in &record.course.0 {
            let figures = [sample.seconds.to_string(), cell(sample.incumbent), cell(sample.bound)];
            let names = [&run, &record.suite, &record.instance, &record.label, &seed];
            writer.write_record(names.into_iter().chain(&figures)).map_err(failed)?;
        }
        Ok(())
    })?;
    Ok(writer.flush()?)
}

/// What all records together say of each.
struct Computed {
    /// The cells of [`COMPUTED`], by run.
    of_run: HashMap<String, [String; 3]>,
    /// The counters of any run.
    counters: BTreeSet<String>,
}

impl Computed {
    fn of(store: &Store) -> Result<Self, BenchError> {
        let mut references = References::default();
        let mut counters = BTreeSet::new();
        let mut descriptions: HashMap<String, Option<Description>> = HashMap::new();
        store.for_each(|record| {
            let key = &record.key.instance_sha256;
            if !descriptions.contains_key(key) {
                descriptions.insert(key.clone(), store.description(key)?);
            }
            if let Some(description) = &descriptions[key] {
                references.note(description, &record);
            }
            counters.extend(record.report.counters.into_iter().map(|(name, _)| name));
            Ok(())
        })?;
        let mut of_run = HashMap::new();
        store.for_each(|record| {
            let best = references.best(&record);
            let description = descriptions.get(&record.key.instance_sha256).and_then(Option::as_ref);
            let integrals = best.zip(description).filter(|(_, description)| description.ranks_by_objective || measure(&record).is_some());
            let integrals = integrals.map(|(best, description)| Integrals::of(&record, &Yardstick::of(description, &record), best));
            let cell = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
            let cells = [cell(best), cell(integrals.map(|both| both.primal)), cell(integrals.map(|both| both.dual))];
            of_run.insert(record.key.digest(), cells);
            Ok(())
        })?;
        Ok(Self { of_run, counters })
    }
}

fn csv(store: &Store, out: &mut dyn Write) -> Result<(), BenchError> {
    let computed = Computed::of(store)?;
    let mut writer = csv::Writer::from_writer(out);
    let counters = computed.counters.iter().map(|name| format!("counter_{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")));
    let header = COLUMNS.iter().copied().chain(COMPUTED).map(str::to_owned).chain(counters);
    writer.write_record(header).map_err(failed)?;
    store.export_rows(&query(&[]), |row| {
        let (mut run, mut counts) = (String::new(), Map::new());
        for (k, name) in COLUMNS.iter().enumerate() {
            let field = match value(row, k)? {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) if *name == "holds" => (number != 0).to_string(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            };
            match *name {
                "run" => run.clone_from(&field),
                // What an older version wrote may be no object.
                "counters" => counts = serde_json::from_str(&field).unwrap_or_default(),
                _ => {}
            }
            writer.write_field(field).map_err(failed)?;
        }
        for k in 0..COMPUTED.len() {
            writer.write_field(computed.of_run.get(&run).map_or("", |cells| &cells[k])).map_err(failed)?;
        }
        for name in &computed.counters {
            writer.write_field(counts.get(name).map_or_else(String::new, Value::to_string)).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)
    })?;
    Ok(writer.flush()?)
}

fn json(store: &Store, out: &mut dyn Write) -> Result<(), BenchError> {
    let mut first = true;
    out.write_all(b"[")?;
    store.export_rows::<BenchError>(&query(&["trace", "course"]), |row| {
        out.write_all(if first { b"\n{" } else { b",\n{" })?;
        first = false;
        for (k, name) in COLUMNS.iter().copied().chain(["trace", "course"]).enumerate() {
            if k > 0 {
                out.write_all(b",")?;
            }
            write!(out, "\"{name}\":")?;
            match value(row, k)? {
                ValueRef::Integer(number) if name == "holds" => write!(out, "{}", number != 0)?,
                ValueRef::Integer(number) => write!(out, "{number}")?,
                // JSON has no infinity.
                ValueRef::Real(number) if number.is_finite() => serde_json::to_writer(&mut *out, &number).map_err(io::Error::from)?,
                ValueRef::Null | ValueRef::Real(_) => out.write_all(b"null")?,
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                    let text = String::from_utf8_lossy(bytes);
                    match serde_json::from_str::<&RawValue>(&text) {
                        _ if name == "course" => serde_json::to_writer(&mut *out, &Course::of_csv(&text)).map_err(io::Error::from)?,
                        Ok(raw) if STRUCTURED.contains(&name) => out.write_all(raw.get().as_bytes())?,
                        _ => serde_json::to_writer(&mut *out, &text).map_err(io::Error::from)?,
                    }
                }
            }
        }
        Ok(out.write_all(b"}")?)
    })?;
    out.write_all(b"\n]\n")?;
    Ok(out.flush()?)
}

fn value<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<ValueRef<'a>, BenchError> {
    row.get_ref(column).map_err(|error| BenchError::Export(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::example;

    fn exported(format: ExportFormat) -> String {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.sqlite")).unwrap();
        let mut failed = example(2);
        (failed.report.objective, failed.report.verdict) = (Some(f64::INFINITY), None);
        store.insert(&example(1), Some("iteration\n1\n")).unwrap();
        store.insert(&failed, None).unwrap();
        let mut out = Vec::new();
        export(&store, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_has_one_line_per_record_with_what_it_cannot_say_left_empty() {
        let text = exported(ExportFormat::Csv);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(header[..COLUMNS.len()], *COLUMNS);
        assert_eq!(header[COLUMNS.len()..], ["best_known", "primal_integral", "dual_integral", "counter_iterations"]);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        let field = |row: usize, name: &str| &rows[row][header.iter().position(|column| *column == name).unwrap()];
        assert_eq!((field(0, "counter_iterations"), field(0, "program")), ("7", ""));
        assert_eq!(field(1, "run"), example(2).key.digest());
        assert_eq!(field(0, "instance"), "grid, \"5\"");
        assert_eq!(field(0, "objective"), "0.30000000000000004");
        assert_eq!(field(0, "started"), "2023-11-14T22:13:20.500Z");
        assert_eq!((field(0, "holds"), field(1, "holds")), ("true", ""));
        assert_eq!(field(1, "objective"), "inf");
    }

    #[test]
    fn json_nests_what_is_structured() {
        let rows: Vec<Map<String, Value>> = serde_json::from_str(&exported(ExportFormat::Json)).unwrap();
        let names: Vec<&str> = rows[0].keys().map(String::as_str).collect();
        assert_eq!(names[..COLUMNS.len()], *COLUMNS);
        assert_eq!(rows[0]["counters"]["iterations"], 7);
        assert_eq!(rows[0]["refuted"][0]["claim"], "objective 0.3");
        assert_eq!(rows[0]["trace"], "iteration\n1\n");
        assert_eq!(rows[0]["course"][0]["incumbent"], 0.75);
        assert_eq!(rows[0]["objective"], 0.1 + 0.2);
        assert_eq!(rows[1]["objective"], Value::Null);
        assert_eq!(rows[1]["verdict"], Value::Null);
        assert_eq!(rows[1]["stderr"], "two\nlines");
    }

    #[test]
    fn courses_are_a_table_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.sqlite")).unwrap();
        store.insert(&example(1), None).unwrap();
        let mut out = Vec::new();
        export_courses(&store, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "run,suite,instance,label,seed,seconds,incumbent,bound");
        assert_eq!(lines[1], format!("{},s,\"grid, \"\"5\"\"\",SOR,1,0.125,0.75,", example(1).key.digest()));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn the_tidy_table_knows_the_best_of_all_runs_and_the_integrals_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.sqlite")).unwrap();
        let mut honest = example(1);
        honest.report.refuted.clear();
        store.insert(&honest, None).unwrap();
        let description: Description = serde_json::from_str(
            r#"{"name":"i","sha256":"aa","kind":"k","sense":"minimize","objective_tolerance":0,"objective_scale":0,"criteria":[],
                "ranks_by_objective":true,"known":null,"sizes":[]}"#,
        )
        .unwrap();
        store.describe("aa", &description).unwrap();
        let mut out = Vec::new();
        export(&store, ExportFormat::Csv, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let header = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        let field = |name: &str| &row[header.iter().position(|column| column == name).unwrap()];
        assert_eq!(field("best_known"), "0.5");
        // Nothing until 0.125 s, a gap of a third until the end at 0.25 s, then none.
        let primal: f64 = field("primal_integral").parse().unwrap();
        assert!((primal - (0.125 + 0.125 / 3.0)).abs() < 1e-12, "{primal}");
        assert_eq!(field("dual_integral"), "1.5");
    }
}
