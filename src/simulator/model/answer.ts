import { simulatorLimits } from "../../core/limits.ts";
import { type AskedCall, readInstructions } from "./instructions.ts";
import type { Prompt, Turn } from "./prompt.ts";
import { sampleOf } from "./sample.ts";
import { countTokens, firstTokens } from "./tokens.ts";

export type Finish = "stop" | "stop_sequence" | "length" | "tool_calls" | "refusal" | "content_filter" | "blocked";

/** What the simulated model says, before a provider's wire shapes it. */
export interface Answer {
  /** Empty when there was no reasoning. */
  readonly reasoning: string;
  readonly reasoningTokens: number;
  /** Empty when there are only calls or nothing could be said. */
  readonly text: string;
  /** A refusal's words, or null. */
  readonly refusal: string | null;
  readonly calls: readonly AskedCall[];
  /** Whether the last call's arguments were cut by the token limit. */
  readonly callsCut: boolean;
  readonly finish: Finish;
  readonly stopSequence: string | null;
  /** Reasoning included. */
  readonly outputTokens: number;
}

const lexicon = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi".split(" ");

/** Answers a prompt: the same prompt gives the same answer. See `docs/simulator.md` for what a prompt can ask for. */
export function answerTo(prompt: Prompt): Answer {
  const lastUser = prompt.turns.findLastIndex(({ role }) => role === "user");
  const asked = prompt.turns[lastUser];
  const names = new Set(prompt.toolChoice === "none" ? [] : prompt.tools.map(({ name }) => name));
  const instructions = readInstructions(asked?.text ?? "", names);
  const since = prompt.turns.slice(lastUser + 1);
  const budget = prompt.maxOutputTokens ?? Number.POSITIVE_INFINITY;

  const wanted = prompt.reasoningTokens || (instructions.think ? prompt.reasoningTokensIfAsked : 0);
  const reasoningTokens = prompt.limitExcludesReasoning ? wanted : Math.min(wanted, budget);
  const reasoning = wanted > 0 ? firstTokens(reasoningText(prompt.label, asked), reasoningTokens) : "";
  const base = { reasoning, reasoningTokens, text: "", refusal: null, calls: [], callsCut: false, stopSequence: null };
  const left = prompt.limitExcludesReasoning ? budget : budget - reasoningTokens;

  if (instructions.block) {
    return { ...base, reasoning: "", reasoningTokens: 0, finish: "blocked", outputTokens: 0 };
  }
  if (instructions.refuse) {
    const refusal = `[simulated ${prompt.label}] I can't help with that.`;
    return { ...base, refusal, finish: "refusal", outputTokens: reasoningTokens + countTokens(refusal) };
  }
  const calls = callsFor(prompt, instructions.rounds, since);
  if (calls.length > 0) return withCalls(base, calls, left);
  return withText(base, prompt, textFor(prompt, instructions, asked, since), left, instructions.filter);
}

type Base = Omit<Answer, "finish" | "outputTokens">;

function callsFor(prompt: Prompt, rounds: readonly (readonly AskedCall[])[], since: readonly Turn[]): AskedCall[] {
  const done = since.filter(({ role, calls }) => role === "assistant" && calls.length > 0).length;
  let calls = [...(rounds[done] ?? [])];
  const { toolChoice } = prompt;
  const forced = toolChoice === "required" || typeof toolChoice === "object";
  if (typeof toolChoice === "object") calls = calls.filter(({ name }) => name === toolChoice.name);
  if (forced && calls.length === 0) {
    const tool =
      typeof toolChoice === "object" ? prompt.tools.find(({ name }) => name === toolChoice.name) : prompt.tools[0];
    if (tool)
      calls = [{ name: tool.name, arguments: JSON.stringify(tool.parameters ? sampleOf(tool.parameters) : {}) }];
  }
  return prompt.parallelCalls ? calls : calls.slice(0, 1);
}

