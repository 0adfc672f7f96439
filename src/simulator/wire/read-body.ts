import type { IncomingMessage } from "node:http";

/**
 * The whole body; null when it is larger than `bytesMax` (the rest is dropped as it comes, so that the answer still
 * reaches the client); empty when the client has gone.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  // Listeners and not an async iterator: this is on the path of every request of a load test.
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else resolve(null);
    });
    request.once("end", () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
    });
    const onGone = () => resolve(Buffer.alloc(0));
    request.once("error", onGone);
    request.once("close", onGone);
  });
}
