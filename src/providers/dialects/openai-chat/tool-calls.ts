import { asCount, asObject, asText, asWord, type JsonObject } from "../../narrow.ts";
import type { TextEvent } from "../../shapes/event.ts";
import type { WireNames } from "../../wire-names.ts";

interface OpenCall {
  readonly index: number;
  id: string | undefined;
  name: string | undefined;
  announced: boolean;
  /** Arguments that came before the name did. */
  held: string;
}

/**
 * Puts tool calls together from deltas as servers really send them: by index, without index, several calls under one
 * index, ids only at first or again as empty text or null, a whole call in one delta, arguments as an object.
 */
export class ToolCallDeltas {
  readonly #names: WireNames;
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();

  constructor(names: WireNames) {
    this.#names = names;
  }

  get begun(): number {
    return this.#calls.length;
  }

  push(delta: JsonObject, answerId: string | undefined, events: TextEvent[]): void {
    const fn = asObject(delta.function) ?? delta;
    const name = asWord(fn.name);
    const id = asWord(delta.id);
    const args =
      typeof fn.arguments === "object" && fn.arguments !== null ? JSON.stringify(fn.arguments) : asText(fn.arguments);
    const call = this.#callFor(asCount(delta.index), id, name, args);
    if (!call) return;
    call.id ??= id;
    call.name ??= name;
    if (args) call.held += args;
    if (!call.announced && call.name !== undefined) {
      call.announced = true;
      events.push({
        type: "tool_call",
        index: call.index,
        id: call.id ?? `${answerId ?? "call"}_${call.index}`,
        name: this.#names.fromWire(call.name),
      });
    }
    if (call.announced && call.held !== "") {
      events.push({ type: "tool_arguments", index: call.index, text: call.held });
      call.held = "";
    }
  }

  /** Whether a call was never named, so that its arguments belong to nothing. */
  get hasNameless(): boolean {
    return this.#calls.some((call) => !call.announced && call.held !== "");
  }

  #callFor(
    at: number | undefined,
    id: string | undefined,
    name: string | undefined,
    args: string | undefined,
  ): OpenCall | undefined {
    const known = at === undefined ? this.#unindexed(id, name) : this.#byIndex.get(at);
    // Another id together with a name is another call, even where a server gives all of them one index.
    const another = known?.id !== undefined && id !== undefined && known.id !== id && name !== undefined;
    if (known && !another) return known;
    if (id === undefined && name === undefined && !args) return undefined;
    const call: OpenCall = { index: this.#calls.length, id, name: undefined, announced: false, held: "" };
    this.#calls.push(call);
    if (at !== undefined) this.#byIndex.set(at, call);
    return call;
  }

  #unindexed(id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (id !== undefined) return this.#calls.find((call) => call.id === id);
    return name === undefined ? this.#calls.at(-1) : undefined;
  }
}
