/** What was saved before is in `unnoted`, until somebody opens it and looks. */
export const subjects = `
  CREATE TABLE subjects (
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    PRIMARY KEY (loop, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX subjects_by_subject ON subjects (subject);

  CREATE TABLE unnoted (
    loop TEXT PRIMARY KEY REFERENCES loops (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  INSERT INTO unnoted (loop) SELECT id FROM loops;

  CREATE TABLE buried (
    subject TEXT PRIMARY KEY,
    at      REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE subject_names (
    subject TEXT PRIMARY KEY,
    name    TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
