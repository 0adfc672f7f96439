import type { ModelCard } from "../../../core/model-card.ts";
import type { JsonObject } from "../../narrow.ts";
import type { SchemaProfile } from "../../schema/profile.ts";
import type { MediaPart } from "../../shapes/message.ts";
import type { TextRequest } from "../../shapes/text.ts";
import type { ReasoningEffort, TextRules } from "../../text-rules.ts";
import type { UnsupportedField } from "../../unsupported.ts";
import type { NameRule } from "../../wire-names.ts";
import type { ChatError, ErrorKind } from "./error.ts";

/**
 * Where a server of the OpenAI chat dialect differs from the others. Everything that is not said here is the same for
 * all of them and written once in this folder.
 */
export interface ChatDialect {
  readonly provider: string;
  /** Path under the base URL. */
  readonly path: string;
  readonly authorization?: (apiKey: string) => Readonly<Record<string, string>>;
  readonly rules: (model: ModelCard, request: TextRequest) => TextRules;
  /** What the rules cannot say. */
  readonly check?: (request: TextRequest, model: ModelCard) => UnsupportedField[];
  readonly systemRole?: (model: ModelCard) => "system" | "developer";
  readonly maxTokensField: (model: ModelCard) => "max_tokens" | "max_completion_tokens";
  /** Body fields that set an effort which the rules allow. */
  readonly effort?: (effort: ReasoningEffort, model: ModelCard) => JsonObject;
  /** Fields that every body has, unless provider_options say otherwise. */
  readonly defaults?: (model: ModelCard, request: TextRequest) => JsonObject;
  /** Content of an assistant message that only calls tools: most want null, some only take an empty string. */
  readonly emptyContent: null | "";
  readonly schema: (model: ModelCard) => SchemaForm;
  readonly toolNames: NameRule;
  readonly toolCallIds: NameRule;
  /** Whether `strict` is known in a tool's declaration. */
  readonly toolStrict: boolean;
  /** The part of the body that holds a piece of media, or undefined when the server has none for it. */
  readonly media: (part: MediaPart) => JsonObject | undefined;
  readonly fetchesUrls: boolean;
  /** Whether `stream_options.include_usage` is known. */
  readonly usageOption: boolean;
  /** Where the model's reasoning is in a delta, in order of preference. */
  readonly reasoningFields: readonly string[];
  /** Whether a delta may repeat all reasoning so far in place of adding to it. */
  readonly reasoningSnapshots?: boolean;
  /** Whether reasoning may also come at the content's beginning, between `<think>` and `</think>`. */
  readonly thinkTags: boolean;
  /** The fields of an assistant message that give an earlier turn's reasoning back, when the server wants it. */
  readonly reasoningBack?: (text: string) => JsonObject;
  /**
   * Whether `completion_tokens` holds the reasoning tokens. `detect`: decide by whether the total is the sum of the
   * two or of the three.
   */
  readonly reasoningInCompletion: true | "detect";
  /** What the server's own error codes and words mean. */
  readonly errorKind?: ErrorKind;
  /** The error that a body or event of another shape holds, beside those of the dialect. */
  readonly bodyError?: (body: JsonObject) => ChatError | undefined;
  /** What a finish reason of its own means. */
  readonly finishReasons?: Readonly<Record<string, "stop" | "length" | "tool_calls" | "content_filter">>;
}

/** How a response schema is written into `response_format`. */
export interface SchemaForm {
  /** `wrapped`: `{name, schema, strict}`; `bare`: the schema itself. */
  readonly form: "wrapped" | "bare";
  /** The part of JSON Schema the server holds to. `null`: it is sent as it is. */
  readonly profile: SchemaProfile | null;
  /** Sends `strict: true`. */
  readonly strict: boolean;
}

export const openaiNames: NameRule = { forbidden: /[^A-Za-z0-9_-]/g, maxLength: 64 };
/** Ids that others made may be longer than OpenAI takes. */
export const openaiCallIds: NameRule = { forbidden: /[^A-Za-z0-9_-]/g, maxLength: 40 };
