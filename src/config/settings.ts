import { z } from "zod";
import { SwitchyardError } from "../core/errors.ts";
import { inferLimits, providerLimits, sandboxLimits } from "../core/limits.ts";
import { tasks } from "../core/task.ts";
import { artifactSettings } from "./artifact-settings.ts";

const usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be dollars as a decimal string, such as "10" or "0.25"');

const timeout = z.number().int().positive().max(3_600_000);

/** One of several keys of a provider. Its name is what results and logs show; without one it is called by its place. */
const providerKey = z
  .strictObject({
    name: z.string().min(1).max(64).optional(),
    key: z.string().min(1).optional(),
    key_variable: z.string().min(1).optional(),
    /** Its share of the calls, against the others' weights. */
    weight: z.number().positive().max(1_000).default(1),
  })
  .refine(({ key, key_variable }) => (key === undefined) !== (key_variable === undefined), {
    error: "must have one of key and key_variable",
  });

/** What belongs to a place where models are called, a provider or a server of one's own. */
const access = {
  /** The key itself; an environment variable is the better place. */
  key: z.string().min(1).optional(),
  /** Name of the environment variable that holds the key, when it is not the provider's usual one. */
  key_variable: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** More keys of the same provider, used by weight and health. */
  keys: z
    .array(providerKey)
    .max(inferLimits.keysPerProviderMax)
    .refine((keys) => new Set(keys.map(({ name }, at) => name ?? at)).size === keys.length, {
      error: "must have names that differ",
    })
    .default([]),
  timeouts: z
    .strictObject({
      connect_ms: timeout.optional(),
      /** Until the answer begins. */
      first_byte_ms: timeout.optional(),
      between_chunks_ms: timeout.optional(),
      /** For one whole attempt. */
      total_ms: timeout.optional(),
    })
    .optional(),
  /** What is done with an answer whose caller has gone: stop it, or read on to learn what it costs. */
  on_cancel: z.enum(["stop", "drain"]).optional(),
  /** `byok`: the key is the user's own and its bill is paid to the provider; the pool is charged nothing. */
  billing: z.enum(["pool", "byok"]).optional(),
};

const address = z.url({ protocol: /^https?$/ });
const providerSettings = z.strictObject({
  ...access,
  base_url: address.optional(),
  /** What stands in braces in the provider's address: Cloudflare's account. */
  account_id: z.string().min(1).optional(),
});

const dollars = z.number().nonnegative();
/** US dollars for a million tokens. Nothing is free unless it says 0. */
const tokenPrices = {
  input_per_mtok: dollars.optional(),
  cached_input_per_mtok: dollars.optional(),
  output_per_mtok: dollars.optional(),
};

/** A server of the user's own that speaks the OpenAI dialect. */
const endpoint = z.strictObject({
  ...access,
  base_url: address,
  /** What its models cost that are not listed, or are listed without a price. */
  price: z.strictObject(tokenPrices).optional(),
  models: z
    .array(
      z.strictObject({
        /** As the server calls it. */
        id: z.string().min(1),
        task: z.enum(["text", "embedding"]).default("text"),
        ...tokenPrices,
        context: z.number().int().positive().optional(),
        max_output: z.number().int().positive().optional(),
        tools: z.boolean().default(true),
        vision: z.boolean().default(true),
        reasoning: z.boolean().default(false),
      }),
    )
    .max(providerLimits.endpointModelsMax)
    .default([]),
});

const routeCondition = z.strictObject({
  task: z.enum(tasks).optional(),
  input_tokens_min: z.number().int().nonnegative().optional(),
  input_tokens_max: z.number().int().nonnegative().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  /** What the caller must still be able to spend. */
  budget_left_min: usd.optional(),
});

/** A list of models that is called as `route/<name>`. */
const route = z.strictObject({
  strategy: z.enum(["ordered", "weighted", "price", "latency"]).default("ordered"),
  models: z
    .array(
      z.strictObject({
        model: z.string().regex(/^(?!route\/)[^/\s]+\/\S+$/, "must be provider/model-id, and not another route"),
        weight: z.number().positive().max(1_000).default(1),
        when: routeCondition.optional(),
      }),
    )
    .min(1)
    .max(inferLimits.modelsPerCallMax),
});

/** What may be sent in a minute. Members that are absent match every call. */
const rateLimit = z
  .strictObject({
    /** Name or id of one of `keys`; `local` is the local user. */
    key: z.string().optional(),
    provider: z.string().optional(),
    /** An id, or a prefix that ends in `*`. */
    model: z.string().optional(),
    /** Every key, or every model, has a limit of its own. */
    each: z.enum(["key", "model"]).optional(),
    requests_per_minute: z.number().int().positive().optional(),
    tokens_per_minute: z.number().int().positive().optional(),
    on_limit: z.enum(["wait", "refuse"]).default("wait"),
  })
  .refine((limit) => limit.requests_per_minute !== undefined || limit.tokens_per_minute !== undefined, {
    error: "must have requests_per_minute or tokens_per_minute",
  });

