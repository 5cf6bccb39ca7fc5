//! The results file: one `SQLite` database, one committed row per finished run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params};

use crate::error::BenchError;
use crate::job::Description;
use crate::key::RunKey;
use crate::record::Record;

/// Marks a database as a results file.
const APPLICATION: i32 = 0x4661_4272;
/// Version of the tables below.
const SCHEMA: i32 = 1;

const TABLES: &str = "
CREATE TABLE instances (
    source_key TEXT PRIMARY KEY,       -- hash of the file, or of the recipe
    description TEXT NOT NULL          -- JSON
) STRICT;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,          -- hash of what makes it this run
    suite TEXT NOT NULL,
    instance TEXT NOT NULL,
    instance_sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    known_objective REAL,
    solver TEXT NOT NULL,
    label TEXT NOT NULL,
    options TEXT NOT NULL,             -- JSON
    options_sha256 TEXT NOT NULL,
    seed INTEGER NOT NULL,
    time_limit REAL NOT NULL,          -- seconds
    memory_limit INTEGER NOT NULL,     -- MiB
    threads INTEGER NOT NULL,
    version TEXT NOT NULL,
    machine TEXT NOT NULL,             -- JSON
    started TEXT NOT NULL,             -- RFC 3339, UTC
    status TEXT NOT NULL,
    detail TEXT,
    objective REAL,
    bound REAL,
    checked_objective REAL,
    holds INTEGER,
    verdict TEXT,                      -- JSON
    refuted TEXT NOT NULL,             -- JSON
    wall_seconds REAL NOT NULL,
    cpu_seconds REAL,
    peak_memory INTEGER,               -- bytes
    counters TEXT,                     -- JSON
    notes TEXT,                        -- JSON
    stderr TEXT NOT NULL,
    trace TEXT                         -- CSV
) STRICT;
";

const INSERT: &str = "
INSERT INTO runs (key, suite, instance, instance_sha256, source, kind, known_objective, solver, label, options, options_sha256, seed, time_limit,
    memory_limit, threads, version, machine, started, status, detail, objective, bound, checked_objective, holds, verdict, refuted, wall_seconds,
    cpu_seconds, peak_memory, counters, notes, stderr, trace)
VALUES (:key, :suite, :instance, :instance_sha256, :source, :kind, :known_objective, :solver, :label, :options, :options_sha256, :seed, :time_limit,
    :memory_limit, :threads, :version, :machine, strftime('%Y-%m-%dT%H:%M:%fZ', :started, 'unixepoch'), :status, :detail, :objective, :bound,
    :checked_objective, :holds, :verdict, :refuted, :wall_seconds, :cpu_seconds, :peak_memory, :counters, :notes, :stderr, :trace)
";

/// All of a [`Record`]; the time back in seconds.
const SELECT: &str = "SELECT *, (julianday(started) - 2440587.5) * 86400.0 AS started_seconds FROM runs";

