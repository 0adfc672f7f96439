import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SwitchyardError } from "../../core/errors.ts";
import { MalformedData } from "../objects/malformed.ts";

/** A request's body without its content encoding. Git uses gzip, or none. @throws unsupported; invalid_request while it is read. */
export function inflated(body: AsyncIterable<Uint8Array>, encoding: string): AsyncIterable<Uint8Array> {
  if (encoding === "" || encoding === "identity") return body;
  if (encoding === "gzip" || encoding === "x-gzip") return gunzipped(body);
  throw new SwitchyardError("unsupported", `bodies encoded as ${encoding.slice(0, 50)} are not read`, {
    next: "Send it plain or with gzip",
  });
}

async function* gunzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The error reaches whoever reads the last stream; the callback keeps it from being thrown a second time.
  const bytes = pipeline(Readable.from(body), createGunzip(), () => {});
  try {
    yield* bytes;
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith("Z_")) throw error;
    throw new MalformedData("the body is not gzip as its header says", error);
  } finally {
    bytes.destroy();
  }
}
