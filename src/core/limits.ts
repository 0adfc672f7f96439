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
  /** A request to `/mcp`. */
  httpBodyBytesMax: 8 * mib,
  /** Connections that the system keeps until they are taken; more at once are tried again by their clients. */
  httpBacklog: 4_096,
  /** A request to the model endpoints, which carries images and files inline. */
  apiBodyBytesMax: 32 * mib,
  /** How long an answer's status waits for the model's first word before the stream begins anyway. */
  httpStatusWaitMs: 20_000,
  /** A comment goes out on a stream that has been silent this long. */
  eventStreamKeepAliveMs: 15_000,
  /** Events that come together are written together, up to so many characters. */
  eventStreamHeldCharactersMax: 64 * kib,
  /** For a request's headers to arrive. */
  httpHeadersTimeoutMs: 15_000,
  /** For a request's whole body to arrive; the answer may take as long as its call. */
  httpBodyTimeoutMs: 60_000,
  /** A git client that sends and takes nothing for this long is hung up on. */
  gitIdleTimeoutMs: 120_000,
  /** How long an idle connection is kept: longer than the minute that load balancers keep theirs. */
  httpKeepAliveTimeoutMs: 65_000,
  /** Requests being answered at once, slow streams included; the next one is told to come back. */
  httpRequestsInFlightMax: 16_384,
  /** Tool calls running at once in one process, over every connection. */
  callsInFlightMax: 512,
  /** Nesting of a tool's arguments. */
  argumentDepthMax: 64,
  /** Wrong arguments named in one error; the others are counted. */
  argumentProblemsMax: 8,
  /** Text of one tool result, in UTF-16 code units, before it is cut with a notice and a handle. */
  resultCharactersMax: 20_000,
  /** What a caller may ask for instead, in `_meta` of its call. */
  resultCharactersMin: 4_000,
  /** The most that a caller may ask for so. */
  resultCharactersAskedMax: 8 * mib,
  /** Pictures and sound given in one tool result, together, before base64 makes them a third larger. */
  mediaContentBytesMax: 700 * kib,
  /** Details of one error, as text. Hosts cut an error at about 11,000 characters. */
  errorCharactersMax: 8_000,
  /** At most one progress notification in this time for each call. */
  progressIntervalMs: 250,
  /** A call that reports nothing by itself is said to be running this often. */
  progressHeartbeatMs: 10_000,
  /** Of a longer message its end is sent. */
  progressMessageCharactersMax: 1_000,
  /** Subscriptions open at once on one connection, or over HTTP on one server. */
  subscriptionsMax: 256,
  /** Resources watched at once in one process, over every subscription. */
  resourceWatchesMax: 1_024,
  /** How often a watched resource is looked at, besides when a call of this process may have changed it. */
  resourcePollMs: 2_000,
  /** How long a client may keep the answer to a list request. */
  listTtlMs: 300_000,
  /** For running calls to end when the server is told to stop; after it they are aborted. */
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
  /** One model is asked this often in one call; another key of its provider is not counted. */
  attemptsPerModelMax: 3,
  retryBaseMs: 300,
  retryCapMs: 10_000,
  /** How long a model that failed is waited for while another of the call could answer now. */
  retryPatienceMs: 2_000,
  /** Retries that a provider's calls earn, for each hundred of them. */
  retryPercent: 10,
  /** Retries that need not be earned: what a provider starts with, and what it gets back, one each second. */
  retryFloor: 10,
  /** Earned retries that are kept. */
  retriesSavedMax: 100,
  keysPerProviderMax: 32,
  /** A model at a provider with one key is left alone after so many failures in a row, */
  circuitFailuresInARow: 5,
  /** or when more than half of at least so many calls failed, */
  circuitCallsMin: 20,
  /** within this time; */
  circuitWindowMs: 30_000,
  /** first for so long, longer each time it fails again, */
  circuitOpenMs: 30_000,
  /** and never longer than this before it is tried again. */
  circuitOpenMsMax: 300_000,
  /** A key that is rate limited rests for so long when its provider does not say, doubling up to the next bound. */
  coolDownMs: 1_000,
  coolDownMsMax: 60_000,
  /** What a provider asks to wait is not believed beyond this. */
  coolDownAskedMsMax: 3_600_000,
  /** A key that its provider refuses, or whose quota is used up, rests for so long. */
  keyRestMs: 300_000,
  /** A measured latency counts for so long; then the model is measured anew. */
  latencyKeptMs: 300_000,
  /** Models and keys whose health is remembered. */
  healthEntriesMax: 4_096,
  /** Answers that are read to their end only to learn what they cost, after their caller has gone. */
  drainsMax: 64,
  drainMsMax: 30_000,
  /** How long a call waits for money that running calls hold and will mostly give back, */
  creditWaitMsMax: 3_000,
  /** and about how often it looks. */
  creditPollMs: 100,
  /** Models that `auto` tries at most, */
  autoModelsMax: 4,
  /** and of one provider. */
  autoModelsPerProviderMax: 2,
  /** What an answer is taken to be long, to compare prices by, when its caller does not say. */
  comparedOutputTokens: 1_000,
  /** Models that a call may try, those of its routes included. */
  modelsPerCallMax: 32,
  /** How long an answer is kept for identical calls, when the call does not say, and at most. */
  cacheTtlSDefault: 3_600,
  cacheTtlSMax: 2_592_000,
  /** Kept answers: those not used for longest go first. */
  cacheEntriesMax: 10_000,
  cacheBytesMax: 256 * mib,
  /** One larger than this is not kept. */
  cacheEntryBytesMax: 4 * mib,
  rateLimitsMax: 256,
  /** Calls that wait for the settings' rate limits, together. */
  rateQueueMax: 1_000,
  /** Counters of limits that are kept for each key or model. */
  rateCountersMax: 10_000,
  /** How finely a minute is divided, to count what was sent in it. */
  rateBucketMs: 1_000,
  /** Tokens that one attempt counts for at most, whatever its provider says. */
  rateTokensPerAttemptMax: 2 ** 40,
  /** Counts that are further ahead than this are of a clock that was set back: they are forgotten. */
  rateAheadMsMax: 2_000,
  /** Counts that are over are removed in passing, so many at a time beyond those that a call adds. */
  rateOldPerTake: 8,
  /** How long a call waits, blocking, for the file of the counts that all processes share, */
  rateLockWaitMsMax: 250,
  /** and at each step of opening it; */
  rateOpenWaitMsMax: 1_000,
  /** a file that failed is left alone for so long. */
  rateFileRestMs: 10_000,
  /** How often a process whose calls wait looks whether others have left room, or given up their turn. */
  rateLookMs: 250,
  /** A process that waits and is silent for so long has lost its turn. */
  rateSilentMsMax: 5_000,
  /** How often a running stream's cost so far, or how far a job is, is written down. */
  costCheckpointMs: 5_000,
  /** How often a running call's reservation is renewed, though nothing comes of it: three times in its lease. */
  holdRenewMs: 300_000,
  /** Finished generations whose events stay in memory; all are on disk. */
  generationsInMemoryMax: 256,
  /** One larger than this is read from the disk when it is asked for again. */
  generationInMemoryCharactersMax: 64 * kib,
  /** One piece of media that a caller hands in. */
  mediaInputBytesMax: 32 * mib,
  /** Fetching a URL of the caller's for a provider that does not. */
  mediaFetchMsMax: 60_000,
  mediaOutputBytesMax: 512 * mib,
  downloadRedirectsMax: 5,
  /** A job is first asked about after this, then after twice as long each time, up to its adapter's own pace. */
  jobFirstPollMs: 500,
  /** How long a media job may take at its provider. */
  jobMsMax: 3_600_000,
  /** How often a process looks for jobs whose processes are gone. */
  jobSweepMs: 5_000,
  jobsTakenOverAtOnce: 16,
  /** How often calls that were kept for long enough are looked for, */
  purgeEveryMs: 60_000,
  /** and what is deleted in one step: calls, their events, and free pages given back to the system. */
  purgeGenerations: 64,
  purgeEvents: 2_000,
  purgeVacuumPages: 256,
  /** Steps in a row, before the next look. */
  purgeStepsMax: 1_000,
  /** Of a recorded request; the rest is cut. */
  recordedRequestCharactersMax: 256 * kib,
  /** A process that nobody waits for may be silent this much longer than its lease before its calls are ended. */
  lostAfterMs: 60_000,
  /** Events of a call whose process is gone that are read to see whether its answer is whole. */
  lostEventsMax: 1_000_000,
  /** Questions about a job that may go unanswered one after another. */
  jobPollMissesMax: 10,
  /** How long a provider may take to say that it has stopped a job. */
  cancelMsMax: 5_000,
  /** How long a process that runs a generation may be silent before others take it for dead. */
  runnerLeaseMs: 6_000,
  /** How often it says that it is alive, and looks whether a caller elsewhere has cancelled. */
  runnerHeartbeatMs: 1_000,
  /** Events of a stream are written to disk this often. */
  eventFlushMs: 25,
  /** Events that are there are handed to a reader together, so many at a time. */
  readBatchEventsMax: 256,
  /** Text that waits for a reader of the library's stream and is handed over in one piece. */
  streamChunkCharactersMax: 64 * kib,
  /** How soon after some came a process looks for more events that another one writes; then after twice as long each time, */
  followPollMsMin: 5,
  /** up to this. */
  followPollMs: 20,
  /** How often it looks while the one that writes them tells it of them. */
  followToldPollMs: 500,
  followEventsPerPoll: 1_000,
  storeBatchOperationsMax: 64,
  storeQueueOperationsMax: 32_768,
  storeLockWaitMsMax: 5_000,
  /** What a model is taken to write at most when its card does not say. */
  outputTokensDefault: 8_192,
  /** A call whose caller did not fix its output may always reserve this much, however little of the pool is left over. */
  outputTokensShort: 4_096,
  /** An answer shorter than this is not worth paying the input for. */
  outputTokensMin: 16,
} as const;

