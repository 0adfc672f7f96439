import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { content } from "./generate.ts";
import { type MeasuredServer, startServer } from "./measured-server.ts";
import { runGit } from "./run-git.ts";

export interface WireFigure {
  readonly scenario: string;
  readonly ourCpuMs: number;
  readonly theirCpuMs: number;
  readonly ourWallMs: number;
  readonly theirWallMs: number;
  /** The ratio of CPU time that the issue allows. */
  readonly bar: number;
}

interface Scenario {
  readonly name: string;
  readonly bar: number;
  /** Puts things in place; not measured. */
  readonly prepare?: (server: MeasuredServer) => Promise<void>;
  readonly run: (server: MeasuredServer) => Promise<unknown>;
  readonly rounds: number;
  /** Each round is the first of a server that has just started. */
  readonly isCold?: boolean;
}

/** What serving git clients costs the server, against `git http-backend` on the same repository, turn by turn. */
export async function measureWire(
  home: string,
  repository: string,
): Promise<{ figures: WireFigure[]; rssBytes: number }> {
  const figures: WireFigure[] = [];
  let rssBytes = 0;
  for (const scenario of scenarios(home)) {
    const totals = {
      our: { cpu: [] as number[], wall: [] as number[] },
      backend: { cpu: [] as number[], wall: [] as number[] },
    };
    for (const kind of ["our", "backend"] as const) {
      const directory = join(home, `served-${kind}`);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(join(directory, "default"), { recursive: true });
      cpSync(repository, join(directory, "default/big.git"), { recursive: true });
      let server = await startServer(kind, directory);
      await scenario.prepare?.(server);
      for (let round = 0; round < scenario.rounds; round++) {
        if (scenario.isCold && round > 0) {
          await server.stop();
          server = await startServer(kind, directory);
        }
        const before = await server.usage();
        const start = performance.now();
        await scenario.run(server);
        totals[kind].wall.push(performance.now() - start);
        const after = await server.usage();
        totals[kind].cpu.push(after.cpuMs - before.cpuMs);
        if (kind === "our") rssBytes = Math.max(rssBytes, after.rssBytes);
      }
      await server.stop();
    }
    figures.push({
      scenario: scenario.name,
      ourCpuMs: average(totals.our.cpu),
      theirCpuMs: average(totals.backend.cpu),
      ourWallMs: average(totals.our.wall),
      theirWallMs: average(totals.backend.wall),
      bar: scenario.bar,
    });
  }
  return { figures, rssBytes };
}

function scenarios(home: string): Scenario[] {
  const target = join(home, "target");
  const clone = async (server: MeasuredServer, ...args: string[]) => {
    rmSync(target, { recursive: true, force: true });
    await runGit("/", "clone", "-q", "--bare", ...args, `${server.url}/big.git`, target);
  };
  const work = join(home, "work");
  const cloneWork = async (server: MeasuredServer) => {
    rmSync(work, { recursive: true, force: true });
    await runGit("/", "clone", "-q", `${server.url}/big.git`, work);
  };
  let edits = 0;
  const edit = async (files: number) => {
    for (let i = 0; i < files; i++) {
      const file = (edits * 37) % 5000;
      edits += 1;
      writeFileSync(join(work, `src/part${file % 12}/module${file % 144}/file${file}.ts`), content(file, 1000 + edits));
    }
    await runGit(work, "commit", "-qam", `edit ${edits}`);
  };
  return [
    { name: "clone, first after the start", bar: 4, rounds: 6, isCold: true, run: (server) => clone(server) },
    { name: "clone, again", bar: 4, rounds: 4, prepare: (server) => clone(server), run: (server) => clone(server) },
    {
      name: "clone without bit maps",
      bar: 4,
      rounds: 3,
      prepare: async (server) => {
        for (const bitmap of globSync(join(home, "served-*/default/big.git/objects/pack/*.bitmap"))) rmSync(bitmap);
        await clone(server);
      },
      run: (server) => clone(server),
    },
    {
      name: "clone --depth=1",
      bar: 4,
      rounds: 4,
      prepare: (server) => clone(server),
      run: (server) => clone(server, "--depth=1"),
    },
    {
      name: "clone --filter=blob:none",
      bar: 4,
      rounds: 3,
      prepare: (server) => clone(server),
      run: (server) => clone(server, "--filter=blob:none"),
    },
    {
      name: "push of one commit of 3 files",
      bar: 3,
      rounds: 8,
      prepare: cloneWork,
      run: async (server) => {
        await edit(3);
        await runGit(work, "push", "-q", `${server.url}/big.git`, "HEAD:main");
      },
    },
    {
      name: "fetch of one commit of 3 files",
      bar: 3,
      rounds: 8,
      prepare: async (server) => {
        await cloneWork(server);
        await clone(server);
        for (let i = 0; i < 8; i++) {
          await edit(3);
          await runGit(work, "push", "-q", `${server.url}/big.git`, `HEAD:refs/heads/step${i}`);
        }
      },
      run: (server) => {
        const step = fetched++;
        return runGit(target, "fetch", "-q", `${server.url}/big.git`, `step${step % 8}:step${step % 8}`);
      },
    },
    {
      name: "push of everything",
      bar: 4,
      rounds: 1,
      prepare: async (server) => {
        await clone(server);
        await runGit("/", "init", "-q", "--bare", join(home, `served-our/default/empty.git`)).catch(() => "");
        await runGit("/", "init", "-q", "--bare", join(home, `served-backend/default/empty.git`)).catch(() => "");
      },
      run: (server) => runGit(target, "push", "-q", `${server.url}/empty.git`, "main"),
    },
  ];
}

let fetched = 0;

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
