import type { UnsupportedField } from "./unsupported.ts";

/** What a model takes of one parameter. A parameter without a rule is refused. */
export type ParamRule =
  | true
  | { readonly oneOf: readonly unknown[] }
  | { readonly from: number; readonly to: number; readonly whole?: boolean }
  /** Members of a list, or characters of a text. */
  | { readonly atMost: number }
  /** Refused in this request, and why; `allowed` says what would do. */
  | { readonly refused: string; readonly allowed?: UnsupportedField["allowed"] };

export type ParamRules<Params> = { readonly [Name in keyof Params]?: ParamRule | undefined };

/** Without one of these a request asks for something else, so that they are never left out. */
const essential = new Set([
  "n",
  "images",
  "mask",
  "first_frame",
  "last_frame",
  "reference_images",
  "video",
  "audio",
  "lyrics",
  "instrumental",
]);

/** Every parameter of a media request that a model cannot honour, in the order they were given. */
export function checkParams<Params extends object>(params: Params, rules: ParamRules<Params>): UnsupportedField[] {
  return Object.entries(params).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof Params] : undefined;
    const broken = breach(value, rule);
    return broken ? [{ field: `params.${name}`, ...broken, droppable: !essential.has(name) }] : [];
  });
}

function breach(value: unknown, rule: ParamRule | undefined): Pick<UnsupportedField, "reason" | "allowed"> | undefined {
  if (rule === undefined) return { reason: "it has no such setting" };
  if (rule === true) return undefined;
  if ("refused" in rule) return { reason: rule.refused, allowed: rule.allowed };
  if ("oneOf" in rule) {
    return rule.oneOf.includes(value)
      ? undefined
      : { reason: `it has no ${JSON.stringify(value)}`, allowed: rule.oneOf };
  }
  if ("atMost" in rule) {
    const { length } = value as { readonly length: number };
    if (length <= rule.atMost) return undefined;
    const what = typeof value === "string" ? "characters" : "of them";
    return { reason: `${length} are too many`, allowed: `at most ${rule.atMost} ${what}` };
  }
  const { from, to, whole } = rule;
  if (typeof value === "number" && value >= from && value <= to && (!whole || Number.isInteger(value)))
    return undefined;
  const kind = whole ? "a whole number" : "a number";
  return { reason: `${String(value)} is out of its range`, allowed: `${kind} from ${from} to ${to}` };
}

/** A prompt that is empty, or longer than the model reads. */
export function checkPrompt(prompt: string, charactersMax = Number.POSITIVE_INFINITY): UnsupportedField[] {
  if (prompt.trim() === "") return [{ field: "prompt", reason: "it is empty", allowed: "some text", droppable: false }];
  if (prompt.length <= charactersMax) return [];
  const reason = `its ${prompt.length} characters are too many`;
  return [{ field: "prompt", reason, allowed: `at most ${charactersMax} characters`, droppable: false }];
}
