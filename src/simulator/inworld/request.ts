import { z } from "zod";

/** Fields come in camelCase or in snake_case: official examples have both. */
const camelCase = (body: unknown): unknown => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
      camelCase(value),
    ]),
  );
};

const encodings = ["MP3", "OGG_OPUS", "LINEAR16", "WAV", "PCM", "FLAC", "ALAW", "MULAW"] as const;

export const voiceRequest = z.preprocess(
  camelCase,
  z.strictObject({
    text: z.string().min(1).max(2_000),
    voiceId: z.string().min(1),
    modelId: z.enum([
      "inworld-tts-2",
      "inworld-tts-2-flash",
      "inworld-tts-1.5-max",
      "inworld-tts-1.5-mini",
      "inworld-tts-1",
      "inworld-tts-1-max",
    ]),
    audioConfig: z
      .strictObject({
        audioEncoding: z.enum(encodings).optional(),
        sampleRateHertz: z.number().int().min(8_000).max(48_000).optional(),
        bitRate: z.number().int().optional(),
        speakingRate: z.number().min(0.5).max(1.5).optional(),
      })
      .optional(),
    temperature: z.number().gt(0).max(2).optional(),
    deliveryMode: z.enum(["STABLE", "BALANCED", "CREATIVE", "EXPRESSIVE"]).optional(),
    language: z.string().optional(),
    applyTextNormalization: z.enum(["ON", "OFF", "APPLY_TEXT_NORMALIZATION_UNSPECIFIED"]).optional(),
    timestampType: z.enum(["WORD", "CHARACTER", "TIMESTAMP_TYPE_UNSPECIFIED"]).optional(),
    timestampTransportStrategy: z.enum(["SYNC", "ASYNC", "TIMESTAMP_TRANSPORT_STRATEGY_UNSPECIFIED"]).optional(),
  }),
);

export type VoiceRequest = z.output<typeof voiceRequest>;

/** The body of `POST /stt/v1/transcribe`: a recording, whole. */
export const transcribeRequest = z.preprocess(
  camelCase,
  z.strictObject({
    transcribeConfig: z.strictObject({
      modelId: z.enum(["inworld/inworld-stt-1", "groq/whisper-large-v3"]),
      audioEncoding: z.enum(["LINEAR16", "MP3", "OGG_OPUS", "FLAC", "AUTO_DETECT"]),
      language: z.string().optional(),
      sampleRateHertz: z.number().int().optional(),
      numberOfChannels: z.number().int().optional(),
      includeWordTimestamps: z.boolean().optional(),
      prompts: z.array(z.string()).optional(),
    }),
    audioData: z.strictObject({ content: z.base64().min(4) }),
  }),
);

/** What is wrong with a body that has the right shape, or null. */
export function issueOf({ modelId, deliveryMode, audioConfig }: VoiceRequest): string | null {
  const { audioEncoding: encoding = "MP3", sampleRateHertz: rate, bitRate } = audioConfig ?? {};
  if (deliveryMode !== undefined && !modelId.startsWith("inworld-tts-2"))
    return "deliveryMode is only supported by inworld-tts-2";
  if ((encoding === "ALAW" || encoding === "MULAW") && rate !== undefined && rate !== 8_000)
    return `${encoding} only supports a sample rate of 8000`;
  return bitRate !== undefined && encoding !== "MP3" && encoding !== "OGG_OPUS"
    ? `bitRate is not supported with ${encoding}`
    : null;
}
