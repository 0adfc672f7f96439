import type { WireHeaders } from "../adapter.ts";
import { chatFailure } from "../dialects/openai-chat/error.ts";
import type { ProviderFailure } from "../shapes/event.ts";

/** OpenAI's errors are what the dialect's own reading is made for. */
export function decodeError(status: number, headers: WireHeaders, body: string): ProviderFailure {
  return chatFailure(status, headers, body);
}
