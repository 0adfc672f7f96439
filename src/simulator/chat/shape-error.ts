import type { FieldIssue } from "../parse.ts";
import type { ChatError } from "./dialect.ts";

/** The error for a body that is not shaped as documented, in OpenAI's words. */
export function shapeError(issue: FieldIssue): ChatError {
  const param = pathOf(issue.path);
  const given = JSON.stringify(issue.value)?.slice(0, 80);
  switch (issue.kind) {
    case "unknown":
      return { message: `Unknown parameter: '${param}'.`, param, code: "unknown_parameter" };
    case "missing":
      return { message: `Missing required parameter: '${param}'.`, param, code: "missing_required_parameter" };
    case "type":
      return {
        message: `Invalid type for '${param}': expected ${named(issue.expected)}, but got ${named(issue.received)} instead.`,
        param,
        code: "invalid_type",
      };
    case "too_big":
    case "too_small": {
      const what = typeof issue.value === "number" ? "value" : Array.isArray(issue.value) ? "length" : "string length";
      const side = issue.kind === "too_big" ? "<=" : ">=";
      const stem = typeof issue.value === "number" ? issue.received : Array.isArray(issue.value) ? "array" : "string";
      const code = `${stem === "number" ? "decimal" : stem}_${issue.kind === "too_big" ? "above_max" : "below_min"}_${typeof issue.value === "number" ? "value" : "length"}`;
      return { message: `Invalid '${param}': expected a ${what} ${side} ${issue.bound}.`, param, code };
    }
    case "value":
      return {
        message: issue.allowed
          ? `Invalid value: ${given}. Supported values are: ${issue.allowed.map((one) => `'${one}'`).join(", ")}.`
          : `Invalid '${param}': ${issue.message}.`,
        param,
        code: "invalid_value",
      };
  }
}

/** `messages[0].content`, as OpenAI writes where a fault is. */
function pathOf(path: readonly (string | number)[]): string {
  return path.map((at, index) => (typeof at === "number" ? `[${at}]` : index === 0 ? at : `.${at}`)).join("");
}

function named(type: string | null): string {
  const name = type === "record" ? "object" : (type ?? "another type");
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
