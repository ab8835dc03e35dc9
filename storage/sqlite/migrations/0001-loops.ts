export const loops = `
  CREATE TABLE loops (
    id          TEXT PRIMARY KEY,
    purpose     TEXT NOT NULL,
    subject     TEXT NOT NULL,
    started_at  REAL NOT NULL,
    saved_at    REAL NOT NULL,
    fingerprint TEXT,
    summary     TEXT NOT NULL,
    wrapped_key BLOB NOT NULL,
    view_digest TEXT NOT NULL,
    damage      TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX loops_by_time ON loops (purpose, started_at DESC, id DESC);
  CREATE INDEX loops_by_fingerprint ON loops (fingerprint, started_at DESC) WHERE fingerprint IS NOT NULL;

  CREATE TABLE parts (
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    digest  TEXT NOT NULL,
    PRIMARY KEY (loop, ordinal)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE services (
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    PRIMARY KEY (loop, service)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE companions (
    loop      TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    ordinal   INTEGER NOT NULL,
    companion TEXT NOT NULL,
    PRIMARY KEY (loop, ordinal)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX companions_by_name ON companions (companion);

  CREATE TABLE deleted (
    id TEXT PRIMARY KEY,
    at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
