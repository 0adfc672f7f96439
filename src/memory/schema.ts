/** One profile's file. A memory's row is never rewritten except for how it ended. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE memories (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    identity BLOB NOT NULL,
    content TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fact', 'instruction', 'event', 'task')),
    key TEXT,
    topic TEXT,
    session TEXT,
    speaker TEXT,
    occurred_at INTEGER,
    remembered_at INTEGER NOT NULL,
    expires_at INTEGER,
    metadata TEXT,
    writer TEXT,
    via TEXT NOT NULL,
    generation TEXT,
    message TEXT,
    supersedes TEXT,
    superseded_by TEXT,
    ended TEXT CHECK (ended IN ('superseded', 'retracted', 'expired')),
    ended_at INTEGER
  );
  CREATE INDEX memories_by_identity ON memories (identity);
  CREATE UNIQUE INDEX memories_by_topic ON memories (topic) WHERE topic IS NOT NULL AND ended IS NULL;
  CREATE INDEX memories_by_topic_ever ON memories (topic) WHERE topic IS NOT NULL;
  CREATE INDEX memories_by_session ON memories (session, n) WHERE session IS NOT NULL;
  CREATE INDEX memories_by_time ON memories (coalesce(occurred_at, remembered_at));
  CREATE INDEX memories_by_message ON memories (message) WHERE message IS NOT NULL;

  CREATE INDEX memories_by_speaker ON memories (speaker) WHERE speaker IS NOT NULL;
  CREATE TABLE speaker_words (word TEXT NOT NULL, speaker TEXT NOT NULL, PRIMARY KEY (word, speaker)) WITHOUT ROWID;

  CREATE TABLE term_counts (term TEXT PRIMARY KEY, memories INTEGER NOT NULL) WITHOUT ROWID;

  -- Index terms, not text; \`ascii\` splits them at the spaces they are written with. They are kept (no content=''),
  -- since only so are the statistics that BM25 needs exact after a change.
  CREATE VIRTUAL TABLE live_index USING fts5(body, context, tokenize='ascii');
  CREATE VIRTUAL TABLE past_index USING fts5(body, context, tokenize='ascii');
  INSERT INTO live_index (live_index, rank) VALUES ('rank', 'bm25(1.0, 0.45)');
  INSERT INTO past_index (past_index, rank) VALUES ('rank', 'bm25(1.0, 0.45)');
  -- One vector of 32-bit floats for a memory, by the model that made it. Rows are only ever added at the end.
  CREATE TABLE vectors (
    v INTEGER PRIMARY KEY AUTOINCREMENT,
    n INTEGER NOT NULL UNIQUE REFERENCES memories (n) ON DELETE CASCADE,
    model TEXT NOT NULL,
    vector BLOB NOT NULL
  );

  -- Messages that a model is to read, or has read, for facts worth keeping.
  CREATE TABLE extractions (
    n INTEGER PRIMARY KEY REFERENCES memories (n) ON DELETE CASCADE,
    model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX extractions_waiting ON extractions (n) WHERE state = 'waiting';

  CREATE TABLE facts_of_profile (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
];

/** Every table of the schema, those that others refer to last. */
export const tables: readonly string[] = [
  "vectors",
  "extractions",
  "live_index",
  "past_index",
  "term_counts",
  "speaker_words",
  "facts_of_profile",
  "memories",
];
