import type { CallToolResult } from "@modelcontextprotocol/server";
import { type ErrorFacts, formatErrorLine } from "../core/errors.ts";
import { serveLimits } from "../core/limits.ts";
import { type CutPart, cutToFit } from "./cut-to-fit.ts";
import { toYaml } from "./yaml.ts";

/**
 * A success for every kind of host: those that show a model only `structuredContent` and those that show only text
 * get the same facts. Past `charactersMax` the result is cut in both, with what was cut and how to get the rest.
 */
export function renderSuccess(output: object, rest: (output: object) => string, charactersMax: number): CallToolResult {
  const { value, parts } = cutToFit(output, charactersMax);
  const content = parts.length === 0 ? value : { ...value, cut: cutNotice(parts, rest(output)) };
  return { content: [{ type: "text", text: textOf(content, charactersMax) }], structuredContent: { ...content } };
}

/** A failure: hosts drop `structuredContent` here, so the text carries every fact. */
export function renderFailure(facts: ErrorFacts): CallToolResult {
  const { code, message, next, retryable } = facts;
  const details = cutToFit(facts.details, serveLimits.errorCharactersMax).value;
  const text = `${formatErrorLine(facts)}\n${toYaml({ retryable, ...(isEmpty(details) ? {} : { details }) })}`;
  return {
    isError: true,
    content: [{ type: "text", text: text.trimEnd() }],
    structuredContent: { error: { code, message, next, retryable, details } },
  };
}

function cutNotice(parts: readonly CutPart[], next: string): object {
  return { notice: "The result was too long and was cut", parts, next };
}

/** YAML unless its indentation makes it longer than the bound, which the JSON is known to keep. */
function textOf(content: object, charactersMax: number): string {
  const text = toYaml(content).trimEnd();
  return text.length <= charactersMax ? text : JSON.stringify(content);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
