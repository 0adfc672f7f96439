import type { ModelCard } from "../../core/model-card.ts";
import { checkBytes } from "../input-media.ts";
import { fromBase64, missing } from "../media-answer.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { mediaPart } from "./contents.ts";
import { generateRequest, readMade } from "./generate.ts";
import { fetchesUrl } from "./request.ts";

const imagesAtOnceMax = 10;
const inputsMax = 14;
const ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
const narrowRatios = ["1:4", "4:1", "1:8", "8:1"];

/** Gemini models that draw. Imagen has ended, and the research agents write. */
export const image: TaskFor<ImageRequest, ImageResult> = ({ nativeId }) =>
  /^(?:models\/)?(?:imagen|deep-research)/.test(nativeId) ? undefined : adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  split,
  request: (request, model, credentials) => {
    refuseUnsupported(check(request, model), model);
    return generateRequest(body(request), model, credentials, request.provider_options);
  },
  decode,
};

function check({ prompt, params }: ImageRequest, model: ModelCard): UnsupportedField[] {
  const draws31 = /gemini-3\.1-flash-image/.test(model.nativeId);
  return [
    ...checkPrompt(prompt),
    ...checkParams(params, {
      n: { from: 1, to: imagesAtOnceMax, whole: true },
      size: { oneOf: [...(draws31 ? ["512"] : []), "1K", "2K", "4K"] },
      aspect_ratio: { oneOf: ["auto", ...ratios, ...(draws31 ? narrowRatios : [])] },
      images: { atMost: inputsMax },
    }),
    ...(params.images ?? []).flatMap((input, at) =>
      fetchesUrl({ type: "image", url: input.url }, model) ? [] : checkBytes(`params.images[${at}]`, input),
    ),
  ];
}

/** One image for each exchange. A part of several says `n: 1`, so that one of them held back is no failure of all. */
function split(request: ImageRequest): readonly ImageRequest[] {
  const { n = 1, ...params } = request.params;
  if (n === 1) return [{ ...request, params }];
  return Array.from({ length: n }, () => ({ ...request, params: { ...params, n: 1 } }));
}

function body({ prompt, params }: ImageRequest) {
  const imageConfig = {
    ...(params.aspect_ratio !== undefined && params.aspect_ratio !== "auto" && { aspectRatio: params.aspect_ratio }),
    ...(params.size !== undefined && { imageSize: params.size }),
  };
  const given = (params.images ?? []).map(({ url, data, media_type }) =>
    mediaPart({ type: "image", url, data, media_type }),
  );
  return {
    contents: [{ role: "user", parts: [{ text: prompt }, ...given] }],
    generationConfig: {
      responseModalities: ["IMAGE"],
      ...(Object.keys(imageConfig).length > 0 && { imageConfig }),
    },
  };
}

function decode(answer: WireAnswer, { params }: ImageRequest): Outcome<ImageResult> {
  const made = readMade(answer, "image");
  if ("failure" in made) {
    const isOneOfSeveral = params.n === 1 && made.failure.kind === "content_refused";
    if (!isOneOfSeveral) return made;
    return { result: { images: [], filtered: 1 }, usage: made.usage ?? {}, warnings: [made.failure.message] };
  }
  const images = made.media.flatMap(({ data, mimeType }) => fromBase64(data, mimeType) ?? []);
  if (images.length === 0) return missing("image");
  return { result: { images }, usage: { ...made.usage, images: images.length }, requestId: made.requestId };
}
