import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client as ClientV2, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { localCaller } from "../../../src/core/caller.ts";
import { commitIn, git } from "../../artifacts/support/workbench.ts";
import { serveCommand } from "../../support/served-command.ts";
import { commandFile } from "../../support/world.ts";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

const modern = { versionNegotiation: { mode: { pin: "2026-07-28" } } } as const;

describe("over HTTP", () => {
  let world: ApiWorld;
  const open: ClientV2[] = [];
  beforeAll(async () => {
    world = await openApiWorld();
  });
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  async function connect(key = "key-all"): Promise<ClientV2> {
    const client = new ClientV2({ name: "test", version: "0" }, modern);
    const requestInit = { headers: { Authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${world.url}/mcp`), { requestInit }));
    open.push(client);
    return client;
  }

  const call = (client: ClientV2, name: string, args: object) => client.callTool({ name, arguments: { ...args } });
  const read = async (client: ClientV2, uri: string) => (await client.readResource({ uri })).contents[0];

  test("memories are resources: the profile, and one by its id", async () => {
    const client = await connect();
    await call(client, "memory_remember", { content: "The user lives in Oslo", key: "user.city" });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(["memory://default"]);
    const profile = await read(client, "memory://default");
    expect((profile as { text: string }).text).toContain("user.city: The user lives in Oslo");
    const id = /\((mem_\w+)\)/.exec((profile as { text: string }).text)?.[1];
    const one = await read(client, `memory://default/${id}`);
    expect(JSON.parse((one as { text: string }).text)).toMatchObject({ id, content: "The user lives in Oslo" });
  });

  test("files of a repository are resources: text, bytes, a directory, at any ref", async () => {
    const client = await connect();
    const base64 = Buffer.from([0, 255, 1]).toString("base64");
    const files = { "README.md": "# One\n", "data/a b.bin": { base64 } };
    await call(client, "artifact_commit", { repo: "docs", files, message: "one" });
    await call(client, "artifact_commit", {
      repo: "docs",
      branch: "feature/x",
      files: { "README.md": "# Two\n" },
      message: "two",
    });
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
      "memory://default",
      "artifact://docs",
    ]);
    expect(await read(client, "artifact://docs@main/README.md")).toMatchObject({
      mimeType: "text/markdown",
      text: "# One\n",
    });
    expect(await read(client, "artifact://docs@feature%2Fx/README.md")).toMatchObject({ text: "# Two\n" });
    expect(await read(client, "artifact://docs/data/a%20b.bin")).toMatchObject({ blob: base64 });
    const tree = parse(((await read(client, "artifact://docs")) as { text: string }).text) as {
      entries: { path: string }[];
    };
    expect(tree.entries.map(({ path }) => path)).toEqual(["README.md", "data/a b.bin"]);
  });

  test.each(["artifact://docs/none.md", "artifact://no-such-repo", "memory://default/mem_none", "file:///etc/passwd"])(
    "%s is not found, as the protocol says it",
    async (uri) => {
      const client = await connect();
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602, data: { uri } });
    },
  );

  test("a subscriber hears of a change, whatever made it, until it closes", async () => {
    const client = await connect();
    const commit = (path: string) => () => {
      return call(client, "artifact_commit", { repo: "notes", files: { [path]: unique() }, message: path });
    };
    await commit("a.md")();
    const heard = new Set<string>();
    client.setNotificationHandler("notifications/resources/updated", ({ params }) => void heard.add(params.uri));
    const [file, memories] = ["artifact://notes@main/a.md", "memory://default"] as const;
    const subscription = await client.listen({ resourceSubscriptions: [file, memories] });
    expect(subscription.honoredFilter.resourceSubscriptions).toEqual([file, memories]);
    await commit("elsewhere.md")();
    await changeUntil(() => heard.has(file), commit("a.md"));
    expect([...heard]).toEqual([file]);
    // Not by a tool of this connection: straight into the room.
    await changeUntil(
      () => heard.has(memories),
      () => world.gateway.memory.remember({ content: unique() }, localCaller),
    );
    await subscription.close();
    await client.listen({ resourceSubscriptions: [memories] });
    heard.clear();
    await commit("a.md")();
    await changeUntil(
      () => heard.has(memories),
      () => call(client, "memory_remember", { content: unique() }),
    );
    expect([...heard]).toEqual([memories]);
  });

  test("a resource of the same name in another workspace is another resource", async () => {
    const [mine, theirs] = [await connect("key-all"), await connect("key-other")];
    const heard = new Set<string>();
    mine.setNotificationHandler("notifications/resources/updated", () => void heard.add("mine"));
    theirs.setNotificationHandler("notifications/resources/updated", () => void heard.add("theirs"));
    for (const client of [mine, theirs]) await client.listen({ resourceSubscriptions: ["memory://default"] });
    const secret = "theirs alone";
    await changeUntil(
      () => heard.has("theirs"),
      () => call(theirs, "memory_remember", { content: `${secret} ${unique()}` }),
    );
    // What is watched is looked at in turn, so mine was looked at as well.
    expect([...heard]).toEqual(["theirs"]);
    expect(JSON.stringify(await read(mine, "memory://default"))).not.toContain(secret);
  });

  test("the end of the server is told to subscribers, and does not wait for them", async () => {
    await using short = await openApiWorld();
    const client = new ClientV2({ name: "test", version: "0" }, modern);
    const requestInit = { headers: { Authorization: "Bearer key-all" } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${short.url}/mcp`), { requestInit }));
    const subscription = await client.listen({ resourceSubscriptions: ["memory://default"] });
    const closed = short.server.close();
    expect(await subscription.closed).toBe("graceful");
    await closed;
  });
});

describe("over stdio, with two processes on one data directory", () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "switchyard-resources-"));
  });
  afterAll(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));

  const spawned = () => ({
    command: process.execPath,
    args: [commandFile, "stdio"],
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    stderr: "ignore" as const,
  });

  test("a host of either era hears of a change that another process made", async () => {
    const older = new ClientV1({ name: "test", version: "0" });
    const newer = new ClientV2({ name: "test", version: "0" }, modern);
    await Promise.all([older.connect(new StdioV1(spawned())), newer.connect(new StdioV2(spawned()))]);
    const heard = new Set<string>();
    older.setNotificationHandler(
      ResourceUpdatedNotificationSchema,
      ({ params }) => void heard.add(`older ${params.uri}`),
    );
    newer.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void heard.add(`newer ${params.uri}`),
    );
    const [first, second] = ["memory://default", "memory://second"];
    await older.subscribeResource({ uri: first });
    await older.subscribeResource({ uri: second });
    await newer.listen({ resourceSubscriptions: [first] });
    const remember = (profile: string) => () => {
      return older.callTool({ name: "memory_remember", arguments: { profile, content: unique() } });
    };
    await changeUntil(() => heard.has(`older ${first}`) && heard.has(`newer ${first}`), remember("default"));
    await older.unsubscribeResource({ uri: first });
    heard.clear();
    await newer.callTool({ name: "memory_remember", arguments: { content: unique() } });
    await changeUntil(() => heard.has(`older ${second}`), remember("second"));
    expect([...heard].filter((one) => one.startsWith("older"))).toEqual([`older ${second}`]);
    await Promise.all([older.close(), newer.close()]);
  });
});

describe("a push by git", () => {
  test("is heard by hosts of either era, in that process and in others, that watch a file it changes", async () => {
    await using served = await serveCommand();
    const stdio = { command: process.execPath, args: [commandFile, "stdio"], stderr: "ignore" as const };
    const env = { SWITCHYARD_HOME: served.home, PATH: process.env.PATH ?? "" };
    const older = new ClientV1({ name: "test", version: "0" });
    const newer = new ClientV2({ name: "test", version: "0" }, modern);
    const remote = new ClientV2({ name: "test", version: "0" }, modern);
    const requestInit = { headers: { Authorization: `Bearer ${served.key}` } };
    await Promise.all([
      older.connect(new StdioV1({ ...stdio, env })),
      newer.connect(new StdioV2({ ...stdio, env })),
      remote.connect(new StreamableHTTPClientTransport(new URL(`${served.url}/mcp`), { requestInit })),
    ]);
    await served.call("artifact_commit", { repo: "docs", files: { "a/b.md": "0\n", other: "0\n" }, message: "first" });
    const heard = new Set<string>();
    older.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.add(`v1 ${params.uri}`));
    for (const [name, client] of [["v2", newer] as const, ["http", remote] as const]) {
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
        heard.add(`${name} ${params.uri}`);
      });
    }
    const [file, untouched] = ["artifact://docs@main/a/b.md", "artifact://docs@main/other"];
    for (const uri of [file, untouched]) await older.subscribeResource({ uri });
    for (const client of [newer, remote]) await client.listen({ resourceSubscriptions: [file, untouched] });
    const directory = await mkdtemp(join(tmpdir(), "switchyard-push-"));
    await git(
      "/",
      "clone",
      "-q",
      `${served.url.replace("://", `://git:${served.key}@`)}/git/default/docs.git`,
      directory,
    );
    await changeUntil(
      () => heard.size === 3,
      async () => {
        await commitIn(directory, { "a/b.md": unique() });
        await git(directory, "push", "-q");
      },
    );
    expect([...heard].toSorted()).toEqual([`http ${file}`, `v1 ${file}`, `v2 ${file}`]);
    const [content] = (await newer.readResource({ uri: file })).contents;
    expect(content).toMatchObject({ text: await readFile(join(directory, "a/b.md"), "utf8") });
    await Promise.all([older.close(), newer.close(), remote.close()]);
    await rm(directory, { recursive: true, force: true });
  });
});

let count = 0;
function unique(): string {
  count += 1;
  return `number ${count}`;
}

/** A subscription begins with a first look, which nobody is told of: a change before it goes unheard. */
async function changeUntil(isHeard: () => boolean, change: () => Promise<unknown>): Promise<void> {
  const attempt = async () => {
    if (!isHeard()) await change();
    return isHeard();
  };
  await expect.poll(attempt, { timeout: 20_000, interval: 300 }).toBe(true);
}