export const telemetryLimits = {
  /** Spans that wait to be sent; more are dropped and counted. */
  spansQueuedMax: 2_048,
  spansPerBatch: 512,
  /** How often what there is is sent. */
  spansEveryMs: 5_000,
  metricsEveryMs: 60_000,
  /** Time series of one metric; what is past it is counted without its attributes. */
  seriesMax: 1_000,
  /** For one request to the collector, */
  requestMs: 10_000,
  /** and for the last ones, when the process ends. */
  closeMs: 2_000,
  attributeCharactersMax: 4_096,
  /** Of a prompt or an output, where the settings say that they are sent. */
  contentCharactersMax: 32 * kib,
} as const;

export const keeperLimits = {
  /** A keeper with nothing to run and nobody connected ends after this. */
  idleMs: 30_000,
  /** How long a server waits for a keeper that it has started, before it runs the call itself. */
  startWaitMs: 5_000,
  startPollMs: 25,
  lockStaleMs: 10_000,
  /** What may wait to be read by a server that is told of its calls; what is past it is told no more, and found on the disk. */
  unreadBytesMax: mib,
  /** What every system allows for a local socket's path. */
  socketPathBytesMax: 100,
} as const;

export const providerLimits = {
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 120_000,
  betweenChunksTimeoutMs: 120_000,
  /** A stream has a connection of its own: this many streams of one provider at a time. */
  connectionsPerOriginMax: 16_384,
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
  /** Servers of the user's own. */
  endpointsMax: 32,
  /** Models of one of them, in the settings and in its own list. */
  endpointModelsMax: 1_000,
  /** How long a server's list of its models is taken for what it has. */
  modelListMsMax: 60_000,
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
  /** Operations that share one transaction and one fsync. */
  batchOperationsMax: 64,
  /** Operations that wait for a transaction; one more is refused. */
  queueOperationsMax: 32_768,
  /** How long a write waits for other processes before it is refused. */
  lockWaitMsMax: 15_000,
  /** How long a reservation lasts without word of it, when the caller does not say. */
  holdLeaseMs: 900_000,
  holdLeaseMsMax: 86_400_000,
  /** A process with open holds says this often that it is alive. */
  ownerBeatMs: 10_000,
  /** After this much silence a process is dead, and what it had not sent is given back. */
  ownerSilenceMsMax: 60_000,
  /** After this much silence nobody is expected to settle what a process had sent. */
  ownerLostMs: 300_000,
  /** A silent process without open holds is forgotten. */
  ownerForgottenMs: 86_400_000,
  /** How often a process looks for holds that nobody ends. */
  recoveryEveryMs: 30_000,
  /** Holds that are ended in one go. */
  recoveryHoldsMax: 200,
  /** How long asking what one lost call cost may take. */
  lookUpMsMax: 30_000,
  lookUpsAtOnceMax: 8,
  /** One amount: $1 billion. */
  amountNanoUsdMax: 1_000_000_000_000_000_000n,
  /** All that was ever granted: $4 billion, so that no sum leaves 64 bits. */
  poolNanoUsdMax: 4_000_000_000_000_000_000n,
  idempotencyKeyCharactersMax: 256,
  /** Names of scopes, keys, models, and notes and reasons. */
  nameCharactersMax: 256,
  metadataPairsMax: 32,
  /** The longest rolling window of a budget. */
  rollingHoursMax: 8_760,
  /** Configured budgets of all levels; each is looked at by every reservation on its path. */
  budgetsMax: 1_000,
  /** Entries of a page of history. */
  historyEntriesDefault: 50,
  historyEntriesMax: 1_000,
  /** Problems that one audit names. */
  auditProblemsMax: 100,
  /** Rows of one breakdown; what is left over is summed in a last row. */
  breakdownRowsMax: 100,
  /** A caller's own budgets in a report, newest first. */
  callBudgetsReportedMax: 10,
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
  forgetRowsPerCommitMax: 100,
  resourcesMax: 500,
  resourceMemoriesMax: 50,
  resourceCharactersMax: 20_000,
  importLineCharactersMax: 1 * mib,
  importRowsPerCommitMax: 200,
  importProblemsMax: 20,
  openProfilesMax: 64,
  /** Memories sent to an embedding model together. */
  embedBatchMax: 64,
  /** Characters of one memory that are embedded; the rest is found by its words. */
  embedCharactersMax: 8_000,
  /** How long one process may keep background work on a profile to itself without renewing. */
  leaseMs: 300_000,
  /** How long recall waits for a model before it answers without it. */
  recallModelMs: 5_000,
  /** Nearest vectors by sign bits that are compared in full. */
  vectorPrefilterMax: 800,
  /** Memories that the vector channel adds to a recall. */
  vectorCandidatesMax: 100,
  cachedQueriesMax: 256,
  expansionsMax: 8,
  /** Messages read for facts together. */
  extractMessagesMax: 24,
  extractCharactersMax: 16_000,
  /** Facts taken from one message; more are left out. */
  proposalsPerMessageMax: 8,
  /** Times a message is sent for extraction before it is given up. */
  extractAttemptsMax: 3,
  extractKeysMax: 100,
  /** Answers handed to a reranker. */
  rerankMax: 40,
  /** Memories that wait for one profile's write lock, together, before a call is refused. */
  queuedWritesMax: 10_000,
  /** How long a statement may block the event loop for another process's lock; after that it waits asleep. */
  lockBlockMs: 5,
  lockWaitMs: 15_000,
  cachedWordsMax: 50_000,
} as const;

