import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * The line that our lock files hold, so that a lock left by a killed process is told from one that is held:
 * `switchyard <machine> <pid> <start>`.
 */
export function holderLine(): string {
  return `switchyard ${machine()} ${process.pid} ${startOf(process.pid) ?? "-"}\n`;
}

/** Whether the process that wrote a lock is gone; null when the lock does not say who did, or is another machine's. */
export function isHolderGone(content: string): boolean | null {
  const [word, where, pid, start] = content.trim().split(" ");
  if (word !== "switchyard" || where !== machine() || pid === undefined || !/^\d{1,10}$/.test(pid)) return null;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as { code?: unknown }).code === "ESRCH";
  }
  const startNow = startOf(Number(pid));
  return startNow !== null && start !== "-" && startNow !== start;
}

/** A process id means something only under one kernel since one boot, in one namespace. */
function machine(): string {
  return [hostname().replace(/\s/g, "_"), firstLine("/proc/sys/kernel/random/boot_id"), namespace()].join("/");
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "-";
  }
}

/** When a process began, in kernel ticks: a process id is used again, the pair is not. Linux only. */
function startOf(pid: number): string | null {
  const stat = firstLine(`/proc/${pid}/stat`);
  // The second field is the command's name in parentheses and may hold anything.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "-";
  }
}
