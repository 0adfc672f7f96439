import type { FailureHint, FailureKind } from "../faults/fault.ts";
import type { FieldIssue } from "../parse.ts";
import { jsonReply, Refusal, type Reply } from "../wire/reply.ts";
import { retryHeaders } from "../wire/retry-after.ts";

/** Google's error body. */
export function googleError(
  code: number,
  status: string,
  message: string,
  details: readonly object[] = [],
  headers: Record<string, string> = {},
): Reply {
  const error = { code, message, status, ...(details.length > 0 ? { details } : {}) };
  return jsonReply(code, { error }, { headers });
}

export function invalidArgument(message: string, details: readonly object[] = []): Reply {
  return googleError(400, "INVALID_ARGUMENT", message, details);
}

export function refuse(message: string): never {
  throw new Refusal(invalidArgument(message));
}

export function modelNotFound(model: string, method: string): Reply {
  return googleError(
    404,
    "NOT_FOUND",
    `models/${model} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
  );
}

/** The error for a body that is not shaped as documented. */
export function shapeError(issue: FieldIssue): Reply {
  const [field, parent] = [dotted(issue.path), dotted(issue.path.slice(0, -1))];
  const at = parent === "" ? "" : ` at '${parent}'`;
  const value = JSON.stringify(issue.value)?.slice(0, 80);
  const description =
    issue.kind === "unknown"
      ? `Invalid JSON payload received. Unknown name "${String(issue.path.at(-1))}"${at}: Cannot find field.`
      : issue.kind === "missing"
        ? `* GenerateContentRequest.${field}: ${field} is not specified`
        : issue.kind === "type"
          ? `Invalid value at '${field}' (${(issue.expected ?? "").toUpperCase()}), ${value}`
          : issue.kind === "too_big" || issue.kind === "too_small"
            ? `* GenerateContentRequest.${field}: must be ${issue.kind === "too_big" ? "<=" : ">="} ${issue.bound}, but got ${value}`
            : `Invalid value at '${field}', ${value}`;
  return invalidArgument(description, [
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field, description }] },
  ]);
}

/** `generation_config.max_output_tokens`, as Google writes where a fault is. */
function dotted(path: readonly (string | number)[]): string {
  const names = path.map((at, index) =>
    typeof at === "number"
      ? `[${at}]`
      : `${index === 0 ? "" : "."}${at.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`)}`,
  );
  return names.join("");
}

const failures: Record<FailureKind, readonly [code: number, status: string, message: string]> = {
  rate_limited: [429, "RESOURCE_EXHAUSTED", "You exceeded your current quota. (simulated)"],
  quota_exhausted: [429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, limit: 0. (simulated)"],
  invalid_key: [400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key. (simulated)"],
  server_error: [500, "INTERNAL", "An internal error has occurred. (simulated)"],
  bad_gateway: [502, "UNAVAILABLE", "Bad gateway. (simulated)"],
  unavailable: [503, "UNAVAILABLE", "The service is currently unavailable. (simulated)"],
  gateway_timeout: [504, "DEADLINE_EXCEEDED", "The deadline was exceeded. (simulated)"],
  overloaded: [503, "UNAVAILABLE", "The model is overloaded. Please try again later. (simulated)"],
};

function detailsOf(kind: FailureKind, hint: FailureHint): object[] {
  if (kind === "invalid_key") return [apiKeyInvalid];
  if (kind !== "rate_limited" && kind !== "quota_exhausted") return [];
  const quotaId = `GenerateRequestsPer${kind === "rate_limited" ? "Minute" : "Day"}PerProjectPerModel`;
  const quotaMetric = "generativelanguage.googleapis.com/generate_content_requests";
  const quota = { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaMetric, quotaId }] };
  if (kind === "quota_exhausted" || hint.form !== "provider") return [quota];
  const retryDelay = `${hint.afterMs / 1_000}s`;
  return [quota, { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }];
}

/** What says that a key is not one. */
export const apiKeyInvalid = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "API_KEY_INVALID",
  domain: "googleapis.com",
};

export function googleFailure(kind: FailureKind, hint: FailureHint): Reply {
  const [code, status, message] = failures[kind];
  return googleError(code, status, message, detailsOf(kind, hint), kind === "rate_limited" ? retryHeaders(hint) : {});
}

/** The error in a stream that began with 200. */
export function googleErrorEvent(kind: FailureKind, isSse: boolean): string {
  const [code, status, message] = failures[kind];
  const body = JSON.stringify({ error: { code, message, status } });
  return isSse ? `data: ${body}\r\n\r\n` : `,\r\n${body}]`;
}
