import type { ChatModel } from "../chat/dialect.ts";
import { textModels } from "./models.data.ts";

/** A text model with what Chat Completions and Responses have against it. */
export interface OpenAiModel extends ChatModel {
  /** Which parameters it takes: those of reasoning models, those of the others, or both. */
  readonly sampling: "reasoning" | "classic" | "either";
  readonly efforts: readonly string[];
  readonly effortDefault: string;
  /** Whether temperature and its like are taken when the effort is `none`. */
  readonly samplingWithoutReasoning: boolean;
  readonly responsesOnly: boolean;
  /** Whether function tools are refused in Chat Completions unless the effort is `none`. */
  readonly toolsNeedNoReasoning: boolean;
  readonly reportsCacheWrites: boolean;
}

const effortsAll = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const dated = /^(.+?)-\d{4}-\d{2}-\d{2}$/;
const byId = new Map(textModels.map(([id, context, outputMax]) => [id, modelOf(id, context, outputMax)]));

/** What a text model takes, or null when there is no such model. */
export function openAiModel(id: string): OpenAiModel | null {
  return byId.get(id) ?? byId.get(dated.exec(id)?.[1] ?? "") ?? null;
}

function modelOf(id: string, context: number, outputMax: number): OpenAiModel {
  const version = Number(/^gpt-(\d+(?:\.\d+)?)/.exec(id)?.[1] ?? 0);
  const isChat = id.includes("chat");
  const isReasoning = !isChat && (/^o\d/.test(id) || version >= 5);
  const efforts = effortsOf(id, version);
  return {
    id,
    context,
    outputMax,
    // The documents do not say which parameters the moving aliases take, so they are taken either way.
    sampling: isChat || id.startsWith("gpt-daybreak") ? "either" : isReasoning ? "reasoning" : "classic",
    efforts: isChat || id.startsWith("gpt-daybreak") ? effortsAll : efforts,
    effortDefault: version >= 5.1 && version < 6 ? "none" : isReasoning ? "medium" : "none",
    samplingWithoutReasoning: efforts.includes("none"),
    responsesOnly: id === "gpt-5-pro" || id.includes("-codex"),
    toolsNeedNoReasoning: version === 5.6,
    reportsCacheWrites: version >= 5.6,
    reasons: isChat || isReasoning || id.startsWith("gpt-daybreak"),
    images: !id.startsWith("gpt-audio"),
    video: false,
    audio: id.startsWith("gpt-audio"),
    jsonSchema: !id.startsWith("gpt-audio"),
    tools: true,
  };
}

function effortsOf(id: string, version: number): string[] {
  if (/^o\d/.test(id)) return ["low", "medium", "high"];
  if (version < 5) return [];
  if (version === 5) return ["minimal", "low", "medium", "high"];
  if (version === 5.1) return ["none", "low", "medium", "high"];
  if (version < 5.6) return ["none", "low", "medium", "high", "xhigh"];
  if (version < 6) return ["none", "low", "medium", "high", "xhigh", "max"];
  const canRest = ["gpt-6-luna", "gpt-6-sol", "gpt-6.1-terra"].includes(id);
  return [...(canRest ? ["none"] : []), "low", "medium", "high", "xhigh", "max"];
}
