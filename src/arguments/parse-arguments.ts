import type { z } from "zod";
import { SwitchyardError } from "../core/errors.ts";
import { serveLimits } from "../core/limits.ts";
import { type ArgumentProblem, describeIssues } from "./argument-problems.ts";
import { inputJsonSchema, type ObjectSchema } from "./json-schema.ts";

/**
 * Reads a tool's arguments.
 * @throws invalid_request naming each wrong, missing or unknown argument, what is allowed in its place, and the name
 *   that was probably meant.
 */
export function parseArguments<Input extends z.ZodType>(
  tool: { readonly name: string; readonly input: Input },
  given: unknown,
): z.infer<Input> {
  if (isDeeperThan(given, serveLimits.argumentDepthMax)) {
    throw refused(tool.name, [
      { field: "arguments", problem: `are nested more than ${serveLimits.argumentDepthMax} levels deep` },
    ]);
  }
  const parsed = tool.input.safeParse(given);
  if (parsed.success && keepsAll(given, parsed.data)) return parsed.data;
  const schema = inputJsonSchema(tool.input);
  const unknown = unknownArguments(schema, given);
  if (parsed.success && unknown.length === 0) return parsed.data;
  const issues: z.core.$ZodIssue[] = [...(parsed.success ? [] : parsed.error.issues)];
  if (unknown.length > 0 && !issues.some((issue) => issue.code === "unrecognized_keys" && issue.path.length === 0)) {
    issues.push({ code: "unrecognized_keys", keys: unknown, path: [], message: "" });
  }
  throw refused(tool.name, describeIssues(issues, given, schema));
}

function refused(name: string, problems: readonly ArgumentProblem[]): SwitchyardError {
  const shown = problems.slice(0, serveLimits.argumentProblemsMax);
  const more = problems.length - shown.length;
  const said = shown.map((problem) => `${problem.field} ${problem.problem}`).join("; ");
  return new SwitchyardError("invalid_request", `${name}: ${said}${more > 0 ? `; and ${more} more` : ""}`, {
    next: `Correct the arguments and call ${name} again`,
    // The sentence has said the rest.
    details: { tool: name, problems: shown.map(({ problem: _, ...facts }) => facts) },
  });
}

/** Whether parsing dropped no member: a zod object that is not strict drops the unknown ones in silence. */
function keepsAll(given: unknown, parsed: unknown): boolean {
  if (typeof given !== "object" || given === null || typeof parsed !== "object" || parsed === null) return true;
  return Object.keys(given).every((key) => Object.hasOwn(parsed, key));
}

/** Members that the schema has no place for. */
function unknownArguments(schema: ObjectSchema, given: unknown): string[] {
  const { properties, additionalProperties } = schema;
  if (typeof properties !== "object" || properties === null) return [];
  if (additionalProperties !== undefined && additionalProperties !== false) return [];
  if (typeof given !== "object" || given === null || Array.isArray(given)) return [];
  return Object.keys(given).filter((key) => !Object.hasOwn(properties, key));
}

/** Level by level, so that a hostile depth costs no stack. */
function isDeeperThan(value: unknown, depthMax: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return true;
    const below: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      for (const inner of Object.values(item)) if (typeof inner === "object" && inner !== null) below.push(inner);
    }
    level = below;
  }
  return false;
}
