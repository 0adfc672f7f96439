/** A run's timers: says when one is due. */
export interface Timers {
  readonly size: number;
  set(timer: number, ms: number): void;
  clear(timer: number): void;
  /** The run waits, with this many calls under way. */
  idle(callsInFlight: number): void;
  close(): void;
}

/** Timers on real time. */
export class RealTimers implements Timers {
  #handles = new Map<number, NodeJS.Timeout>();
  #onDue: (timer: number, atMs: number) => void;

  constructor(onDue: (timer: number, atMs: number) => void) {
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#handles.size;
  }

  set(timer: number, ms: number): void {
    const handle = setTimeout(() => {
      this.#handles.delete(timer);
      this.#onDue(timer, Date.now());
    }, ms);
    this.#handles.set(timer, handle);
  }

  clear(timer: number): void {
    clearTimeout(this.#handles.get(timer));
    this.#handles.delete(timer);
  }

  idle(): void {}

  close(): void {
    for (const handle of this.#handles.values()) clearTimeout(handle);
    this.#handles.clear();
  }
}

/** Timers that are due as soon as nothing else can happen: the first in time, then the first set. */
export class VirtualTimers implements Timers {
  #due = new Map<number, number>();
  #now: () => number;
  #onDue: (timer: number, atMs: number) => void;
  #next: NodeJS.Immediate | undefined;

  constructor(now: () => number, onDue: (timer: number, atMs: number) => void) {
    this.#now = now;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#due.size;
  }

  set(timer: number, ms: number): void {
    this.#due.delete(timer);
    this.#due.set(timer, this.#now() + ms);
  }

  clear(timer: number): void {
    this.#due.delete(timer);
  }

  idle(callsInFlight: number): void {
    if (callsInFlight > 0 || this.#due.size === 0) return;
    clearImmediate(this.#next);
    this.#next = setImmediate(() => {
      let first: [timer: number, atMs: number] | undefined;
      for (const entry of this.#due) if (!first || entry[1] < first[1]) first = entry;
      if (!first) return;
      this.#due.delete(first[0]);
      this.#onDue(...first);
    });
  }

  close(): void {
    clearImmediate(this.#next);
    this.#due.clear();
  }
}
