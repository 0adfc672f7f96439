import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateRepository } from "./artifacts/generate.ts";
import { measureMemory } from "./artifacts/memory.ts";
import { runGit } from "./artifacts/run-git.ts";
import { measureTools } from "./artifacts/tools.ts";
import { measureWire } from "./artifacts/wire.ts";

/**
 * Artifacts: serving git clients against `git http-backend`, and the tools against the git command, on a generated
 * repository. CPU is the server's: of our process, and of git's processes without the one that starts them.
 * `node bench/artifacts.ts [--commits 2000] [--files 5000] [--part wire|tools|memory]`. Linux.
 */
const { values } = parseArgs({
  options: {
    commits: { type: "string", default: "2000" },
    files: { type: "string", default: "5000" },
    part: { type: "string" },
  },
});
const home = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
let failures = 0;
try {
  const repository = join(home, "big.git");
  await generateRepository(repository, { commits: Number(values.commits), files: Number(values.files) });
  const counted = await runGit(repository, "count-objects", "-v");
  console.log(
    `${values.commits} commits, ${values.files} files: ${counted.match(/in-pack: \d+/)?.[0]}, ${counted.match(/size-pack: \d+/)?.[0]} KiB`,
  );
  if (values.part === undefined || values.part === "wire") {
    const { figures, rssBytes } = await measureWire(home, repository);
    console.log("\nserver CPU in ms (wall in ms)                ours            git http-backend     ratio   bar");
    for (const { scenario, ourCpuMs, ourWallMs, theirCpuMs, theirWallMs, bar } of figures) {
      const ratio = ourCpuMs / Math.max(theirCpuMs, 1);
      if (ratio > bar) failures += 1;
      const show = (cpu: number, wall: number) => `${cpu.toFixed(0).padStart(6)} (${wall.toFixed(0)})`.padEnd(18);
      console.log(
        `${scenario.padEnd(40)} ${show(ourCpuMs, ourWallMs)} ${show(theirCpuMs, theirWallMs)} ${ratio.toFixed(2).padStart(6)}   ${bar}${ratio > bar ? "  MISSED" : ""}`,
      );
    }
    console.log(`most memory of our server: ${(rssBytes / 1024 / 1024).toFixed(0)} MiB`);
  }
  if (values.part === undefined || values.part === "tools") {
    console.log("\ntools, CPU in ms (wall in ms)                                     ours            git");
    for (const figure of await measureTools(home, repository)) {
      const { scenario, ourCpuMs, ourWallMs, theirCpuMs = 0, theirWallMs = 0, barMs = Infinity } = figure;
      if (ourCpuMs > barMs) failures += 1;
      const show = (cpu: number, wall: number) => `${cpu.toFixed(1).padStart(7)} (${wall.toFixed(1)})`.padEnd(18);
      console.log(
        `${scenario.padEnd(60)} ${show(ourCpuMs, ourWallMs)} ${show(theirCpuMs, theirWallMs)}${ourCpuMs > barMs ? `MISSED: more than ${barMs} ms` : ""}`,
      );
    }
  }
  if (values.part === undefined || values.part === "memory") {
    console.log("\nmost memory of our server, in MiB");
    for (const { scenario, rssBytes, packBytes } of await measureMemory(home)) {
      const isMissed = rssBytes > packBytes;
      if (isMissed) failures += 1;
      const [rss, pack] = [rssBytes, packBytes].map((bytes) => (bytes / 1024 / 1024).toFixed(0));
      console.log(`${`${scenario}, a pack of ${pack}`.padEnd(60)} ${rss}${isMissed ? "  MISSED" : ""}`);
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
