import type { z } from "zod";
import { SwitchyardError } from "./core/errors.ts";
import type { Tool } from "./tool.ts";

/**
 * Checks arguments against a tool's schema, for every edge they arrive at: MCP, the sandbox, the library.
 * @throws invalid_request naming the field, what is wrong with it, and the names it could have been.
 */
export function parseToolArguments<Input extends z.ZodType>(tool: Tool<Input>, args: unknown): z.infer<Input> {
  const parsed = tool.input.safeParse(args ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => problemOf(issue, tool.input));
  const first = problems[0];
  throw new SwitchyardError(
    "invalid_request",
    `${tool.name} was called with ${problems.map(({ what }) => what).join("; ")}`,
    {
      next: first?.next ?? "Correct the arguments by the tool's input schema",
      details: { tool: tool.name, fields: problems.map(({ field }) => field) },
    },
  );
}

function problemOf(issue: z.core.$ZodIssue, input: z.ZodType): { field: string; what: string; next: string } {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const field = [...path, issue.keys[0] ?? ""].join(".");
    const allowed = path.length === 0 ? membersOf(input) : [];
    const near = nearestName(issue.keys[0] ?? "", allowed);
    return {
      field,
      what: `an unknown argument ${field}`,
      next:
        near === undefined
          ? `Leave it out${allowed.length === 0 ? "" : `; the arguments are ${allowed.join(", ")}`}`
          : `Did you mean ${near}? The arguments are ${allowed.join(", ")}`,
    };
  }
  const field = path.join(".");
  const what = field === "" ? `arguments that are not right: ${issue.message}` : `a wrong ${field}: ${issue.message}`;
  return { field, what, next: `Correct ${field === "" ? "the arguments" : field} by the tool's input schema` };
}

function membersOf(input: z.ZodType): string[] {
  const shape = (input as { shape?: unknown }).shape;
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

/** The member whose letters, in order and without punctuation, start or end like the given name. */
function nearestName(given: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, "");
  const wanted = plain(given);
  return (
    names.find((name) => plain(name) === wanted) ??
    names.find((name) => wanted.length > 2 && (plain(name).includes(wanted) || wanted.includes(plain(name))))
  );
}
