import { tools } from "../../tools/index.ts";
import { SwitchyardError } from "../core/errors.ts";
import { openHttpServer } from "../serve/http.ts";
import { authenticate, letIn } from "./authenticate.ts";
import { openContext } from "./context.ts";
import { instructions } from "./instructions.ts";
import { addKey } from "./keys.ts";
import { surviveRejections, untilSignalled } from "./process.ts";
import { version } from "./version.ts";

export interface ServeOptions {
  readonly host: string;
  readonly port: string;
  readonly auth: boolean;
  readonly toolNames: "underscore" | "dotted";
  readonly conformanceFixtures?: boolean;
}

const wildcards = new Set(["0.0.0.0", "::", "[::]"]);
const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/** `switchyard serve`: MCP over HTTP until the process is told to stop. */
export async function serve(options: ServeOptions): Promise<void> {
  const log = (line: string) => void process.stderr.write(`switchyard: ${line}\n`);
  surviveRejections(log);
  const port = portOf(options.port);
  if (!options.auth && !loopback.has(options.host)) {
    throw new SwitchyardError(
      "invalid_request",
      `--no-auth would let anyone who reaches ${options.host} spend the pool`,
      {
        next: "Leave --no-auth out, or listen on 127.0.0.1",
      },
    );
  }
  let url: string | undefined;
  const context = openContext({ serverUrl: () => url });
  const { keys, artifacts } = await context.settings();
  if (options.auth && keys.length === 0) {
    const { key } = await addKey(context, "first", {
      workspace: "default",
      memory: "write",
      artifacts: "write",
      sandbox: true,
    });
    log(`a first key was made; it is shown only now. Send it as a header: Authorization: Bearer ${key}`);
  }
  const server = await openHttpServer({
    tools,
    gateway: context.gateway,
    host: options.host,
    port,
    allowedHosts: artifacts.public_url === undefined ? [] : [new URL(artifacts.public_url).hostname],
    authenticate: options.auth ? (header) => authenticate(header, context.settings) : letIn,
    toolNames: options.toolNames,
    version,
    instructions,
    log,
    conformanceFixtures: options.conformanceFixtures === true,
  });
  // An address that stands for all of them is none that a client could be given.
  url = wildcards.has(options.host) ? undefined : server.url;
  log(`MCP at ${server.url}/mcp; data in ${context.environment.dataDirectory}`);
  await untilSignalled();
  await server.close();
  await context.close();
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SwitchyardError("invalid_request", `--port ${text} is not a port`, {
    next: "Give a number from 0 to 65535",
  });
}
