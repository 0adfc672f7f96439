import type { ModelCard } from "../../../core/model-card.ts";
import type { JsonObject } from "../../narrow.ts";
import type { ParamRules } from "../../param-rules.ts";
import type { SpeechParams } from "../../shapes/speech.ts";
import type { TranscriptionParams, TranscriptionRequest } from "../../shapes/transcription.ts";

/** Where a server's `/audio/speech` differs from OpenAI's. */
export interface SpeechDialect {
  readonly provider: string;
  readonly rules: (model: ModelCard, params: SpeechParams) => ParamRules<SpeechParams>;
  readonly charactersMax: (model: ModelCard) => number;
  /** The fields for voice, speed and the like. */
  readonly fields: (params: SpeechParams, model: ModelCard) => JsonObject;
  readonly defaultFormat: string;
  readonly defaultSampleRate: number;
  /** Whether the answer is asked for as events, which bring the tokens it is billed by. */
  readonly asEvents: (model: ModelCard) => boolean;
}

/** Where a server's `/audio/transcriptions` differs from OpenAI's. */
export interface TranscriptionDialect {
  readonly provider: string;
  readonly rules: (model: ModelCard) => ParamRules<TranscriptionParams>;
  /** Whether the server fetches the recording itself. */
  readonly fetchesUrls: boolean;
  readonly endings: readonly string[];
  readonly bytesMax?: number;
  /** The fields beside `model`, the file and `provider_options`. */
  readonly fields: (request: TranscriptionRequest, model: ModelCard) => JsonObject;
  /** The shortest time that is billed. */
  readonly secondsMin: number;
}
