import type { RecordedAnswer, Recording } from "../protocol.ts";

/** The next thing that happened in a recorded run. */
export type ReplayedEvent =
  | { readonly kind: "answer"; readonly atMs: number; readonly answer: RecordedAnswer }
  | { readonly kind: "timer"; readonly atMs: number; readonly timer: number };

/** Goes through a recording. */
export class Replay {
  #recording: Recording;
  #calls = 0;
  #answers = 0;
  #events = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** Undefined when the program calls what the recorded run called; else what it did instead. */
  check(name: string, args: string): string | undefined {
    const expected = this.#recording.calls[this.#calls++];
    if (expected?.name === name && expected.args === args) return undefined;
    const was = expected ? `${expected.name}(${cut(expected.args)})` : "not made";
    return `call ${this.#calls} is ${name}(${cut(args)}), and in the recorded run it was ${was}`;
  }

  next(): ReplayedEvent | undefined {
    const event = this.#recording.trace[this.#events++];
    if (!event) return undefined;
    const [atMs, timer] = event;
    if (timer !== undefined) return { kind: "timer", atMs, timer };
    const answer = this.#recording.answers[this.#answers++];
    return answer && { kind: "answer", atMs, answer };
  }
}

function cut(args: string): string {
  const text = args.slice(1, -1);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
