/**
 * Every bound there is, by room. Units are in the names; `docs/limits.md` says what happens past each.
 * A bound that is not here is a bug.
 */
const kib = 1024;
const mib = 1024 * kib;

export const serveLimits = {
  /** One JSON-RPC message on stdin. The SDK's own reading is quadratic in a line's length, so this stays small. */
  stdioMessageBytesMax: 8 * mib,
  httpBodyBytesMax: 8 * mib,
  /** Text of one tool result, in UTF-16 code units, before it is cut with a notice and a handle. */
  resultCharactersMax: 20_000,
  shutdownMs: 5_000,
} as const;

export const inferLimits = {
  timeoutMsDefault: 600_000,
  timeoutMsMax: 3_600_000,
  waitMsDefault: 45_000,
  waitMsMax: 280_000,
  messagesMax: 2_000,
  toolsMax: 128,
  fallbacksMax: 8,
  promptCharactersMax: 4_000_000,
  attemptsPerModelMax: 3,
  retryBaseMs: 300,
  retryCapMs: 10_000,
} as const;

export const providerLimits = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 120_000,
  betweenChunksTimeoutMs: 120_000,
  connectionsPerOriginMax: 256,
  sseEventBytesMax: 16 * mib,
  errorBodyBytesMax: 64 * kib,
  responseBodyBytesMax: 64 * mib,
} as const;

export const creditLimits = {
  batchOperationsMax: 64,
  queueOperationsMax: 10_000,
  /** How long a write waits for other processes before it is refused. */
  lockWaitMsMax: 15_000,
  holdLeaseMs: 900_000,
  holdLeaseMsMax: 86_400_000,
  /** A process with open holds says this often that it is alive, and is taken for dead when it has not for so long. */
  ownerBeatMs: 10_000,
  ownerSilenceMsMax: 60_000,
  /** After this much silence nobody is expected to settle what a process had sent. */
  ownerLostMs: 300_000,
  ownerForgottenMs: 86_400_000,
  /** How often a process looks for holds that nobody ends, how many it ends at once, and how long one look-up may take. */
  recoveryEveryMs: 30_000,
  recoveryHoldsMax: 200,
  lookUpMsMax: 30_000,
  /** One amount: $1 billion. */
  amountNanoUsdMax: 1_000_000_000_000_000_000n,
  /** All that was ever granted: $4 billion, so that no sum leaves 64 bits. */
  poolNanoUsdMax: 4_000_000_000_000_000_000n,
  idempotencyKeyCharactersMax: 256,
  nameCharactersMax: 256,
  metadataPairsMax: 32,
  rollingHoursMax: 8_760,
  /** Configured budgets of all levels; each is looked at by every reservation on its path. */
  budgetsMax: 1_000,
  historyEntriesDefault: 50,
  historyEntriesMax: 1_000,
  auditProblemsMax: 100,
  /** Rows of one breakdown; what is left over is summed in a last row. */
  breakdownRowsMax: 100,
  /** A caller's own budgets in a report, newest first. */
  callBudgetsReportedMax: 10,
} as const;

export const memoryLimits = {
  contentCharactersMax: 32_768,
  memoriesPerCallMax: 500,
  queryCharactersMax: 4_096,
  recallLimitMax: 100,
  listLimitMax: 200,
  profileNameCharactersMax: 64,
  openProfilesMax: 64,
} as const;

export const sandboxLimits = {
  codeBytesMax: 1 * mib,
  timeoutMsDefault: 10_000,
  timeoutMsMax: 300_000,
  memoryMbDefault: 64,
  memoryMbMax: 256,
  resultBytesMax: 1 * mib,
  logBytesMax: 64 * kib,
  hostCallBytesMax: 1 * mib,
  hostCallsInFlightMax: 32,
  hostCallsMax: 1_000,
} as const;

export const artifactLimits = {
  filesPerCommitMax: 10_000,
  fileBytesMax: 32 * mib,
  pathBytesMax: 4_096,
  checkoutEntriesMax: 1_000,
  checkoutTextBytesMax: 1 * mib,
  logEntriesMax: 200,
  repoNameCharactersMax: 64,
} as const;
