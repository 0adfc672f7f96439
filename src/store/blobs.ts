import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SwitchyardError } from "../core/errors.ts";
import { storeError } from "./store-error.ts";

/**
 * Bytes by their content, one file each: what models made and callers may want again. A handle is `blob_` and the
 * SHA-256 of the bytes in hexadecimal; the same bytes are kept once for each workspace, and no workspace sees another's.
 */
export interface Blobs {
  /** Keeps bytes and gives their handle. They are on the disk when this resolves. */
  put(workspace: string, bytes: Uint8Array): Promise<string>;
  /** @throws not_found when the workspace has no such bytes. */
  get(workspace: string, handle: string): Promise<Uint8Array>;
}

const handlePattern = /^blob_([0-9a-f]{64})$/;

export function openBlobs(directory: string): Blobs {
  const fileOf = (workspace: string, hash: string) =>
    join(directory, encodeURIComponent(workspace), hash.slice(0, 2), hash);

  return {
    async put(workspace, bytes) {
      const hash = createHash("sha256").update(bytes).digest("hex");
      const path = fileOf(workspace, hash);
      try {
        if ((await stat(path).catch(() => undefined))?.size === bytes.length) return `blob_${hash}`;
        await mkdir(join(path, ".."), { recursive: true });
        const temporary = `${path}.${randomBytes(6).toString("hex")}`;
        const file = await open(temporary, "wx", 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        throw storeError(error, path);
      }
      return `blob_${hash}`;
    },
    async get(workspace, handle) {
      const hash = handlePattern.exec(handle)?.[1];
      const bytes = hash && (await readFile(fileOf(workspace, hash)).catch(() => undefined));
      if (bytes) return bytes;
      throw new SwitchyardError("not_found", `there is no blob ${JSON.stringify(handle.slice(0, 80))} here`, {
        next: "Use a handle from a result of this workspace",
        details: { blob: handle.slice(0, 80) },
      });
    },
  };
}
