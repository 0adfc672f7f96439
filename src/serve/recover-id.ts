export type MessageId = string | number;

/**
 * The id of a JSON-RPC request of which only the beginning and the end could be read, or null. Only a top-level `id`
 * counts: one found by depth from the beginning, or the very last member before the closing brace.
 */
export function recoverId(head: string, tail: string): MessageId | null {
  return idFromHead(head) ?? idFromTail(tail);
}

/** Whether text that is not a whole message once was a call that somebody waits for. */
export function looksLikeRequest(head: string): boolean {
  return /^\s*\{/.test(head) && /"jsonrpc"\s*:/.test(head);
}

function idFromHead(head: string): MessageId | null {
  let depth = 0;
  let at = 0;
  while (at < head.length) {
    const character = head[at];
    if (character === '"') {
      const string = stringAt.exec(head.slice(at))?.[0];
      if (string === undefined) return null;
      if (depth === 1 && string === '"id"') {
        const value = memberValue.exec(head.slice(at + string.length));
        if (value?.[1] !== undefined) return parseId(value[1]);
      }
      at += string.length;
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    at += 1;
  }
  return null;
}

function idFromTail(tail: string): MessageId | null {
  const match = lastMember.exec(tail);
  return match?.[1] === undefined ? null : parseId(match[1]);
}

function parseId(text: string): MessageId | null {
  try {
    const id: unknown = JSON.parse(text);
    return typeof id === "string" || Number.isSafeInteger(id) ? (id as MessageId) : null;
  } catch {
    return null;
  }
}

const stringAt = /^"(?:[^"\\]|\\.)*"/s;
/** Followed by the member's end, so that half a number is not taken for an id. */
const memberValue = /^\s*:\s*(-?\d{1,15}|"(?:[^"\\]|\\.){0,200}")\s*[,}]/s;
const lastMember = /[,{]\s*"id"\s*:\s*(-?\d{1,15}|"(?:[^"\\]|\\.){0,200}")\s*\}\s*$/s;
