type Limits = { readonly resolutions: string; readonly seconds: readonly [min: number, max: number] };

const all = "540p 720p 1080p";
const most = "720p 1080p";

const fromImage: Readonly<Record<string, Limits>> = {
  "viduq3-pro": { resolutions: all, seconds: [1, 16] },
  "viduq3-turbo": { resolutions: all, seconds: [1, 16] },
  "viduq3-pro-fast": { resolutions: most, seconds: [1, 16] },
  "viduq2-pro": { resolutions: all, seconds: [1, 10] },
  "viduq2-turbo": { resolutions: all, seconds: [1, 10] },
  "viduq2-pro-fast": { resolutions: most, seconds: [1, 10] },
  viduq1: { resolutions: "1080p", seconds: [5, 5] },
  "viduq1-classic": { resolutions: "1080p", seconds: [5, 5] },
  "vidu2.0": { resolutions: "360p 720p 1080p", seconds: [4, 8] },
};

/** Vidu's models by what they film from. */
export const videoModels: Readonly<Record<string, Readonly<Record<string, Limits>>>> = {
  text2video: {
    "viduq3-pro": { resolutions: all, seconds: [1, 16] },
    "viduq3-turbo": { resolutions: all, seconds: [1, 16] },
    viduq2: { resolutions: all, seconds: [1, 10] },
    viduq1: { resolutions: "1080p", seconds: [5, 5] },
  },
  img2video: fromImage,
  "start-end2video": fromImage,
  reference2video: {
    "viduq3-turbo": { resolutions: all, seconds: [3, 16] },
    viduq3: { resolutions: all, seconds: [3, 16] },
    "viduq3-mix": { resolutions: most, seconds: [1, 16] },
    viduq2: { resolutions: all, seconds: [1, 10] },
    "viduq2-pro": { resolutions: all, seconds: [0, 10] },
    viduq1: { resolutions: "1080p", seconds: [5, 5] },
    "vidu2.0": { resolutions: "360p 720p", seconds: [4, 4] },
  },
};

/** Credits for a second, by what is filmed from (`reference` or anything else), model and resolution. */
export const creditsPerSecond: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "viduq3-pro": { "540p": 9, "720p": 20, "1080p": 24 },
  "viduq3-turbo": { "540p": 7, "720p": 11, "1080p": 13 },
  "viduq3-pro-fast": { "720p": 20, "1080p": 25 },
  "reference viduq3-mix": { "720p": 24, "1080p": 29 },
  "reference viduq3-turbo": { "540p": 4, "720p": 10, "1080p": 13 },
  "reference viduq3": { "540p": 7, "720p": 12, "1080p": 15 },
  viduq1: { "1080p": 16 },
  "viduq1-classic": { "1080p": 16 },
};
