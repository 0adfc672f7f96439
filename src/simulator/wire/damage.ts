import type { Fault } from "../faults/fault.ts";
import { seededRandom } from "../model/random.ts";
import type { Connection } from "./connection.ts";
import type { StreamEvent } from "./reply.ts";

export interface OutgoingEvent extends StreamEvent {
  /** Sent in place of `wire`, where the damage cannot be written as text. */
  readonly bytes?: Uint8Array;
}

/** The event that is damaged when one is: the second, so that the stream has begun well. */
const damagedIndex = 1;

/** Two bytes that UTF-8 never has, inside the first JSON string value (or at the end where there is none). */
export function brokenUtf8(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const value = bytes.indexOf(':"');
  const at = value < 0 ? bytes.length : value + 2;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe]), bytes.subarray(at)]);
}

/** The stream with the damage that is done to single events: a broken one, or a half one that nothing follows. */
export function* damagedEvents(events: Iterable<StreamEvent>, fault: Fault | null): Iterable<OutgoingEvent> {
  if (fault?.kind !== "invalid_utf8" && fault?.kind !== "truncated_json") {
    yield* events;
    return;
  }
  let index = 0;
  for (const event of events) {
    if (index === damagedIndex && fault.kind === "truncated_json") {
      const text = event.wire.trimEnd();
      yield { ...event, wire: `${text.slice(0, -(text.length >> 2))}\n\n` };
      return;
    }
    yield index === damagedIndex ? { ...event, bytes: brokenUtf8(Buffer.from(event.wire)) } : event;
    index += 1;
  }
}

/** Writes that reach the client cut at arbitrary bytes, also within a character. */
export function splitWriter(
  connection: Connection,
  fault: Fault & { kind: "split_writes" },
): (bytes: Uint8Array | string) => Promise<boolean> {
  const random = seededRandom(fault.seed);
  return async (data) => {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + random.integer(fault.maxBytes);
      if (!(await connection.write(bytes.subarray(at, at + length)))) return false;
      // A turn of the event loop between writes keeps them apart on the socket.
      await new Promise((resolve) => setImmediate(resolve));
      at += length;
    }
    return connection.isOpen;
  };
}
