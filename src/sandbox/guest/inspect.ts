import type { Realm } from "./realm.ts";

/** Turns values into one line of text for a log, never longer than `budget` characters and never by throwing. */
export function makeInspect(realm: Realm) {
  const { stringify, slice, isArray, keys, prototypeOf } = realm;

  function inspect(value: unknown, budget: number): string {
    const text = typeof value === "string" ? value : show(value, 0, [], { left: budget });
    return text.length > budget ? slice(text, 0, budget) : text;
  }

  function show(value: unknown, depth: number, above: unknown[], budget: { left: number }): string {
    if (budget.left <= 0) return "…";
    let text: string;
    if (typeof value === "string") text = stringify(value.length > budget.left ? slice(value, 0, budget.left) : value);
    else if (typeof value === "bigint") text = `${value}n`;
    else if (typeof value === "function") text = `[Function ${ownText(value, "name") || "(anonymous)"}]`;
    else if (typeof value === "object" && value !== null) return showObject(value, depth, above, budget);
    else text = realm.String(value);
    budget.left -= text.length;
    return text;
  }

  function showObject(value: object, depth: number, above: unknown[], budget: { left: number }): string {
    for (let index = 0; index < above.length; index++) if (above[index] === value) return "[Circular]";
    if (value instanceof realm.Error) return showError(value, budget);
    if (depth > 4) return isArray(value) ? "[Array]" : "[Object]";
    const path: unknown[] = [];
    for (let index = 0; index < above.length; index++) path[index] = above[index];
    path[above.length] = value;
    const parts: string[] = [];
    const add = (text: string) => {
      parts[parts.length] = text;
      budget.left -= 2;
      return budget.left > 0 && parts.length < 100;
    };
    try {
      if (value instanceof Date) return value.toISOString();
      if (value instanceof RegExp) return `${value}`;
      if (isArray(value)) {
        for (let index = 0; index < value.length; index++) {
          if (!add(show(value[index], depth + 1, path, budget))) {
            add(`… ${value.length - index - 1} more`);
            break;
          }
        }
        return `[${join(parts)}]`;
      }
      if (value instanceof Map) {
        value.forEach((inner, key) => {
          if (budget.left > 0) add(`${show(key, depth + 1, path, budget)} => ${show(inner, depth + 1, path, budget)}`);
        });
        return `Map(${value.size}) {${join(parts)}}`;
      }
      if (value instanceof Set) {
        value.forEach((inner) => {
          if (budget.left > 0) add(show(inner, depth + 1, path, budget));
        });
        return `Set(${value.size}) {${join(parts)}}`;
      }
      const names = keys(value);
      for (let index = 0; index < names.length; index++) {
        const name = names[index] as string;
        budget.left -= name.length;
        if (!add(`${name}: ${show((value as Record<string, unknown>)[name], depth + 1, path, budget)}`)) break;
      }
      return `${className(value)}{${join(parts)}}`;
    } catch {
      return "[Object]";
    }
  }

  function className(value: object): string {
    const prototype = prototypeOf(value);
    if (prototype === null) return "";
    const name = ownText((prototype as { constructor?: unknown }).constructor, "name");
    return name === "" || name === "Object" ? "" : `${name} `;
  }

  function showError(value: Error, budget: { left: number }): string {
    const head = `${ownText(value, "name") || "Error"}: ${ownText(value, "message")}`;
    const stack = withoutPrelude(ownText(value, "stack"));
    const text = stack === "" ? head : realm.indexOf(stack, head) === 0 ? stack : `${head}\n${stack}`;
    budget.left -= text.length;
    return text;
  }

  /** The frames below the user's code are ours and tell them nothing. */
  function withoutPrelude(stack: string): string {
    let end = realm.indexOf(stack, "(switchyard:");
    if (end < 0) return stack;
    while (end > 0 && stack[end] !== "\n") end--;
    return slice(stack, 0, end);
  }

  function ownText(value: unknown, key: string): string {
    try {
      const text = (value as Record<string, unknown> | undefined)?.[key];
      return typeof text === "string" ? slice(text, 0, 4_096) : "";
    } catch {
      return "";
    }
  }

  function join(parts: string[]): string {
    let text = "";
    for (let index = 0; index < parts.length; index++) text += (index === 0 ? " " : ", ") + parts[index];
    return parts.length === 0 ? "" : `${text} `;
  }

  return { inspect };
}

export type Inspect = ReturnType<typeof makeInspect>;
