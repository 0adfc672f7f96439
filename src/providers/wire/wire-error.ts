import { failure } from "../failure.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** An exchange with a provider that broke below the provider's own protocol. */
export class WireError extends Error {
  readonly failure: ProviderFailure;
  /** False when it is certain that the provider saw nothing of the request, so that sending it again is safe. */
  readonly sentBytes: boolean;

  constructor(failed: ProviderFailure, sentBytes: boolean, cause?: unknown) {
    super(failed.message, cause === undefined ? undefined : { cause });
    this.name = "WireError";
    this.failure = failed;
    this.sentBytes = sentBytes;
  }
}

/** Says in our terms why undici or the operating system gave up. */
export function wireError(error: unknown, sentBytes: boolean): WireError {
  if (error instanceof WireError) return error;
  const code = codeOf(error);
  switch (code) {
    case "UND_ERR_HEADERS_TIMEOUT":
      return new WireError(
        failure("timeout", "the provider did not begin to answer in time", { code }),
        sentBytes,
        error,
      );
    case "UND_ERR_BODY_TIMEOUT":
      return new WireError(
        failure("timeout", "the provider stopped in the middle of its answer", { code }),
        sentBytes,
        error,
      );
    case "UND_ERR_CONNECT_TIMEOUT":
      return new WireError(failure("network", "no connection to the provider in time", { code }), sentBytes, error);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new WireError(failure("network", "the provider's host name was not found", { code }), sentBytes, error);
    case "ECONNREFUSED":
      return new WireError(
        failure("network", "the provider's host refused the connection", { code }),
        sentBytes,
        error,
      );
    default: {
      if (isNotHttp(error, code)) {
        return new WireError(failure("malformed", "the provider's answer is not HTTP", { code }), sentBytes, error);
      }
      const what = sentBytes ? "the connection to the provider broke" : "no connection to the provider";
      return new WireError(failure("network", code ? `${what} (${code})` : what, { code }), sentBytes, error);
    }
  }
}

function isNotHttp(error: unknown, code: string | undefined): boolean {
  if (error instanceof Error && error.name === "HTTPParserError") return true;
  return code === "UND_ERR_HEADERS_OVERFLOW" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH";
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
