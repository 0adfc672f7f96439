import type { ChatError } from "../chat/dialect.ts";
import type { ChatRequest } from "../chat/fields.ts";
import type { OpenAiModel } from "./models.ts";

/** What OpenAI's own rules about models and parameters have against a chat request, or null. */
export function chatParameterError(request: ChatRequest, model: OpenAiModel): ChatError | null {
  if (model.responsesOnly) {
    return {
      message: "This model is only supported in v1/responses and not in v1/chat/completions.",
      param: "model",
      status: 404,
    };
  }
  return (
    effortError(request, model) ??
    (model.sampling === "reasoning" ? reasoningError(request, model) : null) ??
    combinationError(request, model)
  );
}

function effortError({ reasoning_effort: effort }: ChatRequest, model: OpenAiModel): ChatError | null {
  if (effort == null) return null;
  if (model.sampling === "classic") return unsupported("reasoning_effort");
  const supported = model.efforts.map((one) => `'${one}'`).join(", ");
  if (model.efforts.includes(effort) && effort !== "max") return null;
  return {
    message:
      effort === "max"
        ? "'reasoning_effort' 'max' is only supported in v1/responses."
        : `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${supported}.`,
    param: "reasoning_effort",
    code: "unsupported_value",
  };
}

function reasoningError(request: ChatRequest, model: OpenAiModel): ChatError | null {
  const effort = request.reasoning_effort ?? null;
  if (request.max_tokens != null) {
    return unsupported("max_tokens", "Use 'max_completion_tokens' instead.");
  }
  for (const param of ["frequency_penalty", "presence_penalty", "logit_bias", "top_logprobs", "stop"] as const) {
    if (request[param] != null) return unsupported(param);
  }
  const isResting = effort === "none" && model.samplingWithoutReasoning;
  for (const param of ["temperature", "top_p", "logprobs"] as const) {
    if (request[param] != null && !isResting) return unsupported(param);
  }
  if (!model.toolsNeedNoReasoning || !request.tools || effort === "none") return null;
  return {
    message:
      "Function tools with reasoning are not supported for this model in v1/chat/completions. Use v1/responses, or set 'reasoning_effort' to 'none'.",
    param: "tools",
    code: "unsupported_parameter",
  };
}

function combinationError(request: ChatRequest, model: OpenAiModel): ChatError | null {
  if (request.max_tokens != null && request.max_completion_tokens != null) {
    return {
      message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      param: "max_tokens",
      code: "invalid_parameter_combination",
    };
  }
  if (request.top_logprobs != null && !request.logprobs) {
    return {
      message: "'top_logprobs' is only allowed when 'logprobs' is enabled.",
      param: "top_logprobs",
      code: "invalid_value",
    };
  }
  if ((request.modalities?.includes("audio") || request.audio) && !model.audio) {
    return { message: "This model does not support audio output.", param: "modalities", code: "unsupported_value" };
  }
  return null;
}

function unsupported(param: string, advice = ""): ChatError {
  return {
    message: `Unsupported parameter: '${param}' is not supported with this model.${advice === "" ? "" : ` ${advice}`}`,
    param,
    code: "unsupported_parameter",
  };
}