export const sandboxLimits = {
  codeBytesMax: 1 * mib,
  filesMax: 1_000,
  filesBytesMax: 4 * mib,
  inputBytesMax: 1 * mib,
  timeoutMsDefault: 10_000,
  timeoutMsMax: 300_000,
  memoryMbDefault: 64,
  memoryMbMin: 2,
  memoryMbMax: 256,
  /** The guest's own call stack, inside its memory: about 12,000 plain calls deep, as in Node. */
  stackBytesMax: 2 * mib,
  stackBytesMin: 64 * kib,
  /** Text that crosses the border is counted in UTF-16 code units inside the guest and in bytes outside. */
  resultBytesMax: 1 * mib,
  /** Numbers, texts, lists and so on in a result; one that holds more is given as the JSON text that it is. */
  resultValuesMax: 10_000,
  logBytesMax: 64 * kib,
  logEntriesMax: 1_000,
  errorCharactersMax: 8_192,
  hostCallBytesMax: 1 * mib,
  /** Calls beyond this many wait inside the run until one is answered. */
  hostCallsInFlightMax: 32,
  hostCallsMax: 1_000,
  /** Numbers, texts, lists and so on in the arguments of one call: many small ones take longer to read than a long text. */
  hostCallValuesMax: 12_000,
  /** Arguments of the calls of one run that wait for their turn. */
  hostCallsWaitingCharactersMax: 32 * mib,
  timersMax: 1_000,
  /** One argument or answer of a native: hashing, base64, CSV and the like. */
  nativeBytesMax: 8 * mib,
  /** `fetch` from a program. The answer crosses as JSON text and must fit a host call. */
  egressResponseBytesMax: 700 * kib,
  egressTimeoutMs: 30_000,
  egressRedirectsMax: 5,
  upstreamSearchMax: 50,
  upstreamQueryCharactersMax: 500,
  upstreamNameCharactersMax: 256,
  /** Other MCP servers in the settings, tools of one of them, and pages in which it may list them. */
  upstreamsMax: 64,
  upstreamToolsMax: 5_000,
  upstreamPagesMax: 64,
  /** One message of an upstream MCP server, and one answer of it over HTTP. */
  upstreamMessageBytesMax: 4 * mib,
  /** For one to start and say which tools it has; and to say which protocol it speaks. */
  upstreamConnectMs: 30_000,
  upstreamProbeMs: 5_000,
  /** One call of a tool, unless settings say otherwise for its server. */
  upstreamCallMsDefault: 60_000,
  /** How long one that could not be reached is not tried again, and how long its list of tools is kept. */
  upstreamRetryMs: 2_000,
  upstreamListMs: 300_000,
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
  /** How long a program may wait for a thread or process before it is told that there is none. */
  placeMsMax: 60_000,
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
  /** Of it, what is new: a thread that starts many guests would otherwise fill tens of megabytes before it tidies up. */
  workerYoungHeapMbMax: 3,
  /** Processes for programs on V8, at work and in readiness; more programs wait. */
  v8ProcessesMax: 8,
  /** How long the process in readiness is kept when the engine is not used. */
  v8IdleMs: 60_000,
  workerStackMb: 16,
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
  /** Above this many `ref-prefix` lines a client is shown all references. */
  refPrefixesMax: 1_024,
  pushBytesMax: 1024 * mib,
  pushObjectsMax: 500_000,
  pushCommandsMax: 10_000,
  /** How deep directories of pushed trees may be. */
  treeDepthMax: 512,
  /** A git client that waits for its pack is told so often that it is being made. */
  keepAliveMs: 5_000,
  /** What everything in one pushed pack inflates to, deltas applied. */
  pushInflatedBytesMax: 8 * 1024 * mib,
  /** Inflated deltas of a pushed pack that are kept until their base is known. */
  keptDeltaBytesMax: 32 * mib,
  /** Blobs above this are hashed as they are inflated and never held whole. */
  streamedObjectBytesMin: 4 * mib,
  repositoryBytesMaxDefault: 4 * 1024 * mib,
  /** A repository's size is measured anew after this, to count what other processes wrote. */
  usageStaleMs: 60_000,
  /** How long a charge for a write is held at most until the write is done. */
  storageLeaseMs: 300_000,
  /** More than these many loose objects or packs are put into one pack, looked for after so many changes. */
  looseObjectsMax: 1_000,
  packsMax: 24,
  changesPerPackingLook: 32,
  packedDeltaDepthMax: 40,
  /** A larger object is packed whole. */
  deltaSourceBytesMax: 8 * mib,
  tokenTtlSecondsDefault: 86_400,
  tokenTtlSecondsMax: 31_536_000,
  tokensPerWorkspaceMax: 10_000,
  diffFilesMax: 1_000,
  diffFilesDefault: 100,
  diffTextBytesMax: 1 * mib,
  /** A larger file is told to differ, without its lines. */
  diffFileBytesMax: 4 * mib,
  /** Edits after which the search for the shortest difference settles for a good one. */
  diffEditsMax: 4_096,
  /** Steps of that search in one comparison, after which what is left of both texts counts as changed. */
  diffStepsMax: 2_000_000,
  mergeConflictsMax: 200,
  mergeBasesMax: 16,
  importTimeoutMs: 600_000,
  importRedirectsMax: 5,
  importRefsBytesMax: 32 * mib,
  checkoutToFilesMax: 100_000,
  checkoutToBytesMax: 1024 * mib,
  listEntriesMax: 1_000,
  listEntriesDefault: 100,
  /** Bytes of conflicting text shown, markers and all. */
  mergeTextBytesMax: 256 * kib,
} as const;

export const simulatorLimits = {
  requestBodyBytesMax: 100 * mib,
  controlBodyBytesMax: 1 * mib,
  /** Requests the book keeps one by one; its totals go on counting. */
  bookEntriesMax: 10_000,
  bookBodiesMax: 64,
  bookBodyBytesMax: 1 * mib,
  faultRulesMax: 10_000,
  /** Prompt prefixes that are remembered as cached, for each provider. */
  cachedPrefixesMax: 4_096,
  storedResponsesMax: 1_024,
  /** Files behind links, and jobs, that are remembered; the oldest go first. */
  storedFilesMax: 1_024,
  storedJobsMax: 4_096,
  /** The longest audio or video that is made. */
  madeSecondsMax: 600,
  wordsMax: 200_000,
  echoCharactersMax: 400,
  /** How much of the end of the last user text is searched for instructions. */
  instructionCharactersMax: 8_192,
} as const;
