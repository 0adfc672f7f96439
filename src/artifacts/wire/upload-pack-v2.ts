import type { Clock } from "../../core/clock.ts";
import { formatErrorLine, toErrorFacts } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import { commitOfRef } from "../revision.ts";
import type { Repository } from "../store/repository.ts";
import { type Advertisement, readAdvertisement } from "./advertised-refs.ts";
import { agent } from "./agent.ts";
import type { ByteSource } from "./byte-source.ts";
import { FetchRequestBuilder } from "./fetch-request.ts";
import { FetchSession } from "./fetch-session.ts";
import { delimiterPkt, flushPkt, pkt, pktText } from "./pkt-line.ts";
import { dataFrames, errorFrame, progressFrame } from "./side-band.ts";

/** What a client of protocol version 2 is offered (gitprotocol-v2). */
export function capabilityAdvertisement(): Buffer {
  const lines = ["version 2", `agent=${agent}`, "ls-refs=unborn", "fetch=shallow filter", "object-format=sha1"];
  return Buffer.concat([...lines.map((line) => pkt(`${line}\n`)), flushPkt]);
}

/** Answers one request of protocol version 2: `ls-refs` or `fetch`. */
export async function* serveUploadPackV2(
  repository: Repository,
  body: ByteSource,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const { command, args } = await readCommand(body);
  if (command === null) return;
  if (command === "ls-refs") yield* listRefs(await readAdvertisement(repository), args);
  else if (command === "fetch") yield* fetch(repository, args, clock, signal);
  else throw new MalformedData(`there is no command ${JSON.stringify(command.slice(0, 50))}`);
}

async function readCommand(body: ByteSource): Promise<{ command: string | null; args: string[] }> {
  let command: string | null = null;
  const args: string[] = [];
  let inArguments = false;
  for (;;) {
    const next = await body.pkt();
    if (next === null || next === "flush") return { command, args };
    if (next === "delimiter") {
      inArguments = true;
    } else if (next !== "response-end") {
      const line = pktText(next);
      if (inArguments) args.push(line);
      else if (line.startsWith("command=")) command = line.slice("command=".length);
      if (line.startsWith("object-format=") && !inArguments && line !== "object-format=sha1") {
        throw new MalformedData("only SHA-1 is served");
      }
      if (args.length > artifactLimits.fetchLinesMax) throw new MalformedData("the request has too many lines");
    }
  }
}

function* listRefs({ refs, head }: Advertisement, args: readonly string[]): Generator<Buffer> {
  const prefixes = args.filter((arg) => arg.startsWith("ref-prefix ")).map((arg) => arg.slice("ref-prefix ".length));
  // Prefixes only spare the client what it does not need: a great many of them are not worth comparing.
  const isUnlimited = prefixes.length === 0 || prefixes.length > artifactLimits.refPrefixesMax;
  const isWanted = (name: string) => isUnlimited || prefixes.some((prefix) => name.startsWith(prefix));
  const symrefs = args.includes("symrefs");
  const target = symrefs && head.target !== null ? ` symref-target:${head.target}` : "";
  if (isWanted("HEAD")) {
    if (head.oid !== null) yield pkt(`${head.oid} HEAD${target}\n`);
    else if (args.includes("unborn") && head.target !== null) yield pkt(`unborn HEAD${target}\n`);
  }
  for (const { name, oid, peeled } of refs) {
    if (!isWanted(name)) continue;
    yield pkt(`${oid} ${name}${peeled !== null && args.includes("peel") ? ` peeled:${peeled}` : ""}\n`);
  }
  yield flushPkt;
}

async function* fetch(
  repository: Repository,
  args: readonly string[],
  clock: Clock,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const builder = new FetchRequestBuilder();
  for (const line of args) {
    if (!builder.add(line)) throw new MalformedData(`fetch does not know ${JSON.stringify(line.slice(0, 100))}`);
  }
  const request = await builder.build((ref) => commitOfRef(repository, ref));
  if (request.wants.length === 0) return;
  const { refs } = await readAdvertisement(repository);
  const session = new FetchSession(repository, request, refs, clock, signal);
  await session.addHaves(request.haves);

  if (request.haves.length > 0 && !request.done) {
    yield pkt("acknowledgments\n");
    if (session.common.size === 0) yield pkt("NAK\n");
    for (const oid of session.common) yield pkt(`ACK ${oid}\n`);
    if (!(await session.isReady())) {
      yield flushPkt;
      return;
    }
    yield pkt("ready\n");
    yield delimiterPkt;
  }
  const isDeepening = request.deepen !== null;
  if (isDeepening) {
    yield pkt("shallow-info\n");
    for (const line of await session.shallowLines()) yield pkt(`${line}\n`);
    yield delimiterPkt;
  }
  yield pkt("packfile\n");
  yield* packFrames(session, request.noProgress, clock);
  yield flushPkt;
}

/** Frames without data while a client waits, so that nobody on the way takes the connection for dead. */
export async function* keepAlive(work: Promise<unknown>, clock: Clock): AsyncGenerator<Buffer> {
  const over = new AbortController();
  const settled = work.then(
    () => "settled",
    () => "settled",
  );
  try {
    for (;;) {
      const tick = clock.sleep(artifactLimits.keepAliveMs, over.signal).catch(() => "settled");
      if ((await Promise.race([settled, tick])) === "settled") return;
      yield pkt(Buffer.from([1]));
    }
  } finally {
    over.abort();
  }
}

/** The pack in side-band frames. What goes wrong now can only be told inside the stream. */
export async function* packFrames(
  session: FetchSession,
  noProgress: boolean,
  clock: Clock,
  bytesMax?: number,
): AsyncGenerator<Buffer> {
  try {
    const selecting = session.select();
    yield* keepAlive(selecting, clock);
    const selection = await selecting;
    if (!noProgress) yield progressFrame(`Sending ${selection.size} objects\n`);
    for await (const chunk of session.pack(selection)) yield* dataFrames(chunk, bytesMax);
  } catch (error) {
    yield errorFrame(`${formatErrorLine(toErrorFacts(error))}\n`);
  }
}
