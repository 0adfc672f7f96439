import { makeAudio } from "../../../src/simulator/media/audio.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import { send } from "./raw.ts";

/** Requests to the simulator of one file, signed as each provider wants them. */
export function mediaCalls(simulator: () => Simulator) {
  return {
    post: (
      provider: ProviderName,
      path: string,
      body: object | FormData | Buffer,
      headers: Record<string, string> = {},
    ) => send(simulator(), provider, "POST", path, body, headers),
    get: (provider: ProviderName, path: string) => send(simulator(), provider, "GET", path),
    billed: async (provider: ProviderName) => {
      await simulator().book.idle();
      return simulator().book.totals(provider).billed;
    },
  };
}

/** A form whose files are named a.wav. */
export function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string") made.append(name, value);
    else made.append(name, value, "a.wav");
  }
  return made;
}

export const wav = (text = "Hello there", seconds = 2) => makeAudio(seconds, text, "wav");
export const blob = (bytes = wav()) => new Blob([new Uint8Array(bytes)], { type: "audio/wav" });
