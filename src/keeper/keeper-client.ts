import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Caller } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import { keeperLimits } from "../core/limits.ts";
import type { InferArgs } from "../infer/request.ts";

/** Hands generations to the keeper of a data directory. */
export interface KeeperClient {
  /** Asks the keeper to run a generation that is written down already. False: there is no keeper to be had. */
  start(id: string, args: InferArgs, caller: Caller, traceparent?: string): Promise<boolean>;
  close(): void;
}

export interface KeeperClientOptions {
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Starts a keeper as a process of its own, which outlives this one. */
  readonly spawn: () => void;
}

/** Where the keeper of a data directory listens; `undefined` where the system's limit on a socket's path is passed. */
export function keeperSocket(dataDirectory: string): string | undefined {
  const path = join(dataDirectory, "keeper.sock");
  return process.platform !== "win32" && Buffer.byteLength(path) <= keeperLimits.socketPathBytesMax ? path : undefined;
}

export function openKeeperClient({ dataDirectory, clock, spawn }: KeeperClientOptions): KeeperClient {
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
    async start(id, args, caller, traceparent) {
      connection ??= reach();
      const reached = await connection;
      const accepted = await reached?.ask(JSON.stringify({ id, args, caller, traceparent })).catch(() => false);
      if (!accepted) connection = undefined;
      return accepted === true;
    },
    close() {
      void connection?.then((reached) => reached?.close());
    },
  };
}

interface Connection {
  ask(line: string): Promise<boolean>;
  close(): void;
}

function open(path: string): Promise<Connection | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = connect(path);
    const waiting: ((accepted: boolean) => void)[] = [];
    const fail = () => {
      socket.destroy();
      for (const answer of waiting.splice(0)) answer(false);
      resolve(undefined);
    };
    socket.once("error", fail);
    socket.once("close", fail);
    socket.once("connect", () => {
      // A server with nothing else to do may end while it is connected.
      socket.unref();
      createInterface({ input: socket }).on("line", (line) => waiting.shift()?.(line === '{"ok":true}'));
      resolve({
        ask: (line) =>
          new Promise((answer) => {
            waiting.push(answer);
            socket.write(`${line}\n`);
          }),
        close: () => socket.destroy(),
      });
    });
  });
}
