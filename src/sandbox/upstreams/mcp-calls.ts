import { SwitchyardError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { sandboxLimits } from "../../core/limits.ts";
import { schemaType } from "./schema-type.ts";
import type { UpstreamResult, Upstreams, UpstreamTool } from "./upstreams.ts";

interface Options {
  readonly signal: AbortSignal;
}

/** `mcp.search`, `mcp.describe` and `mcp.<server>.<tool>()` over some of the upstream servers. */
export class McpCalls {
  readonly names: readonly string[];
  readonly servers: readonly string[];
  #upstreams: Upstreams;

  constructor(upstreams: Upstreams, servers: readonly string[]) {
    this.#upstreams = upstreams;
    this.servers = servers;
    this.names = servers.length === 0 ? [] : ["mcp.search", "mcp.describe", "mcp.call"];
  }

  async call(name: string, args: readonly Json[], options: Options): Promise<Json> {
    if (name === "mcp.search") return await this.#search(args, options);
    if (name === "mcp.describe") return await this.#describe(args, options);
    return await this.#run(args, options);
  }

  /** `mcp.search(query, { server?, limit? })` → `[{ name, description }]`, the best first. */
  async #search([query, asked]: readonly Json[], options: Options): Promise<Json> {
    const { server, limit } = (typeof asked === "object" && asked !== null ? asked : {}) as {
      server?: Json;
      limit?: Json;
    };
    const servers = typeof server === "string" ? [this.#server(server)] : this.servers;
    const asWritten = typeof query === "string" ? query.slice(0, sandboxLimits.upstreamQueryCharactersMax) : "";
    const words = [...new Set(asWritten.toLowerCase().match(/[\p{L}\p{N}]+/gu))];
    // A server that is down hides its own tools and nobody else's.
    const lists = await Promise.allSettled(servers.map((one) => this.#upstreams.list(one, options)));
    const scored = lists
      .flatMap((list) => (list.status === "fulfilled" ? list.value : []))
      .map((tool) => ({ tool, score: score(tool, words) }))
      .filter(({ score: found }) => words.length === 0 || found > 0)
      .sort((a, b) => b.score - a.score);
    const most = typeof limit === "number" && limit > 0 ? Math.min(limit, sandboxLimits.upstreamSearchMax) : 10;
    return scored.slice(0, most).map(({ tool }) => ({
      name: `${tool.server}.${tool.name}`,
      description: firstSentence(tool.description ?? tool.title ?? ""),
    }));
  }

  /** `mcp.describe("server.tool")` → `{ name, description, call, input, output? }`; `call` is a typed signature. */
  async #describe([name]: readonly Json[], options: Options): Promise<Json> {
    const text = typeof name === "string" ? name : "";
    const dot = text.indexOf(".");
    const tool = await this.#find(text.slice(0, Math.max(dot, 0)), text.slice(dot + 1), options);
    const member = /^[A-Za-z_$][\w$]*$/.test(tool.name) ? `.${tool.name}` : `[${JSON.stringify(tool.name)}]`;
    const result = tool.output === undefined ? "unknown" : schemaType(tool.output);
    return {
      name: `${tool.server}.${tool.name}`,
      description: tool.description ?? tool.title ?? "",
      call: `mcp.${tool.server}${member}(args: ${schemaType(tool.input)}): Promise<${result}>`,
      input: tool.input,
      ...(tool.output === undefined ? {} : { output: tool.output }),
    };
  }

  async #run([server, name, args]: readonly Json[], options: Options): Promise<Json> {
    if (typeof server !== "string" || typeof name !== "string") throw noSuch("tool", JSON.stringify(name ?? null), []);
    const tool = await this.#find(server, name, options);
    const asked = typeof args === "object" && args !== null ? args : {};
    return unwrap(tool, await this.#upstreams.call(tool.server, tool.name, asked, options));
  }

  async #find(server: string, name: string, options: Options): Promise<UpstreamTool> {
    const tools = await this.#upstreams.list(this.#server(server), options);
    if (name.length > sandboxLimits.upstreamNameCharactersMax) throw noSuch("tool", `${server}.${name}`, []);
    const identifier = asIdentifier(name);
    const tool = tools.find((one) => one.name === name) ?? tools.find((one) => asIdentifier(one.name) === identifier);
    if (tool) return tool;
    const near = tools.map((one) => `${server}.${one.name}`);
    throw noSuch("tool", `${server}.${name}`, near);
  }

  #server(name: string): string {
    if (this.servers.includes(name)) return name;
    throw noSuch("MCP server", name, this.servers);
  }
}

/** What a program works with: data rather than an envelope. Structured content, then JSON text, then text, then all of it. */
function unwrap({ server, name }: UpstreamTool, { content, structuredContent, isError }: UpstreamResult): Json {
  const isText = content.length > 0 && content.every((part) => part.type === "text");
  const text = content.map((part) => part.text ?? "").join("\n");
  if (isError) {
    throw new SwitchyardError(
      "provider_error",
      `${server}.${name} failed: ${text.slice(0, 2_000) || "it said nothing"}`,
      {
        next: "Correct the arguments by what it says",
      },
    );
  }
  if (structuredContent !== undefined) return structuredContent;
  if (!isText) return content as unknown as Json;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Words in the name count most, whole words more than parts. */
function score({ name, server, title = "", description = "" }: UpstreamTool, words: readonly string[]): number {
  const inName = `${server} ${name} ${title}`.toLowerCase().replace(/[_\-./]/g, " ");
  const inText = description.toLowerCase();
  let total = 0;
  for (const word of words) {
    const stem = word.length > 3 ? word.replace(/(?:es|s|ing|ed)$/, "") : word;
    if (inName.split(/\s+/).includes(word)) total += 6;
    else if (inName.includes(stem)) total += 4;
    if (inText.includes(stem)) total += 1;
  }
  return total;
}

function firstSentence(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  const end = line.search(/[.!?](?:\s|$)/);
  return (end < 0 ? line : line.slice(0, end + 1)).slice(0, 200);
}

function asIdentifier(name: string): string {
  return name.replace(/[^A-Za-z0-9_$]/g, "_").toLowerCase();
}

function noSuch(what: string, name: string, known: readonly string[]): SwitchyardError {
  const list = known.slice(0, 20).join(", ");
  return new SwitchyardError("not_found", `there is no ${what} ${name.slice(0, 200)}`, {
    next: list === "" ? "Find one with mcp.search" : `There are ${list}`,
  });
}
