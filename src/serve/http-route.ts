import type { IncomingMessage, ServerResponse } from "node:http";

/** Endpoints under a prefix of the HTTP server, behind the same Host and Origin checks as the rest of it. */
export interface HttpRoute {
  /** `/v1` answers `/v1` and everything under `/v1/`. */
  readonly prefix: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}
