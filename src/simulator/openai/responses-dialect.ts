import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import type { ResponsesDialect } from "../responses/dialect.ts";
import { type ResponsesRequest, responsesRequest } from "../responses/request.ts";
import { modelNotFound, openAiError } from "./errors.ts";
import { type OpenAiModel, openAiModel } from "./models.ts";
import { strictSchemaIssue } from "./strict-schema.ts";

/** Responses as OpenAI speaks them. */
export const openAiResponses: ResponsesDialect<OpenAiModel> = {
  provider: "openai",
  schema: responsesRequest,
  model: openAiModel,
  error: (error) => openAiError(error.status ?? 400, error),
  modelNotFound,
  shapeError,
  ruleError: responsesParameterError,
  strictSchemaIssue,
  reportsCacheWrites: (model) => model.reportsCacheWrites,
};

function responsesParameterError(request: ResponsesRequest, model: OpenAiModel): ChatError | null {
  const effort = request.reasoning?.effort ?? null;
  if (model.sampling === "classic" && request.reasoning != null) return unsupported("reasoning.effort");
  if (effort !== null && effort !== "max" && !model.efforts.includes(effort)) {
    return {
      message: `Unsupported value: '${effort}' is not supported with this model. Supported values are: ${model.efforts.map((one) => `'${one}'`).join(", ")}.`,
      param: "reasoning.effort",
      code: "unsupported_value",
    };
  }
  const isResting = effort === "none" && model.samplingWithoutReasoning;
  for (const param of ["temperature", "top_p", "top_logprobs"] as const) {
    if (model.sampling === "reasoning" && request[param] != null && !isResting) return unsupported(param);
  }
  return null;
}

function unsupported(param: string): ChatError {
  return {
    message: `Unsupported parameter: '${param}' is not supported with this model.`,
    param,
    code: "unsupported_parameter",
  };
}
