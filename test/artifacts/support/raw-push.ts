import { createHash } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import { type IdentifiedObject, zeroOid } from "../../../src/artifacts/objects/object.ts";
import { formatEntryHeader, packTypes } from "../../../src/artifacts/pack/entry.ts";
import { packHeader } from "../../../src/artifacts/pack/pack-writer.ts";
import { flushPkt, pkt } from "../../../src/artifacts/wire/pkt-line.ts";

/** A pack's entry as bytes: header and deflated data, whatever they say. */
export function entry(
  object: { readonly type: keyof typeof packTypes; readonly bytes: Buffer },
  declared?: number,
): Buffer {
  const header = formatEntryHeader(packTypes[object.type], declared ?? object.bytes.length);
  return Buffer.concat([header, deflateSync(object.bytes)]);
}

/** A pack of entries, its count and checksum right unless they are given. */
export function pack(entries: readonly Buffer[], count = entries.length): Buffer {
  const body = Buffer.concat([packHeader(count), ...entries]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

export function packOf(...objects: readonly IdentifiedObject[]): Buffer {
  return pack(objects.map((object) => entry(object)));
}

/** Pushes without a git client. Answers the status and what the report, or the page, says. */
export async function rawPush(
  url: string,
  commands: readonly { readonly ref: string; readonly from?: string | null; readonly to: string | null }[],
  packBytes: Buffer,
  options: { readonly gzip?: boolean; readonly headers?: Record<string, string> } = {},
): Promise<{ status: number; text: string }> {
  const lines = commands.map(({ ref, from, to }, i) =>
    pkt(`${from ?? zeroOid} ${to ?? zeroOid} ${ref}${i === 0 ? "\0report-status" : ""}`),
  );
  const plain = Buffer.concat([...lines, flushPkt, packBytes]);
  const response = await fetch(`${url}/git-receive-pack`, {
    method: "POST",
    headers: {
      "content-type": "application/x-git-receive-pack-request",
      ...(options.gzip ? { "content-encoding": "gzip" } : {}),
      ...options.headers,
    },
    body: options.gzip ? gzipSync(plain) : plain,
  });
  return { status: response.status, text: await response.text() };
}
