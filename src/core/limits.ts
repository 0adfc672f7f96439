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
  holdLeaseMs: 900_000,
} as const;

export const memoryLimits = {
  /** One memory or message, in UTF-16 code units. */
  contentCharactersMax: 32_768,
  /** All memories of one call together. */
  callCharactersMax: 1 * mib,
  memoriesPerCallMax: 500,
  queryCharactersMax: 4_096,
  /** Distinct words of a query that are searched for; the rest are left out. */
  queryWordsMax: 64,
  metadataBytesMax: 4 * kib,
  /** Keys, sessions, speakers, generations. */
  labelCharactersMax: 200,
  profileNameBytesMax: 64,
  profilesPerRecallMax: 16,
  recallLimitDefault: 10,
  recallLimitMax: 100,
  recallCandidatesMax: 400,
  /** Memories looked at because of their time alone, for each span of time in a query. */
  recallTimedCandidatesMax: 100,
  neighboursMax: 5,
  listLimitDefault: 20,
  listLimitMax: 200,
  /** Content of a listed memory before it is cut; `id` gives it whole. */
  listContentCharactersMax: 1_000,
  forgetIdsMax: 1_000,
  forgetPreviewMax: 20,
  openProfilesMax: 64,
  /** Memories that wait for one profile's write lock, together, before a call is refused. */
  queuedWritesMax: 10_000,
  /** How long a statement may block the event loop for another process's lock; after that it waits asleep. */
  lockBlockMs: 5,
  lockWaitMs: 15_000,
  cachedWordsMax: 50_000,
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
