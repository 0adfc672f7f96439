import { sizeOfFilm } from "../../media/aspect.ts";
import { hearAudio, transcribe } from "../../media/audio.ts";
import { makeMp4 } from "../../media/mp4.ts";
import { countTokens, tokensPerImage } from "../../model/tokens.ts";
import type { WireContext } from "../../provider.ts";
import { refuse } from "../errors.ts";
import { googleFiles } from "../files.ts";
import type { Made, MadeContent } from "./interaction.ts";
import type { Block, InteractionRequest, ResponseFormat, Step } from "./request.ts";

function blocksOf(steps: readonly Step[]): Block[] {
  return steps.flatMap((step) => (step.type === "user_input" ? step.content : []));
}

const tokensPerAudioSecond = 32;

/** Writes down what is said in an interaction's audio. */
export function makeTranscript(asked: InteractionRequest, steps: readonly Step[], model: string): Made {
  const audio = blocksOf(steps).find((block) => block.type === "audio");
  if (audio?.type !== "audio") return refuse("input: an audio block is required");
  if (audio.data === undefined) return refuse("input: this simulator hears inline audio only");
  const heard = hearAudio(Buffer.from(audio.data, "base64")) ?? refuse("input: unsupported audio format");
  const transcript = transcribe(heard, `google/${model}`);
  const mode = asked.generation_config?.transcription_config?.mode;
  const wantsWords = mode?.type === "verbatim" && mode.timestamp_granularities?.includes("word");
  const isDiarized = mode?.type === "verbatim" && mode.diarization_mode === "speaker";
  const annotations = transcript.words.map(({ text, start, end }) => ({
    type: "word_info",
    text,
    start_offset: `${start}s`,
    end_offset: `${end}s`,
    ...(isDiarized ? { speaker: "1" } : {}),
  }));
  const content: MadeContent = { type: "text", text: transcript.text, ...(wantsWords ? { annotations } : {}) };
  const input = Math.ceil(transcript.seconds * tokensPerAudioSecond);
  return {
    steps: [{ type: "model_output", content: [content] }],
    status: "completed",
    usage: {
      inputTokens: input,
      audioInputTokens: input,
      outputTokens: countTokens(transcript.text),
      seconds: transcript.seconds,
    },
    inputModality: "audio",
    outputModality: "text",
  };
}

const heights: Readonly<Record<string, number>> = { "360p": 360, "720p": 720, "1080p": 1_080, "4k": 2_160 };
const tokensPerVideoSecond = 1_000;
const secondsMin = 3;
const secondsDefault = 8;
const inlineBytesMax = 4 * 1024 * 1024;

/** Films what an interaction asks for. */
export function makeVideo(
  asked: InteractionRequest,
  steps: readonly Step[],
  model: string,
  secondsMax: number,
  context: WireContext,
): Made {
  const formats: readonly ResponseFormat[] = [asked.response_format ?? []].flat();
  const format = formats.find((one) => one.type === "video");
  if (!format && formats.length > 0) return refuse("response_format: this model answers with video only");
  const seconds = format?.type === "video" && format.duration ? Number.parseFloat(format.duration) : secondsDefault;
  if (seconds < secondsMin || seconds > secondsMax) {
    return refuse(`response_format.duration: must be between ${secondsMin}s and ${secondsMax}s`);
  }
  const task = asked.generation_config?.video_config?.task;
  const blocks = blocksOf(steps);
  const images = blocks.filter(({ type }) => type === "image").length;
  if ((task === "image_to_video" || task === "reference_to_video") && images === 0) {
    return refuse(`generation_config.video_config.task: ${task} requires an image`);
  }
  const prompt = blocks.map((block) => (block.type === "text" ? block.text : "")).join(" ");
  const input = countTokens(prompt) + images * tokensPerImage;
  const failed = /\bfail this job\b|\brefuse\b/i.test(prompt);
  if (failed) {
    const usage = { inputTokens: input, outputTokens: 0 };
    return { steps: [], status: "failed", usage, inputModality: "text", outputModality: "video" };
  }
  const video = format?.type === "video" ? format : undefined;
  const [width, height] = sizeOfFilm(video?.aspect_ratio ?? "16:9", heights[video?.resolution ?? "720p"] ?? 720);
  const make = () => makeMp4(width, height, seconds, `${model} ${prompt}`);
  const wantsInline = video?.delivery === "inline";
  const inline = wantsInline ? make() : null;
  const content: MadeContent =
    inline && inline.length <= inlineBytesMax
      ? { type: "video", mime_type: "video/mp4", data: inline.toString("base64") }
      : { type: "video", mime_type: "video/mp4", uri: googleFiles(context).put(make, "video/mp4") };
  const output = Math.ceil(seconds * tokensPerVideoSecond);
  return {
    steps: [{ type: "model_output", content: [content] }],
    status: "completed",
    usage: { inputTokens: input, outputTokens: output, seconds },
    inputModality: "text",
    outputModality: "video",
  };
}
