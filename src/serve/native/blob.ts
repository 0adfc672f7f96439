import { mediaTypeOf } from "../../infer/tasks/media-type.ts";
import type { Endpoint } from "../api/exchange.ts";
import { nativeErrors } from "./error.ts";

/** `GET /v1/blobs/{blob}`: the bytes behind a handle from a result. */
export const blobByHandle: Endpoint = {
  method: "GET",
  pattern: /^\/v1\/blobs\/(?<blob>blob_[0-9a-f]+)$/,
  errors: nativeErrors,
  async handle({ path, response, gateway, caller }) {
    const bytes = await gateway.readBlob(path.blob ?? "", caller);
    response.writeHead(200, {
      "Content-Type": mediaTypeOf(bytes) ?? "application/octet-stream",
      "Content-Length": bytes.length,
      // Named by its content, which therefore never changes; and never a page of this server's.
      "Cache-Control": "private, max-age=31536000, immutable",
      "Content-Security-Policy": "sandbox; default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(bytes);
  },
};
