import { sandboxLimits } from "../../core/limits.ts";
import type { Prelude } from "../guest/prelude.ts";
import { findBreakAddress, type Image } from "./image.ts";
import { newInstance } from "./instance.ts";
import { QuickjsIsolate } from "./isolate.ts";

/** Isolates ready to be used, for one thread: made ahead of time when the thread has nothing else to do. */
export class Stock {
  #module: WebAssembly.Module;
  #prelude: Prelude;
  #breakAddress: number | null;
  #image: Image | null = null;
  #free: QuickjsIsolate[] = [];
  #target: number;
  #refill: NodeJS.Immediate | undefined;

  private constructor(module: WebAssembly.Module, prelude: Prelude, breakAddress: number | null, warm: number) {
    this.#module = module;
    this.#prelude = prelude;
    this.#breakAddress = breakAddress;
    this.#target = warm;
  }

  /** Opens a stock with one isolate ready; the others follow while the thread is idle. */
  static async open(module: WebAssembly.Module, prelude: Prelude, warm: number): Promise<Stock> {
    const probe = await newInstance(module, 0, sandboxLimits.stackBytesMax, {
      now: () => 0,
      shouldInterrupt: () => false,
    });
    const stock = new Stock(module, prelude, findBreakAddress(probe), warm);
    stock.#free.push(await stock.#make(sandboxLimits.memoryMbDefault));
    stock.#refillLater();
    return stock;
  }

  /** An isolate with this much memory: at once from the stock for the usual size, else made now. */
  take(memoryMb: number): QuickjsIsolate | Promise<QuickjsIsolate> {
    const free = memoryMb === sandboxLimits.memoryMbDefault ? this.#free.pop() : undefined;
    if (this.#free.length === 0) this.#refillLater();
    return free ?? this.#make(memoryMb);
  }

  /** Takes an isolate back when it can be used again; lets go of it otherwise. */
  give(isolate: QuickjsIsolate): void {
    const isUsual = isolate.memoryMb === sandboxLimits.memoryMbDefault;
    if (isUsual && this.#free.length < sandboxLimits.isolatesKeptMax && isolate.reset()) this.#free.push(isolate);
    else this.#refillLater();
  }

  async #make(memoryMb: number): Promise<QuickjsIsolate> {
    const isolate = await QuickjsIsolate.open(this.#module, memoryMb, this.#prelude, this.#breakAddress, this.#image);
    if (memoryMb === sandboxLimits.memoryMbDefault) this.#image ??= isolate.image;
    return isolate;
  }

  /** One at a time, each after what the thread has to do. */
  #refillLater(): void {
    if (this.#refill || this.#free.length >= this.#target) return;
    this.#refill = setImmediate(() => {
      void this.#make(sandboxLimits.memoryMbDefault).then((isolate) => {
        this.#refill = undefined;
        this.#free.push(isolate);
        this.#refillLater();
      });
    });
  }
}