/** A key that remote callers present. Only its hash is kept. */
const accessKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** SHA-256 of the key, hexadecimal. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the key was before it was rotated, still good for a while. */
  previous: z.strictObject({ hash: z.string(), until: z.string() }).optional(),
  revoked_at: z.string().optional(),
  workspace: z.string().default("default"),
  created_at: z.string(),
  models: z.array(z.string()).optional(),
  memory: z.enum(["none", "read", "write"]).default("write"),
  profiles: z.array(z.string()).optional(),
  artifacts: z.enum(["none", "read", "write"]).default("write"),
  sandbox: z.boolean().default(true),
});

/** A limit that counts from the first call on; `switchyard credits budgets` sets others beside these. */
const budget = z.strictObject({
  scope: z.string().regex(/^(pool|(workspace|key):.+)$/, "must be pool, workspace:<name> or key:<id>"),
  window: z
    .string()
    .regex(/^(total|day|month|[1-9]\d{0,3}h)$/, "must be total, day, month, or hours such as 5h")
    .default("total"),
  limit: usd,
  provider: z.string().optional(),
  model: z.string().optional(),
  tool: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/** A price or model of the user's own, in the catalog's shape. */
const modelOverride = z.strictObject({
  id: z.string().regex(/^[^/\s]+\/\S+$/, "must be provider/model-id"),
  task: z.string().default("text"),
  input_per_mtok: z.number().nonnegative().optional(),
  cached_input_per_mtok: z.number().nonnegative().optional(),
  output_per_mtok: z.number().nonnegative().optional(),
  context: z.number().int().positive().optional(),
  max_output: z.number().int().positive().optional(),
});

/** A host that programs in the sandbox may reach. */
const sandboxHost = z.strictObject({
  host: z.string().regex(/^(\*\.)?[A-Za-z0-9.:_-]+$/, "must be a host name, *.name or an address"),
  methods: z.array(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  scheme: z.enum(["https", "http"]).optional(),
  /** It may have a private address: a service of the user's own. */
  private: z.boolean().optional(),
});

/** A header that is added to programs' requests to one host; programs do not see its value. */
const sandboxSecret = z
  .strictObject({
    host: z.string().min(1),
    header: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be a header's name"),
    /** What stands before the secret: `"Bearer "`. */
    prefix: z.string().default(""),
    value: z.string().min(6).optional(),
    value_variable: z.string().min(1).optional(),
  })
  .refine(({ value, value_variable }) => (value === undefined) !== (value_variable === undefined), {
    error: "must have either value or value_variable",
  });

/** A value, or the environment variable that holds it. */
const settingValue = z.union([
  z.string(),
  z.strictObject({
    variable: z.string().min(1),
    /** What stands before it: `"Bearer "`. */ prefix: z.string().default(""),
  }),
]);

/** Another MCP server, whose tools programs call as `mcp.<name>.<tool>()`: spawned, or reached over HTTP. */
const upstream = z
  .strictObject({
    command: z.string().min(1).optional(),
    args: z.array(z.string()).optional(),
    env: z.record(z.string(), settingValue).optional(),
    cwd: z.string().optional(),
    url: z.url({ protocol: /^https?$/ }).optional(),
    headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "must be a header's name"), settingValue).optional(),
    /** For one call of a tool. */
    timeout_ms: z.number().int().min(1).max(sandboxLimits.timeoutMsMax).optional(),
  })
  .refine(({ command, url }) => (command === undefined) !== (url === undefined), {
    error: "must have one of command and url",
  })
  .refine(({ url, args, env, cwd }) => url === undefined || (args ?? env ?? cwd) === undefined, {
    error: "has args, env and cwd only with command",
  })
  .refine(({ command, headers }) => command === undefined || headers === undefined, {
    error: "has headers only with url",
  });

const upstreamName = z
  .string()
  .regex(/^[A-Za-z]\w{0,63}$/, "must be a word, as in mcp.<name>")
  .refine((name) => !["search", "describe", "then", "constructor"].includes(name), {
    error: "is the name of something else in mcp",
  });

const sandboxSettings = z.strictObject({
  hosts: z.array(sandboxHost).max(256).default([]),
  secrets: z.array(sandboxSecret).max(64).default([]),
  /** The most that one call may ask for. */
  timeout_ms_max: z.number().int().min(1).max(sandboxLimits.timeoutMsMax).optional(),
  memory_mb_max: z.number().int().min(sandboxLimits.memoryMbMin).max(sandboxLimits.memoryMbMax).optional(),
  limits_max: z
    .strictObject({
      cpu_ms: z.number().int().min(1).max(sandboxLimits.timeoutMsMax),
      stack_bytes: z.number().int().min(sandboxLimits.stackBytesMin).max(sandboxLimits.stackBytesMax),
      result_bytes: z.number().int().min(1).max(sandboxLimits.resultBytesMax),
      log_bytes: z.number().int().min(0).max(sandboxLimits.logBytesMax),
      calls: z.number().int().min(0).max(sandboxLimits.hostCallsMax),
      calls_in_flight: z.number().int().min(1).max(sandboxLimits.hostCallsInFlightMax),
    })
    .partial()
    .default({}),
  workers: z.number().int().min(1).max(sandboxLimits.workersMax).optional(),
  /** What a second of a program's CPU time costs its caller. */
  price_per_cpu_second: usd.default("0"),
  upstreams: z
    .record(upstreamName, upstream)
    .refine((servers) => Object.keys(servers).length <= sandboxLimits.upstreamsMax, {
      error: `must not be more than ${sandboxLimits.upstreamsMax}`,
    })
    .default({}),
});

/** `settings.json`: what a person may edit. Unknown fields are errors, so that a misspelt one is not silently ignored. */
export const settingsSchema = z.strictObject({
  /** Granted once, when a data directory's ledger is created. */
  initial_grant: usd.default("10"),
  providers: z.record(z.string(), providerSettings).default({}),
  /** Servers of one's own, by the name that stands before the slash in their models' ids. */
  endpoints: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, "must be a short lower-case word"), endpoint)
    .refine((endpoints) => Object.keys(endpoints).length <= providerLimits.endpointsMax, {
      error: `must be at most ${providerLimits.endpointsMax}`,
    })
    .default({}),
  models: z.array(modelOverride).default([]),
  routes: z.record(z.string().regex(/^[\w.-]{1,64}$/, "must be a word"), route).default({}),
  rate_limits: z.array(rateLimit).max(inferLimits.rateLimitsMax).default([]),
  keys: z.array(accessKey).default([]),
  /** Models that memory may use; each is off until it is named here. Their calls are paid by whoever remembers or recalls. */
  memory: z
    .strictObject({
      /** Search by meaning besides search by words. */
      embedding: z.strictObject({ model: z.string(), dimensions: z.number().int().positive() }).optional(),
      rerank_model: z.string().optional(),
      expansion_model: z.string().optional(),
    })
    .default({}),
  /** What of each call is written down, and for how long. */
  record: z
    .strictObject({
      prompts: z.boolean().default(false),
      outputs: z.boolean().default(false),
      /** For how long a call can be taken up again, or repeated by its idempotency key. */
      resume_hours: z.number().positive().max(8_760).default(24),
      keep_days: z.number().positive().max(3_650).default(90),
      /** Of generations.db. */
      max_mb: z.number().int().min(1).max(1_048_576).default(1_024),
    })
    .prefault({}),
  /** Traces and metrics, sent to an OpenTelemetry collector; the OTEL_EXPORTER_OTLP_* variables stand in for what is absent. */
  telemetry: z
    .strictObject({
      endpoint: z.url({ protocol: /^https?$/ }).optional(),
      headers: z.record(z.string(), z.string()).default({}),
      service_name: z.string().min(1).max(128).optional(),
      /** Prompts and outputs are sent too. */
      content: z.boolean().default(false),
    })
    .prefault({}),
  /** Which calls a keeper runs: a process of its own, with which they outlive the server that took them. */
  keeper: z.strictObject({ runs: z.enum(["keyed", "all", "none"]).default("keyed") }).prefault({}),
  budgets: z.array(budget).default([]),
  artifacts: artifactSettings.prefault({}),
  media: z
    .strictObject({
      /** Hosts in the local network from which the media of calls may be fetched. */
      private_hosts: z
        .array(z.string().regex(/^[A-Za-z0-9.:_-]+$/, "must be a host name or an address"))
        .max(256)
        .default([]),
    })
    .default({ private_hosts: [] }),
  /** Directories that `artifact.checkout` may write into, for the local user. */
  checkout_directories: z.array(z.string()).default([]),
  sandbox: sandboxSettings.prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;
export type AccessKey = z.infer<typeof accessKey>;

/**
 * Reads settings from a file's text.
 * @throws invalid_request naming the file, the line and the field. The file itself is never touched.
 */
export function parseSettings(text: string, path: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(path, `is not JSON: ${(error as Error).message}`, error);
  }
  const parsed = settingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const keys = issue?.code === "unrecognized_keys" ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...keys.slice(0, 1)].map(String);
  const line = lineOf(text, field);
  throw broken(
    path,
    `has a wrong field ${field.join(".") || "at its top"}${line ? ` on line ${line}` : ""}: ${issue?.message}`,
  );
}

function broken(path: string, what: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError("invalid_request", `${path} ${what}`, {
    next: "Correct the file, or move it away to start from the defaults; it was left as it is",
    details: { path },
    cause,
  });
}

/** The line on which the last named member of a field's path stands, looking for each name after the one before. */
function lineOf(text: string, field: readonly string[]): number | undefined {
  let at = 0;
  for (const name of field) {
    if (/^\d+$/.test(name)) continue;
    const next = text.indexOf(JSON.stringify(name), at);
    if (next < 0) return undefined;
    at = next;
  }
  return field.length === 0 ? undefined : text.slice(0, at).split("\n").length;
}
