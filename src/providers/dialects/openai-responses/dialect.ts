import type { ModelCard } from "../../../core/model-card.ts";
import type { JsonObject } from "../../narrow.ts";
import type { SchemaProfile } from "../../schema/profile.ts";
import type { TextRequest } from "../../shapes/text.ts";
import type { ReasoningEffort, TextRules } from "../../text-rules.ts";
import type { UnsupportedField } from "../../unsupported.ts";
import type { NameRule } from "../../wire-names.ts";
import type { ErrorKind } from "../openai-chat/error.ts";

/** Where a server of the Responses dialect differs from OpenAI's. */
export interface ResponsesDialect {
  readonly provider: string;
  readonly path: string;
  /** Fields that every request has unless its own say otherwise. */
  readonly defaults?: JsonObject;
  readonly systemRole: "developer" | "system";
  readonly rules: (model: ModelCard, request: TextRequest) => TextRules;
  readonly check?: (request: TextRequest, model: ModelCard) => UnsupportedField[];
  /** The `reasoning` field for an effort which the rules allow. */
  readonly effort: (effort: ReasoningEffort, model: ModelCard) => JsonObject;
  readonly schemaProfile: SchemaProfile | null;
  readonly toolNames: NameRule;
  readonly toolCallIds: NameRule;
  /** What the server's own error codes and words mean. */
  readonly errorKind?: ErrorKind;
}
