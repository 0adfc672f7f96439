import type { Usage } from "../../core/usage.ts";
import type { Outcome } from "../book.ts";
import type { Fault } from "../faults/fault.ts";
import type { Latency } from "../latency.ts";
import type { Connection } from "./connection.ts";
import { brokenUtf8, damagedEvents, splitWriter } from "./damage.ts";
import type { BytesReply, Reply, StreamReply } from "./reply.ts";

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly latency: Latency;
  readonly fault: Fault | null;
  /** The provider's wire for a failure inside a stream. */
  readonly errorEvent: (fault: Fault & { kind: "error_event" }) => string;
}

/** What became of an answer. */
export interface Sent {
  readonly outcome: Outcome;
  readonly eventsSent: number;
  readonly billed: Usage;
}

/** Events are gathered up to this before they are written, unless there is a pause between them. */
const gatherCharacters = 16_384;

/** Sends a reply, late, in pieces or broken as asked, and says what the provider charges for it. */
export async function send(connection: Connection, reply: Reply, options: SendOptions): Promise<Sent> {
  const { fault, latency } = options;
  if (latency.headersMs > 0 && !(await connection.wait(latency.headersMs))) return gone(reply);
  if (fault?.kind === "stall_before_headers" && !(await connection.wait(fault.ms))) {
    return { outcome: "client_gone", eventsSent: 0, billed: {} };
  }
  if (fault?.kind === "lose_answer") {
    connection.reset();
    return { outcome: "cut", eventsSent: 0, billed: reply.billed ?? {} };
  }
  return reply.type === "bytes" ? sendBytes(connection, reply, options) : sendStream(connection, reply, options);
}

/** A client that left before the first byte: a whole answer has been made by then, a stream has hardly begun. */
function gone(reply: Reply): Sent {
  const billed = reply.billed ?? {};
  return { outcome: "client_gone", eventsSent: 0, billed: reply.type === "stream" ? billedUpTo(billed, 0) : billed };
}

async function sendBytes(connection: Connection, reply: BytesReply, options: SendOptions): Promise<Sent> {
  const { fault } = options;
  const billed = reply.billed ?? {};
  const bytes = bytesSent(reply, fault);
  connection.response.writeHead(reply.status, {
    ...options.headers,
    ...reply.headers,
    "content-type": fault?.kind === "wrong_content_type" ? fault.contentType : reply.contentType,
    "content-length": typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length,
  });
  const cut: Sent = { outcome: "cut", eventsSent: 0, billed };
  let rest = bytes;
  if (fault?.kind === "stall_mid_stream" || fault?.kind === "cut_mid_stream" || fault?.kind === "cut_before_usage") {
    const body = Buffer.from(bytes);
    await connection.write(body.subarray(0, body.length >> 1));
    if (fault.kind !== "stall_mid_stream") {
      await connection.cut();
      return cut;
    }
    if (!(await connection.wait(fault.ms))) return { ...cut, outcome: "client_gone" };
    rest = body.subarray(body.length >> 1);
  }
  if (fault?.kind === "split_writes") {
    await splitWriter(connection, fault)(rest);
    await connection.end();
  } else {
    await connection.end(rest);
  }
  if (!connection.response.writableFinished) return { outcome: "client_gone", eventsSent: 0, billed };
  return { outcome: outcomeOfStatus(reply.status), eventsSent: 0, billed };
}

/** The body as it is sent. A text stays one: node:http sends it with the head in a single write. */
function bytesSent(reply: BytesReply, fault: Fault | null): Uint8Array | string {
  if (fault?.kind === "invalid_utf8") return brokenUtf8(Buffer.from(reply.body));
  if (fault?.kind !== "truncated_json") return reply.body;
  const body = Buffer.from(reply.body);
  return body.subarray(0, body.length >> 1);
}

async function sendStream(connection: Connection, reply: StreamReply, options: SendOptions): Promise<Sent> {
  const { fault } = options;
  const billed = reply.billed ?? {};
  const chunkMs = fault?.kind === "slow_drip" ? fault.chunkMs : options.latency.chunkMs;
  const write =
    fault?.kind === "split_writes"
      ? splitWriter(connection, fault)
      : (text: Uint8Array | string) => connection.write(text);
  const breakAt = fault && "afterEvents" in fault ? fault.afterEvents : -1;
  let eventsSent = 0;
  let outputTokens = 0;
  let gathered = "";
  const result = (outcome: Outcome): Sent => ({ outcome, eventsSent, billed: billedUpTo(billed, outputTokens) });

  connection.response.writeHead(reply.status, {
    ...options.headers,
    ...reply.headers,
    "content-type": fault?.kind === "wrong_content_type" ? fault.contentType : reply.contentType,
    "cache-control": "no-cache",
  });
  for (const event of damagedEvents(reply.events, fault)) {
    if (eventsSent === breakAt || (fault?.kind === "cut_before_usage" && event.hasUsage)) {
      if (gathered !== "") await write(gathered);
      gathered = "";
      connection.response.flushHeaders();
      if (fault?.kind === "stall_mid_stream") {
        if (!(await connection.wait(fault.ms))) return result("client_gone");
      } else if (fault?.kind === "error_event") {
        await connection.end(options.errorEvent(fault));
        return result("failed");
      } else {
        if (fault && "how" in fault && fault.how === "end") await connection.end();
        else await connection.cut();
        return result("cut");
      }
    }
    if (chunkMs > 0) {
      if (eventsSent > 0 && !(await connection.wait(chunkMs))) return result("client_gone");
      if (!(await write(event.bytes ?? event.wire))) return result("client_gone");
    } else if (event.bytes) {
      if (!(await write(gathered)) || !(await write(event.bytes))) return result("client_gone");
      gathered = "";
    } else {
      gathered += event.wire;
      if (gathered.length >= gatherCharacters) {
        if (!(await write(gathered))) return result("client_gone");
        gathered = "";
      }
    }
    eventsSent += 1;
    outputTokens = event.outputTokens;
  }
  if (fault?.kind === "split_writes") {
    await write(gathered);
    gathered = "";
  }
  await connection.end(gathered);
  if (!connection.response.writableFinished) return result("client_gone");
  return result(fault?.kind === "truncated_json" ? "cut" : "succeeded");
}

/** Input is charged as soon as a stream begins, output as far as it was produced. What that costs is left open. */
function billedUpTo(usage: Usage, outputTokens: number): Usage {
  if (usage.outputTokens === undefined || usage.outputTokens <= outputTokens) return usage;
  const { providerCostNanoUsd: _whole, reasoningTokens, ...used } = usage;
  const reasoning = reasoningTokens === undefined ? {} : { reasoningTokens: Math.min(reasoningTokens, outputTokens) };
  return { ...used, outputTokens, ...reasoning };
}

function outcomeOfStatus(status: number): Outcome {
  if (status < 400) return "succeeded";
  return status < 500 && status !== 429 ? "refused" : "failed";
}
