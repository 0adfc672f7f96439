import type { Usage } from "../../core/usage.ts";
import type { JsonSchema } from "../model/prompt.ts";
import type { FieldIssue } from "../parse.ts";
import type { ProviderName } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";

/** What a chat model takes, as far as a request can be wrong about it. */
export interface ChatModel {
  readonly id: string;
  /** Tokens of prompt and answer together. */
  readonly context: number;
  readonly outputMax: number;
  /** Which parameters it takes: those of reasoning models, those of the others, or both. */
  readonly sampling: "reasoning" | "classic" | "either";
  readonly efforts: readonly string[];
  readonly effortDefault: string;
  /** Whether temperature and its like are taken when the effort is `none`. */
  readonly samplingWithoutReasoning: boolean;
  readonly responsesOnly: boolean;
  /** Whether function tools are refused in Chat Completions unless the effort is `none`. */
  readonly toolsNeedNoReasoning: boolean;
  readonly reportsCacheWrites: boolean;
  readonly images: boolean;
  readonly audio: boolean;
  readonly jsonSchema: boolean;
  readonly tools: boolean;
}

/** An error as OpenAI's dialect words it. */
export interface ChatError {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** What providers that speak OpenAI's chat dialect differ in. */
export interface ChatDialect {
  readonly provider: ProviderName;
  readonly model: (id: string) => ChatModel | null;
  readonly error: (status: number, error: ChatError) => Reply;
  readonly notJson: () => Reply;
  readonly modelNotFound: (model: string) => Reply;
  readonly shapeError: (issue: FieldIssue) => ChatError;
  readonly usage: (usage: Usage) => unknown;
  /** What is wrong with a strict schema, or null. */
  readonly strictSchemaIssue: (schema: JsonSchema) => string | null;
}
