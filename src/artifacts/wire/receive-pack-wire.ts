import type { Clock, Rng } from "../../core/clock.ts";
import { formatErrorLine, toErrorFacts } from "../../core/errors.ts";
import type { PushRequest } from "../receive/push-command.ts";
import { type PushReport, type PushRules, receivePush } from "../receive/receive-pack.ts";
import type { Repository } from "../store/repository.ts";
import type { Advertisement } from "./advertised-refs.ts";
import { agent } from "./agent.ts";
import type { ByteSource } from "./byte-source.ts";
import { flushPkt, pkt } from "./pkt-line.ts";
import { dataFrames, errorFrame } from "./side-band.ts";
import { formatAdvertisement } from "./upload-pack-v0.ts";

/** `no-thin`: every pack brings the bases of its deltas, so that it can be kept as it came. */
const capabilities = [
  "report-status",
  "delete-refs",
  "side-band-64k",
  "quiet",
  "atomic",
  "ofs-delta",
  "no-thin",
  "object-format=sha1",
  `agent=${agent}`,
];

/** What a push begins with: there is only protocol version 0 for it (1 is the same with a line in front). */
export function pushAdvertisement({ refs }: Advertisement, version: 0 | 1): Buffer {
  return formatAdvertisement(
    refs.map(({ name, oid }) => [oid, name] as const),
    capabilities,
    version,
  );
}

/** Answers a push; `onReport` is told what became of it. */
export async function* serveReceivePack(
  repository: Repository,
  request: PushRequest,
  body: ByteSource,
  rules: PushRules,
  parts: { readonly clock: Clock; readonly rng: Rng; readonly signal?: AbortSignal | undefined },
  onReport: (report: PushReport) => void,
): AsyncGenerator<Buffer> {
  const inBands = request.capabilities.has("side-band-64k");
  try {
    const report = await receivePush(repository, request, body, rules, parts);
    onReport(report);
    // A client hears nothing before it has sent everything.
    await body.drain();
    if (!request.capabilities.has("report-status")) return;
    const status = formatReport(report);
    if (inBands) yield* dataFrames(status);
    else yield status;
  } catch (error) {
    if (!inBands) throw error;
    yield errorFrame(`${formatErrorLine(toErrorFacts(error))}\n`);
  }
  if (inBands) yield flushPkt;
}

function formatReport({ unpack, results }: PushReport): Buffer {
  const lines = results.map(({ command, refusal }) =>
    refusal === null ? `ok ${command.ref}\n` : `ng ${command.ref} ${refusal}\n`,
  );
  return Buffer.concat([pkt(`unpack ${unpack}\n`), ...lines.map((line) => pkt(line)), flushPkt]);
}
