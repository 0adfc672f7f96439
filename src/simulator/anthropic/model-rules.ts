import type { AnthropicModel } from "./models.ts";
import type { CountTokensRequest, MessagesRequest } from "./request.ts";
import { schemaIssue } from "./schema.ts";

/** What a model has against a request's parameters, or null. */
export function parametersIssue(request: MessagesRequest, model: AnthropicModel, version: string): string | null {
  if (request.max_tokens > model.outputMax) {
    return `max_tokens: ${request.max_tokens} > ${model.outputMax}, which is the maximum allowed number of output tokens for ${model.id}`;
  }
  const { thinking } = request;
  if (thinking?.type === "enabled" && request.max_tokens <= thinking.budget_tokens) {
    return "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.";
  }
  const isThinking = thinking !== undefined && thinking.type !== "disabled";
  for (const name of ["temperature", "top_p", "top_k"] as const) {
    if (request[name] === undefined) continue;
    if (version >= "2026-10-21") return `${name}: Extra inputs are not permitted`;
    if (!model.sampling) return `\`${name}\` is not supported for this model`;
    if (isThinking && name !== "top_p") return `\`${name}\` may only be set when thinking is disabled`;
  }
  if (request.temperature !== undefined && request.top_p !== undefined && model.id !== "claude-opus-4-1") {
    return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
  }
  return null;
}

/** What is wrong with tools, thinking and output format, or null. */
export function configIssue(request: CountTokensRequest, model: AnthropicModel): string | null {
  return (
    thinkingConfigIssue(request, model) ?? toolsIssue(request, model) ?? formatIssue(request) ?? cacheIssue(request)
  );
}

function thinkingConfigIssue({ thinking, output_config }: CountTokensRequest, model: AnthropicModel): string | null {
  const effort = output_config?.effort ?? null;
  if (effort !== null && !model.efforts.includes(effort)) {
    return model.efforts.length === 0
      ? "output_config.effort: This model does not support the effort parameter"
      : `output_config.effort: This model supports ${model.efforts.map((one) => `'${one}'`).join(", ")}`;
  }
  switch (thinking?.type) {
    case "enabled":
      return model.thinkingEnabled
        ? null
        : 'thinking.type: "enabled" is not supported for this model. Use "adaptive" with output_config.effort.';
    case "adaptive":
      return model.thinkingAdaptive ? null : 'thinking.type: "adaptive" is not supported for this model';
    case "between_tools":
      if (!model.thinkingBetweenTools) return 'thinking.type: "between_tools" is not supported for this model';
      return effort !== null && ["xhigh", "max"].includes(effort)
        ? 'thinking.type: "between_tools" requires an effort of low, medium or high'
        : null;
    case "disabled":
      if (model.thinkingDisabled === false) return 'thinking.type: "disabled" is not supported for this model';
      return model.thinkingDisabled === "low_effort" && (effort === "xhigh" || effort === "max")
        ? `thinking.type: "disabled" is not supported with an effort of ${effort}`
        : null;
    default:
      return null;
  }
}

function toolsIssue(
  { tools, tool_choice: choice, thinking }: CountTokensRequest,
  model: AnthropicModel,
): string | null {
  const names = (tools ?? []).map(({ name }) => name);
  if (new Set(names).size < names.length) return "tools: Tool names must be unique.";
  for (const [index, tool] of (tools ?? []).entries()) {
    const issue = tool.strict ? schemaIssue(tool.input_schema) : null;
    if (issue) return `tools.${index}.custom.input_schema: ${issue}`;
  }
  if (!choice) return null;
  if (names.length === 0 && choice.type !== "none") return "tool_choice may only be specified while providing tools.";
  if (choice.type === "tool" && !names.includes(choice.name)) {
    return `Tool '${choice.name}' not found in provided tools`;
  }
  if (choice.type !== "any" && choice.type !== "tool") return null;
  if (!model.forcedTools) return `tool_choice: type "${choice.type}" is not supported for this model`;
  return thinking && thinking.type !== "disabled"
    ? "Thinking may not be enabled when tool_choice forces tool use."
    : null;
}

function formatIssue({ output_config }: CountTokensRequest): string | null {
  const format = output_config?.format;
  const issue = format ? schemaIssue(format.schema) : null;
  return issue ? `output_config.format.schema: ${issue}` : null;
}

const breakpointsMax = 4;

function cacheIssue(request: CountTokensRequest): string | null {
  let breakpoints = 0;
  const { messages, system, tools, cache_control } = request;
  JSON.stringify([messages, system, tools], (key, value: unknown) => {
    if (key === "cache_control" && value !== null) breakpoints += 1;
    return value;
  });
  if (cache_control) breakpoints += 1;
  return breakpoints > breakpointsMax
    ? `A maximum of ${breakpointsMax} blocks with cache_control may be provided. Found ${breakpoints}.`
    : null;
}
