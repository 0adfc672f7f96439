import type { ChatError } from "../chat/dialect.ts";
import { badName, imageUrlError } from "../chat/rules.ts";
import type { JsonSchema } from "../model/prompt.ts";
import { isSealOf } from "../model/seal.ts";
import type { ResponsesModel } from "./dialect.ts";
import { type InputItem, isFunctionTool, type ResponsesRequest } from "./request.ts";

const functionName = /^[a-zA-Z0-9_-]{1,64}$/;

/** Call ids that were made right after reasoning begin so: the reasoning has to come back with them. */
export const reasonedCallPrefix = "call_r_";

/** What `encrypted_content` is made of. */
export const reasoningSeal = "reasoning-item";

/** What is wrong with a request that has the right shape, or null. */
export function responsesRuleError(
  request: ResponsesRequest,
  items: readonly InputItem[],
  model: ResponsesModel,
  isStored: (id: string) => boolean,
  strictSchemaIssue: (schema: JsonSchema) => string | null,
): ChatError | null {
  return (
    combinationError(request, model) ??
    itemErrors(items, model, isStored) ??
    toolErrors(request, strictSchemaIssue) ??
    formatErrors(request, strictSchemaIssue)
  );
}

function combinationError(request: ResponsesRequest, model: ResponsesModel): ChatError | null {
  if ((request.max_output_tokens ?? 0) > model.outputMax) {
    return {
      message: `Invalid 'max_output_tokens': at most ${model.outputMax} for this model.`,
      param: "max_output_tokens",
      code: "integer_above_max_value",
    };
  }
  if (request.stream_options && !request.stream) {
    return {
      message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      param: "stream_options",
    };
  }
  if (request.background && request.store === false) {
    return { message: "'background' requires 'store' to be true.", param: "background" };
  }
  return null;
}

function itemErrors(
  items: readonly InputItem[],
  model: ResponsesModel,
  isStored: (id: string) => boolean,
): ChatError | null {
  const open = new Map<string, number>();
  // The reasoning of the model's current turn, that is since the last message or tool result of the client's.
  let reasoning: string | null = null;
  for (const [index, item] of items.entries()) {
    const param = `input[${index}]`;
    const next = items[index + 1];
    if ("role" in item) {
      if (item.role !== "assistant") reasoning = null;
      const issue = partErrors(item.content, `${param}.content`);
      if (issue) return issue;
      continue;
    }
    switch (item.type) {
      case "reasoning": {
        const issue = reasoningError(item, isStored, param);
        if (issue) return issue;
        const follows =
          next &&
          (("role" in next && next.role === "assistant") ||
            (!("role" in next) && (next.type === "function_call" || next.type === "reasoning")));
        if (!follows) {
          return {
            message: `Item '${item.id}' of type 'reasoning' was provided without its required following item.`,
            param: "input",
          };
        }
        reasoning = item.id;
        break;
      }
      case "function_call":
        if (!functionName.test(item.name)) return badName(`${param}.name`);
        if (model.reasons && item.call_id.startsWith(reasonedCallPrefix) && reasoning === null) {
          return {
            message: `Item '${item.id ?? item.call_id}' of type 'function_call' was provided without its required 'reasoning' item.`,
            param: "input",
          };
        }
        open.set(item.call_id, index);
        break;
      case "function_call_output": {
        reasoning = null;
        if (!open.delete(item.call_id)) {
          return {
            message: `No tool call found for function call output with call_id ${item.call_id}.`,
            param: "input",
          };
        }
        const issue = partErrors(item.output, `${param}.output`);
        if (issue) return issue;
        break;
      }
      case "item_reference":
        return { message: `Item with id '${item.id}' not found.`, param: "input" };
    }
  }
  const [unanswered] = open.keys();
  return unanswered === undefined
    ? null
    : { message: `No tool output found for function call ${unanswered}.`, param: "input" };
}

function reasoningError(
  item: Extract<InputItem, { type: "reasoning" }>,
  isStored: (id: string) => boolean,
  param: string,
): ChatError | null {
  if (item.encrypted_content == null) {
    return isStored(item.id)
      ? null
      : {
          message: `Item with id '${item.id}' not found. Items are not persisted when 'store' is set to false. Try again with 'store' set to true, or remove this item from your input.`,
          param: "input",
        };
  }
  const isWhole = isSealOf(item.encrypted_content, reasoningSeal, item.id);
  return isWhole
    ? null
    : {
        message: `The encrypted content for item ${item.id} could not be verified.`,
        param: `${param}.encrypted_content`,
        code: "invalid_encrypted_content",
      };
}

function partErrors(content: string | readonly object[], param: string): ChatError | null {
  if (typeof content === "string") return null;
  for (const [index, part] of content.entries()) {
    if (!("type" in part) || part.type !== "input_image") continue;
    const { image_url: url, file_id: fileId } = part as { image_url?: string | null; file_id?: string | null };
    if ((url == null) === (fileId == null)) {
      return {
        message: "Exactly one of 'image_url' and 'file_id' is expected.",
        param: `${param}[${index}]`,
        code: "invalid_value",
      };
    }
    const issue = url == null ? null : imageUrlError(url, `${param}[${index}].image_url`);
    if (issue) return issue;
  }
  return null;
}

function toolErrors(
  request: ResponsesRequest,
  strictSchemaIssue: (schema: JsonSchema) => string | null,
): ChatError | null {
  const names = new Set<string>();
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (!isFunctionTool(tool)) continue;
    if (!functionName.test(tool.name)) return badName(`tools[${index}].name`);
    names.add(tool.name);
    const { parameters } = tool;
    const code = "invalid_function_parameters";
    const param = `tools[${index}].parameters`;
    if (parameters && parameters.type !== "object") {
      return {
        message: `Invalid schema for function '${tool.name}': schema must be a JSON Schema of 'type: "object"'.`,
        param,
        code,
      };
    }
    // Strict is the default here, unlike in Chat Completions.
    const issue = (tool.strict ?? true) && parameters ? strictSchemaIssue(parameters) : null;
    if (issue) return { message: `Invalid schema for function '${tool.name}': ${issue}`, param, code };
  }
  const choice = request.tool_choice;
  if (typeof choice === "object" && choice.type === "function" && !names.has(choice.name)) {
    return { message: `Tool choice '${choice.name}' not found in 'tools' parameter.`, param: "tool_choice" };
  }
  if (choice === "required" && (request.tools ?? []).length === 0) {
    return { message: "Tool choice 'required' must be specified with 'tools' parameter.", param: "tool_choice" };
  }
  return null;
}

function formatErrors(
  request: ResponsesRequest,
  strictSchemaIssue: (schema: JsonSchema) => string | null,
): ChatError | null {
  const format = request.text?.format;
  if (format?.type === "json_object" && !/json/i.test(JSON.stringify([request.input, request.instructions]))) {
    return {
      message:
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      param: "input",
    };
  }
  if (format?.type !== "json_schema") return null;
  if (!functionName.test(format.name)) return badName("text.format.name");
  const issue = (format.strict ?? true) ? strictSchemaIssue(format.schema) : null;
  return issue === null
    ? null
    : {
        message: `Invalid schema for response_format '${format.name}': ${issue}`,
        param: "text.format.schema",
        code: "invalid_json_schema",
      };
}
