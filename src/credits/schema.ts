/**
 * The ledger's schema, one script a version. Money is integer nano-USD, time is milliseconds since the epoch. What can be said
 * as a constraint is said as one: a balance that does not add up cannot be written.
 *
 * - `account`: the running totals of the pool, of each workspace and of each key. Only the pool is granted money. `debt` is the
 *   part of `spent` that no grant has paid for (an actual cost above its hold, on an empty pool); `filled` is what the pool had after
 *   its last grant, for warnings.
 * - `credit_grant`: money, in the order it is used up. `is_open`: some of it is neither held nor used.
 * - `hold`: one reservation, from the worst case of a call to its settlement.
 * - `entry`: every movement, append-only and chained by hash; the other tables can be computed from it and from `hold`.
 * - `budget`, `budget_window`: limits, and what counts against each in each of its windows.
 * - `spend`: settled cost by day, for reports that do not read every hold.
 * - `owner`: processes that hold reservations, by their heartbeats.
 */
const version1 = `
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  parent TEXT REFERENCES account (id),
  kind TEXT NOT NULL CHECK (kind IN ('pool', 'workspace', 'key')),
  granted INTEGER NOT NULL DEFAULT 0 CHECK (granted >= 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
  expired INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
  debt INTEGER NOT NULL DEFAULT 0 CHECK (debt >= 0 AND debt <= spent),
  filled INTEGER NOT NULL DEFAULT 0,
  CHECK ((kind = 'pool') = (parent IS NULL)),
  CHECK (kind <> 'pool' OR granted - held - spent - expired + debt >= 0),
  CHECK (kind = 'pool' OR (granted = 0 AND expired = 0))
) STRICT, WITHOUT ROWID;

CREATE TABLE credit_grant (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  idem TEXT UNIQUE,
  workspace TEXT,
  amount INTEGER NOT NULL CHECK (amount > 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
  expired INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
  state TEXT NOT NULL CHECK (state IN ('scheduled', 'active', 'expired')),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 100),
  category TEXT NOT NULL,
  note TEXT,
  effective_at INTEGER NOT NULL,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  CHECK (amount >= held + used + expired),
  CHECK (state <> 'scheduled' OR held + used + expired = 0),
  CHECK (state <> 'expired' OR amount = held + used + expired)
) STRICT;
CREATE INDEX grant_with_money ON credit_grant (priority) WHERE state = 'active' AND amount > held + used + expired;
CREATE INDEX grant_due ON credit_grant (effective_at) WHERE state = 'scheduled';
CREATE INDEX grant_ending ON credit_grant (expires_at) WHERE state = 'active' AND expires_at IS NOT NULL;

CREATE TABLE hold (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  idem TEXT UNIQUE,
  request_hash TEXT,
  workspace TEXT NOT NULL,
  key TEXT,
  budget_scope TEXT,
  tool TEXT NOT NULL,
  provider TEXT,
  model TEXT,
  answered_provider TEXT,
  answered_model TEXT,
  metadata TEXT,
  amount INTEGER NOT NULL CHECK (amount >= 0),
  state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'released', 'expired')),
  actual INTEGER CHECK (actual >= 0),
  list INTEGER CHECK (list >= 0),
  refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= coalesce(actual, 0)),
  usage TEXT,
  reason TEXT,
  owner TEXT NOT NULL,
  dispatched_at INTEGER,
  progress INTEGER NOT NULL DEFAULT 0 CHECK (progress >= 0),
  lease_ms INTEGER NOT NULL CHECK (lease_ms > 0),
  unreconciled INTEGER NOT NULL DEFAULT 0 CHECK (unreconciled IN (0, 1)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK ((state = 'held') = (ended_at IS NULL)),
  CHECK ((state = 'held') = (actual IS NULL))
) STRICT;
CREATE INDEX hold_open ON hold (expires_at) WHERE state = 'held';
CREATE INDEX hold_owner ON hold (owner) WHERE state = 'held';
CREATE INDEX hold_unreconciled ON hold (seq) WHERE unreconciled = 1;
CREATE INDEX hold_created ON hold (created_at);

CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN
    ('grant', 'grant_expire', 'reserve', 'settle', 'overage', 'release', 'expire', 'late_settle', 'refund', 'cover')),
  account TEXT NOT NULL REFERENCES account (id),
  hold INTEGER REFERENCES hold (seq),
  credit_grant INTEGER REFERENCES credit_grant (seq),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  at INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
-- A second charge for one hold cannot be written; refunds may be several. Grant 0 is "no grant": debt, or an amount of zero.
CREATE UNIQUE INDEX entry_once ON entry (hold, kind, coalesce(credit_grant, 0), CASE kind WHEN 'refund' THEN seq ELSE 0 END)
  WHERE hold IS NOT NULL;
CREATE INDEX entry_cover ON entry (account) WHERE kind = 'cover';
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'ledger entries are append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'ledger entries are append-only'); END;

CREATE TABLE budget (
  seq INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  "window" TEXT NOT NULL,
  filter TEXT NOT NULL,
  "limit" INTEGER NOT NULL CHECK ("limit" >= 0),
  origin TEXT NOT NULL CHECK (origin IN ('admin', 'settings', 'call')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (scope, "window", filter)
) STRICT;

CREATE TABLE budget_window (
  budget INTEGER NOT NULL REFERENCES budget (seq) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held >= 0),
  spent INTEGER NOT NULL CHECK (spent >= 0),
  PRIMARY KEY (budget, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE spend (
  day INTEGER NOT NULL,
  workspace TEXT NOT NULL,
  key TEXT NOT NULL,
  tool TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  calls INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  list INTEGER NOT NULL,
  PRIMARY KEY (day, workspace, key, tool, provider, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE owner (
  id TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO account (id, kind) VALUES ('pool', 'pool');
`;

/** A guess may be replaced more than once: when a lost call is heard of after all, and when its provider's bill comes. */
const version2 = `
DROP INDEX entry_once;
CREATE UNIQUE INDEX entry_once ON entry
  (hold, kind, coalesce(credit_grant, 0), CASE WHEN kind IN ('refund', 'late_settle') THEN seq ELSE 0 END)
  WHERE hold IS NOT NULL;
`;

/**
 * A call writes as few pages as it can: indexes that only rare questions use are gone, and grants are looked for among
 * those that are not used up (\`is_open\`), a mark that changes once or twice in a grant's life and not with every call.
 */
const version3 = `
DROP INDEX hold_owner;
DROP INDEX hold_created;
DROP INDEX grant_with_money;
ALTER TABLE credit_grant ADD COLUMN is_open INTEGER NOT NULL DEFAULT 1 CHECK (is_open IN (0, 1));
UPDATE credit_grant SET is_open = amount > held + used + expired;
CREATE INDEX grant_open ON credit_grant (priority) WHERE state = 'active' AND is_open = 1;
`;

export const ledgerMigrations: readonly string[] = [version1, version2, version3];
