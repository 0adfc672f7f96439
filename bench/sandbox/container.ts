import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { median } from "./measure.ts";
import type { Peer } from "./peers.ts";

interface Mount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options?: readonly string[];
}

/**
 * A container for each program: `runc` with a root file system that holds nothing but Node and the libraries it
 * needs, bound read-only. Without control groups, so that it starts as fast as it can.
 */
export async function container(): Promise<Peer> {
  const name = "container: runc, minimal root, node -e";
  const directory = mkdtempSync(join(tmpdir(), "switchyard-runc-"));
  try {
    const bundle = join(directory, "bundle");
    const root = join(bundle, "rootfs");
    for (const path of ["lib", "lib64", "usr/lib", "proc", "dev"]) mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, "node"), "");
    execFileSync("runc", ["spec"], { cwd: bundle, stdio: "ignore" });
    const spec = JSON.parse(execFileSync("cat", [join(bundle, "config.json")], { encoding: "utf8" }));
    let program = "1+1";
    const write = () => {
      spec.process = { ...spec.process, terminal: false, args: ["/node", "-p", program], env: ["PATH=/"] };
      spec.root = { path: "rootfs", readonly: true };
      spec.linux = { ...spec.linux, resources: undefined };
      const own = (spec.mounts as Mount[]).filter(({ destination }) => ["/proc", "/dev"].includes(destination));
      const bound = [dirname(process.execPath) === "" ? "" : process.execPath, "/lib", "/lib64", "/usr/lib"]
        .filter((source) => existsSync(source))
        .map((source): Mount => {
          const destination = source === process.execPath ? "/node" : source;
          return { destination, type: "bind", source, options: ["rbind", "ro"] };
        });
      writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...spec, mounts: [...own, ...bound] }));
    };
    write();
    let count = 0;
    const run = () =>
      promisify(execFile)("runc", ["--root", join(directory, "state"), "run", `switchyard-${process.pid}-${count++}`], {
        cwd: bundle,
      });
    await run();
    const startMs = await median(7, run);
    program = "process.memoryUsage().rss";
    write();
    return { name, startMs, residentBytes: Number((await run()).stdout) };
  } catch {
    return { name, startMs: undefined, residentBytes: undefined };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
