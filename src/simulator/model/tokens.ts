import type { Prompt, Turn } from "./prompt.ts";

const charactersPerToken = 4;
const tokensPerTurn = 4;
export const tokensPerImage = 256;
const tokensPerFile = 512;

/** A token is four characters, rounded up: simple enough for a test to reckon in its head. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** The longest beginning of `text` that is at most `tokens`, never ending inside a surrogate pair. */
export function firstTokens(text: string, tokens: number): string {
  let end = Math.max(0, tokens) * charactersPerToken;
  if (end >= text.length) return text;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last < 0xdc00) end -= 1;
  return text.slice(0, end);
}

export function tokensOfTurn(turn: Turn): number {
  let tokens = tokensPerTurn + countTokens(turn.text) + turn.images * tokensPerImage + turn.files * tokensPerFile;
  for (const call of turn.calls) tokens += tokensPerTurn + countTokens(call);
  for (const result of turn.results) tokens += tokensPerTurn + countTokens(result.text);
  return tokens;
}

export function tokensOfTools(prompt: Pick<Prompt, "tools">): number {
  let tokens = 0;
  for (const tool of prompt.tools) {
    tokens +=
      tokensPerTurn + countTokens(tool.name) + (tool.parameters ? countTokens(JSON.stringify(tool.parameters)) : 0);
  }
  return tokens;
}

/** Everything a prompt is charged for. */
export function tokensOfPrompt(prompt: Prompt): number {
  return prompt.turns.reduce((sum, turn) => sum + tokensOfTurn(turn), tokensOfTools(prompt));
}
