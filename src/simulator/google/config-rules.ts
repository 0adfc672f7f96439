import type { GeminiModel } from "./models.ts";
import type { GenerateRequest } from "./request.ts";
import { jsonSchemaIssue, openApiSchemaIssue } from "./schema.ts";

/** What is wrong with tools and generation config, or null. */
export function configIssue(request: GenerateRequest, model: GeminiModel): string | null {
  return toolsIssue(request) ?? generationIssue(request, model) ?? thinkingIssue(request, model);
}

const functionName = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

function toolsIssue({ tools, toolConfig }: GenerateRequest): string | null {
  const names: string[] = [];
  for (const [toolIndex, tool] of (tools ?? []).entries()) {
    for (const [index, declared] of (tool.functionDeclarations ?? []).entries()) {
      const field = `tools[${toolIndex}].function_declarations[${index}]`;
      if (!functionName.test(declared.name)) {
        return `Invalid value at '${field}.name': Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.`;
      }
      if (names.includes(declared.name)) return `Duplicate function declaration found: ${declared.name}`;
      names.push(declared.name);
      const { parameters, parametersJsonSchema } = declared;
      if (parameters && parametersJsonSchema) {
        return `Invalid value at '${field}': parameters and parameters_json_schema must not both be set.`;
      }
      if (parameters) {
        const issue = openApiSchemaIssue(parameters, `${field}.parameters`);
        if (issue) return issue;
        if (
          String(parameters.type).toUpperCase() === "OBJECT" &&
          Object.keys(parameters.properties ?? {}).length === 0
        ) {
          return `* GenerateContentRequest.${field}.parameters.properties: should be non-empty for OBJECT type`;
        }
      }
      const issue = parametersJsonSchema
        ? jsonSchemaIssue(parametersJsonSchema, `${field}.parameters_json_schema`)
        : null;
      if (issue) return issue;
    }
  }
  const calling = toolConfig?.functionCallingConfig;
  if (!calling) return null;
  const mode = calling.mode ?? "AUTO";
  if (calling.allowedFunctionNames && mode !== "ANY" && mode !== "VALIDATED") {
    return "Allowed function names should only be set when function calling mode is ANY or VALIDATED.";
  }
  const unknown = calling.allowedFunctionNames?.find((name) => !names.includes(name));
  if (unknown !== undefined) return `Allowed function name ${unknown} is not in the function declarations.`;
  return mode === "ANY" && names.length === 0 ? "Function calling config is set without function_declarations." : null;
}

function generationIssue({ generationConfig: config, tools }: GenerateRequest, model: GeminiModel): string | null {
  if (!config) return null;
  if (config.presencePenalty !== undefined || config.frequencyPenalty !== undefined) {
    return "Penalty is not enabled for this model";
  }
  if ((config.maxOutputTokens ?? 0) > model.outputMax) {
    return `Unable to submit request because it has a maxOutputTokens value of ${config.maxOutputTokens} but the supported range is from 1 (inclusive) to ${model.outputMax + 1} (exclusive). Update the value and try again.`;
  }
  if (config.logprobs !== undefined && !config.responseLogprobs) {
    return "logprobs can only be set when response_logprobs is set.";
  }
  const schema = config.responseSchema ?? config.responseJsonSchema;
  if (config.responseSchema && config.responseJsonSchema) {
    return "Only one of response_schema and response_json_schema may be set.";
  }
  const mimeType = config.responseMimeType ?? "text/plain";
  if (schema && mimeType === "text/plain") {
    return "Unable to submit request because 'response_mime_type' must be 'application/json' when a response schema is set.";
  }
  const issue = config.responseSchema
    ? openApiSchemaIssue(config.responseSchema, "generation_config.response_schema")
    : config.responseJsonSchema
      ? jsonSchemaIssue(config.responseJsonSchema, "generation_config.response_json_schema")
      : null;
  if (issue) return issue;
  const hasFunctions = tools?.some(({ functionDeclarations }) => (functionDeclarations?.length ?? 0) > 0) ?? false;
  if (hasFunctions && mimeType !== "text/plain" && !model.jsonWithTools) {
    return `Function calling with a response mime type: '${mimeType}' is unsupported`;
  }
  const odd = config.responseModalities?.some((modality) => !model.modalities.includes(modality));
  return odd
    ? `The requested combination of response modalities (${config.responseModalities?.join(", ")}) is not supported by the model.`
    : null;
}

function thinkingIssue({ generationConfig }: GenerateRequest, model: GeminiModel): string | null {
  const { thinkingBudget: budget, thinkingLevel: level } = generationConfig?.thinkingConfig ?? {};
  if (budget !== undefined && level !== undefined) {
    return "You can only set only one of thinking budget and thinking level.";
  }
  if (level !== undefined && model.thinking !== "either") {
    if (model.thinking === "budget") return "Thinking level is not supported for this model.";
    if (!model.levels.includes(level))
      return `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`;
  }
  if (budget !== undefined && model.thinking !== "either") {
    if (model.thinking === "level") return "Thinking budget is not supported for this model. Use thinking level.";
    const { min, max, canBeOff } = model.budget;
    const isOff = budget === 0;
    if (isOff && !canBeOff) return "Budget 0 is invalid. This model only works in thinking mode.";
    if (budget !== -1 && !isOff && (budget < min || budget > max)) {
      return `The thinking budget ${budget} is invalid. Please choose a value between ${min} and ${max}.`;
    }
  }
  return null;
}
