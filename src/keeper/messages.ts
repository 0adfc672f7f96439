import { z } from "zod";
import type { Caller } from "../core/caller.ts";
import { inferArgs } from "../infer/request.ts";

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** To run a generation that is written down already. */
const start = z.strictObject({
  id: z.string(),
  args: inferArgs,
  caller: z.custom<Caller>(isObject),
  traceparent: z.string().optional(),
});

/** What a server asks of the keeper, one JSON object on a line. Each is answered in turn by `{ "ok": … }`. */
export const question = z.union([
  start,
  /** To stop one. */
  z.strictObject({ cancel: z.string() }),
]);

/** What the keeper says to a server: answers, and between them what becomes of the generations that it runs for it. */
export const news = z.union([
  z.strictObject({ ok: z.boolean() }),
  /** Events of a generation, the first with the number `seq`. */
  z.strictObject({
    id: z.string(),
    seq: z.int().nonnegative(),
    events: z.array(z.custom<object>(isObject)),
  }),
  /** Its end is on the disk. */
  z.strictObject({ ended: z.string() }),
]);

export type StartQuestion = z.infer<typeof start>;
export type Question = z.infer<typeof question>;
export type News = z.infer<typeof news>;

export function lineOf(message: Question | News): string {
  return `${JSON.stringify(message)}\n`;
}
