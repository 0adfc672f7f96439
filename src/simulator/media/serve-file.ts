import type { IncomingMessage, ServerResponse } from "node:http";
import { type Files, filesPath } from "./files.ts";

/** Answers a link to something that was made: with its bytes, 403 when the link has run out, 404 when there is nothing. */
export function serveFile(request: IncomingMessage, response: ServerResponse, stored: Files): void {
  const path = new URL(request.url ?? filesPath, "http://simulator").pathname;
  const file = stored.get(path);
  if (file === null || file === "expired") {
    const [status, code] = file === null ? [404, "NoSuchKey"] : [403, "AccessDenied"];
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
    return;
  }
  response.writeHead(200, { "content-type": file.contentType, "content-length": file.bytes.length });
  response.end(request.method === "HEAD" ? undefined : file.bytes);
}
