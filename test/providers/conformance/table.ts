import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Adapter } from "../../../src/providers/adapter.ts";
import { alibaba } from "../../../src/providers/alibaba/index.ts";
import { anthropic } from "../../../src/providers/anthropic/index.ts";
import { bytedance } from "../../../src/providers/bytedance/index.ts";
import { customAdapter } from "../../../src/providers/custom/index.ts";
import { google } from "../../../src/providers/google/index.ts";
import { groq } from "../../../src/providers/groq/index.ts";
import { minimax } from "../../../src/providers/minimax/index.ts";
import { openai } from "../../../src/providers/openai/index.ts";
import { workersAi } from "../../../src/providers/workers-ai/index.ts";
import { xai } from "../../../src/providers/xai/index.ts";
import { card } from "../support/model.ts";
import { type ChatVoice, chatSpeaker, openaiError } from "./chat-speaker.ts";
import { claudeSpeaker } from "./claude-speaker.ts";
import { geminiSpeaker } from "./gemini-speaker.ts";
import { openaiErrors, responsesSpeaker } from "./responses-speaker.ts";
import type { Speaker } from "./speaker.ts";

/** What every text adapter is held to. The order is the order of the columns. */
export const behaviours = {
  stream: "text streamed and put together, split at any byte",
  system: "system text where the provider wants it",
  tools: "a tool call, its arguments in pieces, and its result in the next request",
  parallel: "several tool calls in one answer, kept apart",
  names: "tool names outside the provider's alphabet, changed and changed back",
  schema: "an answer held to a JSON schema",
  image: "images by URL or base64",
  reasoning: "reasoning shown, and told apart from text",
  replay: "reasoning sent back in a tool loop as the provider needs it",
  effort: "reasoning_effort",
  usage: "tokens, with cached and reasoning tokens",
  finish: "cut for length, kept back by a filter",
  errors: "each class of error, and whether to come back",
  "in-band": "an error after text, under status 200",
  cut: "a connection that breaks is not an answer",
  cancel: "giving up closes the connection to the provider",
} as const;

export type Behaviour = keyof typeof behaviours;

export interface Conforming {
  /** As it reads in the table; a provider may have two rows. */
  readonly name: string;
  readonly adapter: Adapter;
  readonly model: ModelCard;
  readonly speaker: Speaker;
  /** Why a behaviour is not there. For a request's field the adapter then has to refuse it. */
  readonly lacks: Partial<Readonly<Record<Behaviour, string>>>;
  /** What the wire facts rest on beside the provider's documents. */
  readonly oracle: string;
}

const chatVoice: ChatVoice = {
  path: "/chat/completions",
  model: "simulated",
  reasoning: null,
  wholeCalls: false,
  laterId: undefined,
  usage: "last-chunk",
  reasoningApart: false,
  maxTokensField: "max_completion_tokens",
  systemRole: "system",
  errors: openaiErrors,
  failing: { error: { message: "simulated", type: "server_error", code: "server_error" } },
};

const noReplay = "no document says that the server takes any back";