function withCalls(base: Base, asked: readonly AskedCall[], budget: number): Answer {
  const calls: AskedCall[] = [];
  let used = 0;
  for (const call of asked) {
    const overhead = 4 + countTokens(call.name);
    const kept = firstTokens(call.arguments, budget - used - overhead);
    if (used + overhead > budget) break;
    used += overhead + countTokens(kept);
    calls.push({ name: call.name, arguments: kept });
    if (kept !== call.arguments) break;
  }
  const whole = calls.length === asked.length && calls.at(-1)?.arguments === asked.at(-1)?.arguments;
  return {
    ...base,
    calls,
    callsCut: !whole && calls.at(-1)?.arguments !== asked[calls.length - 1]?.arguments,
    finish: whole ? "tool_calls" : "length",
    outputTokens: base.reasoningTokens + Math.min(used, budget),
  };
}

function withText(base: Base, prompt: Prompt, said: string, budget: number, filtered: boolean): Answer {
  let text = firstTokens(said, budget);
  let finish: Finish = text === said ? "stop" : "length";
  let stopSequence: string | null = null;
  for (const stop of prompt.stop) {
    const at = text.indexOf(stop);
    if (at < 0) continue;
    text = text.slice(0, at);
    stopSequence = stop;
    finish = "stop_sequence";
  }
  if (filtered) {
    text = firstTokens(text, 8);
    finish = "content_filter";
  }
  return { ...base, text, finish, stopSequence, outputTokens: base.reasoningTokens + countTokens(text) };
}

function textFor(
  prompt: Prompt,
  instructions: ReturnType<typeof readInstructions>,
  asked: Turn | undefined,
  since: readonly Turn[],
): string {
  if (instructions.exactly !== null) return instructions.exactly;
  const results = since.findLast(({ role }) => role === "tool")?.results;
  const mark = `[simulated ${prompt.label}]`;
  if (prompt.json === "any") return JSON.stringify({ simulated: prompt.label, text: echo(asked?.text ?? "") });
  if (prompt.json !== null) return JSON.stringify(sampleOf(prompt.json));
  if (instructions.words !== null) return `${mark} ${wordsUpTo(instructions.words)}`;
  if (results) return `${mark} ${results.map(({ name, text }) => `${name} returned: ${echo(text)}`).join("; ")}`;
  const images = prompt.turns.reduce((sum, { images }) => sum + images, 0);
  const files = prompt.turns.reduce((sum, { files }) => sum + files, 0);
  const seen = [
    images > 0 ? `${images} image${images === 1 ? "" : "s"}` : "",
    files > 0 ? `${files} file${files === 1 ? "" : "s"}` : "",
  ];
  const sight = seen.filter((part) => part !== "").join(" and ");
  return [mark, echo(asked?.text ?? ""), sight === "" ? "" : `(I see ${sight})`]
    .filter((part) => part !== "")
    .join(" ");
}

function reasoningText(label: string, asked: Turn | undefined): string {
  return `[simulated ${label} reasoning] The user wrote: ${echo(asked?.text ?? "")}`;
}

function echo(text: string): string {
  const limit = simulatorLimits.echoCharactersMax;
  return text.length <= limit ? text : `${firstTokens(text, limit / 4)}…`;
}

let longest: { count: number; text: string } = { count: 0, text: "" };

function wordsUpTo(count: number): string {
  if (longest.count === count) return longest.text;
  const text = Array.from({ length: count }, (_, index) => lexicon[index % lexicon.length]).join(" ");
  longest = { count, text };
  return text;
}

/** A long run of text without a space is cut into pieces of this many characters. */
const pieceCharactersMax = 24;

/** Text in the pieces it is streamed in: words with the space after them. */
export function* piecesOf(text: string): Iterable<string> {
  let start = 0;
  while (start < text.length) {
    const space = text.indexOf(" ", start);
    let end = space < 0 ? text.length : space + 1;
    if (end - start > pieceCharactersMax) {
      end = start + pieceCharactersMax;
      const last = text.charCodeAt(end - 1);
      if (last >= 0xd800 && last < 0xdc00) end -= 1;
    }
    yield text.slice(start, end);
    start = end;
  }
}
