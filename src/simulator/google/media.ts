import type { Usage } from "../../core/usage.ts";
import { sizeOfRatio } from "../media/aspect.ts";
import { makeSpeech, secondsToSay } from "../media/audio.ts";
import { makeImage } from "../media/image.ts";
import { tokensOfPrompt } from "../model/tokens.ts";
import type { WireContext } from "../provider.ts";
import { jsonReply, type Reply, streamReply } from "../wire/reply.ts";
import { refuse } from "./errors.ts";
import { imageModels, speechModels } from "./models.data.ts";
import type { GeminiModel } from "./models.ts";
import { promptOfContents } from "./prompt.ts";
import { type MadePart, responseBody } from "./reply.ts";
import type { GenerateRequest } from "./request.ts";

interface Made {
  readonly parts: readonly MadePart[];
  readonly modality: "IMAGE" | "AUDIO";
  readonly tokens: number;
  readonly finishReason: string;
  readonly billed: Usage;
}

/** Answers generateContent by a model that draws or speaks. A stream of it is one chunk. */
export function respondWithMedia(
  asked: GenerateRequest,
  model: GeminiModel,
  context: WireContext,
  streams: boolean,
): Reply {
  const prompt = promptOfContents(asked, model);
  const text = prompt.turns.findLast(({ role }) => role === "user")?.text ?? "";
  const made = model.modalities.includes("AUDIO") ? speak(asked, model, text, streams) : draw(asked, model, text);
  const input = tokensOfPrompt(prompt);
  const thoughts = prompt.reasoningTokens;
  const head = { modelVersion: model.id, responseId: context.ids.next("") };
  const usage = {
    promptTokenCount: input,
    ...(made.tokens > 0 ? { candidatesTokenCount: made.tokens } : {}),
    totalTokenCount: input + made.tokens + thoughts,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: input }],
    ...(made.tokens > 0 ? { candidatesTokensDetails: [{ modality: made.modality, tokenCount: made.tokens }] } : {}),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
  };
  const body = responseBody(head, { finish: "stop" }, made.parts, usage, 1) as {
    candidates: { finishReason: string }[];
  };
  for (const candidate of body.candidates) candidate.finishReason = made.finishReason;
  const billed = {
    inputTokens: input,
    outputTokens: made.tokens + thoughts,
    reasoningTokens: thoughts,
    ...made.billed,
  };
  if (!streams) return jsonReply(200, body, { billed });
  const wire = `data: ${JSON.stringify(body)}\r\n\r\n`;
  return {
    ...streamReply([{ wire, outputTokens: billed.outputTokens, hasUsage: true }], billed),
    contentType: "text/event-stream",
  };
}

const ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
const wideRatios = ["1:4", "4:1", "1:8", "8:1"];
const sideOf: Readonly<Record<string, number>> = { "512": 512, "1K": 1_024, "2K": 2_048, "4K": 4_096 };
const tokensOf: Readonly<Record<string, number>> = { "512": 747, "1K": 1_120, "2K": 1_680, "4K": 2_520 };

function draw(asked: GenerateRequest, model: GeminiModel, prompt: string): Made {
  const config = asked.generationConfig ?? {};
  const { aspectRatio = "1:1", imageSize = "1K" } = config.imageConfig ?? {};
  const hasSmall = imageModels.some(([id, small]) => id === model.id && small);
  if (config.candidateCount !== undefined) refuse("Multiple candidates is not enabled for this model");
  if (asked.tools?.some(({ functionDeclarations }) => functionDeclarations))
    refuse("Function calling is not enabled for this model");
  if (imageSize === "512" && !hasSmall) refuse(`Image size 512 is not supported by ${model.id}`);
  if (![...ratios, ...(hasSmall ? wideRatios : [])].includes(aspectRatio)) {
    refuse(
      `* GenerateContentRequest.generation_config.image_config.aspect_ratio: ${aspectRatio} is not one of the supported ratios`,
    );
  }
  if (/\brefuse\b/i.test(prompt)) {
    const parts = [{ text: "[simulated] I can't draw that." }];
    return { parts, modality: "IMAGE", tokens: 0, finishReason: "IMAGE_SAFETY", billed: {} };
  }
  const [width, height] = sizeOfRatio(aspectRatio, sideOf[imageSize] ?? 1_024);
  const image = (seed: string) => makeImage("png", width, height, `${model.id} ${seed}`).toString("base64");
  const tokens = tokensOf[imageSize] ?? 1_120;
  // A model that thinks in pictures shows a draft when it shows its thoughts.
  const isShown = config.thinkingConfig?.includeThoughts === true && model.thinkingTokensDefault > 0;
  const draft = isShown
    ? [{ inlineData: { mimeType: "image/png", data: image("draft") }, thought: true as const }]
    : [];
  const parts: MadePart[] = [...draft, { inlineData: { mimeType: "image/png", data: image(prompt) } }];
  return { parts, modality: "IMAGE", tokens, finishReason: "STOP", billed: { images: 1, imageOutputTokens: tokens } };
}

const sampleRate = 24_000;
const audioTokensPerSecond = 25;
const containers = {
  AUDIO_L16: { format: "pcm", mimeType: "audio/L16;codec=pcm;rate=24000" },
  AUDIO_WAV: { format: "wav", mimeType: "audio/wav" },
  AUDIO_MULAW: { format: "mulaw", mimeType: "audio/mulaw;rate=24000" },
  AUDIO_ALAW: { format: "alaw", mimeType: "audio/alaw;rate=24000" },
} as const;

function speak(asked: GenerateRequest, model: GeminiModel, text: string, streams: boolean): Made {
  const config = asked.generationConfig ?? {};
  const version = speechModels.find(([id]) => id === model.id)?.[1] ?? 0;
  if (asked.systemInstruction) refuse("Developer instruction is not enabled for this model");
  if (asked.tools) refuse("Function calling is not enabled for this model");
  if (!config.responseModalities?.includes("AUDIO")) {
    refuse("The requested combination of response modalities (TEXT) is not supported by the model.");
  }
  if (streams && version < 3.1) refuse("Streaming is not supported for this model");
  if (config.responseFormat && version < 3.8) refuse("response_format is not supported for this model");
  const speakers = config.speechConfig?.multiSpeakerVoiceConfig?.speakerVoiceConfigs;
  if (speakers && config.speechConfig?.voiceConfig)
    refuse("voice_config and multi_speaker_voice_config must not both be set");
  if (speakers && speakers.length !== 2 && version <= 3.1) refuse("The number of enabled_voices must equal 2.");
  const { format, mimeType } = containers[config.responseFormat?.audio?.mimeType ?? "AUDIO_L16"];
  const seconds = secondsToSay(text);
  const tokens = Math.ceil(seconds * audioTokensPerSecond);
  const data = makeSpeech(text, format, sampleRate).toString("base64");
  return {
    parts: [{ inlineData: { mimeType, data } }],
    modality: "AUDIO",
    tokens,
    finishReason: "STOP",
    billed: { seconds, audioOutputTokens: tokens },
  };
}
