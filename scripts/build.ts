import { execFileSync } from "node:child_process";
import { copyFile, glob, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}dist/`;
await rm(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    cli: "src/cli/main.ts",
    index: "src/index.ts",
    "sandbox-worker": "src/sandbox/worker.ts",
    "sandbox-v8": "src/sandbox/v8/child.ts",
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.23",
  // Some bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  legalComments: "none",
  logLevel: "warning",
});
await copyFile(fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm")), `${dist}quickjs.wasm`);

// Types for users of the library. TypeScript keeps `.ts` in a declaration's imports; beside it stands only `.d.ts`.
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", "tsconfig.types.json"], {
  cwd: root,
  stdio: "inherit",
});
for await (const path of glob(`${dist}types/**/*.d.ts`)) {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/(from "\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'));
}
