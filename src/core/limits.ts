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
  /** Requests waiting for a connection to one origin; one more is refused as overloaded. */
  queuedPerOriginMax: 1_024,
  originsMax: 256,
  /** Bytes of an answer held for a reader that is slower than the provider, before the connection is paused. */
  bufferedBytesMax: 256 * kib,
  /** What is read of an answer nobody wants, to keep its connection, before the connection is closed instead. */
  dumpBytesMax: 64 * kib,
  dumpMsMax: 1_000,
  sseEventBytesMax: 16 * mib,
  errorBodyBytesMax: 64 * kib,
  responseBodyBytesMax: 64 * mib,
  /** Asking a local server whether it is there. */
  probeMsMax: 1_500,
  modelListBytesMax: 4 * mib,
  /** Lists in requests for tasks other than text. */
  imagesPerRequestMax: 16,
  imageInputsMax: 16,
  referenceImagesMax: 10,
  documentsMax: 1_000,
  judgedTextsMax: 100,
  hintsMax: 1_000,
  embeddingInputsMax: 10_000,
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
