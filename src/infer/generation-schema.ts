import { attemptView } from "./attempt-log.ts";

/** The schema of `generations.db`, one script a version. */
export const generationMigrations: readonly string[] = [
  `CREATE TABLE generation (
     id TEXT PRIMARY KEY,
     workspace TEXT NOT NULL,
     caller_key TEXT NOT NULL,
     idempotency_key TEXT,
     request_hash TEXT NOT NULL,
     model TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
     result TEXT,
     job TEXT,
     cancelled INTEGER NOT NULL DEFAULT 0,
     lease_until_ms INTEGER NOT NULL,
     created_at_ms INTEGER NOT NULL,
     ended_at_ms INTEGER
   ) STRICT;
   CREATE INDEX generation_end ON generation (ended_at_ms);
   CREATE UNIQUE INDEX generation_idempotency ON generation (workspace, caller_key, idempotency_key) WHERE idempotency_key IS NOT NULL;
   CREATE INDEX generation_job ON generation (lease_until_ms) WHERE state = 'running' AND job IS NOT NULL;
   CREATE INDEX generation_age ON generation (created_at_ms);
   CREATE TABLE event (
     generation TEXT NOT NULL,
     seq INTEGER NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (generation, seq)
   ) STRICT, WITHOUT ROWID;`,
  // Whoever looks for runners that are gone, or for calls to stop, reads those that run and no others.
  `DROP INDEX generation_job;
   CREATE INDEX generation_running ON generation (lease_until_ms) WHERE state = 'running';`,
  // \`content\`: its events and output are still kept whole.
  `ALTER TABLE generation ADD COLUMN request TEXT;
   ALTER TABLE generation ADD COLUMN content INTEGER NOT NULL DEFAULT 1;
   DROP INDEX generation_end;
   CREATE INDEX generation_content ON generation (ended_at_ms) WHERE content = 1;`,
  // A call writes as few pages as it can: calls are purged in the order in which they began, which is that of their rows.
  `DROP INDEX generation_age;
   DROP INDEX generation_content;
   CREATE INDEX generation_content ON generation (content) WHERE content = 1;`,
  attemptView,
];
