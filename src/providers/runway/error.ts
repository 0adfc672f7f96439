import type { ChatError, ErrorKind } from "../dialects/openai-chat/error.ts";
import { failure } from "../failure.ts";
import { asList, asObject, asText, asWord, type JsonObject } from "../narrow.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** `{error, issues: [{path, message}]}`: the error is a heading, the first issue says what is wrong. */
export function bodyError(body: JsonObject): ChatError | undefined {
  const heading = asText(body.error);
  if (heading === undefined) return undefined;
  const issue = asObject(asList(body.issues)[0]);
  const detail = asWord(issue?.message);
  const path = asList(issue?.path).join(".");
  const said = detail === undefined || heading.includes(detail) ? "" : `: ${path === "" ? "" : `${path}: `}${detail}`;
  return { message: `${heading}${said}`, code: asWord(issue?.code), type: undefined, status: undefined };
}

/** What is spent is told as a bad request. */
export const errorKind: ErrorKind = ({ message }) =>
  /enough credits|insufficient credits/i.test(message) ? "quota_exhausted" : undefined;

/** Why a task failed, by its `failureCode`. */
export function taskFailure(task: JsonObject): ProviderFailure {
  const code = asWord(task.failureCode);
  return failure(kindOfCode(code ?? ""), asWord(task.failure) ?? "the task failed", { code });
}

function kindOfCode(code: string): ProviderFailure["kind"] {
  if (/(?:^|\.)SAFETY(?:\.|$)/.test(code)) return "content_refused";
  if (code.startsWith("ASSET.INVALID")) return "bad_request";
  return code === "THIRD_PARTY.UNAVAILABLE" ? "overloaded" : "server_error";
}
