import type { IncomingMessage } from "node:http";
import { SwitchyardError } from "../../core/errors.ts";
import { serveLimits } from "../../core/limits.ts";
import { type BodyFailure, readBody, readBytes } from "../http-body.ts";

/** @throws invalid_request, too_large, timeout. */
export async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, serveLimits.apiBodyBytesMax);
  if (body.kind !== "text" && body.kind !== "not_utf8") throw failure(body);
  try {
    if (body.kind === "text") return JSON.parse(body.text);
  } catch {
    // Said below.
  }
  const wrong = body.kind === "not_utf8" ? "UTF-8" : "JSON";
  throw new SwitchyardError("invalid_request", `the body is not valid ${wrong}`, {
    next: "Send a JSON object in UTF-8",
  });
}

/** @throws invalid_request, too_large, timeout. */
export async function formBody(request: IncomingMessage): Promise<FormData> {
  const body = await readBytes(request, serveLimits.apiBodyBytesMax);
  if (body.kind !== "bytes") throw failure(body);
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  try {
    return await new Response(new Uint8Array(body.bytes), { headers }).formData();
  } catch (error) {
    throw new SwitchyardError("invalid_request", "the body is not a form", {
      next: "Send multipart/form-data with the boundary in the Content-Type",
      cause: error,
    });
  }
}

function failure({ kind }: BodyFailure): SwitchyardError {
  switch (kind) {
    case "aborted":
      return new SwitchyardError("cancelled", "the client left", { next: "Send it again", retryable: true });
    case "too_slow":
      return new SwitchyardError("timeout", "the body took too long to arrive", {
        next: "Send it again",
        retryable: true,
      });
    case "too_large":
      return new SwitchyardError("too_large", `the body is over the limit of ${serveLimits.apiBodyBytesMax} bytes`, {
        next: "Send less in one call, or pass large media by URL",
        details: { bytes_max: serveLimits.apiBodyBytesMax },
      });
  }
}
