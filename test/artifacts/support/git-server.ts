import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Artifacts } from "../../../src/artifacts/artifacts.ts";
import type { Caller } from "../../../src/core/caller.ts";

/** Serves artifacts to git clients on a free port of this machine, as the real server mounts them. Answers the base URL and how to stop. */
export async function serveGitOverHttp(
  artifacts: Artifacts,
  caller?: Caller,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const controller = new AbortController();
    response.on("close", () => controller.abort());
    try {
      const url = new URL(request.url ?? "/", "http://localhost");
      const answer = await artifacts.serveGit({
        method: request.method ?? "GET",
        path: url.pathname.replace(/^\/git/, ""),
        query: url.searchParams,
        headers: request.headers,
        body: request,
        caller,
        signal: controller.signal,
      });
      response.writeHead(answer.status, answer.headers);
      await pipeline(answer.body, response);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/git`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
