import type { ModelCard } from "../../core/model-card.ts";
import { openaiSpeech } from "../dialects/openai-audio/speech.ts";
import { languageOf } from "../language.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { TaskFor } from "../task-adapter.ts";
import { errorKind } from "./error.ts";

interface Tongue {
  readonly language: string;
  readonly voices: readonly [string, ...string[]];
}

const english: Tongue = { language: "en", voices: ["troy", "austin", "daniel", "autumn", "diana", "hannah"] };
const arabic: Tongue = { language: "ar", voices: ["fahad", "abdullah", "sultan", "lulwa", "noura", "aisha"] };
const tongueOf = ({ nativeId }: ModelCard) => (nativeId.includes("arabic") ? arabic : english);

/** `POST /audio/speech`: Orpheus, of which each model speaks one language. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = () => adapter;

const adapter = openaiSpeech(
  {
    provider: "groq",
    rules: (model, { language }) => {
      const tongue = tongueOf(model);
      return {
        voice: { oneOf: tongue.voices },
        format: { oneOf: ["wav"] },
        sample_rate: { from: 8_000, to: 48_000, whole: true },
        speed: { from: 0.5, to: 5 },
        language: languageOf(language ?? "") === tongue.language || { oneOf: [tongue.language] },
      };
    },
    charactersMax: () => 200,
    fields: ({ voice, speed, sample_rate }, model) => ({
      voice: voice ?? tongueOf(model).voices[0],
      ...(speed !== undefined && { speed }),
      ...(sample_rate !== undefined && { sample_rate }),
    }),
    defaultFormat: "wav",
    defaultSampleRate: 24_000,
    asEvents: () => false,
  },
  errorKind,
);
