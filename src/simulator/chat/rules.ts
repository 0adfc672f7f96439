import { isBase64, parseDataUrl } from "../model/data-url.ts";
import type { ChatError, ChatModel } from "./dialect.ts";
import type { ChatMessage, ChatRequest } from "./request.ts";

const functionName = /^[a-zA-Z0-9_-]{1,64}$/;
const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** What is wrong with a request that has the right shape, or null. */
export function chatRuleError(
  request: ChatRequest,
  model: ChatModel,
  strictSchemaIssue: (schema: Readonly<Record<string, unknown>>) => string | null,
): ChatError | null {
  return (
    modelErrors(request, model) ??
    messageErrors(request.messages, model) ??
    toolErrors(request, strictSchemaIssue) ??
    formatErrors(request, model, strictSchemaIssue)
  );
}

function modelErrors(request: ChatRequest, model: ChatModel): ChatError | null {
  const unsupported = (
    param: string,
    message = `Unsupported parameter: '${param}' is not supported with this model.`,
  ) => ({
    message,
    param,
    code: "unsupported_parameter",
  });
  const effort = request.reasoning_effort ?? null;
  if (model.sampling === "classic" && effort !== null) return unsupported("reasoning_effort");
  if (effort !== null && !model.efforts.includes(effort)) {
    const supported = model.efforts.map((one) => `'${one}'`).join(", ");
    return {
      message: `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${supported}.`,
      param: "reasoning_effort",
      code: "unsupported_value",
    };
  }
  if (effort === "max") {
    return {
      message: "'reasoning_effort' 'max' is only supported in v1/responses.",
      param: "reasoning_effort",
      code: "unsupported_value",
    };
  }
  if (request.max_tokens != null && request.max_completion_tokens != null) {
    return {
      message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      param: "max_tokens",
      code: "invalid_parameter_combination",
    };
  }
  if (model.sampling === "reasoning") {
    if (request.max_tokens != null) {
      return unsupported(
        "max_tokens",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      );
    }
    for (const param of ["frequency_penalty", "presence_penalty", "logit_bias", "top_logprobs", "stop"] as const) {
      if (request[param] != null) return unsupported(param);
    }
    const isResting = effort === "none" && model.samplingWithoutReasoning;
    for (const param of ["temperature", "top_p", "logprobs"] as const) {
      if (request[param] != null && !isResting) return unsupported(param);
    }
    if (model.toolsNeedNoReasoning && request.tools && effort !== "none") {
      return {
        message:
          "Function tools with reasoning are not supported for this model in v1/chat/completions. Use v1/responses, or set 'reasoning_effort' to 'none'.",
        param: "tools",
        code: "unsupported_parameter",
      };
    }
  }
  const max = request.max_completion_tokens ?? request.max_tokens;
  if (max != null && max > model.outputMax) {
    const param = request.max_completion_tokens == null ? "max_tokens" : "max_completion_tokens";
    return {
      message: `${param} is too large: ${max}. This model supports at most ${model.outputMax} completion tokens, whereas you provided ${max}.`,
      param,
      code: "invalid_value",
    };
  }
  if (request.top_logprobs != null && !request.logprobs) {
    return {
      message: "'top_logprobs' is only allowed when 'logprobs' is enabled.",
      param: "top_logprobs",
      code: "invalid_value",
    };
  }
  if (request.stream_options && !request.stream) {
    return {
      message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      param: "stream_options",
    };
  }
  if ((request.modalities?.includes("audio") || request.audio) && !model.audio) {
    return { message: "This model does not support audio output.", param: "modalities", code: "unsupported_value" };
  }
  return null;
}

function messageErrors(messages: readonly ChatMessage[], model: ChatModel): ChatError | null {
  let waiting = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`;
    if (message.role === "tool") {
      if (!waiting.delete(message.tool_call_id)) {
        return {
          message: `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls' ('${message.tool_call_id}').`,
          param: `${param}.role`,
        };
      }
      continue;
    }
    if (waiting.size > 0) return unanswered(waiting, param);
    if (message.role === "assistant") {
      const calls = message.tool_calls ?? [];
      if (message.content == null && calls.length === 0 && message.refusal == null && message.audio === undefined) {
        return {
          message: `Invalid value for 'content': expected a string, got null.`,
          param: `${param}.content`,
          code: "invalid_type",
        };
      }
      for (const [at, call] of calls.entries()) {
        const name = call.type === "function" ? call.function.name : call.custom.name;
        if (!functionName.test(name)) return badName(`${param}.tool_calls[${at}].function.name`);
      }
      waiting = new Set(calls.map(({ id }) => id));
    }
    if (message.role === "user" && typeof message.content !== "string") {
      for (const [at, part] of message.content.entries()) {
        const issue = partError(part, model);
        if (issue) return { ...issue, param: `${param}.content[${at}]${issue.param ?? ""}` };
      }
    }
  }
  return waiting.size > 0 ? unanswered(waiting, `messages[${messages.length}]`) : null;
}

