/** A JSON Schema as a request brings it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

interface ToolResult {
  readonly name: string;
  readonly text: string;
}

/** One turn of the conversation, as far as the simulated model looks at it. */
export interface Turn {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly text: string;
  readonly images: number;
  /** Audio, video and documents. */
  readonly files: number;
  /** Names of the tools an assistant turn called. */
  readonly calls: readonly string[];
  /** What a tool turn brings back. */
  readonly results: readonly ToolResult[];
}

interface PromptTool {
  readonly name: string;
  readonly parameters: JsonSchema | null;
}

/** What every text request comes down to, whatever the provider. */
export interface Prompt {
  /** `provider/model`, for the answer's text. */
  readonly label: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly PromptTool[];
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string };
  readonly parallelCalls: boolean;
  /** A schema to answer by, `"any"` for free JSON, null for text. */
  readonly json: JsonSchema | "any" | null;
  /** Includes reasoning, unless `limitExcludesReasoning`. */
  readonly maxOutputTokens: number | null;
  readonly limitExcludesReasoning?: boolean;
  readonly stop: readonly string[];
  /** Tokens of reasoning this request asks for; 0 for none. */
  readonly reasoningTokens: number;
  /** What `think` in the prompt asks for where the request itself asks for none; 0 when the model cannot. */
  readonly reasoningTokensIfAsked: number;
}

export function turn(role: Turn["role"], fields: Partial<Omit<Turn, "role">> = {}): Turn {
  return { role, text: "", images: 0, files: 0, calls: [], results: [], ...fields };
}
