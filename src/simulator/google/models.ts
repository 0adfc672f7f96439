import { imageModels, speechModels, textModels } from "./models.data.ts";

/** What a model takes, as far as a request can be wrong about it. */
export interface GeminiModel {
  readonly id: string;
  readonly inputMax: number;
  readonly outputMax: number;
  /** Whether the signatures of function calls have to come back. */
  readonly signsCalls: boolean;
  /** How its thinking is set. */
  readonly thinking: "level" | "budget" | "either";
  readonly levels: readonly string[];
  /** Bounds of the budget; 0 and -1 stand apart. */
  readonly budget: { readonly min: number; readonly max: number; readonly canBeOff: boolean };
  /** Tokens it thinks when nothing is said about it. */
  readonly thinkingTokensDefault: number;
  readonly jsonWithTools: boolean;
  readonly fetchesUrls: boolean;
  readonly callIds: boolean;
  /** What it can answer with. */
  readonly modalities: readonly ("TEXT" | "IMAGE" | "AUDIO")[];
}

const byId = new Map(
  textModels.map(([id, inputMax, outputMax, version]) => [id, modelOf(id, inputMax, outputMax, version)]),
);

const media = new Map<string, GeminiModel>([
  ...imageModels.map(([id]) => [id, mediaModelOf(id, 3, ["TEXT", "IMAGE"])] as const),
  ...speechModels.map(([id, version]) => [id, mediaModelOf(id, version, ["AUDIO"])] as const),
]);

/** What a model that answers with images or speech takes, or null when there is no such model. */
export function mediaModel(id: string): GeminiModel | null {
  return media.get(id) ?? null;
}

function mediaModelOf(id: string, version: number, modalities: GeminiModel["modalities"]): GeminiModel {
  const model = modelOf(id, 131_072, 32_768, version);
  // The professional image model keeps to budgets, the sheet of the others does not say.
  return { ...model, thinking: "either", thinkingTokensDefault: id.includes("-pro-image") ? 16 : 0, modalities };
}

/** What a model takes, or null when there is no such model. */
export function geminiModel(id: string): GeminiModel | null {
  return byId.get(id) ?? null;
}

function modelOf(id: string, inputMax: number, outputMax: number, version: number): GeminiModel {
  const isPro = id.includes("-pro") || version >= 4;
  const isLite = id.includes("-lite");
  const isThree = version >= 3;
  const hasMinimal = !isPro && version < 3.7;
  return {
    id,
    inputMax,
    outputMax,
    signsCalls: isThree,
    thinking: isThree ? "level" : version === 0 ? "either" : "budget",
    levels: [
      ...(hasMinimal ? ["MINIMAL"] : []),
      "LOW",
      "MEDIUM",
      "HIGH",
      ...(id === "gemini-4-hydrogen" ? ["XHIGH"] : []),
    ],
    budget: isPro ? { min: 128, max: 32_768, canBeOff: false } : { min: 0, max: 24_576, canBeOff: true },
    thinkingTokensDefault: isLite || version === 0 ? 0 : 16,
    jsonWithTools: isThree,
    fetchesUrls: isThree,
    callIds: isThree,
    modalities: ["TEXT"],
  };
}
