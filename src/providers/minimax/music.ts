import { audioType, fromHex, missing } from "../media-answer.ts";
import { asCount, asObject, defined } from "../narrow.ts";
import { checkParams } from "../param-rules.ts";
import type { MusicRequest, MusicResult } from "../shapes/music.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeBody, nativePost, traceOf } from "./native.ts";

const promptCharactersMax = 2_000;
const lyricsCharactersMax = 3_500;
const sampleRateDefault = 44_100;

/** `POST /v1/music_generation`: it answers when the track is done, in minutes. */
export const music: TaskFor<MusicRequest, MusicResult> = () => adapter;

const adapter: UnaryAdapter<MusicRequest, MusicResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { prompt, params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const body = {
      model: model.nativeId,
      ...(prompt && { prompt }),
      ...(params.lyrics !== undefined && { lyrics: params.lyrics }),
      ...(params.instrumental && { is_instrumental: true }),
      // A song needs words: where nobody gave any, it writes them.
      ...(params.lyrics === undefined && !params.instrumental && { lyrics_optimizer: true }),
      audio_setting: { sample_rate: params.sample_rate ?? sampleRateDefault, format: params.format ?? "mp3" },
      output_format: "hex",
    };
    return nativePost("/v1/music_generation", body, credentials, provider_options, { output_format: "" });
  },
  decode,
};

function check({ prompt, params }: MusicRequest): UnsupportedField[] {
  const { lyrics, instrumental } = params;
  const found: UnsupportedField[] = checkParams(params, {
    lyrics: instrumental
      ? { refused: "there is no voice to sing it", allowed: "lyrics or instrumental" }
      : { atMost: lyricsCharactersMax },
    instrumental: true,
    format: { oneOf: ["mp3", "wav", "pcm"] },
    sample_rate: { oneOf: [16_000, 24_000, 32_000, 44_100] },
  });
  if (prompt.trim() === "" && !lyrics) {
    found.push({ field: "prompt", reason: "it is empty, as are lyrics", allowed: "either of them", droppable: false });
  }
  if (prompt.length > promptCharactersMax) {
    const reason = `its ${prompt.length} characters are too many`;
    found.push({ field: "prompt", reason, allowed: `at most ${promptCharactersMax} characters`, droppable: false });
  }
  return found;
}

function decode(answer: WireAnswer, { params }: MusicRequest): Outcome<MusicResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const facts = asObject(body.extra_info);
  const rate = asCount(facts?.music_sample_rate) ?? params.sample_rate ?? sampleRateDefault;
  const audio = fromHex(asObject(body.data)?.audio, audioType(params.format ?? "mp3", rate));
  if (!audio) return missing("music");
  const milliseconds = asCount(facts?.music_duration);
  const seconds = milliseconds === undefined ? undefined : milliseconds / 1_000;
  return {
    result: { audio: { ...audio, ...(seconds !== undefined && { durationS: seconds }) } },
    usage: defined({ seconds }),
    requestId: traceOf(answer, body),
  };
}
