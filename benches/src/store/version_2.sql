-- A results file as version 2 of the format had it, with one record.
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
    build TEXT NOT NULL DEFAULT ''     -- hash of the program that ran
) STRICT;
INSERT INTO instances VALUES ('k', '{}');
INSERT INTO runs VALUES (1, 'a-key', 's', 'grid', 'aa', 'library:grid', 'linear-sequence', 0.1, 'sor', 'SOR', '{"omega":1.5}', 'bb', 1, 1.5, 100, 1,
    '0.1.0', '{"cores":2}', '2023-11-14T22:13:20.500Z', 'feasible', NULL, 0.3, NULL, 0.5, 1,
    '{"holds":true,"objective":0.5,"violations":[],"properties":[{"name":"residuals","holds":true,"exact":false,"tolerance":1e-6,"witness":null}]}',
    '[{"claim":"objective 0.3","found":"residual 0.5"}]', 0.25, 0.125, 1024, '{"iterations":7}', '["a remark"]', '', NULL, 'residual', '["residuals"]', '[]', '[]', 'cc');
PRAGMA application_id = 1180779122;
PRAGMA user_version = 2;
