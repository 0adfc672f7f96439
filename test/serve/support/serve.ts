/** A server with the fixture tools, as a process of its own: `node serve.ts stdio|http [--conformance]`. */
import { openHttpServer } from "../../../src/serve/http.ts";
import { serveMcpStdio } from "../../../src/serve/stdio.ts";
import { fixtureTools, testCaller, testGateway } from "./fixture-tools.ts";

const log = (line: string) => void process.stderr.write(`${line}\n`);
const options = {
  tools: fixtureTools,
  gateway: async () => {
    const gateway = testGateway();
    return {
      ...gateway,
      async close() {
        await gateway.close();
        log("gateway closed");
      },
    };
  },
  toolNames: process.argv.includes("--dotted") ? ("dotted" as const) : ("underscore" as const),
  version: "0.0.0-test",
  instructions: "Use the tools of this test server.",
  log,
  conformanceFixtures: process.argv.includes("--conformance"),
};

if (process.argv[2] === "http") {
  const server = await openHttpServer({ ...options, host: "127.0.0.1", port: 0, authenticate: async () => testCaller });
  process.stdout.write(`${server.url}\n`);
  process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));
} else {
  const server = serveMcpStdio({ ...options, caller: testCaller });
  await server.closed;
  log("bye");
  process.exit(0);
}
