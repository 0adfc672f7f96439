import type { Usage } from "../../core/usage.ts";
import type { ReasoningPart } from "./message.ts";

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** Why a provider did not answer, in terms the pipeline decides by. */
export interface ProviderFailure {
  readonly kind:
    | "rate_limited"
    /** Credit or a long quota is used up at the provider: retrying is pointless, another provider is not. */
    | "quota_exhausted"
    | "overloaded"
    | "server_error"
    | "bad_request"
    | "unauthenticated"
    | "forbidden"
    | "not_found"
    | "too_large"
    | "content_refused"
    /** No connection, or it broke before the answer was whole. */
    | "network"
    | "timeout"
    /** The provider answered something that is not its protocol. */
    | "malformed";
  /** The provider's words, cut short, without secrets. */
  readonly message: string;
  readonly status?: number | undefined;
  /** The provider's own error code. */
  readonly code?: string | undefined;
  /** How long the provider asks to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

/** One thing that happened in a streamed text answer. Every dialect is reduced to these. */
export type TextEvent =
  /** Known once the provider has begun to answer. */
  | { readonly type: "start"; readonly model?: string | undefined; readonly requestId?: string | undefined }
  | { readonly type: "text"; readonly text: string }
  /** Reasoning that may be shown, as it comes. */
  | { readonly type: "reasoning"; readonly text: string }
  /** A finished reasoning block, to be sent back unchanged in a tool loop. Its text was already sent as `reasoning`. */
  | { readonly type: "reasoning_part"; readonly part: ReasoningPart }
  /** `index` counts tool calls from 0 in the order they began. */
  | {
      readonly type: "tool_call";
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly opaque?: unknown;
    }
  /** A piece of the arguments' JSON text. */
  | { readonly type: "tool_arguments"; readonly index: number; readonly text: string }
  /** Totals so far; the last one holds. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "finish"; readonly reason: FinishReason; readonly detail?: string | undefined }
  /** The provider failed after the stream began. Always last. */
  | { readonly type: "failure"; readonly failure: ProviderFailure };
