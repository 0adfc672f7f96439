export const qualities = ["360p", "540p", "720p", "1080p"] as const;

/** Newer models: credits for a second at each quality, silent and with sound. */
export const perSecond: Readonly<
  Record<string, { readonly silent: readonly number[]; readonly audio: readonly number[] }>
> = {
  v6: { silent: [5, 7, 9, 18], audio: [7, 9, 12, 23] },
  c1: { silent: [6, 8, 10, 19], audio: [8, 10, 13, 24] },
};

/** Older models: credits for a clip of so many seconds at each quality. */
export const perClip: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
  "v5.6": { 5: [35, 35, 45, 75], 8: [70, 70, 90, 150], 10: [77, 77, 99] },
  "v5.5": { 5: [45, 45, 60, 120], 8: [90, 90, 120, 240], 10: [99, 99, 132] },
  v5: { 5: [45, 45, 60, 120], 8: [90, 90, 120, 240] },
  "v4.5": { 5: [45, 45, 60, 120], 8: [90, 90, 120, 240] },
  v4: { 5: [45, 45, 60, 120], 8: [90, 90, 120, 240] },
  "v3.5": { 5: [45, 45, 60, 120], 8: [90, 90, 120] },
};
