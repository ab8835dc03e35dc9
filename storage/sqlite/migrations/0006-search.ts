/**
 * By what lists are filtered: columns, versions, and words per loop and service. What was kept before is filled in from its summary, as far as
 * that is one: ids in its route are not folded, and of its text only the summary's words are found. The words are an index over the text beside
 * it (external content), so that those of a removed loop can be taken out at once (search.ts). https://www.sqlite.org/fts5.html
 */
export const search = `
  ALTER TABLE loops ADD COLUMN outcome TEXT;
  ALTER TABLE loops ADD COLUMN status  INTEGER;
  ALTER TABLE loops ADD COLUMN entry   TEXT;
  ALTER TABLE loops ADD COLUMN method  TEXT;
  ALTER TABLE loops ADD COLUMN route   TEXT;
  ALTER TABLE loops ADD COLUMN origin  TEXT;

  CREATE TABLE versions (
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    PRIMARY KEY (loop, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_name ON versions (version);

  CREATE TABLE searched (
    number  INTEGER PRIMARY KEY,
    loop    TEXT NOT NULL REFERENCES loops (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (loop, service)
  ) STRICT;
  CREATE VIRTUAL TABLE words USING fts5 (text, content = 'searched', content_rowid = 'number',
    tokenize = "unicode61 remove_diacritics 2");
  CREATE TRIGGER words_come AFTER INSERT ON searched BEGIN
    INSERT INTO words (rowid, text) VALUES (new.number, new.text);
  END;
  CREATE TRIGGER words_go AFTER DELETE ON searched BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.number, old.text);
  END;

  UPDATE loops SET
    outcome = CAST(summary ->> '$.outcome' AS TEXT),
    status = CASE json_type(summary, '$.status') WHEN 'integer' THEN summary ->> '$.status' END,
    entry = CAST(summary ->> '$.service' AS TEXT),
    method = CAST(summary ->> '$.method' AS TEXT),
    route = substr(CAST(summary ->> '$.path' AS TEXT), 1, instr(CAST(summary ->> '$.path' AS TEXT) || '?', '?') - 1),
    origin = CAST(summary ->> '$.origin.service' AS TEXT)
  WHERE json_valid(summary);
  INSERT INTO searched (loop, service, text)
    SELECT id, entry, concat_ws(' ', id, summary ->> '$.transaction', entry, method, summary ->> '$.path', status, fingerprint)
    FROM loops WHERE entry IS NOT NULL;
`;
