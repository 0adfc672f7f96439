/** What a route of a model's films: lengths by resolution, the resolution first that is filmed where nobody asks. */
export interface VideoRoute {
  readonly resolutions: Readonly<Record<string, readonly [min: number, max: number] | readonly number[]>>;
  readonly secondsDefault: number;
}

export type RouteName = "text2video" | "img2video" | "start-end2video" | "reference2video";

export interface VideoModel {
  readonly text?: VideoRoute;
  /** From a first frame; with a last one too. */
  readonly image?: VideoRoute;
  readonly reference?: VideoRoute;
  /** How many videos it may be guided by. */
  readonly readsVideo?: true;
  /** Whether its sound can be turned off. */
  readonly audio?: true;
}

function lengths(resolutions: readonly string[], from: number, to: number): VideoRoute {
  const seconds = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  return { resolutions: Object.fromEntries(resolutions.map((name) => [name, seconds])), secondsDefault: 5 };
}

const all = ["720p", "540p", "1080p"];
const most = ["720p", "1080p"];
const q1 = lengths(["1080p"], 5, 5);
const two = (resolutions: VideoRoute["resolutions"]): VideoRoute => ({ resolutions, secondsDefault: 4 });

export const videoModels: Readonly<Record<string, VideoModel>> = {
  "viduq3-pro": { text: lengths(all, 1, 16), image: lengths(all, 1, 16), audio: true },
  "viduq3-turbo": {
    text: lengths(all, 1, 16),
    image: lengths(all, 1, 16),
    reference: lengths(all, 3, 16),
    audio: true,
  },
  "viduq3-pro-fast": { image: lengths(most, 1, 16), audio: true },
  viduq3: { reference: lengths(all, 3, 16), audio: true },
  "viduq3-mix": { reference: lengths(most, 1, 16), audio: true },
  viduq2: { text: lengths(all, 1, 10), reference: lengths(all, 1, 10) },
  "viduq2-pro": { image: lengths(all, 1, 10), reference: lengths(all, 1, 10), readsVideo: true },
  "viduq2-turbo": { image: lengths(all, 1, 10) },
  "viduq2-pro-fast": { image: lengths(most, 1, 10) },
  viduq1: { text: q1, image: q1, reference: q1 },
  "viduq1-classic": { image: q1 },
  "vidu2.0": {
    // Its derived price is that of four seconds at this size.
    image: two({ "720p": [4, 8], "360p": [4], "1080p": [4] }),
    reference: two({ "720p": [4], "360p": [4] }),
  },
};
