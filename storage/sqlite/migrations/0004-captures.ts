export const captures = `
  CREATE TABLE captures (
    id         TEXT PRIMARY KEY,
    started_at REAL NOT NULL,
    until      REAL NOT NULL,
    ended_at   REAL,
    ended_by   TEXT,
    user       TEXT NOT NULL,
    state      TEXT NOT NULL,
    sealed     BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE capture_loops (
    capture TEXT NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    bytes   INTEGER NOT NULL,
    PRIMARY KEY (capture, loop)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX capture_loops_by_loop ON capture_loops (loop);

  CREATE TABLE captured_days (
    user  TEXT NOT NULL,
    day   REAL NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (user, day)
  ) STRICT, WITHOUT ROWID;
`;
