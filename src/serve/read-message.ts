import { type JSONRPCMessage, parseJSONRPCMessage } from "@modelcontextprotocol/server";
import { serveLimits } from "../core/limits.ts";
import type { Line } from "./line-splitter.ts";
import { looksLikeRequest, type MessageId, recoverId } from "./recover-id.ts";

/** A line that is no message: what to log, and what to answer when somebody may be waiting for an answer. */
export interface RefusedLine {
  readonly kind: "refused";
  readonly reason: string;
  readonly answer?: { readonly id: MessageId | null; readonly error: RpcError } | undefined;
}

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type ReadLine =
  | { readonly kind: "message"; readonly message: JSONRPCMessage }
  | { readonly kind: "blank" }
  | RefusedLine;

/** What one line of stdin is. Never throws: the line may be anything. */
export function readMessage(line: Line): ReadLine {
  if (line.kind === "too_long") return tooLong(line);
  const { bytes } = line;
  if (bytes.length === 0 || (bytes.length === 1 && bytes[0] === carriageReturn)) return { kind: "blank" };
  const text = decode(bytes);
  if (text === undefined) return unreadable(bytes.toString("latin1"), "is not valid UTF-8");
  const parsed = parseJson(text);
  if (parsed === undefined) return unreadable(text, "is not valid JSON");
  try {
    return { kind: "message", message: parseJSONRPCMessage(parsed.value) };
  } catch {
    return notJsonRpc(parsed.value);
  }
}

function tooLong({ head, tail, length }: Extract<Line, { kind: "too_long" }>): RefusedLine {
  const max = serveLimits.stdioMessageBytesMax;
  const message = `too_large: the message has ${length} bytes and the limit is ${max}`;
  const data = {
    code: "too_large",
    next: "Send less in one call: commit large files in several calls, and pass a handle instead of the content",
    message_bytes: length,
    message_bytes_max: max,
  };
  const id = recoverId(head.toString("latin1"), tail.toString("latin1"));
  return { kind: "refused", reason: message, answer: { id, error: { code: invalidRequest, message, data } } };
}

/** A line that does not even look like a call is noise, such as a stray print of the host, and is not answered. */
function unreadable(text: string, problem: string): RefusedLine {
  const head = text.slice(0, serveLimits.stdioRecoverBytes);
  const id = recoverId(head, text.slice(-serveLimits.stdioRecoverBytes));
  const reason = `a line of ${text.length} characters ${problem}`;
  if (id === null && !looksLikeRequest(head)) return { kind: "refused", reason };
  const data = { next: "Send one JSON-RPC message per line, in UTF-8" };
  return {
    kind: "refused",
    reason,
    answer: { id, error: { code: parseError, message: `The message ${problem}`, data } },
  };
}

function notJsonRpc(value: unknown): RefusedLine {
  const isBatch = Array.isArray(value);
  const reason = isBatch ? "a batch, which MCP does not have on stdio" : "a line that is not a JSON-RPC 2.0 message";
  const { id, method } = (typeof value === "object" && value !== null ? value : {}) as {
    id?: unknown;
    method?: unknown;
  };
  if (method === undefined && !isBatch) return { kind: "refused", reason };
  const isId = typeof id === "string" || Number.isSafeInteger(id);
  const error = { code: invalidRequest, message: `Refused ${reason}`, data: { next: "Send one request per line" } };
  return { kind: "refused", reason, answer: { id: isId ? (id as MessageId) : null, error } };
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const carriageReturn = 0x0d;
const parseError = -32700;
const invalidRequest = -32600;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
