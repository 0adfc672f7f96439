import { z } from "zod";
import { usageOf } from "../chat/respond.ts";
import { answerTo, piecesOf } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { type Prompt, turn } from "../model/prompt.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest } from "../provider.ts";
import { jsonReply, type Reply, type StreamEvent, streamReply } from "../wire/reply.ts";
import { badInput, cloudflareErrors, envelope } from "./errors.ts";
import type { WorkersModel } from "./models.ts";

const described = { description: z.string().optional(), parameters: z.record(z.string(), z.unknown()).optional() };
const tool = z.union([
  z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string(), ...described }) }),
  z.strictObject({ name: z.string(), ...described }),
]);
const content = z.union([
  z.string(),
  z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text"), text: z.string() }),
      z.strictObject({ type: z.literal("image_url"), image_url: z.strictObject({ url: z.string() }) }),
    ]),
  ),
]);

const body = z
  .strictObject({
    prompt: z.string().min(1).optional(),
    messages: z
      .array(
        z.strictObject({
          role: z.enum(["system", "user", "assistant", "tool"]),
          content,
          name: z.string().optional(),
          tool_calls: z.array(z.unknown()).optional(),
          tool_call_id: z.string().optional(),
        }),
      )
      .min(1)
      .optional(),
    max_tokens: z.number().int().min(1).optional(),
    stream: z.boolean().optional(),
    temperature: z.number().min(0).max(5).optional(),
    top_p: z.number().min(0).max(2).optional(),
    top_k: z.number().int().min(1).max(50).optional(),
    seed: z.number().int().optional(),
    repetition_penalty: z.number().min(0).max(2).optional(),
    frequency_penalty: z.number().min(-2).max(2).optional(),
    presence_penalty: z.number().min(-2).max(2).optional(),
    raw: z.boolean().optional(),
    lora: z.string().optional(),
    image: z.union([z.string(), z.array(z.number())]).optional(),
    tools: z.array(tool).optional(),
    response_format: z
      .union([
        z.strictObject({ type: z.literal("json_object") }),
        z.strictObject({ type: z.literal("json_schema"), json_schema: z.record(z.string(), z.unknown()) }),
      ])
      .optional(),
  })
  .refine(({ prompt, messages }) => (prompt === undefined) !== (messages === undefined), {
    message: "oneOf at '/' not met: exactly one of 'prompt' and 'messages' is required",
  });

type Asked = z.output<typeof body>;

/** Native calls answer this many tokens when they do not say how many. */
const maxTokensDefault = 256;

/** Answers a text model at `/ai/run/{model}` in Workers AI's own shape. */
export function runText(): (request: ProviderRequest, model: WorkersModel) => Reply {
  const cache = prefixCache();
  return (request, model) => {
    const parsed = parseBody(body, request.json() ?? {});
    if (!parsed.ok) return badInput(`${parsed.issue.path.join("/")}: ${parsed.issue.message}`);
    const asked = parsed.value;
    const prompt = promptOf(asked, model);
    if (prompt.tools.length > 0 && !model.tools) return badInput("'tools' are not supported by this model");
    const answer = answerTo(prompt);
    const billed = usageOf(prompt, answer, { id: model.id, reportsCacheWrites: false }, cache, "");
    const [input, output] = [billed.inputTokens ?? 0, billed.outputTokens ?? 0];
    if (input > model.context) {
      const error = {
        message: `AiError: the estimated number of input tokens (${input}) exceeded this model context window limit (${model.context})`,
        code: "5021",
      };
      return jsonReply(413, cloudflareErrors.body(error, request.requestId));
    }
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    // Calls have no ids here, and their arguments are objects.
    const toolCalls = (answer.callsCut ? answer.calls.slice(0, -1) : answer.calls).map((call) => ({
      name: call.name,
      arguments: JSON.parse(call.arguments) as object,
    }));
    const text = answer.refusal ?? answer.text;
    if (asked.stream) return streamReply(events(text, toolCalls, usage, answer.outputTokens), billed);
    const isJson = asked.response_format !== undefined && answer.finish === "stop" && toolCalls.length === 0;
    const response = isJson ? (JSON.parse(text) as object) : text;
    return jsonReply(200, envelope({ response, tool_calls: toolCalls, usage }), { billed });
  };
}

function promptOf(asked: Asked, model: WorkersModel): Prompt {
  const messages = asked.messages ?? [{ role: "user" as const, content: asked.prompt ?? "" }];
  const format = asked.response_format;
  let last = "tool";
  const turns = messages.map((message) => {
    const parts = typeof message.content === "string" ? [] : message.content;
    const text =
      typeof message.content === "string"
        ? message.content
        : parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    const images = parts.filter(({ type }) => type === "image_url").length;
    if (message.role === "tool") return turn("tool", { results: [{ name: message.name ?? last, text }] });
    const calls = (message.tool_calls ?? []).map((call) => JSON.stringify(call));
    for (const call of calls) last = /"name":"([^"]+)"/.exec(call)?.[1] ?? last;
    return turn(message.role, { text, images, calls });
  });
  return {
    label: `workers-ai/${model.id}`,
    turns: asked.image === undefined ? turns : [...turns, turn("system", { images: 1 })],
    tools: (asked.tools ?? []).map((one) => {
      const declared = "function" in one ? one.function : one;
      return { name: declared.name, parameters: declared.parameters ?? null };
    }),
    toolChoice: "auto",
    parallelCalls: true,
    json: format?.type === "json_schema" ? format.json_schema : format ? "any" : null,
    maxOutputTokens: asked.max_tokens ?? maxTokensDefault,
    stop: [],
    reasoningTokens: 0,
    reasoningTokensIfAsked: 0,
  };
}

function* events(
  text: string,
  toolCalls: readonly object[],
  usage: object,
  outputTokens: number,
): Iterable<StreamEvent> {
  let characters = 0;
  for (const piece of piecesOf(text)) {
    characters += piece.length;
    const data = JSON.stringify({ response: piece, p: "abcd" });
    yield { wire: `data: ${data}\n\n`, outputTokens: Math.min(outputTokens, Math.ceil(characters / 4)) };
  }
  const last = { response: "", ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}), usage };
  yield { wire: `data: ${JSON.stringify(last)}\n\n`, outputTokens, hasUsage: true };
  yield { wire: "data: [DONE]\n\n", outputTokens };
}
