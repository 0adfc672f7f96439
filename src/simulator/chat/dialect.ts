import type { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import type { JsonSchema } from "../model/prompt.ts";
import type { FieldIssue } from "../parse.ts";
import type { ProviderName, ProviderRequest } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";
import type { ChatRequest } from "./fields.ts";

/** What a chat model takes, as far as a request can be wrong about it. */
export interface ChatModel {
  readonly id: string;
  /** Tokens of prompt and answer together. */
  readonly context: number;
  readonly outputMax: number;
  readonly reasons: boolean;
  readonly images: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly jsonSchema: boolean;
  readonly tools: boolean;
}

/** An error as OpenAI's dialect words it. */
export interface ChatError {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
  /** 400 when absent. */
  readonly status?: number;
}

/** How a provider writes its completions and chunks. */
export interface ChatStyle {
  /** Where reasoning is shown. `hidden` shows none of it. */
  readonly reasoning: "hidden" | "reasoning" | "reasoning_content" | "think_tags" | "reasoning_details";
  /** Arguments in fragments; in fragments that repeat the id as ""; or each call whole in one delta. */
  readonly toolDeltas: "fragments" | "empty_ids" | "whole";
  readonly roleOnEveryDelta: boolean;
  /** Usage in a chunk of its own: when asked for, or always; or in the finishing chunk. */
  readonly usageAt: "asked" | "last" | "finish";
  /** Whether chunks without usage say `"usage":null`: never, when usage was asked for, always. */
  readonly usageNull: "never" | "asked" | "always";
  /** Whether there is a `refusal` beside `content`. Without it a refusal is a content filter's. */
  readonly refusals: boolean;
  readonly annotations: boolean;
  /** What `content` is when there are only calls. */
  readonly emptyContent: null | "";
  /** What a choice says of a filtered answer besides its finish reason. */
  readonly filteredChoice?: object;
}

/** How much a request makes the model think, and what counts against its limit. */
export interface Thinking {
  readonly tokens: number;
  /** When the prompt says `think`. */
  readonly tokensIfAsked: number;
  readonly limit: number | null;
  readonly limitExcludesThinking?: boolean;
}

/** What providers that speak OpenAI's chat dialect differ in. */
export interface ChatDialect<M extends ChatModel = ChatModel> {
  readonly provider: ProviderName;
  readonly schema: z.ZodType<ChatRequest>;
  readonly style: ChatStyle | ((request: ChatRequest) => ChatStyle);
  readonly model: (id: string) => M | null;
  readonly error: (error: ChatError, request: ProviderRequest) => Reply;
  readonly modelNotFound: (model: string, request: ProviderRequest) => Reply;
  readonly shapeError: (issue: FieldIssue) => ChatError;
  /** What the provider's own rules have against a request. */
  readonly ruleError: (request: ChatRequest, model: M) => ChatError | null;
  /** Whether JSON mode wants the word in the prompt. */
  readonly jsonWord: boolean;
  /** What is wrong with a schema that is to be held to strictly, or null. */
  readonly strictSchemaIssue: (schema: JsonSchema) => string | null;
  readonly thinking: (request: ChatRequest, model: M) => Thinking;
  readonly reportsCacheWrites?: (model: M) => boolean;
  /** Adds what the provider itself charges to what was used. */
  readonly charge?: (usage: Usage, model: M) => Usage;
  readonly usage: (usage: Usage) => object;
  readonly serviceTier?: (request: ChatRequest) => string;
  /** Fields that the provider adds to every completion and chunk, to the first chunk and to the finishing one. */
  readonly extras?: (request: ProviderRequest) => ChatExtras;
}

export interface ChatExtras {
  readonly every?: object;
  readonly completion?: object;
  readonly first?: object;
  readonly finish?: (usage: object) => object;
}
