import { fromBase64, missing } from "../media-answer.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { MusicRequest, MusicResult } from "../shapes/music.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { generateRequest, readMade } from "./generate.ts";

const sampleRate = 44_100;

/** Lyria over generateContent (ai.google.dev/gemini-api/docs/music-generation): words in, an MP3 and its lyrics out. */
export const music: TaskFor<MusicRequest, MusicResult> = ({ nativeId }) =>
  nativeId.startsWith("lyria-") ? adapter : undefined;

const adapter: UnaryAdapter<MusicRequest, MusicResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request), model);
    const body = {
      contents: [{ role: "user", parts: [{ text: wordsOf(request) }] }],
      generationConfig: { responseModalities: ["AUDIO", "TEXT"] },
    };
    return generateRequest(body, model, credentials, request.provider_options);
  },
  decode,
};

function check({ prompt, params }: MusicRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      lyrics: params.instrumental
        ? { refused: "there is no voice to sing it", allowed: "lyrics or instrumental" }
        : true,
      instrumental: true,
      format: { oneOf: ["mp3"] },
      sample_rate: { oneOf: [sampleRate] },
    }),
  ];
}

/** There are no fields for these: the model is told in words. */
function wordsOf({ prompt, params }: MusicRequest): string {
  if (params.instrumental) return `${prompt}\n\nInstrumental only, no vocals.`;
  return params.lyrics === undefined ? prompt : `${prompt}\n\nLyrics:\n${params.lyrics}`;
}

function decode(answer: WireAnswer): Outcome<MusicResult> {
  const made = readMade(answer, "music");
  if ("failure" in made) return made;
  const [first] = made.media;
  const audio = fromBase64(first?.data, first?.mimeType ?? "audio/mpeg");
  return audio ? { result: { audio }, usage: made.usage, requestId: made.requestId } : missing("music");
}
