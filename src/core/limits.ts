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
  filesMax: 256,
  filesBytesMax: 4 * mib,
  inputBytesMax: 1 * mib,
  timeoutMsDefault: 10_000,
  timeoutMsMax: 300_000,
  memoryMbDefault: 64,
  memoryMbMin: 2,
  memoryMbMax: 256,
  /** The guest's own call stack, inside its memory. */
  stackBytesMax: 512 * kib,
  /** Text that crosses the border is counted in UTF-16 code units inside the guest and in bytes outside. */
  resultBytesMax: 1 * mib,
  logBytesMax: 64 * kib,
  logEntriesMax: 1_000,
  errorCharactersMax: 8_192,
  hostCallBytesMax: 1 * mib,
  /** Calls beyond this many wait inside the run until one is answered. */
  hostCallsInFlightMax: 32,
  hostCallsMax: 1_000,
  timersMax: 1_000,
  /** One argument or answer of a native: hashing, base64, CSV and the like. */
  nativeBytesMax: 8 * mib,
  /** Answers and timers of one run that are written down for a replay. */
  traceEventsMax: 20_000,
  /** Arguments and answers of one run that are kept for a replay. */
  recordingCharactersMax: 8 * mib,
  timerMsMax: 300_000,
  waitMsDefault: 45_000,
  waitMsMax: 280_000,
  /** Runs that have ended and can be asked for or replayed: in memory, and as files. */
  runsKeptMax: 256,
  runsKeptCharactersMax: 32 * mib,
  runFilesMax: 1_000,
  /** Runs alive at once in one process; one more is answered `unavailable`. */
  runsMax: 1_024,
  runsPerWorkerMax: 256,
  workersMax: 16,
  /** Threads that end before they are ready, one after the other, before the sandbox says that it cannot run. */
  workerStartsMax: 3,
  /** Isolates a worker keeps ready for new runs, and at most keeps after a burst. */
  isolatesWarm: 8,
  isolatesKeptMax: 64,
  /** How long past its deadline a run may still answer before its worker is terminated. */
  killGraceMs: 25,
  /** How often a run is started again by itself when the worker it shared was terminated. */
  evictionRetriesMax: 3,
  workerHeapMbMax: 256,
  workerStackMb: 8,
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
