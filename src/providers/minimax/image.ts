import { inputUrl } from "../input-media.ts";
import { fromBase64, fromUrl, heldBack, missing } from "../media-answer.ts";
import { asCount, asList, asObject, defined } from "../narrow.ts";
import { checkParams, checkPrompt } from "../param-rules.ts";
import type { ImageRequest, ImageResult } from "../shapes/image.ts";
import type { WireAnswer } from "../shapes/wire.ts";
import type { Outcome, TaskFor, UnaryAdapter } from "../task-adapter.ts";
import { refuseUnsupported, type UnsupportedField } from "../unsupported.ts";
import { nativeBody, nativePost, traceOf } from "./native.ts";

const promptCharactersMax = 1_500;
const [sideMin, sideMax, sideStep] = [512, 2_048, 8];
const ratios = ["1:1", "16:9", "4:3", "3:2", "2:3", "3:4", "9:16", "21:9"];

/** `POST /v1/image_generation`: an image to be guided by shows the character. */
export const image: TaskFor<ImageRequest, ImageResult> = () => adapter;

const adapter: UnaryAdapter<ImageRequest, ImageResult> = {
  kind: "unary",
  check,
  request: (request, model, credentials) => {
    const { prompt, params, provider_options } = request;
    refuseUnsupported(check(request), model);
    const [width, height] = params.size?.split("x").map(Number) ?? [];
    const body = defined({
      model: model.nativeId,
      prompt,
      aspect_ratio: params.aspect_ratio,
      width,
      height,
      n: params.n,
      seed: params.seed,
      response_format: "base64",
      subject_reference: params.images?.map((input) => ({ type: "character", image_file: inputUrl("image", input) })),
    });
    return nativePost("/v1/image_generation", body, credentials, provider_options, {
      subject_reference: "params.images",
      width: "params.size",
      height: "params.size",
    });
  },
  decode,
};

function check({ prompt, params }: ImageRequest): UnsupportedField[] {
  return [
    ...checkPrompt(prompt, promptCharactersMax),
    ...checkParams(params, {
      n: { from: 1, to: 9, whole: true },
      size: isSize(params.size) || {
        refused: `it cannot draw ${params.size}`,
        allowed: `sides from ${sideMin} to ${sideMax} that are multiples of ${sideStep}`,
      },
      aspect_ratio:
        params.size === undefined ? { oneOf: ratios } : { refused: "size says it already", allowed: "one of the two" },
      images: { atMost: 1 },
      seed: true,
    }),
  ];
}

function isSize(size: string | undefined): boolean {
  if (size === undefined) return true;
  const sides = size.split("x").map(Number);
  return sides.length === 2 && sides.every((side) => side >= sideMin && side <= sideMax && side % sideStep === 0);
}

function decode(answer: WireAnswer): Outcome<ImageResult> {
  const read = nativeBody(answer);
  if ("failure" in read) return read;
  const { body } = read;
  const data = asObject(body.data);
  const images = [
    ...asList(data?.image_base64).flatMap((base64) => fromBase64(base64) ?? []),
    ...asList(data?.image_urls).flatMap((url) => fromUrl(url, "image/jpeg") ?? []),
  ];
  // The counts are in either place, by the source.
  const count = (name: string) => asCount(asObject(body.metadata)?.[name]) ?? asCount(data?.[name]);
  const filtered = count("failed_count") ?? 0;
  if (images.length > 0) {
    const result = { images, ...(filtered > 0 && { filtered }) };
    return { result, usage: { images: images.length }, requestId: traceOf(answer, body) };
  }
  return filtered > 0 || count("success_count") === 0 ? heldBack("the images were held back") : missing("images");
}
