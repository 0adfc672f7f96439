import type { z } from "zod";
import type { ChatError } from "../chat/dialect.ts";
import { shapeError } from "../chat/shape-error.ts";
import { type DialectErrors, dialectWire, errorReply } from "../chat/wire.ts";
import { sizeOfRatio } from "../media/aspect.ts";
import { type ImageFormat, imageContentType, makeImage, readImage } from "../media/image.ts";
import { bytesBehind } from "../media/link.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, ProviderWire, Route, WireContext } from "../provider.ts";
import { jsonReply, type Reply } from "../wire/reply.ts";
import { models, processUnits } from "./models.data.ts";
import { bodyOf, listRoutes, processBody } from "./request.ts";

const errors: DialectErrors = {
  body: ({ code, message }) => ({ code: code ?? "bad_request", message }),
  failures: {
    rate_limited: { status: 429, message: "Too many requests (simulated)", code: "rate_limit_exceeded" },
    quota_exhausted: { status: 402, message: "Not enough credits (simulated)", code: "not_enough_credits" },
    invalid_key: { status: 401, message: "Invalid API token (simulated)", code: "unauthorized" },
    server_error: { status: 500, message: "Internal server error (simulated)", code: "internal" },
    bad_gateway: { status: 502, message: "Bad gateway (simulated)", code: "internal" },
    unavailable: { status: 503, message: "Service unavailable (simulated)", code: "unavailable" },
    gateway_timeout: { status: 504, message: "Timeout (simulated)", code: "timeout" },
    overloaded: { status: 503, message: "Overloaded (simulated)", code: "unavailable" },
  },
};

const modelDefault = "recraftv4_1";
const ofThirdLineAlone = ["inpaint", "outpaint", "replaceBackground", "generateBackground"];
const lifetimeMs = 24 * 3_600_000;
const nanoUsdPerUnit = 1_000_000n;
const imageBytesMax = 5 * 1024 * 1024;
const balance = 100_000;

type ListBody = z.output<(typeof listRoutes)["imageToImage"]> & { size?: string };

/** The API at `https://external.api.recraft.ai/v1`, below `/recraft/v1`. */
export function recraftWire(context: WireContext): ProviderWire {
  const wrong = (request: ProviderRequest, message: string, more: Partial<ChatError> = {}) =>
    errorReply(errors, { message, ...more }, request);

  function made(bytes: Buffer, format: ImageFormat, responseFormat: string | undefined): object {
    const image_id = context.ids.next("");
    if (responseFormat === "b64_json") return { image_id, b64_json: bytes.toString("base64") };
    return { image_id, url: context.files.put(bytes, imageContentType[format], lifetimeMs, format) };
  }

  function list(name: keyof typeof listRoutes, request: ProviderRequest): Reply {
    const parsed = parseBody<z.ZodType>(listRoutes[name], bodyOf(request) ?? {});
    if (!parsed.ok) return wrong(request, shapeError(parsed.issue).message);
    const asked = parsed.value as Partial<ListBody>;
    const id = (asked.model ?? modelDefault).replace(/_raster$/, "");
    const model = models[id];
    if (!model) return wrong(request, `unknown model ${id}`);
    const issue = issueOf(name, id, model.takes, asked) ?? imageIssue(asked.image);
    if (issue) return wrong(request, issue);
    const size = sizeOf(asked.size ?? "1:1", model.sizes);
    if (!size) return wrong(request, `size ${asked.size} is not supported by ${id}`);
    if (/\brefuse\b/i.test(asked.prompt ?? ""))
      return wrong(request, "The prompt was moderated. (simulated)", { code: "content_moderation" });
    const n = asked.n ?? 1;
    const isVector = model.takes.includes("v") || name.endsWith("/vector");
    const format: ImageFormat = isVector ? "svg" : (asked.image_format ?? "webp");
    const data = Array.from({ length: n }, (_, index) =>
      made(
        makeImage(format, size[0], size[1], `${id} ${asked.prompt} ${asked.random_seed ?? 0} ${index}`),
        format,
        asked.response_format,
      ),
    );
    const credits = model.units * n;
    const billed = { images: n, providerCostNanoUsd: BigInt(credits) * nanoUsdPerUnit };
    return jsonReply(200, { created: Math.floor(context.clock.now() / 1_000), credits, data }, { billed });
  }

  function process(name: string, units: number, request: ProviderRequest): Reply {
    const parsed = parseBody(processBody, bodyOf(request) ?? {});
    if (!parsed.ok) return wrong(request, shapeError(parsed.issue).message);
    const asked = parsed.value;
    const issue = imageIssue(asked.image);
    if (issue) return wrong(request, issue);
    if ((name === "eraseRegion") !== (asked.mask !== undefined))
      return wrong(request, "mask is required by eraseRegion and by nothing else");
    const read = readImage(bytesOf(asked.image) ?? Buffer.alloc(0));
    const grown = name.endsWith("Upscale") ? 2 : 1;
    const format: ImageFormat = name === "vectorize" ? "svg" : (asked.image_format ?? "png");
    const bytes = makeImage(format, (read?.width ?? 1_024) * grown, (read?.height ?? 1_024) * grown, name);
    const image = made(bytes, format, asked.response_format);
    const billed = { images: 1, providerCostNanoUsd: BigInt(units) * nanoUsdPerUnit };
    return jsonReply(200, { created: Math.floor(context.clock.now() / 1_000), credits: units, image }, { billed });
  }

  const bytesOf = (image: string | Buffer): Buffer | null =>
    typeof image === "string" ? bytesBehind(image, context) : image;

  function imageIssue(image: string | Buffer | undefined): string | null {
    const bytes = image === undefined ? null : bytesOf(image);
    if (!bytes) return null;
    const read = readImage(bytes);
    if (!read || read.format === "gif") return "image must be PNG, JPG or WEBP";
    return bytes.length > imageBytesMax || Math.max(read.width, read.height) > 4_096 ? "image is too large" : null;
  }

  const routes: Route[] = [
    ...(Object.keys(listRoutes) as (keyof typeof listRoutes)[]).map(
      (name): Route => ({ method: "POST", path: `/images/${name}`, handle: (request) => list(name, request) }),
    ),
    ...Object.entries(processUnits).map(
      ([name, units]): Route => ({
        method: "POST",
        path: `/images/${name}`,
        handle: (request) => process(name, units, request),
      }),
    ),
    {
      method: "GET",
      path: "/users/me",
      handle: () =>
        jsonReply(200, { id: "simulated", email: "simulated@example.test", name: "simulated", credits: balance }),
    },
    { method: "GET", path: "/models", handle: listModels },
  ];
  return dialectWire(
    { name: "recraft", clientPath: "/recraft/v1", routePath: "/recraft/v1", routes, headers: () => ({}) },
    errors,
  );
}

