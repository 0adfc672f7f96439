import type { ModelCard } from "../../core/model-card.ts";
import { lookup } from "../narrow.ts";

/** Pixels for each shape, by line of models (recraft.ai/docs, appendix). */
const shapesOf4: Readonly<Record<string, string>> = {
  "1:1": "1024x1024",
  "2:1": "1536x768",
  "1:2": "768x1536",
  "3:2": "1280x832",
  "2:3": "832x1280",
  "4:3": "1216x896",
  "3:4": "896x1216",
  "5:4": "1152x896",
  "4:5": "896x1152",
  "6:10": "832x1344",
  "14:10": "1280x896",
  "10:14": "896x1280",
  "16:9": "1344x768",
  "9:16": "768x1344",
};
const shapesOfPro: Readonly<Record<string, string>> = {
  "1:1": "2048x2048",
  "2:1": "3072x1536",
  "1:2": "1536x3072",
  "3:2": "2560x1664",
  "2:3": "1664x2560",
  "4:3": "2432x1792",
  "3:4": "1792x2432",
  "5:4": "2304x1792",
  "4:5": "1792x2304",
  "6:10": "1664x2688",
  "14:10": "2560x1792",
  "10:14": "1792x2560",
  "16:9": "2688x1536",
  "9:16": "1536x2688",
};
const shapesOf3: Readonly<Record<string, string>> = {
  "1:1": "1024x1024",
  "4:3": "1365x1024",
  "3:4": "1024x1365",
  "3:2": "1536x1024",
  "2:3": "1024x1536",
  "16:9": "1820x1024",
  "9:16": "1024x1820",
  "2:1": "2048x1024",
  "1:2": "1024x2048",
  "14:10": "1434x1024",
  "10:14": "1024x1434",
  "5:4": "1280x1024",
  "4:5": "1024x1280",
  "5:3": "1707x1024",
  "3:5": "1024x1707",
};

/** What a model draws, and what it takes besides a prompt. */
export interface Line {
  readonly shapes: Readonly<Record<string, string>>;
  readonly isVector: boolean;
  readonly promptCharactersMax: number;
  /** Negative prompts are of the older lines. */
  readonly negativePrompt: boolean;
  /** Whether it redraws an image. */
  readonly fromImage: boolean;
  /** Whether it redraws the part of an image that a mask shows. */
  readonly fromMask: boolean;
  /** It draws in a style of one's own, which has to be named. */
  readonly needsStyle: boolean;
}

export function lineOf({ nativeId }: ModelCard): Line {
  const isOld = /^recraftv[23]/.test(nativeId);
  return {
    shapes: isOld ? shapesOf3 : nativeId.includes("_pro") ? shapesOfPro : shapesOf4,
    isVector: nativeId.endsWith("_vector"),
    promptCharactersMax: isOld ? 1_000 : 10_000,
    negativePrompt: isOld,
    fromImage: !nativeId.startsWith("recraftv2") && !nativeId.includes("_flash"),
    fromMask: nativeId.startsWith("recraftv3"),
    needsStyle: nativeId.startsWith("recraftv4_styles"),
  };
}

/** A route that works on an image, in place of a model. */
export interface Edit {
  readonly prompt: boolean;
  readonly mask: boolean;
  readonly isVector: boolean;
  /** Whether the answer is a list of images, and the route has a model of its own. */
  readonly model?: string;
}

const edits: Readonly<Record<string, Edit>> = {
  vectorize: { prompt: false, mask: false, isVector: true },
  removeBackground: { prompt: false, mask: false, isVector: false },
  crispUpscale: { prompt: false, mask: false, isVector: false },
  creativeUpscale: { prompt: false, mask: false, isVector: false },
  eraseRegion: { prompt: false, mask: true, isVector: false },
  replaceBackground: { prompt: true, mask: false, isVector: false, model: "recraftv3" },
};

/** The route that a name in the catalog stands for; undefined when it is a model. */
export function editOf({ nativeId }: ModelCard): Edit | undefined {
  return lookup(edits, nativeId);
}
