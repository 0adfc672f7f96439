import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sandboxLimits } from "../../core/limits.ts";
import { linesOf } from "../../core/lines.ts";
import type { ExecResult } from "../exec-result.ts";
import type { Pacer } from "../pacer.ts";
import type { Job, RecordedAnswer, RecordedCall, Trace } from "../protocol.ts";
import type { RunOwner, RunRecord } from "./run-record.ts";

/** A run that is under way in some process. */
interface RunningMark {
  readonly owner: RunOwner;
  readonly pid: number;
}

/** One line of a run's file, the head first. Long text has lines of its own, so that no line takes long to write or read. */
type Head = Pick<RunRecord, "owner" | "engine" | "timeoutMs"> & { readonly job: Omit<Job, "code" | "input" | "files"> };
type Line =
  | { readonly run: Head }
  | { readonly code: string }
  | { readonly input: string }
  | { readonly file: string; readonly text: string }
  | { readonly result: ExecResult }
  | { readonly call: RecordedCall }
  | { readonly answer: RecordedAnswer }
  | { readonly trace: Trace };

const runId = /^run_[0-9a-z]{26}$/;

/** Runs on disk, one file of JSON lines each, so that they can be asked for after a restart and from another process. */
export class RunFiles {
  #directory: string;
  #pacer: Pacer;
  #writes = 0;

  constructor(directory: string, pacer: Pacer) {
    this.#directory = directory;
    this.#pacer = pacer;
  }

  /** Says that this process has the run under way. */
  async mark(run: string, owner: RunOwner): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await writeFile(this.#path(run, "running"), JSON.stringify({ owner, pid: process.pid } satisfies RunningMark));
  }

  /** Who has a run under way, if its process is alive. */
  async running(run: string): Promise<{ readonly owner: RunOwner; readonly isAlive: boolean } | undefined> {
    if (!runId.test(run)) return undefined;
    try {
      const { owner, pid } = JSON.parse(await readFile(this.#path(run, "running"), "utf8")) as RunningMark;
      return { owner, isAlive: pid !== process.pid && isProcess(pid) };
    } catch {
      return undefined;
    }
  }

  /** Writes a run that has ended, whole or not at all. */
  async write(record: RunRecord): Promise<void> {
    const { run } = record.result;
    await mkdir(this.#directory, { recursive: true });
    const temporary = this.#path(run, `${process.pid}.tmp`);
    const file = await open(temporary, "w", 0o600);
    try {
      for (const line of lines(record)) {
        const text = JSON.stringify(line);
        await this.#pacer.turn(text.length);
        await file.write(`${text}\n`);
      }
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path(run, "jsonl"));
    await rm(this.#path(run, "running"), { force: true });
    if (this.#writes++ % 100 === 0) await this.#prune();
  }

  /** A run that has ended, or undefined when there is none, or its file is not whole. */
  async read(run: string): Promise<RunRecord | undefined> {
    if (!runId.test(run)) return undefined;
    let head: Head | undefined;
    let code = "";
    let input = "";
    let result: ExecResult | undefined;
    let trace: Trace | undefined;
    const files: Record<string, string> = Object.create(null);
    const calls: RecordedCall[] = [];
    const answers: RecordedAnswer[] = [];
    try {
      const stream = createReadStream(this.#path(run, "jsonl"), "utf8");
      for await (const text of linesOf(stream)) {
        await this.#pacer.turn(text.length);
        const line = JSON.parse(text) as Line;
        if ("run" in line) head = line.run;
        else if ("code" in line) code = line.code;
        else if ("input" in line) input = line.input;
        else if ("file" in line) files[line.file] = line.text;
        else if ("result" in line) result = line.result;
        else if ("call" in line) calls.push(line.call);
        else if ("answer" in line) answers.push(line.answer);
        else trace = line.trace;
      }
    } catch {
      return undefined;
    }
    if (!head || !result) return undefined;
    const job: Job = { ...head.job, code, input, files };
    return { ...head, job, result, recording: trace ? { calls, answers, trace } : null };
  }

  /** Removes the oldest runs past the number that is kept. */
  async #prune(): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => name.startsWith("run_"));
    if (names.length <= sandboxLimits.runFilesMax) return;
    const aged: { name: string; ms: number }[] = [];
    for (const name of names) {
      const found = await stat(join(this.#directory, name)).catch(() => undefined);
      if (found) aged.push({ name, ms: found.mtimeMs });
    }
    aged.sort((a, b) => b.ms - a.ms);
    for (const { name } of aged.slice(sandboxLimits.runFilesMax))
      await rm(join(this.#directory, name), { force: true });
  }

  #path(run: string, ending: string): string {
    return join(this.#directory, `${run}.${ending}`);
  }
}

function* lines({ owner, engine, timeoutMs, job, result, recording }: RunRecord): Generator<Line> {
  const { code, input, files, recording: _replayed, ...rest } = job;
  yield { run: { owner, engine, timeoutMs, job: rest } };
  yield { code };
  if (input !== "") yield { input };
  for (const file of Object.keys(files)) yield { file, text: files[file] ?? "" };
  yield { result };
  for (const call of recording?.calls ?? []) yield { call };
  for (const answer of recording?.answers ?? []) yield { answer };
  if (recording) yield { trace: recording.trace };
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}
