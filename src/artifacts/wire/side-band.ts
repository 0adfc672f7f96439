import { pkt } from "./pkt-line.ts";

const band = { data: 1, progress: 2, error: 3 } as const;

/** Frames of the multiplexed stream that `side-band-64k` and protocol v2 use (gitprotocol-pack). */
export function* dataFrames(bytes: Buffer, bytesMax = 65_515): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += bytesMax) {
    const part = bytes.subarray(at, at + bytesMax);
    yield Buffer.from(`${(part.length + 5).toString(16).padStart(4, "0")}${String.fromCharCode(band.data)}`, "latin1");
    yield part;
  }
}

/** A line that the client shows behind `remote:`. */
export function progressFrame(text: string): Buffer {
  return pkt(Buffer.concat([Buffer.from([band.progress]), Buffer.from(text, "utf8")]));
}

/** The client stops with this message. */
export function errorFrame(text: string): Buffer {
  return pkt(Buffer.concat([Buffer.from([band.error]), Buffer.from(text, "utf8")]));
}
