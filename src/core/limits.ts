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
  commitBytesMax: 256 * mib,
  pathBytesMax: 4_096,
  nameBytesMax: 255,
  directoryDepthMax: 128,
  messageBytesMax: 64 * kib,
  metadataBytesMax: 16 * kib,
  checkoutEntriesMax: 1_000,
  checkoutEntriesDefault: 200,
  checkoutTextBytesMax: 1 * mib,
  /** Tree entries one call looks at before it hands back what it has and a cursor. */
  walkEntriesMax: 200_000,
  logEntriesMax: 200,
  logEntriesDefault: 20,
  /** Commits one call looks at before it hands back what it has and a cursor. */
  logWalkCommitsMax: 50_000,
  repoNameCharactersMax: 64,
  refNameBytesMax: 200,
  symbolicRefDepthMax: 5,
  globCharactersMax: 512,
  globAlternativesMax: 64,
  /** Objects of one write up to which each is a file of its own; more become one pack. */
  looseObjectsPerWriteMax: 16,
  /** An object kept whole in memory: a file read by a tool, or the base of a delta. */
  objectBytesMax: 128 * mib,
  deltaChainMax: 4_096,
  packWindowBytes: 256 * kib,
  packWindowsMax: 96,
  deltaCacheBytesMax: 48 * mib,
  openRepositoriesMax: 64,
  refLockWaitMs: 10_000,
  /** A lock without its holder's name (another program's) is taken for abandoned after this. */
  foreignLockStaleMs: 600_000,
  commitAttemptsMax: 200,
  /** Wants, haves and other lines of one fetch request. */
  fetchLinesMax: 200_000,
  fetchBodyBytesMax: 16 * mib,
  pushBytesMax: 1024 * mib,
  pushObjectsMax: 500_000,
  pushCommandsMax: 10_000,
  /** What everything in one pushed pack inflates to, deltas applied. */
  pushInflatedBytesMax: 8 * 1024 * mib,
  /** Blobs above this are hashed as they are inflated and never held whole. */
  streamedObjectBytesMin: 4 * mib,
  repositoryBytesMaxDefault: 4 * 1024 * mib,
  tokenTtlSecondsDefault: 86_400,
  tokenTtlSecondsMax: 31_536_000,
  tokensPerWorkspaceMax: 10_000,
} as const;
