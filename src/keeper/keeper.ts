import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { lock } from "proper-lockfile";
import { z } from "zod";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError, toErrorFacts } from "../core/errors.ts";
import { keeperLimits } from "../core/limits.ts";
import type { Infer } from "../infer/infer.ts";
import { inferArgs } from "../infer/request.ts";

/** What a server asks of the keeper: to run a generation that it has already written down. */
const startMessage = z.strictObject({
  id: z.string(),
  args: inferArgs,
  caller: z.custom<Caller>((value) => typeof value === "object" && value !== null),
  traceparent: z.string().optional(),
});

export interface KeeperOptions {
  /** The local socket, in the data directory: whoever may read that directory may speak to the keeper. */
  readonly socket: string;
  readonly infer: Infer;
  readonly log: (line: string) => void;
}

/** A process that runs generations for servers which may die before them. */
export interface Keeper {
  /** Resolves when nothing has run for a while and nobody is connected. */
  readonly idle: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the keeper of a data directory, unless there is one.
 * @throws conflict when another process is the keeper.
 */
export async function openKeeper({ socket, infer, log }: KeeperOptions): Promise<Keeper> {
  await mkdir(dirname(socket), { recursive: true });
  const idle = Promise.withResolvers<void>();
  // The lock is lost when the data directory is removed: there is nothing left to keep.
  const onCompromised = () => idle.resolve();
  const release = await lock(socket, { realpath: false, stale: keeperLimits.lockStaleMs, onCompromised }).catch(
    (cause: unknown) => {
      throw new SwitchyardError("conflict", "another process is the keeper of this data directory", {
        next: "Use that one",
        cause,
      });
    },
  );
  // Whoever holds the lock is the keeper: a socket that is there was left by one that died.
  await rm(socket, { force: true });
  const sockets = new Set<Socket>();
  let running = 0;
  let timer = setTimeout(idle.resolve, keeperLimits.idleMs);
  const settle = () => {
    clearTimeout(timer);
    if (running === 0 && sockets.size === 0) timer = setTimeout(idle.resolve, keeperLimits.idleMs);
  };

  const server = createServer((connection) => {
    sockets.add(connection);
    settle();
    connection.on("error", () => connection.destroy());
    connection.on("close", () => {
      sockets.delete(connection);
      settle();
    });
    createInterface({ input: connection }).on("line", (line) => {
      let reply: object = { ok: true };
      try {
        const { id, args, caller, traceparent } = startMessage.parse(JSON.parse(line));
        running += 1;
        settle();
        infer
          .adopt(id, args, caller, traceparent)
          .catch((error: unknown) => log(`generation ${id}: ${toErrorFacts(error).message}`))
          .finally(() => {
            running -= 1;
            settle();
          });
      } catch {
        reply = { ok: false };
      }
      connection.write(`${JSON.stringify(reply)}\n`);
    });
  });
  await listen(server, socket);
  await chmod(socket, 0o600);

  return {
    idle: idle.promise,
    async close() {
      clearTimeout(timer);
      const closed = new Promise((resolve) => server.close(resolve));
      for (const connection of sockets) connection.destroy();
      await closed;
      await release().catch(() => undefined);
    },
  };
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
