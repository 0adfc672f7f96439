import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { constants, createDeflate, createInflate, deflateSync, inflateSync } from "node:zlib";
import type { Rng } from "../../core/clock.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import { type GitObject, type IdentifiedObject, isObjectType, type Oid, objectHeader } from "../objects/object.ts";
import { fileErrorCode, syncDirectory, unlinkQuietly, writeSynced } from "./durable-file.ts";
import type { ObjectInfo } from "./object-store.ts";

const headerBytesMax = 32;

/** One object a file, deflated, under `objects/ab/cdef…`: where git puts what is new. */
export interface LooseObjects {
  has(oid: Oid): boolean;
  read(oid: Oid): GitObject | null;
  info(oid: Oid): ObjectInfo | null;
  /** An object that is not to be held whole; null when it is not here, or no larger than `streamedObjectBytesMin`. */
  large(oid: Oid): LargeObject | null;
  /** Answers how many bytes the files have. */
  write(objects: readonly IdentifiedObject[]): Promise<number>;
  /** Tells a running `git gc` that the object is wanted again. False when it is not here. */
  freshen(oid: Oid, now: Date): boolean;
  withPrefix(prefix: string): Oid[];
  /** Every loose object's id. */
  list(): Oid[];
  /** Removes an object that is in a pack now. */
  remove(oid: Oid): void;
}

/** A loose object that is read in pieces. */
export interface LargeObject extends ObjectInfo {
  /** Its content, deflated as packs have it. */
  deflated(): AsyncIterable<Buffer>;
}

export function openLooseObjects(directory: string, rng: Rng): LooseObjects {
  const pathOf = (oid: Oid) => join(directory, oid.slice(0, 2), oid.slice(2));
  const infoOf = (oid: Oid): ObjectInfo | null => {
    const start = readStartOrNull(pathOf(oid));
    if (start === null) return null;
    const head = inflateSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    const { type, size } = parseHeader(head, oid);
    return { type, size };
  };
  return {
    has: (oid) => existsSync(pathOf(oid)),

    read(oid) {
      const file = readOrNull(pathOf(oid));
      if (file === null) return null;
      const whole = inflate(file, oid);
      const { type, size, end } = parseHeader(whole, oid);
      if (whole.length - end !== size) throw new MalformedData(`object ${oid} is not as long as it says`);
      return { type, bytes: whole.subarray(end) };
    },

    info: infoOf,

    large(oid) {
      const info = infoOf(oid);
      if (info === null || info.size <= artifactLimits.streamedObjectBytesMin) return null;
      return { ...info, deflated: () => deflatedContent(pathOf(oid), objectHeader(info.type, info.size).length) };
    },

    async write(objects) {
      const written: { temporary: string; oid: Oid }[] = [];
      const directories = new Set<string>();
      let size = 0;
      try {
        await Promise.all(
          objects.map(async ({ oid, type, bytes }) => {
            const folder = join(directory, oid.slice(0, 2));
            if (makeDirectory(folder)) directories.add(directory);
            directories.add(folder);
            // Git's own name for it: `git gc` sweeps what a crash leaves.
            const temporary = join(folder, `tmp_obj_${Buffer.from(rng.bytes(9)).toString("base64url")}`);
            const deflated = deflateSync(Buffer.concat([objectHeader(type, bytes.length), bytes]));
            await writeSynced(temporary, deflated, 0o444);
            written.push({ temporary, oid });
            size += deflated.length;
          }),
        );
        for (const { temporary, oid } of written) renameSync(temporary, pathOf(oid));
      } catch (error) {
        for (const { temporary } of written) unlinkQuietly(temporary);
        throw error;
      }
      await Promise.all([...directories].map(syncDirectory));
      return size;
    },

    freshen(oid, now) {
      try {
        utimesSync(pathOf(oid), now, now);
        return true;
      } catch {
        return false;
      }
    },

    list: () => folders(directory).flatMap((folder) => namesIn(join(directory, folder)).map((name) => folder + name)),

    remove: (oid) => unlinkQuietly(pathOf(oid)),

    withPrefix(prefix) {
      const folder = prefix.slice(0, 2);
      const names = namesIn(join(directory, folder)).filter((name) => name.startsWith(prefix.slice(2)));
      return names.map((name) => folder + name);
    },
  };
}

function folders(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{38}$/.test(name));
  } catch {
    return [];
  }
}

/** False when it was there. Its parent must be: a deleted repository is not to come back in part. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** The file inflated, without its header, and deflated again, piece by piece. */
function deflatedContent(path: string, headerLength: number): AsyncIterable<Buffer> {
  async function* content(inflated: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let left = headerLength;
    for await (const piece of inflated) {
      const rest = piece.subarray(left);
      left = Math.max(0, left - piece.length);
      if (rest.length > 0) yield rest;
    }
  }
  // The error reaches whoever reads the last stream; the callback keeps it from being thrown a second time.
  return pipeline(createReadStream(path), createInflate(), content, createDeflate(), () => {});
}

function inflate(file: Buffer, oid: Oid): Buffer {
  try {
    return inflateSync(file, { maxOutputLength: artifactLimits.objectBytesMax + headerBytesMax });
  } catch (error) {
    if (fileErrorCode(error) === "ERR_BUFFER_TOO_LARGE") throw tooLargeToRead(oid);
    throw new MalformedData(`object ${oid} cannot be inflated`, error);
  }
}

function parseHeader(bytes: Buffer, oid: Oid): { type: GitObject["type"]; size: number; end: number } {
  const nul = bytes.subarray(0, headerBytesMax).indexOf(0);
  const [type = "", size = ""] = bytes.toString("latin1", 0, Math.max(nul, 0)).split(" ");
  if (nul < 0 || !isObjectType(type) || !/^\d{1,12}$/.test(size)) {
    throw new MalformedData(`object ${oid} has no header`);
  }
  return { type, size: Number(size), end: nul + 1 };
}

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function readStartOrNull(path: string): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    const start = Buffer.alloc(128);
    return start.subarray(0, readSync(fd, start, 0, start.length, 0));
  } finally {
    closeSync(fd);
  }
}

function tooLargeToRead(oid: Oid): SwitchyardError {
  return new SwitchyardError("too_large", `object ${oid} is too large to be read whole`, {
    next: "Clone the repository with git to get it",
    details: { max_bytes: artifactLimits.objectBytesMax },
  });
}
