import { z } from "zod";

const flag = z.boolean().nullish();
const text = z.string().nullish();

/** The body of `POST /v2/transcript`. */
export const transcriptRequest = z.strictObject({
  audio_url: z.string().regex(/^https?:\/\//, "should start with http"),
  speech_models: z
    .array(z.enum(["universal-3-5-pro", "universal-3-pro", "universal-2"]))
    .min(1)
    .nullish(),
  speech_model: z.enum(["best", "slam-1", "universal"]).nullish(),
  language_code: text,
  language_detection: flag,
  language_confidence_threshold: z.number().min(0).max(1).nullish(),
  language_detection_options: z.looseObject({}).nullish(),
  prompt: text,
  keyterms_prompt: z.array(z.string()).nullish(),
  keyterms_prompt_options: z
    .strictObject({ keyterms_match_strength: z.enum(["standard", "high"]).optional() })
    .nullish(),
  temperature: z.number().min(0).max(1).nullish(),
  remove_audio_tags: z.literal("all").nullish(),
  domain: z.literal("medical-v1").nullish(),
  word_boost: z.array(z.string()).nullish(),
  boost_param: z.enum(["low", "default", "high"]).nullish(),
  speaker_labels: flag,
  speakers_expected: z.number().int().min(1).max(10).nullish(),
  speaker_options: z
    .strictObject({
      min_speakers_expected: z.number().int().optional(),
      max_speakers_expected: z.number().int().optional(),
    })
    .nullish(),
  multichannel: flag,
  punctuate: flag,
  format_text: flag,
  disfluencies: flag,
  filter_profanity: flag,
  custom_spelling: z.array(z.strictObject({ from: z.array(z.string()), to: z.string() })).nullish(),
  audio_start_from: z.number().int().min(0).nullish(),
  audio_end_at: z.number().int().min(0).nullish(),
  speech_threshold: z.number().min(0).max(1).nullish(),
  auto_highlights: flag,
  auto_chapters: flag,
  summarization: flag,
  summary_model: text,
  summary_type: text,
  sentiment_analysis: flag,
  entity_detection: flag,
  iab_categories: flag,
  content_safety: flag,
  content_safety_confidence: z.number().int().min(25).max(100).nullish(),
  speech_understanding: z.looseObject({}).nullish(),
  redact_pii: flag,
  redact_pii_policies: z.array(z.string()).nullish(),
  redact_pii_sub: z.enum(["hash", "entity_name"]).nullish(),
  redact_pii_audio: flag,
  redact_pii_audio_quality: z.enum(["mp3", "wav"]).nullish(),
  redact_pii_return_unredacted: flag,
  webhook_url: text,
  webhook_auth_header_name: text,
  webhook_auth_header_value: text,
});

export type TranscriptRequest = z.output<typeof transcriptRequest>;

/** What is wrong with a body that has the right shape, or null. */
export function issueOf(asked: TranscriptRequest): string | null {
  if (asked.speech_model && asked.speech_models) return "speech_model and speech_models cannot both be set";
  if (asked.prompt && asked.keyterms_prompt) return "prompt and keyterms_prompt cannot both be set";
  const isNew = asked.speech_models?.[0]?.startsWith("universal-3") ?? false;
  if (isNew && (asked.word_boost || asked.boost_param)) return "word_boost is not supported by this speech model";
  if (asked.speakers_expected != null && !asked.speaker_labels) return "speakers_expected requires speaker_labels";
  if (asked.language_code && asked.language_detection) return "language_code and language_detection cannot both be set";
  if (asked.audio_end_at != null && asked.audio_end_at <= (asked.audio_start_from ?? 0))
    return "audio_end_at must be after audio_start_from";
  return null;
}
