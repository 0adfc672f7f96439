/** What a generation of image models takes. */
export interface ImageFamily {
  /** Sizes with a name, the one that is drawn where nobody asks first. None: what is edited keeps its own. */
  readonly sizes: readonly string[];
  /** The fewest and the most pixels. */
  readonly pixels: readonly [min: number, max: number];
  readonly inputsMax: number;
  /** It only edits. */
  readonly needsInput?: true;
  readonly seed?: true;
  readonly formats: readonly string[];
}

const [smallest, fourThousand] = [1_280 * 720, 4_096 ** 2];

const families: readonly (readonly [model: RegExp, family: ImageFamily])[] = [
  [/^seededit-3/, { sizes: [], pixels: [0, 0], inputsMax: 1, needsInput: true, seed: true, formats: ["jpeg"] }],
  [/^seedream-4-0/, { sizes: ["2K", "1K", "4K"], pixels: [smallest, fourThousand], inputsMax: 14, formats: ["jpeg"] }],
  [/^seedream-4-5/, { sizes: ["2K", "4K"], pixels: [2_560 * 1_440, fourThousand], inputsMax: 14, formats: ["jpeg"] }],
  [
    // It costs twice as much above one thousand.
    /^(?:dola-)?seedream-5-0-pro/,
    { sizes: ["1K", "2K"], pixels: [smallest, 2_048 ** 2], inputsMax: 14, formats: ["png", "jpeg"] },
  ],
];

const newest: ImageFamily = {
  sizes: ["2K", "1K", "4K"],
  pixels: [smallest, fourThousand],
  inputsMax: 14,
  formats: ["png", "jpeg"],
};

/** Ids of Volcengine's, where the same models are Doubao's, and those that are not known, are read as well. */
export function imageFamily(nativeId: string): ImageFamily {
  const id = nativeId.replace(/^doubao-/, "");
  return families.find(([model]) => model.test(id))?.[1] ?? newest;
}
