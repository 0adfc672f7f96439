import { createRequire } from "node:module";

/** The package's version. `package.json` stands one level above the bundle and two above this source file. */
export const version: string = readVersion();

function readVersion(): string {
  const path = import.meta.url.endsWith(".ts") ? "../../package.json" : "../package.json";
  return (createRequire(import.meta.url)(path) as { version: string }).version;
}
