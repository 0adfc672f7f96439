import { join } from "node:path";
import type { Clock, Rng } from "../../core/clock.ts";
import { toErrorFacts } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ByteString } from "../objects/byte-string.ts";
import type { Oid } from "../objects/object.ts";
import { newPacer, type Pacer } from "../pacer.ts";
import { diskError } from "../store/durable-file.ts";
import { RefMoved } from "../store/ref-store.ts";
import type { Repository } from "../store/repository.ts";
import { isAncestor } from "../walk/ancestry.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import type { ByteSource } from "../wire/byte-source.ts";
import { proveConnected } from "./connectivity.ts";
import { checkGitmodules, type IncomingPack, type LargestBlob, readIncomingPack } from "./incoming-pack.ts";
import { commitOutside } from "./path-scope.ts";
import { type PushCommand, type PushRequest, refProblem } from "./push-command.ts";
import type { BranchPolicy } from "./push-policy.ts";
import { openQuarantine } from "./quarantine.ts";

/** What a push may do here. */
export interface PushRules {
  readonly policyOf: (ref: string) => BranchPolicy;
  /** Why this pusher may not change a reference, or null. */
  readonly refusalOf: (ref: string) => string | null;
  /** The directory that this pusher is limited to. */
  readonly directory: readonly ByteString[] | null;
  /** How large a pack the repository has room for. */
  readonly bytesMax: number;
  /** Runs the write that puts a pack of so many bytes into the repository, within its quota and paid for. */
  readonly store: (bytes: number, write: () => Promise<number>) => Promise<void>;
}

export interface PushReport {
  /** `ok`, or why the pack was refused. */
  readonly unpack: string;
  /** For each command, null or why it was refused. */
  readonly results: readonly { readonly command: PushCommand; readonly refusal: string | null }[];
}

/** What is known of a push when its objects have proven sound. */
interface Examined {
  readonly graph: CommitGraph;
  readonly largestBlob: LargestBlob;
  /** A new commit that changes files outside the directory that this pusher is limited to. */
  readonly outside: Oid | null;
}

/**
 * Takes a push: the pack into quarantine, every object checked, what the commands name proven complete, every command
 * judged, the pack accepted if any may go ahead, and only then the references moved, each by compare-and-swap.
 */
export async function receivePush(
  repository: Repository,
  request: PushRequest,
  body: ByteSource,
  rules: PushRules,
  parts: { readonly clock: Clock; readonly rng: Rng; readonly signal?: AbortSignal | undefined },
): Promise<PushReport> {
  const pacer = newPacer(parts.clock, parts.signal);
  const { commands, capabilities } = request;
  const isAtomic = capabilities.has("atomic");
  const refusals = new Map<PushCommand, string>();
  const quarantine = openQuarantine(repository.privateDirectory, parts.rng);
  let incoming: IncomingPack | null = null;
  try {
    const bytesMax = Math.min(rules.bytesMax, artifactLimits.pushBytesMax);
    const isBringing = commands.some((command) => command.to !== null);
    incoming = isBringing ? await readIncomingPack(repository.objects, quarantine, body, bytesMax, pacer) : null;
    const examined = await examine(repository, commands, incoming, rules.directory, pacer);
    for (const command of commands) {
      const refusal = await refusalOf(repository, command, rules, examined, pacer);
      if (refusal !== null) refusals.set(command, refusal);
    }
    const isOver = refusals.size === commands.length || (isAtomic && refusals.size > 0);
    if (incoming !== null && !isOver) {
      const { bytes, checksum } = incoming;
      await rules.store(bytes, () => quarantine.accept(join(repository.objects.directory, "pack"), checksum));
      repository.objects.packs.refresh();
    }
  } catch (error) {
    const reason = oneLine(diskError(error));
    return { unpack: reason, results: commands.map((command) => ({ command, refusal: "unpacker error" })) };
  } finally {
    incoming?.pack.close();
    quarantine.discard();
  }
  await moveRefs(repository, commands, refusals, isAtomic, parts.signal);
  return { unpack: "ok", results: commands.map((command) => ({ command, refusal: refusals.get(command) ?? null })) };
}

