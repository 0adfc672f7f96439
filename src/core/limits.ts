/**
 * Every bound there is, by room. Units are in the names; `docs/limits.md` says what happens past each.
 * A bound that is not here is a bug.
 */
const kib = 1024;
const mib = 1024 * kib;

export const serveLimits = {
  /** One JSON-RPC message on stdin. Read in linear time; larger things belong in an artifact or behind a handle. */
  stdioMessageBytesMax: 8 * mib,
  /** What is kept of a message over the bound, at each end, to find its id and answer it. */
  stdioRecoverBytes: 4 * kib,
  /** Answers waiting for a host that does not read its pipe; reading from it stops above this. */
  stdioUnreadBytesMax: 16 * mib,
  httpBodyBytesMax: 8 * mib,
  httpHeadersTimeoutMs: 15_000,
  /** For the whole request to arrive; the answer may take as long as its call. */
  httpRequestTimeoutMs: 60_000,
  httpKeepAliveTimeoutMs: 65_000,
  httpRequestsInFlightMax: 1_024,
  /** Tool calls running at once in one process, over every connection. */
  callsInFlightMax: 512,
  /** Nesting of a tool's arguments. */
  argumentDepthMax: 64,
  argumentProblemsMax: 8,
  /** Text of one tool result, in UTF-16 code units, before it is cut with a notice and a handle. */
  resultCharactersMax: 20_000,
  /** What a caller may ask for instead, in `_meta` of its call. */
  resultCharactersMin: 4_000,
  resultCharactersAskedMax: 8 * mib,
  /** Details of one error, as text. Hosts cut an error at about 11,000 characters. */
  errorCharactersMax: 8_000,
  /** At most one progress notification in this time for each call. */
  progressIntervalMs: 250,
  /** A call that reports nothing by itself is said to be running this often. */
  progressHeartbeatMs: 10_000,
  progressMessageCharactersMax: 500,
  subscriptionsMax: 256,
  /** How long a client may keep the answer to a list request. */
  listTtlMs: 300_000,
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
  pathBytesMax: 4_096,
  checkoutEntriesMax: 1_000,
  checkoutTextBytesMax: 1 * mib,
  logEntriesMax: 200,
  repoNameCharactersMax: 64,
} as const;
