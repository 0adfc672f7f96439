/** What a generation of Seedance films. */
export interface VideoFamily {
  readonly seconds: readonly [min: number, max: number];
  /** What its price is listed for first. */
  readonly resolutions: readonly string[];
  /** Whether it makes sound, which can be turned off. */
  readonly audio: boolean;
  /** How many images may show who or what is to be seen; with any, it takes a video as well. */
  readonly referencesMax: number;
}

const families: readonly (readonly [model: RegExp, family: VideoFamily])[] = [
  [/seedance-1-0/, { seconds: [2, 12], resolutions: ["1080p", "720p", "480p"], audio: false, referencesMax: 0 }],
  [/seedance-1-5/, { seconds: [4, 12], resolutions: ["720p", "480p", "1080p"], audio: true, referencesMax: 0 }],
  [/seedance-2-0-(?:fast|mini)/, { seconds: [4, 15], resolutions: ["720p", "480p"], audio: true, referencesMax: 9 }],
  // It takes more references than a request may have here.
  [/seedance-2-5/, { seconds: [4, 30], resolutions: ["720p", "480p"], audio: true, referencesMax: 10 }],
];

const newest: VideoFamily = {
  seconds: [4, 15],
  resolutions: ["720p", "480p", "1080p", "4k"],
  audio: true,
  referencesMax: 9,
};

/** A model that is not known is asked as the newest is. */
export function videoFamily(nativeId: string): VideoFamily {
  return families.find(([model]) => model.test(nativeId))?.[1] ?? newest;
}

/** Tokens of a second of film, by its resolution: 24 frames of a token for each 1,024 pixels, and one frame more. */
export const tokensPerSecond: Readonly<Record<string, number>> = {
  "480p": 9_800,
  "720p": 21_600,
  "1080p": 48_600,
  "4k": 194_400,
};
