import { sandboxLimits } from "../core/limits.ts";
import type { RecordedAnswer, RecordedCall, Recording, Trace } from "./protocol.ts";

/** Writes down what a run asked of the host and what it was answered, as long as that stays small enough to keep. */
export class Recorder {
  #calls: RecordedCall[] = [];
  #answers: RecordedAnswer[] = [];
  #characters = 0;

  call(name: string, args: string): void {
    if (this.#fits(args)) this.#calls.push({ name, args });
  }

  answer(answer: RecordedAnswer): void {
    if (this.#fits(answer.text)) this.#answers.push(answer);
  }

  /** Null when the run cannot be gone through again: too much was said, or nobody knows in which order. */
  recording(trace: Trace | null): Recording | null {
    if (!trace || this.#characters > sandboxLimits.recordingCharactersMax) return null;
    return { calls: this.#calls, answers: this.#answers, trace };
  }

  #fits(text: string): boolean {
    this.#characters += text.length;
    if (this.#characters <= sandboxLimits.recordingCharactersMax) return true;
    this.#calls = [];
    this.#answers = [];
    return false;
  }
}
