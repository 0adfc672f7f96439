/** One place in a result that was cut to fit. */
export interface CutPart {
  /** `output.text`, `files.README.md.text`, `entries`. */
  readonly path: string;
  readonly kept: number;
  readonly of: number;
  readonly unit: "characters" | "items";
}

export interface Fitted {
  readonly value: object;
  readonly parts: readonly CutPart[];
}

/**
 * A result that fits `charactersMax` of JSON. The longest texts are cut first, each to the same length, so that short
 * facts survive whole; then, if there are still too many, lists and maps lose their ends. Kinds never change, so what
 * is left still has the tool's output shape.
 */
export function cutToFit(value: object, charactersMax: number): Fitted {
  const json = JSON.stringify(value);
  if (json.length <= charactersMax) return { value, parts: [] };
  const target = charactersMax - noticeCharacters;
  for (let itemsMax = itemsMaxFirst; itemsMax >= 1; itemsMax = Math.floor(itemsMax / 2)) {
    const textMax = textLengthThatFits(value, itemsMax, target);
    if (textMax === undefined) continue;
    const parts: CutPart[] = [];
    return { value: copy(value, itemsMax, textMax, "", parts) as object, parts: parts.slice(0, partsMax) };
  }
  return { value: {}, parts: [{ path: "", kept: 0, of: json.length, unit: "characters" }] };
}

/** Room for the list of what was cut and how to get the rest. */
const noticeCharacters = 2_000;
const partsMax = 10;
const itemsMaxFirst = 4_096;
/** Maps with fewer members than this are records with a shape, whose members must stay. */
const recordMembersMax = 40;
/** Texts shorter than this say too little to be worth keeping in place of more items. */
const textKeptMin = 200;
const marker = (kept: number, of: number) => `… [cut: ${kept} of ${of} characters]`;
const markerCharacters = 50;

/** The length to cut texts to so that all fits, or undefined when even short texts are too many. */
function textLengthThatFits(value: object, itemsMax: number, target: number): number | undefined {
  const lengths: number[] = [];
  let rest = 0;
  const visit = (node: unknown): void => {
    if (rest > target) return;
    if (typeof node === "string") {
      const length = JSON.stringify(node).length;
      if (length <= textKeptMin) rest += length;
      else lengths.push(length);
    } else if (typeof node !== "object" || node === null) rest += String(node).length;
    else if (Array.isArray(node)) {
      for (const item of node.slice(0, itemsMax)) {
        rest += 1;
        visit(item);
      }
      rest += 2;
    } else {
      for (const [key, member] of kept(node, itemsMax)) {
        rest += key.length + 6;
        visit(member);
      }
      rest += 2;
    }
  };
  visit(value);
  if (rest > target) return undefined;
  lengths.sort((a, b) => a - b);
  let left = target - rest;
  for (const [index, length] of lengths.entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) return share >= textKeptMin + markerCharacters ? share - markerCharacters : undefined;
    left -= length;
  }
  return Number.POSITIVE_INFINITY;
}

function copy(node: unknown, itemsMax: number, textMax: number, path: string, parts: CutPart[]): unknown {
  if (typeof node === "string") return cutText(node, textMax, path, parts);
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) {
    if (node.length > itemsMax) parts.push({ path, kept: itemsMax, of: node.length, unit: "items" });
    return node.slice(0, itemsMax).map((item, index) => copy(item, itemsMax, textMax, `${path}[${index}]`, parts));
  }
  const members = kept(node, itemsMax);
  const total = Object.keys(node).length;
  if (members.length < total) parts.push({ path, kept: members.length, of: total, unit: "items" });
  const result: Record<string, unknown> = {};
  for (const [key, member] of members) {
    const inner = copy(member, itemsMax, textMax, path === "" ? key : `${path}.${key}`, parts);
    Object.defineProperty(result, key, { value: inner, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

function kept(node: object, itemsMax: number): [string, unknown][] {
  const members = Object.entries(node);
  return members.length > Math.max(itemsMax, recordMembersMax) ? members.slice(0, itemsMax) : members;
}

function cutText(text: string, jsonMax: number, path: string, parts: CutPart[]): string {
  const jsonLength = JSON.stringify(text).length;
  if (jsonLength <= Math.max(jsonMax, textKeptMin)) return text;
  // Escapes make JSON longer than the text: keep the share of the text that has the wanted length as JSON.
  let end = Math.floor((text.length * jsonMax) / jsonLength);
  while (end > 0 && JSON.stringify(text.slice(0, end)).length > jsonMax) end = Math.floor(end * 0.9);
  if (isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
  parts.push({ path, kept: end, of: text.length, unit: "characters" });
  return text.slice(0, end) + marker(end, text.length);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