/// The results file: one `SQLite` database, one committed row per finished run.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens a results file for writing, and creates it when it does not exist.
    ///
    /// # Errors
    /// When it cannot be opened, or is something else.
    pub fn create(path: &Path) -> Result<Self, BenchError> {
        let store = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        if store.is_new()? {
            let mark = format!("BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA}; COMMIT;");
            store.connection.execute_batch(&mark).map_err(|source| store.error(source))?;
        }
        store.verify()?;
        Ok(store)
    }

    /// Opens an existing results file for reading.
    ///
    /// # Errors
    /// When there is none, or it is something else.
    pub fn open(path: &Path) -> Result<Self, BenchError> {
        // A results file that a killed harness left may have to be rolled back, which writes.
        if !path.is_file() {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no such results file");
            return Err(BenchError::Io { path: path.to_path_buf(), source });
        }
        let store = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        store.verify()?;
        Ok(store)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, BenchError> {
        let failed = |source| BenchError::Database { path: path.to_path_buf(), source };
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
        // A reader and the harness may meet for a moment.
        connection.busy_timeout(Duration::from_secs(30)).map_err(failed)?;
        Ok(Self { connection, path: path.to_path_buf() })
    }

    fn is_new(&self) -> Result<bool, BenchError> {
        let tables: rusqlite::Result<i64> = self.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0));
        Ok(self.readable(tables)? == 0 && self.pragma("user_version")? == 0)
    }

    fn verify(&self) -> Result<(), BenchError> {
        let refuse = |found: String| Err(BenchError::NotResults { path: self.path.clone(), found });
        if self.pragma("application_id")? != APPLICATION {
            return refuse("another program's database".into());
        }
        match self.pragma("user_version")? {
            SCHEMA => Ok(()),
            other => refuse(format!("results in version {other} of the format (this is version {SCHEMA})")),
        }
    }

    fn pragma(&self, name: &str) -> Result<i32, BenchError> {
        let value = self.connection.pragma_query_value(None, name, |row| row.get(0));
        self.readable(value)
    }

    fn readable<T>(&self, result: rusqlite::Result<T>) -> Result<T, BenchError> {
        result.map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => {
                BenchError::NotResults { path: self.path.clone(), found: "a file that is no database".into() }
            }
            _ => self.error(error),
        })
    }

    fn error(&self, source: rusqlite::Error) -> BenchError {
        BenchError::Database { path: self.path.clone(), source }
    }

    /// The digests of all recorded keys.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keys(&self) -> Result<HashSet<String>, BenchError> {
        let query = || -> rusqlite::Result<HashSet<String>> {
            self.connection.prepare("SELECT key FROM runs")?.query_map([], |row| row.get(0))?.collect()
        };
        query().map_err(|source| self.error(source))
    }

    /// Adds a record, and its trace in CSV, in one transaction that is on disk when this returns.
    ///
    /// # Errors
    /// When its key is recorded already, or the database refuses.
    pub fn insert(&self, record: &Record, trace: Option<&str>) -> Result<(), BenchError> {
        let refuted = serde_json::to_string(&record.refuted).unwrap_or_else(|_| "[]".into());
        let key = &record.key;
        let mut statement = self.connection.prepare(INSERT).map_err(|source| self.error(source))?;
        let inserted = statement.execute(named_params! {
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
            // Requests refuse seeds that do not fit.
            ":seed": i64::try_from(key.seed).unwrap_or(i64::MAX),
            ":time_limit": key.time_limit,
            ":memory_limit": i64::try_from(key.memory_limit).unwrap_or(i64::MAX),
            ":threads": i64::try_from(key.threads).unwrap_or(i64::MAX),
            ":version": key.version,
            ":machine": record.machine,
            ":started": record.started,
            ":status": record.status,
            ":detail": record.detail,
            ":objective": record.objective,
            ":bound": record.bound,
            ":checked_objective": record.checked_objective,
            ":holds": record.holds,
            ":verdict": record.verdict,
            ":refuted": refuted,
            ":wall_seconds": record.wall_seconds,
            ":cpu_seconds": record.cpu_seconds,
            ":peak_memory": record.peak_memory.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            ":counters": record.counters,
            ":notes": record.notes,
            ":stderr": record.stderr,
            ":trace": trace,
        });
        inserted.map(|_| ()).map_err(|source| self.error(source))
    }

    /// The record with this key digest, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn find(&self, digest: &str) -> Result<Option<Record>, BenchError> {
        let query = || {
            let mut statement = self.connection.prepare(&format!("{SELECT} WHERE key = ?1"))?;
            statement.query_row([digest], record).optional()
        };
        query().map_err(|source| self.error(source))
    }

    /// Calls `visit` with every record, in the order in which they were committed.
    ///
    /// # Errors
    /// When the database refuses, or `visit` fails.
    pub fn for_each(&self, mut visit: impl FnMut(Record) -> Result<(), BenchError>) -> Result<(), BenchError> {
        let failed = |source| self.error(source);
        let mut statement = self.connection.prepare(&format!("{SELECT} ORDER BY id")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(record(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// The trace of the record with this key digest, as CSV.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn trace(&self, digest: &str) -> Result<Option<String>, BenchError> {
        let found = self.connection.query_row("SELECT trace FROM runs WHERE key = ?1", [digest], |row| row.get(0)).optional();
        found.map(Option::flatten).map_err(|source| self.error(source))
    }

    /// What an instance was found to be before, if it was.
    pub(crate) fn description(&self, source_key: &str) -> Result<Option<Description>, BenchError> {
        let text: rusqlite::Result<Option<String>> =
            self.connection.query_row("SELECT description FROM instances WHERE source_key = ?1", [source_key], |row| row.get(0)).optional();
        // A description that another version wrote is made anew.
        Ok(text.map_err(|source| self.error(source))?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Keeps what an instance was found to be.
    pub(crate) fn describe(&self, source_key: &str, description: &Description) -> Result<(), BenchError> {
        let text = serde_json::to_string(description).unwrap_or_default();
        let stored = self.connection.execute("INSERT OR REPLACE INTO instances VALUES (?1, ?2)", [source_key, &text]);
        stored.map(|_| ()).map_err(|source| self.error(source))
    }

    /// The query behind an export: columns in their stable order, rows as committed.
    pub(crate) fn export_rows<E: From<BenchError>>(
        &self,
        columns: &str,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |source| E::from(self.error(source));
        let mut statement = self.connection.prepare(&format!("SELECT {columns} FROM runs ORDER BY id")).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(row)?;
        }
        Ok(())
    }
}

/// A count that was stored from an unsigned number.
fn unsigned(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let refuted: String = row.get("refuted")?;
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
        status: row.get("status")?,
        detail: row.get("detail")?,
        objective: row.get("objective")?,
        bound: row.get("bound")?,
        checked_objective: row.get("checked_objective")?,
        holds: row.get("holds")?,
        verdict: row.get("verdict")?,
        refuted: serde_json::from_str(&refuted).unwrap_or_default(),
        wall_seconds: row.get("wall_seconds")?,
        cpu_seconds: row.get("cpu_seconds")?,
        peak_memory: row.get::<_, Option<i64>>("peak_memory")?.map(i64::cast_unsigned),
        counters: row.get("counters")?,
        notes: row.get("notes")?,
        stderr: row.get("stderr")?,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::record::RefutedClaim;

    /// A record with something in every field.
    pub(crate) fn example(seed: u64) -> Record {
        Record {
            key: RunKey {
                instance_sha256: "aa".into(),
                solver: "sor".into(),
                options_sha256: "bb".into(),
                seed,
                time_limit: 1.5,
                memory_limit: 100,
                threads: 1,
                version: "0.1.0".into(),
            },
            suite: "s".into(),
            instance: "grid, \"5\"".into(),
            source: "library:grid".into(),
            kind: "linear-sequence".into(),
            known_objective: Some(0.1),
            label: "SOR".into(),
            options: "{\"omega\":1.5}".into(),
            machine: "{\"cores\":2}".into(),
            started: 1_700_000_000.5,
            status: "feasible".into(),
            detail: None,
            objective: Some(0.1 + 0.2),
            bound: None,
            checked_objective: Some(0.5),
            holds: Some(true),
            verdict: Some("{\"holds\":true}".into()),
            refuted: vec![RefutedClaim { claim: "objective 0.3".into(), found: "residual 0.5".into() }],
            wall_seconds: 0.25,
            cpu_seconds: Some(0.125),
            peak_memory: Some(1 << 40),
            counters: Some("{\"iterations\":7}".into()),
            notes: Some("[\"a remark\"]".into()),
            stderr: "two\nlines".into(),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        let store = Store::create(&path).unwrap();
        store.insert(&example(1), Some("iteration\n1\n")).unwrap();
        store.insert(&example(2), None).unwrap();
        drop(store);
        let store = Store::open(&path).unwrap();
        let mut all = Vec::new();
        store
            .for_each(|mut record| {
                assert!((record.started - 1_700_000_000.5).abs() < 1e-3);
                record.started = 1_700_000_000.5;
                all.push(record);
                Ok(())
            })
            .unwrap();
        assert_eq!(all, [example(1), example(2)]);
        assert_eq!(store.trace(&example(1).key.digest()).unwrap().as_deref(), Some("iteration\n1\n"));
        assert_eq!(store.trace(&example(2).key.digest()).unwrap(), None);
        assert_eq!(store.keys().unwrap().len(), 2);
        assert!(store.find(&example(3).key.digest()).unwrap().is_none());
    }

    #[test]
    fn a_run_cannot_be_recorded_twice() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.sqlite")).unwrap();
        store.insert(&example(1), None).unwrap();
        assert!(store.insert(&example(1), None).is_err());
        assert_eq!(store.keys().unwrap().len(), 1);
    }

    #[test]
    fn what_is_not_a_results_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        assert!(matches!(Store::open(&path), Err(BenchError::Io { .. })));
        std::fs::write(&path, "not a database, and longer than a database's header would be: 0123456789".repeat(20)).unwrap();
        assert!(matches!(Store::create(&path), Err(BenchError::NotResults { .. })));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x); PRAGMA user_version = 3").unwrap();
        let error = Store::create(&path).unwrap_err().to_string();
        assert!(error.contains("another program's database"), "{error}");
        std::fs::remove_file(&path).unwrap();
        drop(Store::create(&path).unwrap());
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
        let error = Store::create(&path).unwrap_err().to_string();
        assert!(error.contains("version 9"), "{error}");
    }
}
