//! The results file: one `SQLite` database, one committed row per finished run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use crate::error::BenchError;
use crate::job::Description;
use crate::record::Record;
use crate::schema::{APPLICATION, SCHEMA, TABLES, migrations};
use crate::stored_record;

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
            other => match migrations(other) {
                Some(changes) => self.migrate(&changes),
                None => refuse(format!("results in version {other} of the format (this is version {SCHEMA})")),
            },
        }
    }

    /// Brings the tables up to the present version, all or nothing.
    fn migrate(&self, changes: &str) -> Result<(), BenchError> {
        let batch = format!("BEGIN IMMEDIATE; {changes} PRAGMA user_version = {SCHEMA}; COMMIT;");
        self.connection.execute_batch(&batch).map_err(|source| self.error(source))
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

    /// Adds a record, and its trace in CSV, in one transaction that is on disk when this returns. A record of the same run that is there already is kept, and
    /// this one refused; [`replace`](Store::replace) puts it in its place.
    ///
    /// # Errors
    /// When the run is recorded already, or the disk or the database refuses.
    pub fn insert(&self, record: &Record, trace: Option<&str>) -> Result<(), BenchError> {
        stored_record::insert(&self.connection, "INSERT", record, trace).map_err(|source| self.error(source))
    }

    /// Adds a record, and its trace in CSV, in place of an earlier record of the same run.
    ///
    /// # Errors
    /// When the disk or the database refuses.
    pub fn replace(&self, record: &Record, trace: Option<&str>) -> Result<(), BenchError> {
        stored_record::insert(&self.connection, "INSERT OR REPLACE", record, trace).map_err(|source| self.error(source))
    }

    /// The record with this key digest, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn find(&self, digest: &str) -> Result<Option<Record>, BenchError> {
        let query = || {
            let mut statement = self.connection.prepare(&format!("{SELECT} WHERE key = ?1"))?;
            statement.query_row([digest], stored_record::read).optional()
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
            visit(stored_record::read(row).map_err(failed)?)?;
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

#[cfg(test)]
pub(crate) mod tests {
    use fathom_opt_core::{Refuted, Report, Seconds, Status};
    use fathom_opt_problems::{Objective, Sense, Verdict};
    use serde_json::Map;

    use super::*;
    use crate::course::{Course, Sample};
    use crate::key::RunKey;

    /// All of a record, to compare: reports have no equality, because their solutions are text.
    fn all(record: &Record) -> String {
        format!("{record:?}")
    }

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
                build: "cc".into(),
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
            unsupported: false,
            report: Report {
                criterion: Some("residual".into()),
                objective: Some(0.1 + 0.2),
                promised: vec!["residuals".into()],
                sought: vec!["speed".into()],
                notes: vec!["a remark".into()],
                refuted: vec![Refuted { claim: "objective 0.3".into(), found: "residual 0.5".into() }],
                unconfirmed: vec!["a doubt".into()],
                verdict: Some(Verdict {
                    objective: Some(Objective { name: "residual".into(), value: 0.5, exact: None, sense: Sense::Minimize }),
                    ..Verdict::default()
                }),
                counters: Map::from_iter([("iterations".to_owned(), 7.into())]),
                ..Report::new(Status::Feasible, Seconds { wall: 0.25, cpu: Some(0.125) })
            },
            peak_memory: Some(1 << 40),
            course: Course(vec![Sample { seconds: 0.125, incumbent: Some(0.75), bound: None }]),
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
        let mut found = Vec::new();
        store
            .for_each(|mut record| {
                assert!((record.started - 1_700_000_000.5).abs() < 1e-3);
                record.started = 1_700_000_000.5;
                found.push(all(&record));
                Ok(())
            })
            .unwrap();
        assert_eq!(found, [all(&example(1)), all(&example(2))]);
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
    fn a_run_that_was_repeated_has_its_new_record_only() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("r.sqlite")).unwrap();
        store.insert(&example(1), Some("iteration\n1\n")).unwrap();
        let mut again = example(1);
        again.report.objective = Some(7.0);
        store.replace(&again, None).unwrap();
        assert_eq!(store.keys().unwrap().len(), 1);
        assert_eq!(store.find(&again.key.digest()).unwrap().unwrap().report.objective, Some(7.0));
        assert_eq!(store.trace(&again.key.digest()).unwrap(), None);
    }

    #[test]
    fn a_results_file_of_version_1_is_brought_up_to_date() {
        const VERSION_1: &str = include_str!("store/version_1.sql");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        Connection::open(&path).unwrap().execute_batch(VERSION_1).unwrap();
        let store = Store::open(&path).unwrap();
        let mut records = Vec::new();
        store
            .for_each(|record| {
                records.push(record);
                Ok(())
            })
            .unwrap();
        assert_eq!(records.len(), 1);
        let record = &records[0];
        assert_eq!((record.status(), record.report.checked_objective(), record.report.holds()), ("feasible", Some(0.5), Some(true)));
        assert_eq!((record.key.build.as_str(), record.report.promised.len()), ("", 0));
        assert_eq!(record.report.refuted[0].claim, "objective 0.3");
        store.insert(&example(1), None).unwrap();
        drop(store);
        assert_eq!(Store::open(&path).unwrap().keys().unwrap().len(), 2);
    }

    #[test]
    fn a_results_file_of_version_2_is_brought_up_to_date() {
        const VERSION_2: &str = include_str!("store/version_2.sql");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        Connection::open(&path).unwrap().execute_batch(VERSION_2).unwrap();
        let store = Store::open(&path).unwrap();
        let record = store.find("a-key").unwrap().unwrap();
        assert_eq!((record.status(), record.key.build.as_str(), record.report.promised.len()), ("feasible", "cc", 1));
        assert!(record.course.is_empty());
        store.insert(&example(1), None).unwrap();
        drop(store);
        assert_eq!(Store::open(&path).unwrap().find(&example(1).key.digest()).unwrap().unwrap().course, example(1).course);
    }

    #[test]
    fn what_is_not_a_results_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        assert!(matches!(Store::open(&path), Err(BenchError::Io { .. })));
        std::fs::write(&path, "not a database, and longer than a database's header would be: 0123456789".repeat(20)).unwrap();
        assert!(matches!(Store::create(&path), Err(BenchError::NotResults { .. })));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (x); PRAGMA user_version = 2").unwrap();
        let error = Store::create(&path).unwrap_err().to_string();
        assert!(error.contains("another program's database"), "{error}");
        std::fs::remove_file(&path).unwrap();
        drop(Store::create(&path).unwrap());
        Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
        let error = Store::create(&path).unwrap_err().to_string();
        assert!(error.contains("version 9"), "{error}");
    }
}
