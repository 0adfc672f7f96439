import type { Adapter } from "../adapter.ts";
import { decodeError } from "./error.ts";
import { text } from "./text.ts";

export const openai: Adapter = {
  provider: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  keyVariables: ["OPENAI_API_KEY"],
  text,
  decodeError,
};
