import { MalformedData } from "../objects/malformed.ts";

/** The most a packet line can carry, its four length digits left out (gitprotocol-common). */
export const pktPayloadBytesMax = 65_516;

export const flushPkt = Buffer.from("0000");
export const delimiterPkt = Buffer.from("0001");

/** A received packet line: its payload, or the name of a special packet. */
export type Pkt = Buffer | "flush" | "delimiter" | "response-end";

export function pkt(payload: string | Buffer): Buffer {
  const bytes = typeof payload === "string" ? Buffer.from(payload, "utf8") : payload;
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0"), "latin1"), bytes]);
}

/** What the four digits in front of a packet say: its whole length, or which special packet it is. @throws invalid_request */
export function parsePktLength(digits: Buffer): number {
  const text = digits.toString("latin1");
  const length = /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (!(length >= 0) || length === 3 || length > pktPayloadBytesMax + 4)
    throw new MalformedData("a packet line has no length");
  return length;
}

export const specialPkts = ["flush", "delimiter", "response-end"] as const;

/** A line's text without the newline that may end it. */
export function pktText(payload: Buffer): string {
  const end = payload.at(-1) === 10 ? payload.length - 1 : payload.length;
  return payload.toString("utf8", 0, end);
}