function issueOf(route: string, id: string, takes: string, asked: Partial<ListBody>): string | null {
  if (ofThirdLineAlone.includes(route) && !takes.includes("3")) return `${route} is not supported by ${id}`;
  if (takes.includes("f") && !route.startsWith("generations")) return `${route} is not supported by ${id}`;
  if ((asked.style ?? asked.style_id ?? asked.substyle) !== undefined && !takes.includes("s"))
    return `style is not supported by ${id}`;
  if (asked.style !== undefined && asked.style_id !== undefined) return "style and style_id are mutually exclusive";
  if (asked.negative_prompt !== undefined && !takes.includes("n")) return `negative_prompt is not supported by ${id}`;
  if ((asked.text_layout ?? asked.controls?.artistic_level) !== undefined && !takes.includes("3")) {
    return `text_layout and artistic_level are not supported by ${id}`;
  }
  const charactersMax = takes.includes("n") ? 1_000 : 10_000;
  return (asked.prompt?.length ?? 0) > charactersMax ? `prompt must be at most ${charactersMax} characters` : null;
}

/** A size from the model's list, or the one whose ratio is nearest to `16:9`; null when there is none. */
function sizeOf(size: string, sizes: string): [number, number] | null {
  const known = sizes.split(" ");
  const pick = known.includes(size) ? size : /^\d+:\d+$/.test(size) ? nearest(size, known) : null;
  if (pick === null) return null;
  const [width = 0, height = 0] = pick.split("x").map(Number);
  return [width, height];
}

function nearest(ratio: string, sizes: readonly string[]): string | null {
  const [across, down] = sizeOfRatio(ratio, 1_024, 1);
  const distance = (size: string) => {
    const [width = 1, height = 1] = size.split("x").map(Number);
    return Math.abs(Math.log(width / height) - Math.log(across / down));
  };
  const best = sizes.toSorted((left, right) => distance(left) - distance(right))[0];
  return best !== undefined && distance(best) < 0.1 ? best : null;
}

function listModels(): Reply {
  const data = Object.entries(models).map(([id, { units }]) => ({
    id,
    name: `${id} (simulated)`,
    created: 1_760_000_000,
    input_modalities: ["text"],
    output_modalities: ["image"],
    pricing: { image: units / 1_000 },
  }));
  return jsonReply(200, { data });
}