function unanswered(ids: ReadonlySet<string>, param: string): ChatError {
  return {
    message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(", ")}`,
    param: `${param}.role`,
  };
}

type UserPart = Exclude<Extract<ChatMessage, { role: "user" }>["content"], string>[number];

function partError(part: UserPart, model: ChatModel): ChatError | null {
  switch (part.type) {
    case "text":
      return null;
    case "image_url":
      return model.images
        ? imageUrlError(part.image_url.url, ".image_url.url")
        : { message: "Invalid content type. image_url is only supported by certain models.", param: ".type" };
    case "input_audio":
      if (!model.audio)
        return { message: "This model does not support audio input.", param: ".type", code: "unsupported_value" };
      return isBase64(part.input_audio.data)
        ? null
        : { message: "Invalid base64 in 'input_audio.data'.", param: ".input_audio.data", code: "invalid_value" };
    case "file": {
      const { file_id, file_data } = part.file;
      if ((file_id === undefined) === (file_data === undefined)) {
        return {
          message: "Exactly one of 'file_id' and 'file_data' is expected.",
          param: ".file",
          code: "invalid_value",
        };
      }
      return file_data === undefined || parseDataUrl(file_data)
        ? null
        : {
            message: "Invalid 'file_data': expected a base64-encoded data URL.",
            param: ".file.file_data",
            code: "invalid_value",
          };
    }
  }
}

/** What is wrong with an image's URL, or null: http(s), or a data URL of a type that models see. */
export function imageUrlError(url: string, param: string): ChatError | null {
  if (url.startsWith("http://") || url.startsWith("https://")) return null;
  const parsed = parseDataUrl(url);
  if (!parsed) {
    return {
      message: "Invalid image URL: expected an http(s) URL or a base64-encoded data URL with an image MIME type.",
      param,
      code: "invalid_image_url",
    };
  }
  if (imageTypes.includes(parsed.mediaType)) return null;
  return {
    message:
      "You uploaded an unsupported image. Please make sure your image has one of the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    param,
    code: "invalid_image_format",
  };
}

function toolErrors(
  request: ChatRequest,
  strictSchemaIssue: (schema: Readonly<Record<string, unknown>>) => string | null,
): ChatError | null {
  if (!request.tools) {
    if (request.tool_choice !== undefined && request.tool_choice !== "none") return onlyWithTools("tool_choice");
    return request.parallel_tool_calls === undefined ? null : onlyWithTools("parallel_tool_calls");
  }
  const names = request.tools.map((tool) => (tool.type === "function" ? tool.function.name : tool.custom.name));
  for (const [index, tool] of request.tools.entries()) {
    if (!functionName.test(names[index] ?? "")) return badName(`tools[${index}].function.name`);
    if (tool.type !== "function") continue;
    const schema = tool.function.parameters;
    const param = `tools[${index}].function.parameters`;
    if (schema && schema.type !== "object") {
      return {
        message: `Invalid schema for function '${tool.function.name}': schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema.type ?? "None")}'.`,
        param,
        code: "invalid_function_parameters",
      };
    }
    const issue = tool.function.strict && schema ? strictSchemaIssue(schema) : null;
    if (issue) {
      return {
        message: `Invalid schema for function '${tool.function.name}': ${issue}`,
        param,
        code: "invalid_function_parameters",
      };
    }
  }
  const { tool_choice: choice } = request;
  if (typeof choice === "object" && choice.type !== "allowed_tools") {
    const name = choice.type === "function" ? choice.function.name : choice.custom.name;
    if (!names.includes(name)) {
      return { message: `Tool choice '${name}' not found in 'tools' parameter.`, param: "tool_choice" };
    }
  }
  return null;
}

function onlyWithTools(param: string): ChatError {
  return { message: `'${param}' is only allowed when 'tools' are specified.`, param };
}

function badName(param: string): ChatError {
  return {
    message: `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.`,
    param,
    code: "invalid_value",
  };
}

function formatErrors(
  request: ChatRequest,
  model: ChatModel,
  strictSchemaIssue: (schema: Readonly<Record<string, unknown>>) => string | null,
): ChatError | null {
  const format = request.response_format;
  if (format?.type === "json_object" && !/json/i.test(JSON.stringify(request.messages))) {
    return {
      message: "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      param: "messages",
    };
  }
  if (format?.type !== "json_schema") return null;
  const { name, schema, strict } = format.json_schema;
  if (!model.jsonSchema) {
    return {
      message: "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      param: "response_format",
    };
  }
  if (!functionName.test(name)) return badName("response_format.json_schema.name");
  const issue = strict && schema ? strictSchemaIssue(schema) : null;
  return issue === null
    ? null
    : { message: `Invalid schema for response_format '${name}': ${issue}`, param: "response_format" };
}
