import type { z } from "zod";
import type { Usage } from "../../core/usage.ts";
import type { ChatError } from "../chat/dialect.ts";
import type { JsonSchema } from "../model/prompt.ts";
import type { FieldIssue } from "../parse.ts";
import type { ProviderName, ProviderRequest } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";
import type { ResponsesRequest } from "./request.ts";

/** What a model takes, as far as a Responses request can be wrong about it. */
export interface ResponsesModel {
  readonly id: string;
  readonly context: number;
  readonly outputMax: number;
  readonly reasons: boolean;
  readonly effortDefault: string;
}

/** What providers that speak OpenAI's Responses differ in. */
export interface ResponsesDialect<M extends ResponsesModel = ResponsesModel> {
  readonly provider: ProviderName;
  readonly schema: z.ZodType<ResponsesRequest>;
  readonly model: (id: string) => M | null;
  readonly error: (error: ChatError, request: ProviderRequest) => Reply;
  readonly modelNotFound: (model: string, request: ProviderRequest) => Reply;
  readonly shapeError: (issue: FieldIssue) => ChatError;
  readonly ruleError: (request: ResponsesRequest, model: M) => ChatError | null;
  /** What is wrong with a schema that is to be held to strictly, or null. */
  readonly strictSchemaIssue: (schema: JsonSchema) => string | null;
  readonly reportsCacheWrites?: (model: M) => boolean;
  /** Adds what the provider itself charges to what was used. */
  readonly charge?: (usage: Usage, model: M) => Usage;
  /** Fields of `usage` besides OpenAI's. */
  readonly usageExtras?: (usage: Usage) => object;
}
