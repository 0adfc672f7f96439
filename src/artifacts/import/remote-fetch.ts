import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { isRefName } from "../names.ts";
import { isOid, type Oid } from "../objects/object.ts";
import type { Ref } from "../store/ref-store.ts";
import { agent } from "../wire/agent.ts";
import { ByteSource } from "../wire/byte-source.ts";
import { delimiterPkt, flushPkt, pkt, pktText } from "../wire/pkt-line.ts";
import { guardedRequest } from "./guarded-request.ts";
import type { ImportRules } from "./import-rules.ts";

/** What another server has, and its pack. */
export interface RemoteRepository {
  readonly refs: readonly Ref[];
  /** The branch its HEAD names. */
  readonly head: string | null;
  /** Everything its references reach, as one pack. */
  pack(): AsyncIterable<Uint8Array>;
}

/** Opens a repository on another server over HTTP, in protocol version 2 or 0. @throws provider_error, forbidden */
export async function openRemote(url: URL, rules: ImportRules, signal: AbortSignal): Promise<RemoteRepository> {
  const headers = { "user-agent": agent, "git-protocol": "version=2", authorization: credentialsOf(url) };
  const base = new URL(url);
  base.username = "";
  base.password = "";
  base.pathname = base.pathname.replace(/\/+$/, "");
  const first = new URL(base);
  first.pathname += "/info/refs";
  first.searchParams.set("service", "git-upload-pack");
  const answer = await guardedRequest({ url: first, method: "GET", headers }, rules, signal);
  if (answer.status !== 200) throw refusedBy(base, answer.status);
  // Later requests go where the first was answered.
  const service = new URL(answer.url);
  service.search = "";
  service.pathname = service.pathname.replace(/\/info\/refs$/, "/git-upload-pack");
  const lines = await readLines(new ByteSource(answer.body, artifactLimits.importRefsBytesMax));
  const post = async (body: Buffer, bytesMax: number) => {
    const type = "application/x-git-upload-pack-request";
    const sent = service.origin === base.origin ? headers : { ...headers, authorization: "" };
    const reply = await guardedRequest(
      { url: service, method: "POST", headers: { ...sent, "content-type": type }, body },
      rules,
      signal,
    );
    if (reply.status !== 200) throw refusedBy(base, reply.status);
    return new ByteSource(reply.body, bytesMax);
  };
  return lines.includes("version 2") ? openV2(post) : openV0(lines, post);
}

type Post = (body: Buffer, bytesMax: number) => Promise<ByteSource>;

async function openV2(post: Post): Promise<RemoteRepository> {
  const command = (name: string, args: readonly string[]) =>
    Buffer.concat([
      pkt(`command=${name}\n`),
      pkt(`agent=${agent}\n`),
      pkt("object-format=sha1\n"),
      delimiterPkt,
      ...args.map((arg) => pkt(`${arg}\n`)),
      flushPkt,
    ]);
  const prefixes = ["HEAD", "refs/heads/", "refs/tags/", "refs/notes/"].map((prefix) => `ref-prefix ${prefix}`);
  const listed = await post(command("ls-refs", ["symrefs", ...prefixes]), artifactLimits.importRefsBytesMax);
  const refs: Ref[] = [];
  let head: string | null = null;
  for (const line of await readLines(listed)) {
    const [oid = "", name = "", ...attributes] = line.split(" ");
    if (name === "HEAD") head = attributes.find((one) => one.startsWith("symref-target:"))?.slice(14) ?? null;
    else addRef(refs, oid, name);
  }
  return {
    refs,
    head,
    async *pack() {
      const wants = [...new Set(refs.map((ref) => ref.oid))].map((oid) => `want ${oid}`);
      const reply = await post(
        command("fetch", ["ofs-delta", "no-progress", ...wants, "done"]),
        artifactLimits.pushBytesMax * 2,
      );
      for (let next = await reply.pkt(); next !== null; next = await reply.pkt()) {
        if (typeof next === "string") continue;
        if (pktText(next) === "packfile") return yield* packBytes(reply);
        refuseError(pktText(next));
      }
      throw cut();
    },
  };
}

function openV0(lines: readonly string[], post: Post): RemoteRepository {
  const refs: Ref[] = [];
  let head: string | null = null;
  for (const line of lines) {
    const [text = "", capabilities] = line.split("\0");
    const [oid = "", name = ""] = text.split(" ");
    head ??=
      capabilities
        ?.split(" ")
        .find((one) => one.startsWith("symref=HEAD:"))
        ?.slice(12) ?? null;
    if (/^refs\/(heads|tags|notes)\//.test(name) && !name.endsWith("^{}")) addRef(refs, oid, name);
  }
  return {
    refs,
    head,
    async *pack() {
      const wants = [...new Set(refs.map((ref) => ref.oid))].map((oid, i) =>
        pkt(`want ${oid}${i === 0 ? ` side-band-64k ofs-delta no-progress agent=${agent}` : ""}\n`),
      );
      const reply = await post(Buffer.concat([...wants, flushPkt, pkt("done\n")]), artifactLimits.pushBytesMax * 2);
      const first = await reply.pkt();
      if (first === null || typeof first === "string") throw cut();
      refuseError(pktText(first));
      yield* packBytes(reply);
    },
  };
}

/** The data of a side-band stream up to its flush. */
async function* packBytes(reply: ByteSource): AsyncGenerator<Buffer> {
  for (let next = await reply.pkt(); next !== null; next = await reply.pkt()) {
    if (typeof next === "string") return;
    if (next[0] === 1) yield next.subarray(1);
    else if (next[0] === 3) throw remoteError(pktText(next.subarray(1)));
    else if (next[0] !== 2) throw cut();
  }
  throw cut();
}

async function readLines(source: ByteSource): Promise<string[]> {
  const lines: string[] = [];
  for (let next = await source.pkt(); next !== null; next = await source.pkt()) {
    if (typeof next === "string") continue;
    const line = pktText(next);
    refuseError(line);
    lines.push(line);
  }
  return lines;
}

function addRef(refs: Ref[], oid: string, name: string): void {
  if (isOid(oid) && isRefName(name)) refs.push({ name, oid: oid satisfies Oid });
}

function credentialsOf(url: URL): string {
  if (url.username === "" && url.password === "") return "";
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function refuseError(line: string): void {
  if (line.startsWith("ERR ")) throw remoteError(line.slice(4));
}

function remoteError(text: string): SwitchyardError {
  return new SwitchyardError("provider_error", `the other server says: ${text.trim().slice(0, 300)}`, {
    next: "Check the URL and the right to read it",
  });
}

function refusedBy(url: URL, status: number): SwitchyardError {
  const next =
    status === 401 || status === 403 || status === 404
      ? "Check the URL; put a token into it if it is private"
      : "Try again later";
  return new SwitchyardError("provider_error", `${url.host} answered ${status}`, { next, details: { status } });
}

function cut(): SwitchyardError {
  return new SwitchyardError("provider_error", "the other server's answer is no git answer, or was cut short", {
    next: "Check that the URL is a git repository's, then try again",
    retryable: true,
  });
}
