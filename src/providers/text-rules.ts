import type { ModelCard } from "../core/model-card.ts";
import type { MediaPart, Message } from "./shapes/message.ts";
import type { reasoningEfforts, TextParams, TextRequest } from "./shapes/text.ts";
import type { UnsupportedField } from "./unsupported.ts";

export type ReasoningEffort = (typeof reasoningEfforts)[number];
export type ToolChoiceKind = "auto" | "none" | "required" | "named";
export type Range = readonly [min: number, max: number];

/** What one model takes of a text request, with what else the request holds already considered. */
export interface TextRules {
  /** `null`: the parameter is refused. */
  readonly temperature: Range | null;
  readonly topP: Range | null;
  /** How many stop strings; 0 refuses the parameter. */
  readonly stopMax: number;
  readonly seed: boolean;
  /** Efforts that mean something for the model. Empty: it takes none. */
  readonly efforts: readonly ReasoningEffort[];
  readonly toolChoices: readonly ToolChoiceKind[];
  readonly schema: boolean;
  readonly schemaWithTools: boolean;
  /** Media that a tool result may hold. */
  readonly toolResultMedia: readonly MediaPart["type"][];
  /** Whether an unfinished assistant message may come last, to be continued. */
  readonly prefill: boolean;
}

/** What most models of the OpenAI dialect take; a provider says where it differs. */
export const commonTextRules: TextRules = {
  temperature: [0, 2],
  topP: [0, 1],
  stopMax: 4,
  seed: true,
  efforts: [],
  toolChoices: ["auto", "none", "required", "named"],
  schema: true,
  schemaWithTools: true,
  toolResultMedia: [],
  prefill: true,
};

/** Every field of a request that the rules or the model's card refuse, in the order a reader would meet them. */
export function checkText(request: TextRequest, model: ModelCard, rules: TextRules): UnsupportedField[] {
  return [
    ...checkMessages(request, model, rules),
    ...checkParams(request.params, model, rules),
    ...checkTools(request, model, rules),
    ...checkSchema(request, model, rules),
  ];
}

function checkMessages({ messages }: TextRequest, model: ModelCard, rules: TextRules): UnsupportedField[] {
  const found: UnsupportedField[] = [];
  for (const [at, message] of messages.entries()) {
    if (typeof message.content === "string") continue;
    for (const [inner, part] of message.content.entries()) {
      if (part.type === "text" || part.type === "reasoning") continue;
      const allowed = mediaAllowed(message.role, model, rules);
      if (allowed.includes(part.type)) continue;
      found.push({
        field: `messages[${at}].content[${inner}]`,
        reason: `it takes no ${part.type} in a message of the role ${message.role}`,
        allowed: ["text", ...allowed],
        droppable: false,
      });
    }
  }
  if (!rules.prefill && messages.at(-1)?.role === "assistant") {
    found.push({
      field: `messages[${messages.length - 1}]`,
      reason: "it does not continue an assistant message",
      allowed: "a last message of the role user or tool",
      droppable: false,
    });
  }
  return found;
}

function mediaAllowed(role: Message["role"], model: ModelCard, rules: TextRules): readonly string[] {
  const readable = model.input.filter((modality) => modality !== "text");
  if (role === "user") return readable;
  return role === "tool" ? rules.toolResultMedia.filter((type) => readable.includes(type)) : [];
}

function checkParams(params: TextParams, model: ModelCard, rules: TextRules): UnsupportedField[] {
  const found: UnsupportedField[] = [];
  const refuse = (name: keyof TextParams, reason: string, allowed?: UnsupportedField["allowed"]) =>
    found.push({ field: `params.${name}`, reason, allowed, droppable: true });
  const range = (name: "temperature" | "top_p", allowed: Range | null) => {
    const value = params[name];
    if (value === undefined) return;
    if (allowed === null) refuse(name, "its sampling cannot be set in this request");
    else if (value < allowed[0] || value > allowed[1]) {
      refuse(name, `${value} is out of its range`, `a number from ${allowed[0]} to ${allowed[1]}`);
    }
  };
  if (
    params.max_output_tokens !== undefined &&
    params.max_output_tokens > (model.maxOutput ?? Number.POSITIVE_INFINITY)
  ) {
    refuse("max_output_tokens", "it is more than the model can write", `a number from 1 to ${model.maxOutput}`);
  }
  range("temperature", rules.temperature);
  range("top_p", rules.topP);
  const stops = stopList(params.stop).length;
  if (stops > rules.stopMax) {
    if (rules.stopMax === 0) refuse("stop", "it takes no stop strings");
    else refuse("stop", `${stops} strings are too many`, `at most ${rules.stopMax} strings`);
  }
  if (params.seed !== undefined && !rules.seed) refuse("seed", "it takes no seed");
  const effort = params.reasoning_effort;
  if (effort !== undefined && !rules.efforts.includes(effort)) {
    if (rules.efforts.length > 0) refuse("reasoning_effort", `it has no effort "${effort}"`, rules.efforts);
    // A model that does not reason honours "none" as it is.
    else if (effort !== "none") refuse("reasoning_effort", "its reasoning cannot be set");
  }
  return found;
}

function checkTools(request: TextRequest, model: ModelCard, rules: TextRules): UnsupportedField[] {
  if (!request.tools?.length) return [];
  if (!model.features.tools) return [{ field: "tools", reason: "it cannot call tools", droppable: false }];
  const choice = request.tool_choice;
  const kind: ToolChoiceKind = typeof choice === "object" ? "named" : (choice ?? "auto");
  if (rules.toolChoices.includes(kind)) return [];
  return [
    {
      field: "tool_choice",
      reason: kind === "named" ? "it cannot be made to call one tool" : `it has no "${kind}"`,
      allowed: rules.toolChoices.filter((allowed) => allowed !== "named"),
      droppable: true,
    },
  ];
}

function checkSchema(request: TextRequest, model: ModelCard, rules: TextRules): UnsupportedField[] {
  if (!request.response_schema) return [];
  const field = "response_schema";
  if (!rules.schema || model.features.json_schema === false) {
    return [{ field, reason: "it cannot be held to a schema", droppable: false }];
  }
  if (request.tools?.length && !rules.schemaWithTools) {
    return [
      {
        field,
        reason: "it cannot be held to a schema while it has tools",
        allowed: "either of the two",
        droppable: false,
      },
    ];
  }
  return [];
}

/** Stop strings as a list, empty ones left out: no provider takes them. */
export function stopList(stop: TextParams["stop"]): string[] {
  return (typeof stop === "string" ? [stop] : (stop ?? [])).filter((text) => text !== "");
}
