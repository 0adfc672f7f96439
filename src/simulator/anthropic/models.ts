import { models } from "./models.data.ts";

/** What a model takes, as far as a request can be wrong about it. */
export interface AnthropicModel {
  readonly id: string;
  readonly context: number;
  readonly outputMax: number;
  /** Whether temperature, top_p and top_k are taken under the 2023-06-01 version. */
  readonly sampling: boolean;
  readonly thinkingEnabled: boolean;
  readonly thinkingAdaptive: boolean;
  /** `low_effort`: not together with an effort above high. */
  readonly thinkingDisabled: true | false | "low_effort";
  readonly thinkingBetweenTools: boolean;
  readonly displayDefault: "summarized" | "omitted";
  readonly forcedTools: boolean;
  readonly efforts: readonly string[];
  readonly prefill: boolean;
}

const byId = new Map(models.map(([id, context, outputMax]) => [id, modelOf(id, context, outputMax)]));

/** What a model takes, or null when there is no such model. */
export function anthropicModel(id: string): AnthropicModel | null {
  return byId.get(id) ?? byId.get(/^(.+?)-\d{8}$/.exec(id)?.[1] ?? "") ?? null;
}

function modelOf(id: string, context: number, outputMax: number): AnthropicModel {
  const [, family = "", major = "", minor = "0"] = /^claude-([a-z]+)-(\d+)(?:-(\d+))?$/.exec(id) ?? [];
  const version = Number(`${major}.${minor}`);
  const alwaysThinks =
    id === "claude-sonnet-5-5" || id === "claude-opus-5-5" || family === "fable" || family === "mythos";
  const has46 = version >= 4.6;
  const efforts = has46
    ? ["low", "medium", "high", ...(version >= 4.7 ? ["xhigh"] : []), "max"]
    : id === "claude-opus-4-5"
      ? ["low", "medium", "high"]
      : [];
  return {
    id,
    context,
    outputMax,
    sampling: version <= 4.6,
    thinkingEnabled: !alwaysThinks && id !== "claude-haiku-5-5",
    thinkingAdaptive: has46,
    thinkingDisabled: alwaysThinks ? false : id === "claude-opus-5" || id === "claude-haiku-5-5" ? "low_effort" : true,
    thinkingBetweenTools: id === "claude-sonnet-5-5",
    displayDefault: version >= 4.7 ? "omitted" : "summarized",
    forcedTools: !["claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-1", "claude-fable-5-2"].includes(id),
    efforts,
    prefill: !has46,
  };
}

/** Whether thinking can not be turned off. */
export function alwaysThinks(model: AnthropicModel): boolean {
  return model.thinkingDisabled === false;
}
