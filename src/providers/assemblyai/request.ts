import { inputFile, inputSource } from "../input-media.ts";
import { answerObject, missing } from "../media-answer.ts";
import { asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { TranscriptionRequest } from "../shapes/transcription.ts";
import type { Credentials, WireRequest } from "../shapes/wire.ts";
import type { Upload } from "../task-adapter.ts";

/** Native fields with a place of their own, and what is billed beside the recording without a price that is known. */
const paid = {
  audio_url: "params.audio",
  speech_model: "model",
  speech_models: "model",
  speaker_labels: "params.diarize",
  language_code: "params.language",
  keyterms_prompt: "params.hints",
  multichannel: "",
  auto_highlights: "",
  auto_chapters: "",
  summarization: "",
  sentiment_analysis: "",
  entity_detection: "",
  iab_categories: "",
  content_safety: "",
  speech_understanding: "",
};

/** `POST /v2/transcript`. */
export function transcriptRequest(
  { prompt, params, provider_options }: TranscriptionRequest,
  nativeId: string,
  credentials: Credentials,
): WireRequest {
  const { audio, language } = params;
  const isOld = isOldModel(nativeId);
  const body: JsonObject = defined({
    audio_url: audio.reference ?? audio.url,
    // The old field takes no new name, and the new one no old name.
    speech_models: isOld ? undefined : [nativeId],
    speech_model: isOld ? nativeId : undefined,
    language_code: language === undefined ? undefined : languageCode(language),
    language_detection: language === undefined && !isOld ? true : undefined,
    speaker_labels: params.diarize,
    keyterms_prompt: params.hints,
    prompt: prompt || undefined,
  });
  return {
    method: "POST",
    url: `${credentials.baseUrl}/v2/transcript`,
    headers: { ...keyHeader(credentials), "content-type": "application/json" },
    body: JSON.stringify(withMediaOptions(body, provider_options, "assemblyai", paid)),
  };
}

/** slam-1 comes from before the models had a list. */
export function isOldModel(nativeId: string): boolean {
  return nativeId.startsWith("slam-");
}

/** The bare key, without a scheme. */
export function keyHeader({ apiKey, headers }: Credentials): Readonly<Record<string, string>> {
  return { authorization: apiKey, ...headers };
}

const regional: Readonly<Record<string, string>> = { en_gb: "en_uk" };

/** `pt-BR` is `pt`, `en-US` is `en_us`: English and Swiss German alone have regions. */
export function languageCode(tag: string): string {
  const parts = tag.toLowerCase().split("-");
  const [language = ""] = parts;
  const region = parts.slice(1).find((part) => part.length === 2);
  const code = `${language}_${region}`;
  if (region === undefined || !["en_us", "en_gb", "en_uk", "en_au", "de_ch"].includes(code)) return language;
  return regional[code] ?? code;
}

/** Bytes go up first; the link that comes back is for the transcriber alone. */
export function uploadsOf({ params }: TranscriptionRequest): readonly Upload<TranscriptionRequest>[] {
  if (inputSource("audio", params.audio).kind === "url") return [];
  return [
    {
      request: (credentials) => ({
        method: "POST",
        url: `${credentials.baseUrl}/v2/upload`,
        headers: { ...keyHeader(credentials), "content-type": "application/octet-stream" },
        body: inputFile("audio", params.audio).bytes,
      }),
      uploaded: (answer, request) => {
        const reference = asWord(answerObject(answer)?.upload_url);
        if (reference === undefined) return missing("upload_url");
        return { ...request, params: { ...request.params, audio: { reference } } };
      },
    },
  ];
}
