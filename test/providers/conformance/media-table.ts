import type { ProviderName } from "../../../src/simulator/provider.ts";
import { png, wav } from "../support/media.ts";

/** What every adapter for media is held to. The order is the order of the columns. */
export const mediaBehaviours = {
  made: "what it makes is there to be had: bytes of its kind, or words",
  given: "images, video or sound handed in",
  billed: "what it says it used is what its provider bills",
  job: "a job is written down, and whoever reads that asks how far it is until it is done",
  stop: "a job that nobody wants any more is stopped at its provider, and costs nothing",
  fails: "a job that fails says so, and what it cost",
  refused: "what its provider's filter keeps back is told as that, and not asked for again",
  errors: "each class of error, and whether to come back",
  foreign: "a page, or JSON that is cut, is no answer",
  unknown: "a parameter that it has not is refused before anything is sent, with what to do",
} as const;

export type MediaBehaviour = keyof typeof mediaBehaviours;
export type MediaTask = "image" | "video" | "speech" | "transcription" | "music";

export interface ConformingMedia {
  readonly provider: ProviderName;
  readonly task: MediaTask;
  /** In the catalog. */
  readonly model: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Parameters with media in them, where it takes any. */
  readonly given?: Readonly<Record<string, unknown>>;
  /** Whether its answer is the sound itself. */
  readonly isRaw?: true;
  /** Why a behaviour is not there. */
  readonly lacks: Partial<Readonly<Record<MediaBehaviour, string>>>;
  /** The official client that checks the simulator of this route, where there is one. */
  readonly oracle?: string;
}

const still = { data: png.toString("base64") };
const sound = { audio: { data: wav(2).toString("base64") } };
const clip = { url: "https://a.test/clip.mp4" };

const atOnce = "it answers at once";
const once = { job: atOnce, stop: atOnce, fails: atOnce };
const noStop = "no way to do it is known";
const heard = "it has no filter: it writes what it hears";
const said = "what its filter answers is not known";

const declines = "it declines in words, which its simulator does not: a test of its own reads them";
const ownTest = "no words can ask for it: a test of its own reads one that failed";

const images = { images: [still] };
const frame = { first_frame: still };

const wordsAlone = "words are all it is made of";
const speaks = { ...once, given: wordsAlone, refused: said };
const hears = { ...once, refused: heard };
const hearing = { params: sound, given: sound };

/** A row for each task of a provider, by one of its models. */
export const conformingMedia: readonly ConformingMedia[] = [
  { provider: "openai", task: "image", model: "gpt-image-2", given: images, lacks: once, oracle: "openai" },
  { provider: "openai", task: "speech", model: "gpt-4o-mini-tts", lacks: speaks, oracle: "openai" },
  { provider: "openai", task: "transcription", model: "gpt-4o-transcribe", ...hearing, lacks: hears, oracle: "openai" },
  {
    provider: "google",
    task: "image",
    model: "gemini-3.1-flash-image",
    given: images,
    lacks: once,
    oracle: "@google/genai",
  },
  {
    provider: "google",
    task: "video",
    model: "gemini-omni-1.2-flash",
    given: frame,
    lacks: { refused: declines },
    oracle: "@google/genai",
  },
  { provider: "google", task: "speech", model: "gemini-3.8-flash-tts", lacks: speaks, oracle: "@google/genai" },
  {
    provider: "google",
    task: "transcription",
    model: "gemini-3.5-transcribe",
    ...hearing,
    lacks: hears,
    oracle: "@google/genai",
  },
  {
    provider: "groq",
    task: "speech",
    model: "canopylabs/orpheus-v1-english",
    isRaw: true,
    lacks: speaks,
    oracle: "groq-sdk",
  },
  {
    provider: "groq",
    task: "transcription",
    model: "whisper-large-v3-turbo",
    ...hearing,
    lacks: hears,
    oracle: "groq-sdk",
  },
  { provider: "xai", task: "image", model: "grok-imagine-image", given: images, lacks: once },
  { provider: "xai", task: "video", model: "grok-imagine-video", given: frame, lacks: { stop: noStop } },
  { provider: "xai", task: "speech", model: "grok-tts", isRaw: true, lacks: speaks },
  { provider: "xai", task: "transcription", model: "grok-stt", ...hearing, lacks: hears },
  { provider: "alibaba", task: "image", model: "qwen-image-3.0", given: images, lacks: once },
  { provider: "alibaba", task: "video", model: "wan3.0", given: frame, lacks: {} },
  { provider: "alibaba", task: "speech", model: "qwen3-tts-flash", lacks: speaks },
  { provider: "alibaba", task: "transcription", model: "qwen3-asr-flash", ...hearing, lacks: hears },
  { provider: "bytedance", task: "image", model: "seedream-4-5-251128", given: images, lacks: once },
  { provider: "bytedance", task: "video", model: "dreamina-seedance-2-0-260128", given: frame, lacks: {} },
  { provider: "runway", task: "image", model: "gen4_image", given: images, lacks: {}, oracle: "@runwayml/sdk" },
  { provider: "runway", task: "video", model: "seedance2", given: { video: clip }, lacks: {}, oracle: "@runwayml/sdk" },
  {
    provider: "runway",
    task: "speech",
    model: "eleven_multilingual_v2",
    lacks: { given: wordsAlone },
    oracle: "@runwayml/sdk",
  },
  { provider: "vidu", task: "image", model: "viduq2-image", given: images, lacks: {} },
  { provider: "vidu", task: "video", model: "viduq3-turbo", given: { reference_images: [still] }, lacks: {} },
  { provider: "minimax", task: "image", model: "image-01", given: images, lacks: once },
  { provider: "minimax", task: "video", model: "MiniMax-H3", given: frame, lacks: { stop: noStop } },
  { provider: "minimax", task: "speech", model: "speech-2.8-turbo", lacks: { ...once, given: wordsAlone } },
  { provider: "minimax", task: "transcription", model: "asr-1.0", ...hearing, lacks: hears },
  { provider: "minimax", task: "music", model: "music-3.0", lacks: { ...once, given: wordsAlone } },
  {
    provider: "workers-ai",
    task: "image",
    model: "@cf/black-forest-labs/flux-1-schnell",
    lacks: { ...once, given: "it draws from words alone", refused: said },
    oracle: "cloudflare",
  },
  {
    provider: "workers-ai",
    task: "speech",
    model: "@cf/deepgram/aura-2-en",
    isRaw: true,
    lacks: speaks,
    oracle: "cloudflare",
  },
  {
    provider: "workers-ai",
    task: "transcription",
    model: "@cf/openai/whisper",
    ...hearing,
    lacks: hears,
    oracle: "cloudflare",
  },
  {
    provider: "assemblyai",
    task: "transcription",
    model: "universal-3-5-pro",
    ...hearing,
    lacks: { refused: heard, stop: noStop, fails: ownTest },
    oracle: "assemblyai",
  },
  { provider: "inworld", task: "speech", model: "inworld-tts-2-flash", lacks: speaks },
  { provider: "inworld", task: "transcription", model: "inworld-stt-1", ...hearing, lacks: hears },
  { provider: "recraft", task: "image", model: "recraftv3", given: images, lacks: once },
  { provider: "pixverse", task: "video", model: "v6", given: frame, lacks: { stop: noStop } },
];
