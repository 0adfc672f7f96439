import { canonicalJson } from "../../core/json.ts";
import { isBase64 } from "../model/data-url.ts";
import { isSealOf } from "../model/seal.ts";
import type { GeminiModel } from "./models.ts";
import type { Content, GenerateRequest, Part } from "./request.ts";

/** What a thought signature is made of. */
export const thoughtSeal = "gemini-thought";

/** Stands for the signature of a call that another model made. */
const foreignSignature = "skip_thought_signature_validator";

/** What a function call's signature is made over. */
export function sealedCall(name: string, args: object): string {
  return `${name} ${canonicalJson(args)}`;
}

/** What is wrong with the conversation, or null. */
export function contentsIssue(request: GenerateRequest, model: GeminiModel): string | null {
  const { contents, systemInstruction } = request;
  for (const [index, content] of contents.entries()) {
    if (content.role !== undefined && content.role !== "user" && content.role !== "model") {
      return "Please use a valid role: user, model.";
    }
    const issue = partsIssue(content, `contents[${index}]`, model);
    if (issue) return issue;
  }
  if (systemInstruction?.parts.some(({ text }) => text === undefined)) {
    return "* GenerateContentRequest.system_instruction: system instruction only supports text";
  }
  const last = contents.at(-1);
  if (last?.role === "model")
    return "Please ensure that multiturn requests end with a user role or a function response.";
  return turnsIssue(contents) ?? (model.signsCalls ? signatureIssue(contents) : null);
}

const dataFields = ["text", "inlineData", "fileData", "functionCall", "functionResponse"] as const;

function partsIssue(content: Content, path: string, model: GeminiModel): string | null {
  if (content.parts.length === 0) {
    return `* GenerateContentRequest.${path}.parts: contents.parts must not be empty.`;
  }
  const isModel = content.role === "model";
  for (const [index, part] of content.parts.entries()) {
    const at = `${path}.parts[${index}]`;
    const data = dataFields.filter((field) => part[field] !== undefined);
    const isEmptyText = part.text === "" && !isModel;
    if ((data.length === 0 && part.thoughtSignature === undefined) || isEmptyText) {
      return `* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field`;
    }
    if (data.length > 1) return `Invalid value at '${at}' (oneof), oneof field 'data' is already set.`;
    if (part.functionCall && !isModel) return "Please ensure that function call turns have the role model.";
    if (part.functionResponse && isModel) return "Please ensure that function response turns have the role user.";
    const issue = dataIssue(part, at, model);
    if (issue) return issue;
  }
  return null;
}

function dataIssue(part: Part, at: string, model: GeminiModel): string | null {
  if (part.inlineData && !isBase64(part.inlineData.data)) {
    return `Invalid value at '${at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`;
  }
  if (
    part.fileData &&
    !model.fetchesUrls &&
    /^https?:\/\/(?!generativelanguage|www\.youtube)/.test(part.fileData.fileUri)
  ) {
    return `Invalid or unsupported file uri: ${part.fileData.fileUri}`;
  }
  if (part.functionResponse && "$ref" in part.functionResponse.response) {
    return `Invalid value at '${at}.function_response.response': the key $ref is reserved`;
  }
  if (part.functionResponse?.parts && !model.signsCalls) {
    return "Multimodal function responses are not supported for this model.";
  }
  return null;
}

function turnsIssue(contents: readonly Content[]): string | null {
  for (const [index, content] of contents.entries()) {
    const calls = content.parts.flatMap((part) => (part.functionCall ? [part.functionCall] : []));
    const responses = content.parts.flatMap((part) => (part.functionResponse ? [part.functionResponse] : []));
    const next = contents[index + 1];
    if (calls.length > 0 && (index === 0 || contents[index - 1]?.role === "model")) {
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    }
    if (calls.length > 0 && !next?.parts.some((part) => part.functionResponse)) {
      return "Please ensure that function call turn is followed by a function response turn.";
    }
    if (responses.length === 0) continue;
    const before = contents[index - 1]?.parts.flatMap((part) => (part.functionCall ? [part.functionCall] : [])) ?? [];
    if (before.length === 0) {
      return "Please ensure that function response turn comes immediately after a function call turn.";
    }
    if (before.length !== responses.length) {
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
    }
    for (const [at, response] of responses.entries()) {
      const call = before[at];
      if (
        call?.name !== response.name ||
        (response.id !== undefined && call.id !== undefined && call.id !== response.id)
      ) {
        return `Please ensure that function responses are in the order of their function calls: expected ${call?.name}, got ${response.name}.`;
      }
    }
  }
  return null;
}

function signatureIssue(contents: readonly Content[]): string | null {
  // Calls before the last thing the user said are history and are not held to it.
  const current = contents.findLastIndex(
    ({ role, parts }) => role !== "model" && parts.some((part) => part.functionResponse === undefined),
  );
  for (const [index, content] of contents.entries()) {
    let isFirst = true;
    for (const part of content.parts) {
      const { functionCall: call, thoughtSignature: signature } = part;
      if (signature !== undefined && signature !== foreignSignature) {
        const content = call ? sealedCall(call.name, call.args ?? {}) : "text";
        if (!isSealOf(signature, thoughtSeal, content)) return "Thought signature is not valid.";
      }
      if (!call) continue;
      if (isFirst && signature === undefined && index > current) {
        return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${call.name}\`, position ${index + 1}.`;
      }
      isFirst = false;
    }
  }
  return null;
}
