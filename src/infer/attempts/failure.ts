import { type ErrorCode, SwitchyardError, toErrorFacts } from "../../core/errors.ts";
import type { Credentials } from "../../providers/adapter.ts";
import type { ProviderFailure } from "../../providers/shapes/event.ts";

interface FailureFacts {
  readonly delivered: boolean;
  readonly isProviderFault?: boolean | undefined;
}

/** An attempt that did not give an answer, with what decides whether another may be made. */
export class AttemptFailure extends Error {
  readonly failure: ProviderFailure;
  /** Content of the answer had already been delivered: nothing may be retried. */
  readonly delivered: boolean;
  /** False where the provider did its part: the caller had no time, or the model wrote what was not asked for. */
  readonly isProviderFault: boolean;

  constructor(failure: ProviderFailure, facts: FailureFacts) {
    super(failure.message);
    this.name = "AttemptFailure";
    this.failure = failure;
    this.delivered = facts.delivered;
    this.isProviderFault = facts.isProviderFault ?? true;
  }
}

type Verdict =
  /** The same model may answer if asked again. */
  | "retry"
  /** As `retry`, but a second time means that it is no accident. */
  | "retry_once"
  /** The same model may answer with another key of its provider, now. */
  | "next_key"
  /** This model will not answer now; another may. */
  | "next_model"
  /** No model should be asked: the request itself is at fault, or it was refused. */
  | "stop";

const verdicts: Readonly<Record<ProviderFailure["kind"], Verdict>> = {
  rate_limited: "next_key",
  quota_exhausted: "next_key",
  unauthenticated: "next_key",
  forbidden: "next_key",
  overloaded: "retry",
  network: "retry",
  server_error: "retry_once",
  not_found: "next_model",
  too_large: "next_model",
  // A limit of our own would be met again by the same model.
  timeout: "next_model",
  malformed: "next_model",
  // Another model's provider may take what this one calls wrong; it costs nothing to ask.
  bad_request: "next_model",
  content_refused: "stop",
};

export function verdictOf({ delivered, failure }: AttemptFailure): Verdict {
  if (delivered) return "stop";
  // A gateway of the provider's gave up, not we.
  if (failure.kind === "timeout" && failure.status === 504) return "retry";
  return verdicts[failure.kind];
}

/** How the record of an attempt tells why it failed. */
export function attemptError(error: unknown): {
  readonly error: string;
  readonly error_kind: ErrorCode | ProviderFailure["kind"];
} {
  if (error instanceof AttemptFailure) {
    const { kind, message } = error.failure;
    return { error: `${kind}: ${message}`, error_kind: kind };
  }
  const { code, message } = toErrorFacts(error);
  return { error: message, error_kind: code };
}

const codes: Readonly<Record<ProviderFailure["kind"], ErrorCode>> = {
  rate_limited: "rate_limited",
  overloaded: "provider_unavailable",
  server_error: "provider_unavailable",
  network: "provider_unavailable",
  quota_exhausted: "provider_unavailable",
  unauthenticated: "provider_error",
  forbidden: "provider_error",
  not_found: "not_found",
  too_large: "too_large",
  timeout: "timeout",
  malformed: "provider_error",
  bad_request: "invalid_request",
  content_refused: "content_refused",
};

const nexts: Readonly<Record<ProviderFailure["kind"], string>> = {
  rate_limited: "Wait and call again, or name fallbacks on other providers",
  overloaded: "Call again later, or name fallbacks on other providers",
  server_error: "Call again later, or name fallbacks on other providers",
  network: "Check the connection to the provider, or name fallbacks on other providers",
  quota_exhausted: "Raise the limit in the provider's console, or name fallbacks on other providers",
  unauthenticated: "Check the provider's key with `switchyard doctor`",
  forbidden: "Check what the provider's key may use",
  not_found: "Check the model's id with the models tool",
  too_large: "Send less, or use a model with a larger context",
  timeout: "Give a larger timeout_ms, or ask for less",
  malformed: "Call again; if it happens every time, check the provider's base_url",
  bad_request: "Correct the request as the provider says",
  content_refused: "Change the request; the provider will not answer it as it is",
};

const passing: ReadonlySet<ProviderFailure["kind"]> = new Set([
  "rate_limited",
  "overloaded",
  "server_error",
  "network",
]);

/** What the caller is told when the last attempt failed. */
export function errorOf(
  failure: ProviderFailure,
  model: string,
  details: Readonly<Record<string, unknown>>,
): SwitchyardError {
  const code = codes[failure.kind];
  return new SwitchyardError(
    code,
    `${model} did not answer (${failure.kind.replaceAll("_", " ")}): ${failure.message}`,
    {
      next: nexts[failure.kind],
      retryable: passing.has(failure.kind),
      details: {
        ...details,
        model,
        ...(failure.status === undefined ? {} : { provider_status: failure.status }),
        ...(failure.code === undefined ? {} : { provider_code: failure.code }),
        ...(failure.requestId === undefined ? {} : { provider_request_id: failure.requestId }),
        ...(failure.retryAfterMs === undefined ? {} : { retry_after_ms: failure.retryAfterMs }),
      },
    },
  );
}

/** A provider that quotes the key it was sent must not show it to the caller. */
export function withoutKey(failed: ProviderFailure, { apiKey }: Credentials): ProviderFailure {
  return failed.message.includes(apiKey) ? { ...failed, message: failed.message.replaceAll(apiKey, "[key]") } : failed;
}
