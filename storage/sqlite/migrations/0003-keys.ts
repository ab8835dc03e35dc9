/** Keys outlive a deleted loop as long as its id does: a late part under any of them must not bring it back. */
export const keys = `
  CREATE TABLE keys (
    digest TEXT NOT NULL,
    loop   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    at     REAL NOT NULL,
    PRIMARY KEY (digest, loop)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_loop ON keys (loop);

  CREATE TABLE roots (
    loop TEXT PRIMARY KEY REFERENCES loops (id) ON DELETE CASCADE,
    root TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE redirects (
    id   TEXT PRIMARY KEY,
    loop TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    at   REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
