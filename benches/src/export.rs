//! Records as CSV or JSON.

use std::io::{self, Write};

use rusqlite::types::ValueRef;
use serde_json::value::RawValue;

use crate::error::BenchError;
use crate::store::Store;

/// The form of exported records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One line per record, after a header line; structured fields are JSON text. Traces are left out.
    Csv,
    /// An array with one object per record; structured fields are nested, the trace is CSV text.
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
];

/// Columns whose text is JSON.
const STRUCTURED: &[&str] = &["options", "machine", "verdict", "refuted", "counters", "notes", "promised", "sought", "unconfirmed"];

/// Writes every record of `store`, in the order in which they were committed, without holding them in memory.
///
/// # Errors
/// When the store cannot be read or `out` cannot be written.
pub fn export(store: &Store, format: ExportFormat, out: &mut dyn Write) -> Result<(), BenchError> {
    match format {
        ExportFormat::Csv => csv(store, out),
        ExportFormat::Json => json(store, out),
    }
}

fn csv(store: &Store, out: &mut dyn Write) -> Result<(), BenchError> {
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => BenchError::Export(error),
        other => BenchError::Export(io::Error::other(format!("{other:?}"))),
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(failed)?;
    store.export_rows(&COLUMNS.join(", "), |row| {
        for (k, name) in COLUMNS.iter().enumerate() {
            let value = value(row, k)?;
            let field = match value {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) if *name == "holds" => (number != 0).to_string(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            };
            writer.write_field(field).map_err(failed)?;
        }
        writer.write_record(None::<&[u8]>).map_err(failed)
    })?;
    Ok(writer.flush()?)
}

fn json(store: &Store, out: &mut dyn Write) -> Result<(), BenchError> {
    let mut first = true;
    out.write_all(b"[")?;
    store.export_rows::<BenchError>(&format!("{}, trace", COLUMNS.join(", ")), |row| {
        out.write_all(if first { b"\n{" } else { b",\n{" })?;
        first = false;
        for (k, name) in COLUMNS.iter().copied().chain(["trace"]).enumerate() {
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
        assert_eq!(reader.headers().unwrap(), COLUMNS);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        let field = |row: usize, name: &str| &rows[row][COLUMNS.iter().position(|column| *column == name).unwrap()];
        assert_eq!(field(0, "instance"), "grid, \"5\"");
        assert_eq!(field(0, "objective"), "0.30000000000000004");
        assert_eq!(field(0, "started"), "2023-11-14T22:13:20.500Z");
        assert_eq!((field(0, "holds"), field(1, "holds")), ("true", ""));
        assert_eq!(field(1, "objective"), "inf");
    }

    #[test]
    fn json_nests_what_is_structured() {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&exported(ExportFormat::Json)).unwrap();
        let names: Vec<&str> = rows[0].keys().map(String::as_str).collect();
        assert_eq!(names[..COLUMNS.len()], *COLUMNS);
        assert_eq!(rows[0]["counters"]["iterations"], 7);
        assert_eq!(rows[0]["refuted"][0]["claim"], "objective 0.3");
        assert_eq!(rows[0]["trace"], "iteration\n1\n");
        assert_eq!(rows[0]["objective"], 0.1 + 0.2);
        assert_eq!(rows[1]["objective"], serde_json::Value::Null);
        assert_eq!(rows[1]["verdict"], serde_json::Value::Null);
        assert_eq!(rows[1]["stderr"], "two\nlines");
    }
}
