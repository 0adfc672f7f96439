import { languageOf } from "../language.ts";
import { fromUrl } from "../media-answer.ts";
import { defined } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { SpeechRequest, SpeechResult } from "../shapes/speech.ts";
import type { JobAdapter, TaskFor } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { askTask, deleteTask, pollEveryMs, readTask, startedTask, startTask } from "./task.ts";

const charactersMax = 1_000;
const [defaultVoice, ...otherVoices] =
  "Maya Arjun Serene Bernard Billy Mark Clint Mabel Chad Leslie Eleanor Elias Elliot Grungle Brodie Sandra Kirk Kylie Lara Lisa Malachi Marlene Martin Miriam Monster Paula Pip Rusty Ragnar Xylar Maggie Jack Katie Noah James Rina Ella Mariah Frank Claudia Niki Vincent Kendrick Myrna Tom Wanda Benjamin Kiana Rachel".split(
    " ",
  );
const voices = [defaultVoice, ...otherVoices];
const paid = { promptText: "prompt" };

/** `POST /v1/text_to_speech`: the voices of ElevenLabs that Runway has. */
export const speech: TaskFor<SpeechRequest, SpeechResult> = ({ nativeId }) => {
  if (nativeId === "eleven_multilingual_v2") return adapterOf(false);
  return nativeId === "eleven_v3" ? adapterOf(true) : undefined;
};

const adapterOf = (isNewer: boolean): JobAdapter<SpeechRequest, SpeechResult> => ({
  kind: "job",
  pollEveryMs,
  check: (request) => check(request, isNewer),
  submit: (request, model, credentials) => {
    refuseUnsupported(check(request, isNewer), model);
    const { prompt, params, provider_options } = request;
    const body = defined({
      model: model.nativeId,
      promptText: prompt,
      voice: { type: "runway-preset", presetId: params.voice ?? defaultVoice },
      languageCode: params.language === undefined ? undefined : languageOf(params.language),
      speed: params.speed,
    });
    return startTask("text_to_speech", body, credentials, provider_options, paid);
  },
  submitted: (answer, { prompt }) => startedTask(answer, { characters: prompt.length }),
  poll: (job, _model, credentials) => askTask(job, credentials),
  polled: (answer, job) => readTask(answer, job, soundOf),
  cancel: (job, _model, credentials) => deleteTask(job, credentials),
});

function soundOf([link]: readonly unknown[]): SpeechResult | undefined {
  const audio = fromUrl(link, "audio/mpeg");
  return audio && { audio };
}

function check({ prompt, params }: SpeechRequest, isNewer: boolean): UnsupportedField[] {
  return [
    ...checkPrompt(prompt, charactersMax),
    ...checkParams(params, {
      voice: { oneOf: voices },
      format: { oneOf: ["mp3"] },
      language: isNewer || { refused: "it goes by the words" },
      speed: isNewer ? { from: 0.7, to: 1.2 } : undefined,
    }),
  ];
}
