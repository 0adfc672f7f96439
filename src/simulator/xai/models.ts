import type { Usage } from "../../core/usage.ts";
import type { ChatModel } from "../chat/dialect.ts";
import { textModels } from "./models.data.ts";

export interface XaiModel extends ChatModel {
  /** Whether `reasoning_effort` is taken. */
  readonly effort: boolean;
  readonly effortDefault: string;
  /** Whether it takes functions of the client's, and Chat Completions at all. */
  readonly isMultiAgent: boolean;
  /** US dollars for a million tokens: input, cached input, output. */
  readonly price: readonly [input: number, cached: number, output: number];
}

const byId = new Map<string, XaiModel>(
  textModels.map(([id, context, outputMax, reasons, ...price]) => {
    const isMultiAgent = id.includes("multi-agent");
    const effort = reasons && !/4\.20-\d+-reasoning/.test(id);
    const takes = { images: true, audio: false, video: false, jsonSchema: true, tools: !isMultiAgent };
    return [
      id,
      {
        id,
        context,
        outputMax,
        reasons,
        effort,
        effortDefault: reasons ? "low" : "none",
        isMultiAgent,
        price,
        ...takes,
      },
    ];
  }),
);

export function xaiModel(id: string): XaiModel | null {
  return byId.get(id) ?? null;
}

/** A tick is a ten-billionth of a dollar. */
const nanoUsdPerTick = 10n;
const ticksPerUsd = 10_000_000_000;

/** What was used, with what xAI says it costs. */
export function chargeTokens(usage: Usage, model: XaiModel): Usage {
  const [input, cached, output] = model.price;
  const cachedTokens = usage.cachedInputTokens ?? 0;
  const usd =
    ((usage.inputTokens ?? 0) - cachedTokens) * input + cachedTokens * cached + (usage.outputTokens ?? 0) * output;
  const ticks = BigInt(Math.round((usd / 1_000_000) * ticksPerUsd));
  return { ...usage, providerCostNanoUsd: ticks / nanoUsdPerTick };
}

/** The cost in the provider's own unit. */
export function costTicks(usage: Usage): number {
  return Number((usage.providerCostNanoUsd ?? 0n) * nanoUsdPerTick);
}
