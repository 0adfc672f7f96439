import { reasoningTokensOf } from "../chat/prompt.ts";
import { type Prompt, type Turn, turn } from "../model/prompt.ts";
import type { GeminiModel } from "./models.ts";
import type { Content, GenerateRequest } from "./request.ts";

/** The prompt in a generateContent request. */
export function promptOfContents(request: GenerateRequest, model: GeminiModel): Prompt {
  const config = request.generationConfig ?? {};
  const calling = request.toolConfig?.functionCallingConfig;
  const allowed = calling?.allowedFunctionNames;
  const declared = (request.tools ?? []).flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  const schema = config.responseJsonSchema ?? config.responseSchema;
  const thinking = thinkingTokens(request, model);
  return {
    label: `google/${model.id}`,
    turns: [
      ...(request.systemInstruction ? [turn("system", { text: textOf(request.systemInstruction) })] : []),
      ...request.contents.map(turnOf),
    ],
    tools: declared
      .filter(({ name }) => allowed === undefined || allowed.includes(name))
      .map(({ name, parameters, parametersJsonSchema }) => ({
        name,
        parameters: parametersJsonSchema ?? parameters ?? null,
      })),
    toolChoice: calling?.mode === "ANY" ? "required" : calling?.mode === "NONE" ? "none" : "auto",
    parallelCalls: true,
    json: schema ?? (config.responseMimeType === "application/json" ? "any" : null),
    maxOutputTokens: config.maxOutputTokens ?? null,
    stop: config.stopSequences ?? [],
    reasoningTokens: thinking,
    reasoningTokensIfAsked: config.thinkingConfig?.thinkingBudget === 0 ? 0 : reasoningTokensOf("medium"),
  };
}

function thinkingTokens({ generationConfig }: GenerateRequest, model: GeminiModel): number {
  const { thinkingBudget: budget, thinkingLevel: level, includeThoughts } = generationConfig?.thinkingConfig ?? {};
  if (level !== undefined) return reasoningTokensOf(level.toLowerCase());
  if (budget === 0) return 0;
  if (budget !== undefined && budget > 0) return Math.min(budget, reasoningTokensOf("medium"));
  return includeThoughts ? Math.max(16, model.thinkingTokensDefault) : model.thinkingTokensDefault;
}

function turnOf({ role, parts }: Content): Turn {
  const results = parts.flatMap(({ functionResponse }) =>
    functionResponse ? [{ name: functionResponse.name, text: resultText(functionResponse.response) }] : [],
  );
  const media = parts.flatMap(({ inlineData, fileData }) => {
    const mimeType = inlineData?.mimeType ?? (fileData ? (fileData.mimeType ?? "image/unknown") : undefined);
    return mimeType === undefined ? [] : [mimeType];
  });
  const text = textOf({ parts });
  const isTool = role !== "model" && results.length > 0 && text === "";
  return turn(isTool ? "tool" : role === "model" ? "assistant" : "user", {
    text,
    images: media.filter((mimeType) => mimeType.startsWith("image/")).length,
    files: media.filter((mimeType) => !mimeType.startsWith("image/")).length,
    calls: parts.flatMap(({ functionCall }) =>
      functionCall ? [`${functionCall.name} ${JSON.stringify(functionCall.args ?? {})}`] : [],
    ),
    results,
  });
}

/** The words of a function's result: `output` or `error` where it keeps to the convention, else its JSON. */
function resultText(response: Readonly<Record<string, unknown>>): string {
  const said = response.output ?? response.error;
  return typeof said === "string" ? said : JSON.stringify(said ?? response);
}

function textOf({ parts }: Pick<Content, "parts">): string {
  return parts.map(({ text, thought }) => (thought ? "" : (text ?? ""))).join("");
}
