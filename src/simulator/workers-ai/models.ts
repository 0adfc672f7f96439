import type { ChatModel } from "../chat/dialect.ts";
import { textModels } from "./models.data.ts";

export interface WorkersModel extends ChatModel {
  /** Whether the native route answers as OpenAI does, inside the envelope. */
  readonly answersAsOpenAi: boolean;
}

const byId = new Map<string, WorkersModel>(
  textModels.map(([id, context, outputMax, takes]) => [
    id,
    {
      id,
      context,
      outputMax,
      tools: takes.includes("t"),
      images: takes.includes("i"),
      reasons: takes.includes("r"),
      jsonSchema: true,
      audio: false,
      video: false,
      answersAsOpenAi: takes.includes("n"),
    },
  ]),
);

export function workersModel(id: string): WorkersModel | null {
  return byId.get(id) ?? null;
}