async function examine(
  repository: Repository,
  commands: readonly PushCommand[],
  incoming: IncomingPack | null,
  directory: readonly ByteString[] | null,
  pacer: Pacer,
): Promise<Examined> {
  repository.objects.packs.refresh();
  const known = (await repository.refs.list("refs/")).map((ref) => ref.oid);
  const source = openDiskSource(repository.objects, incoming?.pack ?? null);
  const graph = new CommitGraph(source);
  if (incoming !== null) checkGitmodules(source, incoming.gitmodules);
  const tips = commands.flatMap((command) => command.to ?? []);
  const { commits } = await proveConnected(source, graph, tips, known, pacer);
  const outside = directory === null ? null : await commitOutside(source, graph, commits, directory, pacer);
  return { graph, outside, largestBlob: incoming?.largestBlob ?? { oid: "", size: 0 } };
}

async function refusalOf(
  repository: Repository,
  command: PushCommand,
  rules: PushRules,
  at: Examined,
  pacer: Pacer,
): Promise<string | null> {
  const { ref, from, to } = command;
  const name = refProblem(ref) ?? rules.refusalOf(ref);
  if (name !== null) return name;
  // A push that has lost before it began leaves no objects behind; the reference's own lock decides the others.
  const actual = await repository.refs.read(ref);
  if (actual !== from) return movedRefusal(actual);
  const policy = rules.policyOf(ref);
  if (policy.isProtected) return "protected branch";
  if (to === null) {
    if ((await repository.refs.readSymbolic("HEAD")) === ref) return "deletion of the current branch prohibited";
    return policy.fastForwardOnly || rules.directory !== null ? "deletion prohibited" : null;
  }
  if (ref.startsWith("refs/heads/") && at.graph.find(to) === null) return "not a commit";
  const { size, oid } = at.largestBlob;
  if (size > policy.maxFileBytes) return `file ${oid} has ${size} bytes, more than ${policy.maxFileBytes}`;
  const mustAdvance = policy.fastForwardOnly || rules.directory !== null;
  if (mustAdvance && from !== null && !(await isAncestor(at.graph, from, to, pacer))) return "non-fast-forward";
  return at.outside === null ? null : `commit ${at.outside} changes files outside ${rules.directory?.join("/")}`;
}

async function moveRefs(
  repository: Repository,
  commands: readonly PushCommand[],
  refusals: Map<PushCommand, string>,
  isAtomic: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const change = (command: PushCommand) => ({ name: command.ref, from: command.from, to: command.to });
  if (!isAtomic) {
    for (const command of commands) {
      if (refusals.has(command)) continue;
      try {
        await repository.refs.update([change(command)], signal);
      } catch (error) {
        refusals.set(command, moveRefusal(error));
      }
    }
    return;
  }
  const rest = () => commands.filter((command) => !refusals.has(command));
  if (refusals.size === 0) {
    try {
      await repository.refs.update(commands.map(change), signal);
      return;
    } catch (error) {
      const moved = error instanceof RefMoved ? commands.find((command) => command.ref === error.ref) : undefined;
      for (const command of moved ? [moved] : commands) refusals.set(command, moveRefusal(error));
    }
  }
  for (const command of rest()) refusals.set(command, "atomic push failed");
}

function moveRefusal(error: unknown): string {
  if (!(error instanceof RefMoved)) return oneLine(error);
  if (error.clashesWith !== undefined) return `cannot be beside ${error.clashesWith}`;
  return movedRefusal(error.actual);
}

function movedRefusal(actual: Oid | null): string {
  return actual === null ? "the reference does not exist (fetch first)" : `is at ${actual} now (fetch first)`;
}

function oneLine(error: unknown): string {
  return toErrorFacts(error).message.replace(/\s+/g, " ");
}
