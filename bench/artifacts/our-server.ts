// Serves the artifacts of a directory to git clients: `node our-server.ts <directory>`. Prints its URL; answers each
// line on its input with the CPU time it has used, in milliseconds, and the most memory it has had, in bytes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";

const [directory = ""] = process.argv.slice(2);
const artifacts = openArtifacts({ directory, clock: systemClock, rng: systemRng });
const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const answer = await artifacts.serveGit({
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: request,
    caller: localCaller,
  });
  response.writeHead(answer.status, answer.headers);
  await pipeline(answer.body, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/default`);
});
process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ cpuMs: (user + system) / 1000, rssBytes: process.resourceUsage().maxRSS * 1024 }));
});
process.stdin.on("end", () => process.exit(0));
