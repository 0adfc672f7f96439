import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Adapter, Low } from "lowdb";
import { lock } from "proper-lockfile";
import { SwitchyardError } from "../core/errors.ts";
import { parseSettings, type Settings, settingsSchema } from "./settings.ts";

/** `settings.json` in the data directory: read by every process, written by one at a time. */
export interface SettingsFile {
  readonly path: string;
  /** What the file says now; the defaults when there is none. @throws invalid_request when it is broken. */
  read(): Promise<Settings>;
  /** Reads, changes and writes the file under a lock that other processes honour. */
  update(change: (settings: Settings) => void): Promise<Settings>;
}

const lockStaleMs = 10_000;
const lockRetries = { retries: 50, minTimeout: 20, maxTimeout: 200, factor: 1.2 };

export function openSettingsFile(dataDirectory: string): SettingsFile {
  const path = join(dataDirectory, "settings.json");

  async function load(): Promise<Low<Settings>> {
    const low = new Low<Settings>(durableJsonFile(path), settingsSchema.parse({}));
    await low.read();
    return low;
  }

  return {
    path,
    read: async () => (await load()).data,
    async update(change) {
      await mkdir(dataDirectory, { recursive: true });
      // The file may not exist yet; the lock is a directory beside it.
      const release = await lock(path, { realpath: false, stale: lockStaleMs, retries: lockRetries }).catch(
        (cause: unknown) => {
          throw new SwitchyardError("unavailable", `${path} is locked by another process`, {
            next: "Wait for the other command to end; a lock left behind by a crash expires after ten seconds",
            retryable: true,
            details: { path },
            cause,
          });
        },
      );
      try {
        const low = await load();
        change(low.data);
        low.data = settingsSchema.parse(low.data);
        await low.write();
        return low.data;
      } finally {
        await release();
      }
    },
  };
}

/** lowdb's own file adapter never syncs; this one survives a power cut and never shows a half-written file. */
function durableJsonFile(path: string): Adapter<Settings> {
  return {
    async read() {
      try {
        return parseSettings(await readFile(path, "utf8"), path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    async write(settings) {
      const temporary = `${path}.${process.pid}.tmp`;
      const file = await open(temporary, "w", 0o600);
      try {
        await file.writeFile(`${JSON.stringify(settings, null, 2)}\n`);
        await file.sync();
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    },
  };
}

/** A rename is durable once its directory is. Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
