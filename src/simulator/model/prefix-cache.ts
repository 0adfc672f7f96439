import { createHash } from "node:crypto";
import { simulatorLimits } from "../../core/limits.ts";

/** A beginning of a prompt: what it holds, and its tokens up to there. */
interface PrefixPart {
  readonly content: string;
  readonly tokens: number;
}

/** Remembers which beginnings of prompts were seen, as providers' prompt caches do. */
export interface PrefixCache {
  /** Tokens of the longest beginning that was remembered. */
  read(scope: string, parts: readonly PrefixPart[]): number;
  /** Remembers every beginning that ends with one of the first `count` parts. */
  write(scope: string, parts: readonly PrefixPart[], count?: number): void;
}

/** Shorter beginnings are not cached by any of the providers. */
export const cacheableTokensMin = 1_024;

export function prefixCache(): PrefixCache {
  const seen = new Set<string>();
  return {
    read(scope, parts) {
      let longest = 0;
      for (const { hash, tokens } of chain(scope, parts)) {
        if (!seen.has(hash)) break;
        longest = tokens;
      }
      return longest >= cacheableTokensMin ? longest : 0;
    },
    write(scope, parts, count = parts.length) {
      for (const { hash } of chain(scope, parts.slice(0, count))) {
        seen.delete(hash);
        seen.add(hash);
      }
      for (const oldest of seen) {
        if (seen.size <= simulatorLimits.cachedPrefixesMax) break;
        seen.delete(oldest);
      }
    },
  };
}

function* chain(scope: string, parts: readonly PrefixPart[]): Iterable<{ hash: string; tokens: number }> {
  let hash = scope;
  let tokens = 0;
  for (const part of parts) {
    tokens += part.tokens;
    hash = createHash("sha1").update(hash).update("\0").update(part.content).digest("base64");
    yield { hash, tokens };
  }
}
