import type { Usage } from "../../core/usage.ts";

/** One event of a stream, ready for the wire. */
export interface StreamEvent {
  readonly wire: string;
  /** Output tokens produced when this event has been sent, counted from the answer's beginning. */
  readonly outputTokens: number;
  /** Whether the final usage is in it. */
  readonly hasUsage?: boolean;
}

interface ReplyHead {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the provider puts on the bill once this was answered. */
  readonly billed?: Usage;
}

export interface BytesReply extends ReplyHead {
  readonly type: "bytes";
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

export interface StreamReply extends ReplyHead {
  readonly type: "stream";
  readonly contentType: string;
  readonly events: Iterable<StreamEvent>;
}

/** What a route answers; how it is sent (in pieces, late, broken) is decided elsewhere. */
export type Reply = BytesReply | StreamReply;

export function jsonReply(status: number, body: unknown, extra: Omit<ReplyHead, "status"> = {}): BytesReply {
  return { type: "bytes", status, contentType: "application/json", body: JSON.stringify(body), ...extra };
}

export function streamReply(events: Iterable<StreamEvent>, billed: Usage): StreamReply {
  return { type: "stream", status: 200, contentType: "text/event-stream; charset=utf-8", events, billed };
}

/** Thrown by a route to end a request with the provider's own error. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super("the simulated provider refused the request");
    this.reply = reply;
  }
}
