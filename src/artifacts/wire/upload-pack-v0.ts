import type { Clock } from "../../core/clock.ts";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import { type Oid, zeroOid } from "../objects/object.ts";
import { commitOfRef } from "../revision.ts";
import type { Repository } from "../store/repository.ts";
import { type Advertisement, readAdvertisement } from "./advertised-refs.ts";
import { agent } from "./agent.ts";
import type { ByteSource } from "./byte-source.ts";
import { FetchRequestBuilder } from "./fetch-request.ts";
import { FetchSession } from "./fetch-session.ts";
import { flushPkt, pkt, pktText } from "./pkt-line.ts";
import { packFrames } from "./upload-pack-v2.ts";

const capabilities = [
  "multi_ack",
  "thin-pack",
  "side-band",
  "side-band-64k",
  "ofs-delta",
  "shallow",
  "deepen-since",
  "deepen-not",
  "deepen-relative",
  "no-progress",
  "include-tag",
  "multi_ack_detailed",
  "allow-tip-sha1-in-want",
  "allow-reachable-sha1-in-want",
  "no-done",
  "filter",
  "object-format=sha1",
  `agent=${agent}`,
];

/** The references and capabilities that protocol versions 0 and 1 begin with (gitprotocol-pack). */
export function refAdvertisement({ refs, head }: Advertisement, version: 0 | 1): Buffer {
  const symref = head.target !== null && head.oid !== null ? [`symref=HEAD:${head.target}`] : [];
  const lines: [Oid, string][] = head.oid === null ? [] : [[head.oid, "HEAD"]];
  for (const { name, oid, peeled } of refs) {
    lines.push([oid, name]);
    if (peeled !== null) lines.push([peeled, `${name}^{}`]);
  }
  return formatAdvertisement(lines, [...capabilities, ...symref], version);
}

/** Lines with the capabilities behind the first; a repository without references has a line for them alone. */
export function formatAdvertisement(
  lines: readonly (readonly [Oid, string])[],
  capabilityList: readonly string[],
  version: 0 | 1,
): Buffer {
  const all = lines.length === 0 ? [[zeroOid, "capabilities^{}"] as const] : lines;
  const parts = version === 1 ? [pkt("version 1\n")] : [];
  all.forEach(([oid, name], i) => {
    parts.push(pkt(`${oid} ${name}${i === 0 ? `\0${capabilityList.join(" ")}` : ""}\n`));
  });
  return Buffer.concat([...parts, flushPkt]);
}

/** Answers one request of protocol version 0 or 1 over a connection that remembers nothing. */
export async function* serveUploadPackV0(
  repository: Repository,
  body: ByteSource,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const builder = await readWants(body);
  if (builder === null) return;
  const request = await builder.build((ref) => commitOfRef(repository, ref));
  const { refs } = await readAdvertisement(repository);
  const session = new FetchSession(repository, request, refs, clock, signal);
  if (request.deepen !== null) {
    for (const line of await session.shallowLines()) yield pkt(line);
    yield flushPkt;
  }
  let isAgreed = false;
  for await (const answer of negotiate(session, body, builder.flags)) {
    if (answer === "agreed") isAgreed = true;
    else yield answer;
  }
  if (!isAgreed) return;
  const { flags } = builder;
  if (flags.has("side-band-64k") || flags.has("side-band")) {
    yield* packFrames(session, request.noProgress, clock, flags.has("side-band-64k") ? undefined : 995);
    yield flushPkt;
  } else {
    yield* session.pack(await session.select());
  }
}

async function readWants(body: ByteSource): Promise<FetchRequestBuilder | null> {
  const builder = new FetchRequestBuilder();
  let lines = 0;
  for (;;) {
    const next = await body.pkt();
    if (next === null || next === "flush") return builder.wants.size === 0 ? null : builder;
    if (typeof next === "string") throw new MalformedData("a special packet where a want was expected");
    const text = pktText(next);
    const [, want = "", flags = ""] = /^(want [0-9a-f]{40})[ \0](.*)$/s.exec(text) ?? [];
    for (const flag of flags.split(" ")) if (flag !== "") builder.flags.add(flag);
    if (builder.flags.has("deepen-relative")) builder.isRelative = true;
    if (++lines > artifactLimits.fetchLinesMax) throw new MalformedData("the request has too many lines");
    if (!builder.add(want || text)) throw new MalformedData(`unexpected ${JSON.stringify(text.slice(0, 100))}`);
  }
}

/**
 * The have lines and what they are answered with, as git's own server does: `ready` once enough is common, and with
 * `no-done` the pack right after it.
 */
async function* negotiate(
  session: FetchSession,
  body: ByteSource,
  flags: ReadonlySet<string>,
): AsyncGenerator<Buffer | "agreed"> {
  const detailed = flags.has("multi_ack_detailed");
  const multi = detailed || flags.has("multi_ack");
  let last: Oid | undefined;
  let gotCommon = false;
  let gotOther = false;
  let sentReady = false;
  let lines = 0;
  for (;;) {
    const next = await body.pkt();
    if (next === null) return;
    if (next === "flush") {
      if (detailed && gotCommon && !gotOther && (await session.isReady())) {
        sentReady = true;
        yield pkt(`ACK ${last} ready\n`);
      }
      if (session.common.size === 0 || multi) yield pkt("NAK\n");
      if (flags.has("no-done") && sentReady) {
        yield pkt(`ACK ${last}\n`);
        yield "agreed";
        return;
      }
      gotCommon = false;
      gotOther = false;
      continue;
    }
    const text = typeof next === "string" ? next : pktText(next);
    if (text === "done") {
      if (last === undefined) yield pkt("NAK\n");
      else if (multi) yield pkt(`ACK ${last}\n`);
      yield "agreed";
      return;
    }
    const [, have] = /^have ([0-9a-f]{40})$/.exec(text) ?? [];
    if (have === undefined || ++lines > artifactLimits.fetchLinesMax) {
      throw new MalformedData(`unexpected ${JSON.stringify(text.slice(0, 100))}`);
    }
    if (session.addHave(have)) {
      gotCommon = true;
      const isFirst = last === undefined;
      last = have;
      if (detailed) yield pkt(`ACK ${have} common\n`);
      else if (multi) yield pkt(`ACK ${have} continue\n`);
      else if (isFirst) yield pkt(`ACK ${have}\n`);
    } else {
      gotOther = true;
      if (multi && (await session.isReady())) {
        if (detailed) sentReady = true;
        yield pkt(`ACK ${have} ${detailed ? "ready" : "continue"}\n`);
      }
    }
  }
}
