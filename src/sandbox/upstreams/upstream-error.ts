import { SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { abortError } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";

/** What was being asked of which server, for an error that names both. */
export interface Asked {
  readonly server: string;
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Takes secrets out of what the server said. */
  readonly words: (text: string) => string;
}

/**
 * What a program is told when an upstream server fails. Of the cause only what the server itself answered and the
 * system's code are passed on: messages of this machine's own may hold paths, addresses and secrets.
 */
export function upstreamError(error: unknown, { server, what, timeoutMs, signal, words }: Asked): SwitchyardError {
  if (error instanceof SwitchyardError) return error;
  if (signal.aborted) return abortError(signal);
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return new SwitchyardError("timeout", `${what} did not answer within ${timeoutMs} ms`, {
      next: "Call again, or raise timeout_ms of this server in settings.json",
      retryable: true,
      cause: error,
    });
  }
  const status = error instanceof SdkHttpError ? error.status : undefined;
  if (status === 401 || status === 403) {
    return new SwitchyardError("unavailable", `the MCP server ${server} refused its credentials (HTTP ${status})`, {
      next: "Correct its headers in settings.json",
      cause: error,
    });
  }
  if (isAnswer(error)) {
    return new SwitchyardError("provider_error", `${what} failed: ${words(error.message).slice(0, 2_000)}`, {
      next: "Correct the call by what it says",
      cause: error,
    });
  }
  const why = status === undefined ? systemCode(error) : `HTTP ${status}`;
  return new SwitchyardError("unavailable", `the MCP server ${server} cannot be reached${why ? ` (${why})` : ""}`, {
    next: "Call again in a moment; if it stays so, check the server's entry in settings.json",
    retryable: true,
    cause: error,
  });
}

/** Whether an HTTP server answered that it does not know our session: it has done nothing with the request. */
export function isLostSession(error: unknown): boolean {
  return error instanceof SdkHttpError && error.status === 404;
}

/** Whether the server itself said no, in a JSON-RPC error: it is there, and it understood. */
function isAnswer(error: unknown): error is Error {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "number";
}

/** `ENOENT`, `ECONNREFUSED`: of the error or of what caused it. */
function systemCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^E[A-Z]{2,30}$/.test(code)) return code;
    if (code === SdkErrorCode.ConnectionClosed) return "its connection was closed";
  }
  return "";
}
