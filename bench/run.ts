/**
 * Every benchmark that fits into a few minutes, one after another, each in a process of its own so that none warms or
 * burdens the next. Figures are ratios within one run; machines are noisy. `npm run build` comes first.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const benches: readonly (readonly string[])[] = [
  ["mcp.ts", "--rounds=3", "--calls=2000", "--", process.execPath, cli, "stdio"],
  ["providers.ts"],
  ["infer.ts"],
  ["sandbox.ts"],
  ["ledger.ts"],
  ["gateway.ts"],
];
let failures = 0;
for (const [file = "", ...args] of benches) {
  console.log(`\n== bench/${file}`);
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], {
    stdio: "inherit",
  });
  if (status !== 0) failures += 1;
}
process.exitCode = failures === 0 ? 0 : 1;
