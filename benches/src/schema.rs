//! The tables of a results file, and what leads from older ones to them.

/// Marks a database as a results file.
pub(crate) const APPLICATION: i32 = 0x4661_4272;
/// Version of the tables below.
///
/// 1: first. 2: criterion, promised, sought, unconfirmed and build; a run's instance is known by how it is read, too. 3: the course; descriptions of instances
/// have a scale.
pub(crate) const SCHEMA: i32 = 3;

/// From version 1 to version 2. Old runs keep their keys, which no new run has: nothing of them is repeated or taken for a run of this build.
const TO_VERSION_2: &str = "
ALTER TABLE runs ADD COLUMN criterion TEXT;
ALTER TABLE runs ADD COLUMN promised TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN sought TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN unconfirmed TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN build TEXT NOT NULL DEFAULT '';
DELETE FROM instances;
";

/// From version 2 to version 3. Descriptions of instances are made anew.
const TO_VERSION_3: &str = "
ALTER TABLE runs ADD COLUMN course TEXT;
DELETE FROM instances;
";

/// What leads from `version` to [`SCHEMA`]; `None` where no way does.
pub(crate) fn migrations(version: i32) -> Option<String> {
    let steps = [TO_VERSION_2, TO_VERSION_3];
    let done = usize::try_from(version).ok()?.checked_sub(1)?;
    steps.get(done..).filter(|steps| !steps.is_empty()).map(<[&str]>::concat)
}

pub(crate) const TABLES: &str = "
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
    trace TEXT,                        -- CSV
    criterion TEXT,                    -- what status, objective and bound speak of
    promised TEXT NOT NULL DEFAULT '[]',    -- JSON
    sought TEXT NOT NULL DEFAULT '[]',      -- JSON
    unconfirmed TEXT NOT NULL DEFAULT '[]', -- JSON
    build TEXT NOT NULL DEFAULT '',    -- hash of the program that ran
    course TEXT                        -- CSV
) STRICT;
";