export const conforming: readonly Conforming[] = [
  {
    name: "openai (Responses)",
    adapter: openai,
    model: card("openai/gpt-5.4"),
    speaker: responsesSpeaker({ model: "gpt-5.4", systemRole: "developer", errors: openaiErrors }),
    lacks: {},
    oracle: "openai",
  },
  {
    name: "openai (Chat)",
    adapter: openai,
    model: card("openai/gpt-4.1"),
    speaker: chatSpeaker(chatVoice),
    lacks: {
      reasoning: "models that reason are called through Responses",
      replay: "models that reason are called through Responses",
      effort: "models that reason are called through Responses",
    },
    oracle: "openai",
  },
  {
    name: "anthropic",
    adapter: anthropic,
    model: card("anthropic/claude-sonnet-5"),
    speaker: claudeSpeaker,
    lacks: {},
    oracle: "@anthropic-ai/sdk",
  },
  {
    name: "google",
    adapter: google,
    model: card("google/gemini-3.8-flash"),
    speaker: geminiSpeaker,
    lacks: {},
    oracle: "@google/genai",
  },
  {
    name: "groq",
    adapter: groq,
    model: card("groq/openai/gpt-oss-120b"),
    speaker: chatSpeaker({ ...chatVoice, reasoning: "reasoning", wholeCalls: true, usage: "with-finish" }),
    lacks: { replay: noReplay },
    oracle: "groq-sdk, openai",
  },
  {
    name: "xai",
    adapter: xai,
    model: card("xai/grok-4.5"),
    speaker: chatSpeaker({
      ...chatVoice,
      reasoning: "reasoning_content",
      wholeCalls: true,
      reasoningApart: true,
      errors: {
        ...openaiErrors,
        quota_exhausted: { status: 429, body: { error: "Your team has reached its monthly spending limit" } },
        unauthenticated: { status: 400, body: { code: "invalid-argument", error: "Incorrect API key provided" } },
        bad_request: { status: 400, body: { code: "invalid-argument", error: "Argument not supported" } },
        not_found: { status: 404, body: { code: "not-found", error: "The model does not exist" } },
        overloaded: { status: 503, body: { code: "unavailable", error: "The service is currently unavailable" } },
      },
    }),
    lacks: { replay: "its chat route takes none back" },
    oracle: "openai",
  },
  {
    name: "alibaba",
    adapter: alibaba,
    model: card("alibaba/qwen3.7-plus"),
    speaker: chatSpeaker({
      ...chatVoice,
      path: "/compatible-mode/v1/chat/completions",
      reasoning: "reasoning_content",
      laterId: "",
      maxTokensField: "max_tokens",
      errors: {
        ...openaiErrors,
        rate_limited: openaiError(
          429,
          "insufficient_quota",
          "insufficient_quota",
          "Allocated quota exceeded, please increase your quota",
        ),
        quota_exhausted: openaiError(403, "AllocationQuota.FreeTierOnly"),
        unauthenticated: openaiError(401, "invalid_api_key"),
        bad_request: openaiError(400, "invalid_parameter_error"),
        overloaded: {
          status: 503,
          body: { error: { message: "busy", type: "server_error", code: "ServiceUnavailable" } },
        },
      },
    }),
    lacks: { replay: noReplay },
    oracle: "openai",
  },
  {
    name: "bytedance",
    adapter: bytedance,
    model: card("bytedance/seed-1-8-251228"),
    speaker: chatSpeaker({
      ...chatVoice,
      reasoning: "reasoning_content",
      errors: {
        rate_limited: openaiError(429, "RateLimitExceeded.EndpointRPMExceeded", "TooManyRequests"),
        quota_exhausted: openaiError(429, "SetLimitExceeded", "TooManyRequests"),
        unauthenticated: openaiError(401, "AuthenticationError", "Unauthorized"),
        bad_request: openaiError(400, "InvalidParameter", "BadRequest"),
        not_found: openaiError(404, "InvalidEndpointOrModel.NotFound", "NotFound"),
        overloaded: openaiError(429, "ServerOverloaded", "TooManyRequests"),
        server_error: openaiError(500, "InternalServiceError", "InternalServerError"),
      },
      failing: { error: { code: "InternalServiceError", message: "simulated" } },
    }),
    lacks: { replay: noReplay },
    oracle: "openai",
  },
  {
    name: "minimax",
    adapter: minimax,
    model: card("minimax/MiniMax-M3"),
    speaker: chatSpeaker({
      ...chatVoice,
      path: "/v1/chat/completions",
      reasoning: "reasoning_details",
      errors: {
        rate_limited: minimaxError(1002, "rate limit"),
        quota_exhausted: minimaxError(1008, "insufficient balance"),
        unauthenticated: minimaxError(1004, "not authorised"),
        bad_request: minimaxError(2013, "invalid params"),
        not_found: openaiError(404, "model_not_found"),
        overloaded: { status: 503, body: { error: { message: "busy", type: "server_error" } } },
        server_error: minimaxError(1024, "internal error"),
      },
      failing: { base_resp: { status_code: 1033, status_msg: "downstream error" } },
    }),
    lacks: { schema: "no document says that it can be held to one", effort: "its models always think" },
    oracle: "openai",
  },
  {
    name: "workers-ai",
    adapter: workersAi,
    model: card("workers-ai/@cf/openai/gpt-oss-120b"),
    speaker: chatSpeaker({
      ...chatVoice,
      path: "/v1/chat/completions",
      reasoning: "reasoning_content",
      maxTokensField: "max_tokens",
      errors: {
        rate_limited: { status: 429, body: { success: false, errors: [{ code: 3099, message: "too many requests" }] } },
        quota_exhausted: cloudflareError(429, 3036),
        unauthenticated: cloudflareError(401, 10_000),
        bad_request: cloudflareError(400, 5004),
        not_found: cloudflareError(400, 5007),
        overloaded: cloudflareError(429, 3040),
        server_error: cloudflareError(500, 3043),
      },
      failing: cloudflareError(500, 3043).body,
    }),
    lacks: { replay: noReplay },
    oracle: "openai, cloudflare",
  },
  {
    name: "custom endpoint",
    adapter: customAdapter({ name: "mine", baseUrl: "http://127.0.0.1:11434/v1" }),
    model: card("mine/qwen3:8b"),
    speaker: chatSpeaker({ ...chatVoice, reasoning: "tags", maxTokensField: "max_tokens" }),
    lacks: { replay: noReplay },
    oracle: "openai",
  },
];

function minimaxError(status_code: number, status_msg: string) {
  return { status: 200, body: { base_resp: { status_code, status_msg } } };
}

function cloudflareError(status: number, code: number) {
  return { status, body: { result: null, success: false, errors: [{ code, message: "simulated" }], messages: [] } };
}
