import type { TextRequest } from "../providers/shapes/text.ts";

/**
 * Upper bounds of token counts, for reserving money before a provider has counted. They are deliberately high: a
 * hold that is too large costs nothing, one that is too small could overspend.
 */
const tokensPerMessage = 16;
/** The dearest an image is counted at by the providers' documents, for one at their largest size. */
const tokensPerImage = 6_500;
/** A page of a document or a second of audio costs less than its bytes divided by this. */
const bytesPerMediaToken = 16;
const tokensPerRequest = 64;

const words = /[A-Z]?[a-z]+|[A-Z]+/g;
const vowels = /[aeiouy]/gi;

/**
 * No tokenizer in use makes more tokens of a text than this. A byte may be a token of its own; only pronounceable
 * words are counted for less, and a lone space joins the word after it.
 */
export function tokensAtMost(text: string): number {
  let tokens = Buffer.byteLength(text, "utf8");
  for (const [word] of text.matchAll(words)) {
    const length = word.length;
    if (length > 4 && (word.match(vowels)?.length ?? 0) * 4 >= length) tokens -= length - Math.ceil(length * 0.75);
  }
  return tokens - (text.match(/ (?=[A-Za-z])/g)?.length ?? 0);
}

/** The most input tokens that a provider can count for this request. */
export function inputTokensAtMost(request: TextRequest): number {
  let tokens = tokensPerRequest + tokensAtMost(request.system ?? "");
  for (const message of request.messages) {
    tokens += tokensPerMessage;
    if (typeof message.content === "string") tokens += tokensAtMost(message.content);
    else for (const part of message.content) tokens += partTokens(part);
    if (message.tool_calls) tokens += tokensAtMost(JSON.stringify(message.tool_calls));
  }
  if (request.tools) tokens += request.tools.length * tokensPerMessage + tokensAtMost(JSON.stringify(request.tools));
  if (request.response_schema) tokens += tokensPerMessage + tokensAtMost(JSON.stringify(request.response_schema));
  if (request.provider_options) tokens += tokensAtMost(JSON.stringify(request.provider_options));
  return tokens;
}

type Part = Exclude<TextRequest["messages"][number]["content"], string>[number];

function partTokens(part: Part): number {
  if (part.type === "text") return tokensAtMost(part.text);
  if (part.type === "reasoning") return tokensAtMost(JSON.stringify(part.opaque ?? part.text ?? ""));
  if (part.type === "image") return tokensPerImage;
  return tokensPerImage + Math.ceil(((part.data?.length ?? 0) * 0.75) / bytesPerMediaToken);
}

/** A fair guess, for a stream that broke before its provider said what it used: four characters a token. */
export function tokensGuess(characters: number): number {
  return Math.ceil(characters / 4);
}
