import { sandboxLimits } from "../core/limits.ts";
import type { GuestError, IsolateListener } from "./isolate.ts";

/** What `send` in the guest was called with: hostile, whoever made the call. */
export type GuestMessage = readonly [operation: string, id: number, text: string, more: string];

/** Hands a message to who listens. `onParseError` takes an error's place while a program is being parsed. */
export function receiveMessage(
  [operation, id, text, more]: GuestMessage,
  listener: IsolateListener,
  onParseError?: (error: GuestError) => void,
): void {
  if (operation === "call") listener.onCall(id, text, more);
  else if (operation === "log") listener.onLog(text, readText(more), id === 1);
  else if (operation === "timer") listener.onTimer(id, Number(text));
  else if (operation === "clear") listener.onClear(id);
  else if (operation === "cancel") listener.onCancel(id);
  else if (operation === "done" && more === "ok") listener.onResult(text, id === 1);
  else if (operation === "done" && more === "error") {
    const error = readError(text);
    if (onParseError) onParseError(error);
    else listener.onError(error);
  }
}

function readText(json: string): string {
  const value = parse(json);
  return typeof value === "string" ? value : "";
}

function readError(json: string): GuestError {
  const value = parse(json);
  const facts = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = (key: string) => {
    const found = facts[key];
    return typeof found === "string" ? found.slice(0, sandboxLimits.errorCharactersMax) : "";
  };
  const code = text("code");
  return { name: text("name") || "Error", message: text("message"), stack: text("stack"), ...(code ? { code } : {}) };
}

/** A guest that writes nonsense here gets an error that says nothing. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
