import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { SwitchyardError, toErrorFacts } from "../core/errors.ts";
import { keeperLimits } from "../core/limits.ts";
import { Lines } from "../core/lines.ts";
import type { GenerationEvent } from "../infer/generation.ts";
import type { Adopted, Infer } from "../infer/infer.ts";
import { storable } from "../infer/stored-events.ts";
import { lineOf, type News, question, type StartQuestion } from "./messages.ts";

export interface KeeperOptions {
  /** The local socket, in the data directory: whoever may read that directory may speak to the keeper. */
  readonly socket: string;
  readonly infer: Pick<Infer, "adopt">;
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
  const running = new Map<string, Adopted>();
  let timer = setTimeout(idle.resolve, keeperLimits.idleMs);
  const settle = () => {
    clearTimeout(timer);
    if (running.size === 0 && sockets.size === 0) timer = setTimeout(idle.resolve, keeperLimits.idleMs);
  };

  const server = createServer((connection) => {
    sockets.add(connection);
    settle();
    connection.on("error", () => connection.destroy());
    connection.on("close", () => {
      sockets.delete(connection);
      settle();
    });
    /** A server that does not read is told of no more events: it finds them on the disk. Of each end it is told. */
    const tell = (said: News) => {
      const isHeld = "ended" in said || connection.writableLength <= keeperLimits.unreadBytesMax;
      if (connection.writable && isHeld) connection.write(lineOf(said));
    };
    const answer = (line: string) => {
      let ok = true;
      try {
        const asked = question.parse(JSON.parse(line));
        if ("cancel" in asked) running.get(asked.cancel)?.cancel();
        else keep(asked, tell);
      } catch {
        ok = false;
      }
      connection.write(lineOf({ ok }));
    };
    const lines = new Lines();
    connection.setEncoding("utf8").on("data", (text: string) => lines.add(text).forEach(answer));
  });

  function keep({ id, args, caller, traceparent }: StartQuestion, tell: (said: News) => void): void {
    const onEvents = (added: readonly GenerationEvent[]) => {
      const [first] = added;
      if (first) tell({ id, seq: first.seq, events: added.map(storable) });
    };
    const adopted = infer.adopt(id, args, caller, { traceparent, onEvents });
    running.set(id, adopted);
    settle();
    adopted.ended
      .catch((error: unknown) => log(`generation ${id}: ${toErrorFacts(error).message}`))
      .finally(() => {
        running.delete(id);
        settle();
        tell({ ended: id });
      });
  }

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
