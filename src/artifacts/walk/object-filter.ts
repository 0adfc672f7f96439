import { SwitchyardError } from "../../core/errors.ts";

/** What a partial clone leaves out (git rev-list --filter). */
export interface ObjectFilter {
  /** Blobs of this size or more are left out; 0 leaves out all. */
  readonly blobBytesMin: number;
  /** Trees and blobs this deep or deeper are left out; a commit's own tree is at depth 0. */
  readonly treeDepth: number;
}

export const everything: ObjectFilter = { blobBytesMin: Infinity, treeDepth: Infinity };

const units: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Reads a filter as clients send it: `blob:none`, `blob:limit=<n>[kmg]`, `tree:<depth>`, or `combine:` of these.
 * @throws unsupported for any other.
 */
export function parseObjectFilter(text: string): ObjectFilter {
  if (text.startsWith("combine:")) {
    const parts = text.slice("combine:".length).split("+").map(decoded).map(parseOne);
    return {
      blobBytesMin: Math.min(...parts.map((part) => part.blobBytesMin)),
      treeDepth: Math.min(...parts.map((part) => part.treeDepth)),
    };
  }
  return parseOne(text);
}

/** A part that is not encoded as it should be is none of the filters. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parseOne(text: string): ObjectFilter {
  if (text === "blob:none") return { ...everything, blobBytesMin: 0 };
  const limit = /^blob:limit=(\d{1,15})([kmg]?)$/i.exec(text);
  if (limit) return { ...everything, blobBytesMin: Number(limit[1]) * (units[(limit[2] ?? "").toLowerCase()] ?? 1) };
  const depth = /^tree:(\d{1,9})$/.exec(text);
  if (depth) return { ...everything, treeDepth: Number(depth[1]) };
  throw new SwitchyardError("unsupported", `the filter ${JSON.stringify(text.slice(0, 100))} is not supported`, {
    next: "Use blob:none, blob:limit=<size> or tree:<depth>",
  });
}
