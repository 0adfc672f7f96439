import type { ToolCall } from "../../providers/shapes/message.ts";
import { type ReasoningPart, reasoningPart as reasoningPartShape } from "../../providers/shapes/message.ts";

/**
 * What a provider wants to see again, carried by a client whose API has no place for it. It is put where every client
 * returns it unchanged: the rest of a tool call in the call's id, reasoning in the field that the API has for its own
 * provider's signature. A client can read and change it, as it can change every message: nothing is decided by it.
 */
const callMark = "_swy_";
const reasoningMark = "switchyard.";

/** The id a client is given for a call. */
export function callIdWith({ id, opaque }: Pick<ToolCall, "id" | "opaque">): string {
  return opaque === undefined ? id : `${id}${callMark}${encode(opaque)}`;
}

/** A call's own id, and what its provider wants to see again with it. */
export function readCallId(given: string): Pick<ToolCall, "id" | "opaque"> {
  const at = given.lastIndexOf(callMark);
  const opaque = at === -1 ? undefined : decode(given.slice(at + callMark.length));
  return opaque === undefined ? { id: given } : { id: given.slice(0, at), opaque };
}

/** Reasoning without its text, which clients keep beside it, for a field that holds a signature. */
export function reasoningSignature({ text: _, ...part }: ReasoningPart): string {
  return reasoningMark + encode(part);
}

/** The reasoning that a signature stands for; undefined when the signature is not of our making. */
export function readReasoningSignature(signature: string, text: string): ReasoningPart | undefined {
  if (!signature.startsWith(reasoningMark)) return undefined;
  const part = reasoningPartShape.safeParse(decode(signature.slice(reasoningMark.length)));
  return part.success ? { ...part.data, ...(text === "" ? {} : { text }) } : undefined;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return undefined;
  }
}
