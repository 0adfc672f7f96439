import { costOf, worstCaseOf } from "../../catalog/cost.ts";
import type { Asked } from "../../catalog/media-cost.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { NanoUsd } from "../../core/money.ts";
import type { TaskRequest } from "../../providers/shapes/task-request.ts";
import type { TaskAdapter } from "../../providers/task-adapter.ts";
import { tokensAtMost } from "../estimate.ts";

type Params = Readonly<Record<string, unknown>>;

/** The longest clip that a model makes when nobody says how long. */
const secondsDefault = 10;
/** The slowest recording in use has about a kilobyte a second. */
const bytesPerSecond = 1_000;
const recordingSecondsUnknown = 7_200;
/** What an image model writes for one picture at its largest and best. */
const tokensPerImageMade = 16_384;
/** Sound is at most this many tokens a second, and a character at most a sixth of a second. */
const tokensPerSecond = 50;
const secondsPerCharacter = 1 / 6;
const tokensPerImageGiven = 6_500;

/** What a request asks for, in the words that prices depend on. */
export function askedOf(card: ModelCard, { prompt, params, provider_options }: TaskRequest<Params>): Asked {
  const text = (name: string) => (typeof params[name] === "string" ? (params[name] as string) : undefined);
  const count = (name: string) => (typeof params[name] === "number" ? (params[name] as number) : undefined);
  const references = Array.isArray(params.reference_images) ? params.reference_images.length : 0;
  return {
    images: count("n") ?? 1,
    size: text("size"),
    quality: text("quality"),
    resolution: text("resolution"),
    withAudio: typeof params.with_audio === "boolean" ? params.with_audio : undefined,
    seconds: secondsOf(card, params, count("duration_s")),
    characters: prompt.length,
    referenceImages: references,
    ...addOnsOf(card, { ...provider_options, ...params }),
  };
}

/** What is asked for of the add-ons in a model's price table, by the names of their fields. */
function addOnsOf({ price }: ModelCard, fields: Params): Pick<Asked, "addOns"> {
  const listed = Object.keys((price?.per_hour_add_ons as object | undefined) ?? {});
  const addOns = listed.filter((name) => Boolean(fields[name]));
  return addOns.length > 0 ? { addOns } : {};
}

function secondsOf(card: ModelCard, params: Params, duration: number | undefined): number | undefined {
  if (card.task === "video" || card.task === "music") return duration ?? secondsDefault;
  if (card.task !== "transcription") return undefined;
  const audio = params.audio as { data?: string } | undefined;
  return audio?.data === undefined ? recordingSecondsUnknown : (audio.data.length * 0.75) / bytesPerSecond;
}

/** A request with what its adapter fills in, which is what it is charged by. */
export function pricedRequest(
  card: ModelCard,
  request: TaskRequest<Params>,
  adapter: Pick<TaskAdapter<TaskRequest<Params>, unknown>, "defaults">,
): TaskRequest<Params> {
  const filled = adapter.defaults?.(request, card);
  return filled ? { ...request, params: { ...filled, ...request.params } } : request;
}

/** The most that a request can cost: by the model's price table, or by tokens counted high. `undefined`: no price is known. */
export function worstCaseOfTask(card: ModelCard, request: TaskRequest<Params>): NanoUsd | undefined {
  const asked = askedOf(card, request);
  const byTable = costOf(card, {}, asked);
  const { input, output } = tokensOf(card, request, asked);
  const byTokens = worstCaseOf(card, input, output);
  if (byTable === undefined || byTokens === undefined) return byTable ?? byTokens;
  return byTable > byTokens ? byTable : byTokens;
}

function tokensOf(
  card: ModelCard,
  { prompt, params }: TaskRequest<Params>,
  asked: Asked,
): { input: number; output: number } {
  const images = [params.images, params.mask, params.first_frame, params.last_frame, params.reference_images]
    .flat()
    .filter(Boolean).length;
  const texts = [params.input, params.documents].flat().filter((one): one is string => typeof one === "string");
  const input =
    64 +
    // What documents are compared with is read with each of them.
    tokensAtMost(prompt) * (card.task === "rerank" ? Math.max(1, texts.length) : 1) +
    texts.reduce((sum, one) => sum + 16 + tokensAtMost(one), 0) +
    images * tokensPerImageGiven;
  switch (card.task) {
    case "image":
      return { input, output: tokensPerImageMade * (asked.images ?? 1) };
    case "speech":
      return { input, output: Math.ceil(prompt.length * secondsPerCharacter * tokensPerSecond) };
    case "video":
      return { input, output: (asked.seconds ?? secondsDefault) * 8_192 };
    case "transcription":
      return {
        input: input + Math.ceil((asked.seconds ?? 0) * tokensPerSecond),
        output: Math.ceil((asked.seconds ?? 0) * 10),
      };
    default:
      // Vectors, verdicts and rankings are billed by what is read.
      return {
        input,
        output: card.task === "embedding" || card.task === "rerank" ? 0 : 64 * Math.max(1, texts.length),
      };
  }
}
