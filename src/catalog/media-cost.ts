import type { ModelCard, Price } from "../core/model-card.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Usage } from "../core/usage.ts";

/** What was asked of a model that is not billed by tokens alone, as far as its price depends on it. */
export interface Asked {
  readonly images?: number | undefined;
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly resolution?: string | undefined;
  readonly withAudio?: boolean | undefined;
  /** Seconds of video or audio to be made or read. */
  readonly seconds?: number | undefined;
  readonly characters?: number | undefined;
  readonly referenceImages?: number | undefined;
  /** What was asked for besides, of what the price table lists as add-ons. */
  readonly addOns?: readonly string[] | undefined;
}

/** $1 is a thousand billion pico-dollars: every listed price is a whole number of them. */
const picoPerUsd = 1_000_000_000_000;

/**
 * What media costs by its price table, in nano-dollars rounded up: images by quality or size, video by the second and
 * resolution or by the clip, speech by characters, recordings by time, music by the track. `undefined`: the table has
 * no unit for it.
 */
export function mediaCost(card: ModelCard, usage: Usage, asked: Asked): NanoUsd | undefined {
  const { price } = card;
  if (!price) return undefined;
  const pico = picoCost(card, price, usage, asked);
  return pico === undefined ? undefined : (pico + 999n) / 1_000n;
}

function picoCost(card: ModelCard, price: Price, usage: Usage, asked: Asked): bigint | undefined {
  const seconds = usage.seconds ?? asked.seconds;
  switch (card.task) {
    case "image": {
      const each = imagePrice(price, asked);
      return each === undefined ? undefined : times(each, usage.images ?? asked.images ?? 1);
    }
    case "video":
      return videoCost(price, seconds, asked);
    case "speech":
    case "transcription":
    case "realtime":
      return soundCost(price, seconds, usage.characters ?? asked.characters, asked.addOns);
    case "music":
      return number(price, "per_track") === undefined
        ? soundCost(price, seconds, undefined)
        : times(number(price, "per_track") ?? 0, 1);
    default:
      return undefined;
  }
}

function imagePrice(price: Price, { quality, size }: Asked): number | undefined {
  const byQuality = table(price, "per_image_by_quality_1024");
  const bySize = table(price, "per_image_by_size");
  const tile = number(price, "per_tile_512");
  if (tile !== undefined) return tile * tilesOf(size) + (number(price, "per_step") ?? 0) * 4;
  // An unknown quality or size is charged as the dearest there is.
  if (byQuality && quality !== undefined) return byQuality[quality] ?? dearest(byQuality);
  if (bySize && size !== undefined) return bySize[size] ?? dearest(bySize);
  // A table may only say from what to what: what it comes to is the provider's to say, and until then the most.
  const range = list(price, "per_image_range");
  if (range) return Math.max(...range);
  return number(price, "per_image") ?? (byQuality && dearest(byQuality)) ?? (bySize && dearest(bySize));
}

function videoCost(price: Price, seconds: number | undefined, asked: Asked): bigint | undefined {
  const clips =
    (asked.withAudio === true ? table(price, "per_video_with_audio") : undefined) ?? table(price, "per_video");
  if (clips) {
    const wanted = `${asked.resolution ?? ""}/${seconds ?? ""}s`.toLowerCase();
    const exact = Object.entries(clips).find(([name]) => name.toLowerCase() === wanted)?.[1];
    return times(exact ?? dearest(clips), 1);
  }
  const silent = number(price, "per_second_silent");
  const byResolution =
    (asked.withAudio === true ? table(price, "per_second_by_resolution_with_audio") : undefined) ??
    (asked.withAudio === false ? table(price, "per_second_by_resolution_silent") : undefined) ??
    table(price, "per_second_by_resolution");
  const tiers = list(price, "per_second_tiers");
  const spoken = tiers ? Math.max(...tiers) : number(price, "per_second");
  const flat = asked.withAudio === false && silent !== undefined ? silent : spoken;
  const each = byResolution
    ? (at(byResolution, asked.resolution) ??
      (asked.resolution === undefined ? flat : undefined) ??
      dearest(byResolution))
    : flat;
  if (each === undefined || seconds === undefined) return undefined;
  const paidImages = (asked.referenceImages ?? 0) - (number(price, "per_extra_reference_image_above") ?? 0);
  const extra = (number(price, "per_extra_reference_image") ?? 0) * Math.max(0, paidImages);
  return times(each, seconds) + times(extra, 1);
}

function soundCost(
  price: Price,
  seconds: number | undefined,
  characters: number | undefined,
  addOns: readonly string[] = [],
): bigint | undefined {
  const perMillionCharacters = number(price, "per_million_chars");
  if (perMillionCharacters !== undefined && characters !== undefined)
    return times(perMillionCharacters, characters, 1_000_000n);
  if (seconds === undefined) return undefined;
  for (const [unit, length] of [
    ["per_second", 1n],
    ["per_minute", 60n],
    ["per_hour", 3_600n],
  ] as const) {
    const each = number(price, unit);
    const more = table(price, `${unit}_add_ons`) ?? {};
    if (each !== undefined)
      return times(each + addOns.reduce((sum, name) => sum + (more[name] ?? 0), 0), seconds, length);
  }
  return undefined;
}

/**
 * Dollars for each `per` of a count. Both are decimal in the table and in what providers report: six places of the
 * count are kept, and the product is rounded up.
 */
function times(dollars: number, count: number, per = 1n): bigint {
  const micro = BigInt(Math.ceil(Math.max(0, count) * 1e6));
  const divisor = 1_000_000n * per;
  return (BigInt(Math.round(dollars * picoPerUsd)) * micro + divisor - 1n) / divisor;
}

function tilesOf(size: string | undefined): number {
  const [width = 1_024, height = 1_024] = (size ?? "1024x1024").split("x").map(Number);
  return Math.ceil(width / 512) * Math.ceil(height / 512) || 4;
}

function number(price: Price, unit: string): number | undefined {
  const value = price[unit];
  return typeof value === "number" ? value : undefined;
}

function list(price: Price, unit: string): readonly number[] | undefined {
  const value = price[unit];
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

function table(price: Price, unit: string): Record<string, number> | undefined {
  const value = price[unit];
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, number>)
    : undefined;
}

function at(prices: Record<string, number>, name: string | undefined): number | undefined {
  return Object.entries(prices).find(([key]) => key.toLowerCase() === name?.toLowerCase())?.[1];
}

function dearest(prices: Record<string, number>): number {
  return Math.max(...Object.values(prices));
}
