import { constants, copyFileSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileErrorCode, syncDirectory } from "./durable-file.ts";

/** How often the listing is taken again when another process packs meanwhile. */
const attemptsMax = 10;

/**
 * Gives a new repository every object of another one by hard links. Git never changes an object's or a pack's file,
 * so the two share the space and neither depends on the other: either may be deleted or packed anew.
 */
export async function linkObjects(from: string, to: string): Promise<void> {
  const touched = new Set<string>();
  const share = (folder: string, name: string) => shareFile(join(from, folder, name), join(to, folder, name));
  // Loose objects first: one that is packed meanwhile is in a pack that is listed after.
  for (const folder of readdirSync(from)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    const names = readdirSync(join(from, folder)).filter((name) => /^[0-9a-f]{38}$/.test(name));
    if (names.length === 0) continue;
    mkdirSync(join(to, folder), { recursive: true });
    touched.add(folder);
    for (const name of names) share(folder, name);
  }
  const shared = new Set<string>();
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const packs = packsIn(join(from, "pack")).filter((name) => !shared.has(name));
    if (packs.length === 0) break;
    for (const name of packs) {
      // A pack that is gone again was replaced by one that the next listing shows.
      const isThere = share("pack", `${name}.pack`) && share("pack", `${name}.idx`);
      if (isThere) shared.add(name);
      if (isThere) share("pack", `${name}.bitmap`);
    }
  }
  await Promise.all(["pack", ...touched].map((folder) => syncDirectory(join(to, folder))));
  await syncDirectory(to);
}

function packsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /^pack-[0-9a-f]{40}\.idx$/.test(name))
    .map((name) => name.slice(0, -4));
}

/** False when the file is gone. */
function shareFile(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === "ENOENT") return false;
    if (code === "EEXIST") return true;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "ENOTSUP" && code !== "EMLINK") throw error;
  }
  // A file system without hard links: a copy that shares blocks where it can.
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  return true;
}
