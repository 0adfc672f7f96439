import { constants, createInflate, inflateSync } from "node:zlib";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { Pacer } from "../pacer.ts";
import { badPack, type PackInput } from "./pack-input.ts";

/** Inflates the data that begins at `start` to exactly `size` bytes, and answers how much of the pack that took. */
export function inflateEntry(input: PackInput, start: number, size: number): { bytes: Buffer; consumed: number } {
  // Deflated data is hardly ever longer than the data; where it is, a second look takes in more.
  for (const slack of [64 + size / 512, 4096 + size / 2, 65_536 + size * 4]) {
    const end = Math.min(input.end, Math.ceil(start + size + slack));
    try {
      const { buffer, engine } = inflateSync(input.read(start, end), {
        ...bounded(size),
        info: true,
      }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
      if (buffer.length !== size) throw badPack("has an entry of another size than it says");
      return { bytes: buffer, consumed: engine.bytesWritten };
    } catch (error) {
      if (error instanceof MalformedData) throw error;
      const isCut = (error as { errno?: unknown }).errno === constants.Z_BUF_ERROR && end < input.end;
      if (!isCut) throw cannotInflate(error);
    }
  }
  throw badPack("has an entry that deflating made much longer");
}

/** Inflates data that was inflated before, so that its place and size are known to be right. */
export function inflateKnown(deflated: Buffer, size: number): Buffer {
  return inflateSync(deflated, bounded(size));
}

/** Inflates piece by piece what is too large to hold; answers how much of the pack it took. */
export async function inflateInPieces(
  input: PackInput,
  start: number,
  size: number,
  onPiece: (piece: Buffer) => void,
  pacer: Pacer,
): Promise<number> {
  const inflater = createInflate();
  let made = 0;
  let isOver = false;
  const failed = new Promise<never>((_resolve, reject) => inflater.on("error", reject));
  // It may fail while nobody waits for it; whoever waits next is told.
  failed.catch(() => {});
  const ended = new Promise<void>((resolve) => {
    inflater.on("end", () => {
      isOver = true;
      resolve();
    });
  });
  inflater.on("data", (piece: Buffer) => {
    made += piece.length;
    if (made > size) inflater.destroy(new Error("longer than declared"));
    else onPiece(piece);
  });
  try {
    for (let at = start; !isOver && at < input.end; at += artifactLimits.packWindowBytes) {
      const chunk = input.readCopy(at, Math.min(input.end, at + artifactLimits.packWindowBytes));
      const written = new Promise<void>((resolve) => inflater.write(chunk, () => resolve()));
      await Promise.race([failed, ended, written]);
      await pacer.pause();
    }
    inflater.end();
    await Promise.race([failed, ended]);
  } catch (error) {
    throw cannotInflate(error);
  } finally {
    inflater.destroy();
  }
  if (made !== size) throw badPack("has an entry of another size than it says");
  return inflater.bytesWritten;
}

/** One output buffer of the right size; one byte more lets zlib see the end in the same pass. */
function bounded(size: number) {
  return { chunkSize: Math.max(64, size + 1), maxOutputLength: Math.max(1, size) };
}

function cannotInflate(cause: unknown): MalformedData {
  return new MalformedData("a pack entry cannot be inflated", cause);
}
