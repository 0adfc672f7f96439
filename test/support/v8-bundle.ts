import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/** The entry file of V8's processes as it is published: it starts three times as fast as from source. */
export async function bundleV8Entry(): Promise<{ entry: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "switchyard-v8-"));
  const entry = join(directory, "sandbox-v8.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "../../src/sandbox/v8/child.ts")],
    outfile: entry,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.23",
    // Outside the repository the package would not be found from where the bundle lies.
    define: { "import.meta.url": JSON.stringify(new URL("../../package.json", import.meta.url).href) },
    logLevel: "warning",
  });
  return { entry, remove: () => rm(directory, { recursive: true }) };
}
