import type { TextRequest } from "./shapes/text.ts";

export interface NameRule {
  /** Characters that may stand in a name, as a negated class. */
  readonly forbidden: RegExp;
  readonly maxLength: number;
  /** Put in front when the first character is not a letter or `_` and the provider wants one. */
  readonly mustStartWithLetter?: boolean;
}

/** Two-way table between our names and what a provider accepts in their place. */
export interface WireNames {
  toWire(name: string): string;
  fromWire(name: string): string;
}

/**
 * Gives each name one that the rule accepts, in order of appearance, different names always different. A name that
 * already fits keeps itself, so that a clash is always solved at the expense of the one that had to change.
 */
export function wireNames(names: Iterable<string>, rule: NameRule): WireNames {
  const wanted = [...new Set(names)];
  const toWire = new Map<string, string>();
  const fromWire = new Map<string, string>();
  const claim = (name: string, wire: string) => {
    toWire.set(name, wire);
    fromWire.set(wire, name);
  };
  const odd: string[] = [];
  for (const name of wanted) {
    if (fitted(name, rule) === name) claim(name, name);
    else odd.push(name);
  }
  for (const name of odd) {
    const base = fitted(name, rule);
    let wire = base;
    for (let n = 2; fromWire.has(wire); n++) {
      const suffix = `_${n}`;
      wire = base.slice(0, rule.maxLength - suffix.length) + suffix;
    }
    claim(name, wire);
  }
  return { toWire: (name) => toWire.get(name) ?? fitted(name, rule), fromWire: (name) => fromWire.get(name) ?? name };
}

function fitted(name: string, rule: NameRule): string {
  const clean = name.replace(rule.forbidden, "_");
  const led = rule.mustStartWithLetter && !/^[A-Za-z_]/.test(clean) ? `_${clean}` : clean;
  return led === "" ? "_" : led.slice(0, rule.maxLength);
}

/** Every tool name in a request: declared, chosen, or called earlier in the conversation. */
export function toolNamesIn(request: TextRequest): string[] {
  const names = (request.tools ?? []).map((tool) => tool.name);
  if (typeof request.tool_choice === "object") names.push(request.tool_choice.name);
  for (const message of request.messages) for (const call of message.tool_calls ?? []) names.push(call.name);
  return names;
}

/** Every tool call id in a request. */
export function toolCallIdsIn(request: TextRequest): string[] {
  const ids: string[] = [];
  for (const message of request.messages) {
    for (const call of message.tool_calls ?? []) ids.push(call.id);
    if (message.tool_call_id !== undefined) ids.push(message.tool_call_id);
  }
  return ids;
}
