import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { readEnvironment } from "../config/environment.ts";
import { openBlobs } from "../store/blobs.ts";

/** `switchyard blob blob_… > picture.png`. */
export async function writeBlob(handle: string, { workspace }: { workspace: string }): Promise<void> {
  const bytes = await openBlobs(join(readEnvironment().dataDirectory, "blobs")).get(workspace, handle);
  await pipeline([bytes], process.stdout, { end: false });
}
