import { asObject, type JsonObject, lookup } from "../narrow.ts";

const depthMax = 64;

/** What a `$ref` within the same document points at; undefined when it points nowhere. */
export function resolveReference(root: JsonObject, reference: string): unknown {
  let at: unknown = root;
  for (const step of reference.split("/").slice(1)) {
    at = lookup(asObject(at) ?? {}, unescaped(step));
  }
  return at;
}

function unescaped(step: string): string {
  const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Whether following references from a definition leads back to it. */
export function refersToItself(root: JsonObject, reference: string): boolean {
  const seen = new Set<string>();
  const leadsBack = (from: string): boolean => {
    if (from === "#") return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return referencesIn(resolveReference(root, from)).some((next) => next === reference || leadsBack(next));
  };
  return leadsBack(reference);
}

function referencesIn(value: unknown, depth = 0): string[] {
  if (typeof value !== "object" || value === null || depth > depthMax) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : referencesIn(inner, depth + 1),
  );
}
