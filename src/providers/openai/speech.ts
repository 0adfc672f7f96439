import type { ModelCard } from "../../core/model-card.ts";
import { openaiSpeech } from "../dialects/openai-audio/speech.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { TaskFor } from "../task-adapter.ts";

const isClassic = ({ nativeId }: ModelCard) => nativeId.startsWith("tts-1");
const voices = ["alloy", "ash", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"];
const newerVoices = ["ballad", "verse", "marin", "cedar"];
/** A voice of the caller's own account, named by its id. */
const isOwnVoice = (name: string) => name.startsWith("voice_");
const defaultVoice = "alloy";

/** `POST /audio/speech`. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter = openaiSpeech({
  provider: "openai",
  rules: (model, { voice }) => ({
    voice: isOwnVoice(voice ?? "") || { oneOf: isClassic(model) ? voices : [...voices, ...newerVoices] },
    format: { oneOf: ["mp3", "opus", "aac", "flac", "wav", "pcm"] },
    sample_rate: { oneOf: [24_000] },
    speed: { from: 0.25, to: 4 },
    instructions: isClassic(model) ? { refused: "it speaks as it does" } : { atMost: 4_096 },
  }),
  charactersMax: () => 4_096,
  // Its sample rate is the one there is, so it has no field.
  fields: ({ voice = defaultVoice, speed, instructions }) => ({
    voice: isOwnVoice(voice) ? { id: voice } : voice,
    ...(speed !== undefined && { speed }),
    ...(instructions !== undefined && { instructions }),
  }),
  defaultFormat: "mp3",
  defaultSampleRate: 24_000,
  // The sound alone says nothing of the tokens that the newer models are billed by.
  asEvents: (model) => !isClassic(model),
});
