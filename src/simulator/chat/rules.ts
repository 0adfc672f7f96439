import { isBase64, parseDataUrl } from "../model/data-url.ts";
import type { JsonSchema } from "../model/prompt.ts";
import type { ChatError, ChatModel } from "./dialect.ts";
import type { ChatRequest } from "./fields.ts";
import type { ChatMessage, ChatPart } from "./messages.ts";

const functionName = /^[a-zA-Z0-9_-]{1,64}$/;
const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export interface RuleOptions {
  readonly jsonWord: boolean;
  readonly strictSchemaIssue: (schema: JsonSchema) => string | null;
}

/** What is wrong with a request that has the right shape, by the rules that all dialects share, or null. */
export function chatRuleError(request: ChatRequest, model: ChatModel, options: RuleOptions): ChatError | null {
  return (
    tokenErrors(request, model) ??
    messageErrors(request.messages, model) ??
    toolErrors(request, model, options) ??
    formatErrors(request, model, options)
  );
}

function tokenErrors(request: ChatRequest, model: ChatModel): ChatError | null {
  const max = request.max_completion_tokens ?? request.max_tokens;
  if (max != null && max > model.outputMax) {
    const param = request.max_completion_tokens == null ? "max_tokens" : "max_completion_tokens";
    return {
      message: `${param} is too large: ${max}. This model supports at most ${model.outputMax} completion tokens, whereas you provided ${max}.`,
      param,
      code: "invalid_value",
    };
  }
  if (request.stream_options && !request.stream) {
    return {
      message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      param: "stream_options",
    };
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

function partError(part: ChatPart, model: ChatModel): ChatError | null {
  switch (part.type) {
    case "image_url":
      return model.images
        ? imageUrlError(part.image_url.url, ".image_url.url")
        : { message: "Invalid content type. image_url is only supported by certain models.", param: ".type" };
    case "video_url":
    case "video":
      return model.video
        ? null
        : { message: "Invalid content type. Video is only supported by certain models.", param: ".type" };
    case "input_audio":
      return audioError(part.input_audio, model);
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
    default:
      return null;
  }
}

function audioError(
  audio: { data?: string | undefined; url?: string | undefined },
  model: ChatModel,
): ChatError | null {
  if (!model.audio) {
    return { message: "This model does not support audio input.", param: ".type", code: "unsupported_value" };
  }
  const { data, url } = audio;
  const isWeb = url !== undefined || (data !== undefined && /^https?:\/\//.test(data));
  if (isWeb || (data !== undefined && (isBase64(data) || parseDataUrl(data)))) return null;
  return { message: "Invalid base64 in 'input_audio.data'.", param: ".input_audio.data", code: "invalid_value" };
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

function toolErrors(request: ChatRequest, model: ChatModel, options: RuleOptions): ChatError | null {
  if (!request.tools) {
    if (request.tool_choice != null && request.tool_choice !== "none") return onlyWithTools("tool_choice");
    return request.parallel_tool_calls == null ? null : onlyWithTools("parallel_tool_calls");
  }
  if (!model.tools) {
    return {
      message: `Tools are not supported by the model '${model.id}'.`,
      param: "tools",
      code: "unsupported_parameter",
    };
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
    const issue = tool.function.strict && schema ? options.strictSchemaIssue(schema) : null;
    if (issue) {
      return {
        message: `Invalid schema for function '${tool.function.name}': ${issue}`,
        param,
        code: "invalid_function_parameters",
      };
    }
  }
  const { tool_choice: choice } = request;
  if (choice != null && typeof choice === "object" && choice.type !== "allowed_tools") {
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

/** The error for a function's name, here and in Responses. */
export function badName(param: string): ChatError {
  return {
    message: `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.`,
    param,
    code: "invalid_value",
  };
}

function formatErrors(request: ChatRequest, model: ChatModel, options: RuleOptions): ChatError | null {
  const format = request.response_format;
  if (options.jsonWord && format?.type === "json_object" && !/json/i.test(JSON.stringify(request.messages))) {
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
  const issue = strict && schema ? options.strictSchemaIssue(schema) : null;
  return issue === null
    ? null
    : { message: `Invalid schema for response_format '${name}': ${issue}`, param: "response_format" };
}
