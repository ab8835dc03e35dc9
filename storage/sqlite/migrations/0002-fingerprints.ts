export const fingerprints = `
  CREATE TABLE fingerprints (
    fingerprint TEXT PRIMARY KEY,
    first_at    REAL NOT NULL,
    last_at     REAL NOT NULL,
    seen        INTEGER NOT NULL,
    unread      INTEGER NOT NULL,
    guessed     INTEGER NOT NULL,
    service     TEXT NOT NULL,
    what        TEXT NOT NULL,
    versions    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX fingerprints_by_time ON fingerprints (last_at DESC);

  CREATE TABLE fingerprint_hours (
    fingerprint TEXT NOT NULL REFERENCES fingerprints (fingerprint) ON DELETE CASCADE,
    hour        REAL NOT NULL,
    seen        INTEGER NOT NULL,
    kept        INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, hour)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX fingerprint_hours_by_hour ON fingerprint_hours (hour);

  CREATE TABLE fingerprint_users (
    fingerprint TEXT NOT NULL REFERENCES fingerprints (fingerprint) ON DELETE CASCADE,
    user        BLOB NOT NULL,
    PRIMARY KEY (fingerprint, user)
  ) STRICT, WITHOUT ROWID;
`;
