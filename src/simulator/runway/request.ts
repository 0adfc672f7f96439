import { z } from "zod";
import { endpoints } from "./models.data.ts";

const dataUriBytesMax = 5 * 1024 * 1024;
const urlCharactersMax = 2_048;

/** https, a data URI of at most 5 MB, or an upload. No redirecting hosts or bare addresses. */
const uri = z.string().refine((text) => {
  if (text.startsWith("data:")) return text.length <= dataUriBytesMax;
  return (
    text.length <= urlCharactersMax &&
    (/^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+(\/|$|\?)/i.test(text) || text.startsWith("runway://"))
  );
}, "expected an HTTPS URL, a Runway upload URI or a data URI of at most 5 MB");

const image = z.strictObject({ uri, position: z.enum(["first", "last"]).optional() });

/** The shapes that the models' fields name. */
const shapes: Readonly<Record<string, z.ZodType>> = {
  number: z.number(),
  string: z.string().min(1),
  boolean: z.boolean(),
  Uri: uri,
  Uris: z.array(uri).min(1),
  PromptImage: z.union([uri, z.array(image).min(1)]),
  References: z.array(z.strictObject({ uri, type: z.string().optional(), tag: z.string().optional() })),
  Keyframes: z.array(
    z.strictObject({ uri, seconds: z.number().optional(), at: z.number().optional(), range: z.unknown().optional() }),
  ),
  Voice: z.strictObject({ type: z.string(), presetId: z.string().optional(), audioUri: uri.optional() }),
  Media: z.strictObject({ type: z.enum(["image", "video", "audio"]), uri }),
  ContentModeration: z.strictObject({ publicFigureThreshold: z.enum(["auto", "low"]).optional() }),
};

/** A body of any endpoint, as far as the simulator looks at it. */
export interface Asked {
  readonly model: string;
  readonly promptText?: string;
  readonly ratio?: string;
  readonly duration?: number | "auto";
  readonly resolution?: string;
  readonly outputCount?: number;
  readonly audio?: boolean;
  readonly quality?: string;
  readonly outputFormat?: string;
  readonly proresProfile?: string;
  readonly seed?: number;
  readonly promptImage?: string | readonly { readonly position?: string }[];
  readonly references?: readonly unknown[];
}

const schemas = new Map<string, z.ZodType<Asked>>();
for (const [endpoint, models] of Object.entries(endpoints)) {
  for (const [model, { required, optional }] of Object.entries(models)) {
    const fields = {
      ...Object.fromEntries(Object.entries(required).map(([name, type]) => [name, schemaOf(type)])),
      ...Object.fromEntries(Object.entries(optional).map(([name, type]) => [name, schemaOf(type).optional()])),
    };
    schemas.set(
      `${endpoint} ${model}`,
      z.strictObject({ model: z.literal(model), ...fields }) as unknown as z.ZodType<Asked>,
    );
  }
}

/** The schema of a model at an endpoint, or null when it is not served there. */
export function schemaFor(endpoint: string, model: string): z.ZodType<Asked> | null {
  return schemas.get(`${endpoint} ${model}`) ?? null;
}

function schemaOf(type: string): z.ZodType {
  const shape = shapes[type];
  if (shape) return shape;
  const words = type.split("|");
  if (words.includes("*")) return z.string();
  const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
  if (numbers.length === words.length) return z.literal(numbers as [number, ...number[]]);
  const texts = z.enum(words.filter((word) => word !== "number") as [string, ...string[]]);
  return words.includes("number") ? z.union([z.number(), texts]) : texts;
}

const textMax: readonly (readonly [model: RegExp, characters: number])[] = [
  [/^seedance2_5$/, 15_000],
  [/^hailuo3$/, 6_000],
  [/^gemini_omni_flash/, 4_000],
  [/^seedance2/, 3_500],
  [/^happyhorse/, 2_500],
  [/^(veo|gen4)/, 1_000],
];

const seconds: readonly (readonly [model: RegExp, min: number, max: number])[] = [
  [/^gen4/, 2, 10],
  [/^hailuo3$/, 5, 15],
  [/^happyhorse/, 3, 15],
  [/^seedance2_5$/, 4, 30],
  [/^seedance2/, 4, 15],
  [/^gemini_omni_flash/, 3, 10],
  [/^eleven_text_to_sound/, 0.5, 30],
];

/** What is wrong with a body that has the right shape: the field and the words, or null. */
export function limitIssue(asked: Asked): { readonly path: string; readonly message: string } | null {
  const charactersMax = textMax.find(([model]) => model.test(asked.model))?.[1];
  if (charactersMax !== undefined && (asked.promptText?.length ?? 0) > charactersMax) {
    return { path: "promptText", message: `Too big: expected string to have <=${charactersMax} characters` };
  }
  const limits = seconds.find(([model]) => model.test(asked.model));
  if (limits && typeof asked.duration === "number" && (asked.duration < limits[1] || asked.duration > limits[2])) {
    return { path: "duration", message: `Invalid duration: expected ${limits[1]} to ${limits[2]} seconds` };
  }
  if (asked.seed !== undefined && (asked.seed < 0 || asked.seed > 4_294_967_295 || !Number.isInteger(asked.seed))) {
    return { path: "seed", message: "Invalid seed: expected an integer from 0 to 4294967295" };
  }
  if (asked.proresProfile !== undefined && !asked.outputFormat?.includes("prores")) {
    return { path: "proresProfile", message: "proresProfile is only valid with a ProRes outputFormat" };
  }
  return null;
}
