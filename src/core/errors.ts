/** Stable error codes: the same words in MCP tool errors, HTTP bodies, the library and the sandbox. */
export const errorCodes = [
  "invalid_request",
  "unsupported",
  "not_found",
  "forbidden",
  "unauthenticated",
  "conflict",
  "insufficient_credits",
  "budget_exceeded",
  "rate_limited",
  "provider_error",
  "provider_unavailable",
  "content_refused",
  "timeout",
  "cancelled",
  "evicted",
  "too_large",
  "unavailable",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** JSON-safe facts that belong to an error: ids, limits, what was allowed. Never a secret, never a stack. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What a caller is told of an error, in every transport. */
export interface ErrorFacts {
  readonly code: ErrorCode;
  /** What happened, as a sentence without its final full stop. */
  readonly message: string;
  /** What to do next, as a sentence without its final full stop. */
  readonly next: string;
  /** Whether the same call may succeed later unchanged. */
  readonly retryable: boolean;
  readonly details: ErrorDetails;
}

export interface ErrorOptions {
  readonly next: string;
  readonly retryable?: boolean;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** The one error type that crosses a room's border. Anything else that escapes is a bug and is shown as `internal`. */
export class SwitchyardError extends Error implements ErrorFacts {
  readonly code: ErrorCode;
  readonly next: string;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SwitchyardError";
    this.code = code;
    this.next = options.next;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** The facts of any thrown value. An unknown error keeps its message out of sight: it may hold a path or a secret. */
export function toErrorFacts(error: unknown): ErrorFacts {
  if (error instanceof SwitchyardError) {
    const { code, message, next, retryable, details } = error;
    return { code, message, next, retryable, details };
  }
  if (isAbort(error)) {
    return {
      code: "cancelled",
      message: "the call was cancelled",
      next: "Call again if the answer is still wanted",
      retryable: true,
      details: {},
    };
  }
  return {
    code: "internal",
    message: "Switchyard failed in a way it did not expect",
    next: "Call again; if it happens every time, report it with the server's log",
    retryable: true,
    details: {},
  };
}

/** One line for a person or a model: `code: what happened. What to do next.` */
export function formatErrorLine(facts: ErrorFacts): string {
  return `${facts.code}: ${facts.message}. ${facts.next}.`;
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** The error for a call that its caller withdrew. */
export function cancelled(message = "the call was cancelled"): SwitchyardError {
  return new SwitchyardError("cancelled", message, {
    next: "Call again if the answer is still wanted",
    retryable: true,
  });
}
