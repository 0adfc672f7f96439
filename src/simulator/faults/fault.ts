import { z } from "zod";

/** What can be wrong on a provider's side, as each provider words it. */
export const failureKinds = [
  "rate_limited",
  "quota_exhausted",
  "invalid_key",
  "server_error",
  "bad_gateway",
  "unavailable",
  "gateway_timeout",
  "overloaded",
] as const;

export type FailureKind = (typeof failureKinds)[number];

const retryForm = z.enum(["provider", "seconds", "date", "milliseconds", "none"]);

/** What a failure's answer depends on. `form` is how a 429 says when to come back: `provider` is the provider's own way. */
export interface FailureHint {
  readonly form: z.infer<typeof retryForm>;
  readonly afterMs: number;
  readonly nowMs: number;
  readonly requestId: string;
  readonly limit: "requests" | "tokens";
  /** Of the request: a provider with several APIs words its failures by it. */
  readonly path: string;
}

const ms = z.number().int().min(0).max(3_600_000);
const events = z.number().int().min(0);
/** Whether the connection is torn down or the body ends as if it were whole. */
const how = z.enum(["close", "end"]).default("close");

const failure = <K extends FailureKind>(kind: K) => z.strictObject({ kind: z.literal(kind) });

/**
 * One way for a request to go wrong. `none` is a request that goes well: it gives a script its gaps.
 * In a fault that counts events, 0 is before the first.
 */
const faultSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("rate_limited"),
    retry: retryForm.default("provider"),
    afterMs: ms.default(1_000),
    /** Which limit was reached: providers word them apart. */
    limit: z.enum(["requests", "tokens"]).default("requests"),
  }),
  failure("quota_exhausted"),
  failure("invalid_key"),
  failure("server_error"),
  failure("bad_gateway"),
  failure("unavailable"),
  failure("gateway_timeout"),
  failure("overloaded"),
  /** The socket is reset before anything is answered and before anything is billed. */
  z.strictObject({ kind: z.literal("refuse_connection") }),
  /** The answer is made and billed, and the socket is reset before its first byte. */
  z.strictObject({ kind: z.literal("lose_answer") }),
  z.strictObject({ kind: z.literal("stall_before_headers"), ms: ms.optional() }),
  z.strictObject({ kind: z.literal("stall_mid_stream"), afterEvents: events.default(2), ms: ms.optional() }),
  z.strictObject({ kind: z.literal("cut_mid_stream"), afterEvents: events.default(2), how }),
  z.strictObject({ kind: z.literal("cut_before_usage"), how }),
  z.strictObject({
    kind: z.literal("error_event"),
    afterEvents: events.default(0),
    failure: z.enum(failureKinds).default("overloaded"),
  }),
  z.strictObject({ kind: z.literal("slow_drip"), chunkMs: ms.default(20) }),
  z.strictObject({ kind: z.literal("html"), status: z.number().int().min(200).max(599).default(200) }),
  /** An error body under the status 200 and the type of JSON, also where a stream was asked for. */
  z.strictObject({ kind: z.literal("error_with_200"), failure: z.enum(failureKinds).default("unavailable") }),
  z.strictObject({ kind: z.literal("truncated_json") }),
  z.strictObject({ kind: z.literal("invalid_utf8") }),
  z.strictObject({ kind: z.literal("wrong_content_type"), contentType: z.string().default("text/plain") }),
  z.strictObject({ kind: z.literal("usage_twice") }),
  z.strictObject({ kind: z.literal("usage_early") }),
  z.strictObject({
    kind: z.literal("split_writes"),
    maxBytes: z.number().int().min(1).default(7),
    seed: z.number().int().default(1),
  }),
]);

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault["kind"];

/** Which requests a rule is for. What is absent matches all. */
const filterShape = {
  provider: z.string().optional(),
  model: z.string().optional(),
  /** A part of the path. */
  path: z.string().optional(),
  key: z.string().optional(),
};

/** A scripted fault: hits the next `times` requests that match, in the order of the script. */
export const faultRuleSchema = z.strictObject({
  fault: faultSchema,
  times: z.number().int().min(1).default(1),
  ...filterShape,
});

/** A fault that hits a matching request with a probability. */
export const faultChanceSchema = z.strictObject({
  fault: faultSchema,
  probability: z.number().min(0).max(1),
  ...filterShape,
});

export type FaultRuleInput = z.input<typeof faultRuleSchema>;
export type FaultChanceInput = z.input<typeof faultChanceSchema>;

/** What a fault is chosen by. */
export interface FaultTarget {
  readonly provider: string;
  readonly model: string | null;
  readonly path: string;
  readonly key: string | null;
}
