import { SwitchyardError } from "../core/errors.ts";
import { artifactLimits } from "../core/limits.ts";

/** A part of a pattern between slashes: `**`, or characters to match. */
type Segment = "**" | readonly Piece[];
type Piece =
  | { readonly kind: "char"; readonly char: string }
  | { readonly kind: "any" }
  | { readonly kind: "star" }
  | { readonly kind: "set"; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/**
 * Compiles a pattern over whole paths: `*` and `?` within a name, `**` over directories, `[a-z]`, `{a,b}`; a pattern
 * without a slash matches the last name at any depth. Matching takes time in proportion to pattern times path.
 * @throws invalid_request
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  if (pattern === "" || pattern.length > artifactLimits.globCharactersMax) throw badGlob(pattern, "its length");
  const alternatives = expandBraces(pattern).map((one) => {
    const anchored = one.startsWith("/") ? one.slice(1) : one.includes("/") ? one : `**/${one}`;
    return anchored.split("/").map(parseSegment);
  });
  return (path) => {
    const names = path.split("/");
    return alternatives.some((segments) => matchSegments(segments, names));
  };
}

function parseSegment(text: string): Segment {
  if (text === "**") return text;
  const pieces: Piece[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "*") {
      if (pieces.at(-1)?.kind !== "star") pieces.push({ kind: "star" });
    } else if (char === "?") {
      pieces.push({ kind: "any" });
    } else if (char === "[" && text.indexOf("]", i + 2) > 0) {
      const end = text.indexOf("]", i + 2);
      pieces.push(parseSet(text.slice(i + 1, end)));
      i = end;
    } else {
      pieces.push({ kind: "char", char: char === "\\" ? (text[++i] ?? "\\") : char });
    }
  }
  return pieces;
}

function parseSet(text: string): Piece {
  const negated = text.startsWith("!") || text.startsWith("^");
  const inside = negated ? text.slice(1) : text;
  const ranges: [string, string][] = [];
  for (let i = 0; i < inside.length; i++) {
    const from = inside[i] ?? "";
    if (inside[i + 1] === "-" && i + 2 < inside.length) {
      ranges.push([from, inside[i + 2] ?? from]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return { kind: "set", negated, ranges };
}

/** `**` is a star over names: the last one seen is all that ever needs to be widened. */
function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  return matchStars(
    segments.length,
    names.length,
    (s) => segments[s] === "**",
    (s, n) => matchName(segments[s] as readonly Piece[], names[n] ?? ""),
  );
}

function matchName(pieces: readonly Piece[], name: string): boolean {
  return matchStars(
    pieces.length,
    name.length,
    (p) => pieces[p]?.kind === "star",
    (p, c) => matchPiece(pieces[p], name[c] ?? ""),
  );
}

function matchPiece(piece: Piece | undefined, char: string): boolean {
  if (piece?.kind === "char") return piece.char === char;
  if (piece?.kind === "set") return piece.ranges.some(([from, to]) => from <= char && char <= to) !== piece.negated;
  return piece?.kind === "any";
}

function matchStars(
  patternLength: number,
  length: number,
  isStar: (at: number) => boolean,
  matches: (pattern: number, at: number) => boolean,
): boolean {
  let p = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  while (at < length) {
    if (p < patternLength && isStar(p)) {
      star = p++;
      resume = at;
    } else if (p < patternLength && matches(p, at)) {
      p += 1;
      at += 1;
    } else if (star >= 0) {
      p = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (p < patternLength && isStar(p)) p += 1;
  return p === patternLength;
}

function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  const close = open < 0 ? -1 : closingBrace(pattern, open);
  if (close < 0) return [pattern];
  const expanded: string[] = [];
  for (const choice of splitTopLevel(pattern.slice(open + 1, close))) {
    for (const rest of expandBraces(choice + pattern.slice(close + 1))) expanded.push(pattern.slice(0, open) + rest);
    if (expanded.length > artifactLimits.globAlternativesMax) throw badGlob(pattern, "its number of alternatives");
  }
  return expanded;
}

function closingBrace(pattern: string, open: number): number {
  let depth = 0;
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === "{") depth += 1;
    else if (pattern[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") depth += 1;
    else if (text[i] === "}") depth -= 1;
    else if (text[i] === "," && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function badGlob(pattern: string, what: string): SwitchyardError {
  return new SwitchyardError(
    "invalid_request",
    `the glob ${JSON.stringify(pattern.slice(0, 100))} is over a limit: ${what}`,
    {
      next: 'Use a short pattern such as "src/**/*.ts"',
      details: { field: "glob" },
    },
  );
}
