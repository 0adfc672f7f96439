import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Caller } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import { keeperLimits } from "../core/limits.ts";
import { Lines } from "../core/lines.ts";
import type { GenerationEvent } from "../infer/generation.ts";
import type { Handover, RemoteRun } from "../infer/handover.ts";
import type { InferArgs } from "../infer/request.ts";
import { lineOf, news, type Question } from "./messages.ts";

export interface KeeperClientOptions {
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Calls with an idempotency key, or all. */
  readonly runs: "keyed" | "all";
  /** Starts a keeper as a process of its own, which outlives this one. */
  readonly spawn: () => void;
}

/** Where the keeper of a data directory listens; `undefined` where the system's limit on a socket's path is passed. */
export function keeperSocket(dataDirectory: string): string | undefined {
  const path = join(dataDirectory, "keeper.sock");
  return process.platform !== "win32" && Buffer.byteLength(path) <= keeperLimits.socketPathBytesMax ? path : undefined;
}

/** Hands generations to the keeper of a data directory. */
export function openKeeperClient({ dataDirectory, clock, runs, spawn }: KeeperClientOptions): Handover {
  const socket = keeperSocket(dataDirectory);
  let connection: Promise<Connection | undefined> | undefined;

  /** Connects, starting a keeper when there is none. */
  async function reach(): Promise<Connection | undefined> {
    if (socket === undefined) return undefined;
    let hasSpawned = false;
    for (const startedAt = clock.monotonicMs(); clock.monotonicMs() - startedAt < keeperLimits.startWaitMs; ) {
      const reached = await open(socket);
      if (reached) return reached;
      if (!hasSpawned) spawn();
      hasSpawned = true;
      await clock.sleep(keeperLimits.startPollMs);
    }
    return undefined;
  }

  return {
    takes: ({ idempotency_key: key }) => runs === "all" || key !== undefined,
    async start(id, args, caller, traceparent) {
      connection ??= reach();
      const reached = await connection;
      const run = await reached?.start(id, args, caller, traceparent).catch(() => undefined);
      if (!run) connection = undefined;
      return run;
    },
    close() {
      void connection?.then((reached) => reached?.close());
    },
  };
}

interface Connection {
  start(id: string, args: InferArgs, caller: Caller, traceparent?: string): Promise<RemoteRun | undefined>;
  close(): void;
}

function open(path: string): Promise<Connection | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = connect(path);
    const waiting: ((accepted: boolean) => void)[] = [];
    const runs = new Map<string, KeptRun>();
    const fail = () => {
      socket.destroy();
      for (const answer of waiting.splice(0)) answer(false);
      for (const run of runs.values()) run.tell([]);
      runs.clear();
      resolve(undefined);
    };
    const ask = (question: Question): Promise<boolean> =>
      new Promise((answer) => {
        if (socket.destroyed) return answer(false);
        waiting.push(answer);
        socket.write(lineOf(question));
      });
    const hear = (line: string) => {
      const said = news.parse(JSON.parse(line));
      if ("ok" in said) waiting.shift()?.(said.ok);
      else if ("ended" in said) {
        runs.get(said.ended)?.tell([]);
        runs.delete(said.ended);
      } else {
        const { id, seq, events } = said;
        runs.get(id)?.tell(events.map((event, at) => ({ seq: seq + at, event: event as GenerationEvent["event"] })));
      }
    };
    socket.once("error", fail);
    socket.once("close", fail);
    socket.once("connect", () => {
      // A server with nothing else to do may end while it is connected.
      socket.unref();
      const lines = new Lines();
      socket.setEncoding("utf8").on("data", (text: string) => {
        try {
          lines.add(text).forEach(hear);
        } catch {
          fail();
        }
      });
      resolve({
        async start(id, args, caller, traceparent) {
          const run = new KeptRun(() => void ask({ cancel: id }));
          // Before it is asked for: its first events may come with the answer.
          runs.set(id, run);
          if (await ask({ id, args, caller, traceparent })) return run;
          runs.delete(id);
          return undefined;
        },
        close: () => socket.destroy(),
      });
    });
  });
}

/** A generation that the keeper runs. What is told of it before anyone listens is told then. */
class KeptRun implements RemoteRun {
  readonly cancel: () => void;
  #untold: (readonly GenerationEvent[])[] = [];
  #listener: ((events: readonly GenerationEvent[]) => void) | undefined;

  constructor(cancel: () => void) {
    this.cancel = cancel;
  }

  tell(events: readonly GenerationEvent[]): void {
    if (this.#listener) this.#listener(events);
    else this.#untold.push(events);
  }

  listen(listener: (events: readonly GenerationEvent[]) => void): void {
    this.#listener = listener;
    for (const events of this.#untold.splice(0)) listener(events);
  }
}
