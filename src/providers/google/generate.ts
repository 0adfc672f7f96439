import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { failure } from "../failure.ts";
import { answerObject, heldBack, missing } from "../media-answer.ts";
import { asList, asObject, asText, asWord, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed } from "../task-adapter.ts";
import { googleError } from "./error.ts";
import { geminiFinish } from "./finish-reason.ts";
import { geminiUsage } from "./usage.ts";

/** `POST /models/{model}:generateContent`, the whole answer at once. */
export function generateRequest(
  body: JsonObject,
  model: ModelCard,
  credentials: Credentials,
  options: JsonObject | undefined,
): WireRequest {
  const id = encodeURIComponent(model.nativeId.replace(/^models\//, ""));
  return {
    method: "POST",
    url: `${credentials.baseUrl}/models/${id}:generateContent`,
    headers: { "x-goog-api-key": credentials.apiKey, "content-type": "application/json", ...credentials.headers },
    body: JSON.stringify(withMediaOptions(body, options, "google")),
  };
}

/** What a model made: base64 with its type, and what it cost. */
export interface Made {
  readonly media: readonly { readonly mimeType: string | undefined; readonly data: string }[];
  readonly usage: Usage;
  readonly requestId: string | undefined;
}

/** The media of the first candidate; drafts among its thoughts are none. A block may come with status 200. */
export function readMade(answer: WireAnswer, what: string): Made | Failed {
  const body = answerObject(answer);
  const error = asObject(body?.error);
  if (error) return { failure: googleError(error) };
  const usage = geminiUsage(asObject(body?.usageMetadata) ?? {});
  const blocked = asWord(asObject(body?.promptFeedback)?.blockReason);
  if (blocked) return { ...heldBack(`the prompt was blocked: ${blocked}`, blocked), usage };
  const candidate = asObject(asList(body?.candidates)[0]);
  if (!candidate) return missing(what);
  const parts = asList(asObject(candidate.content)?.parts).flatMap<JsonObject>((part) => asObject(part) ?? []);
  const media = parts.flatMap((part) => {
    const inline = part.thought === true ? undefined : asObject(part.inlineData);
    const data = asWord(inline?.data);
    return data === undefined ? [] : [{ mimeType: asWord(inline?.mimeType), data }];
  });
  if (media.length > 0) return { media, usage, requestId: asWord(body?.responseId) };
  const why = asWord(candidate.finishReason) ?? "no reason";
  const said = parts.map((part) => (part.thought === true ? "" : (asText(part.text) ?? ""))).join("");
  const message = `the model made no ${what} (${why})${said ? `: ${said}` : ""}`;
  const finish = geminiFinish(why, false);
  const isFiltered = "reason" in finish && finish.reason === "content_filter";
  return {
    ...(isFiltered ? heldBack(message, why) : { failure: failure("malformed", message, { code: why }) }),
    usage,
  };
}
