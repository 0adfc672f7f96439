import { Readable } from "node:stream";
import type { Caller } from "../../core/caller.ts";
import { formatErrorLine, toErrorFacts } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { accessOfCaller, type GitAccess, refRefusal } from "../access.ts";
import type { ArtifactContext } from "../context.ts";
import { isReadOnly } from "../read-only.ts";
import { readPushRequest } from "../receive/push-command.ts";
import type { PushReport, PushRules } from "../receive/receive-pack.ts";
import { checkQuota } from "../storage.ts";
import type { RepositoryLease } from "../store/repositories.ts";
import type { Tokens } from "../tokens.ts";
import { type Advertisement, readAdvertisement } from "./advertised-refs.ts";
import { ByteSource } from "./byte-source.ts";
import { inflated } from "./encoded-body.ts";
import { flushPkt, pkt } from "./pkt-line.ts";
import { pushAdvertisement, serveReceivePack } from "./receive-pack-wire.ts";
import { refAdvertisement, serveUploadPackV0 } from "./upload-pack-v0.ts";
import { capabilityAdvertisement, serveUploadPackV2 } from "./upload-pack-v2.ts";

/** A request of a git client, whatever carried it. */
export interface GitHttpRequest {
  readonly method: string;
  /** Below the place git is served at, with its slash: `/default/report.git/info/refs`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Whoever the transport has authenticated by other means than the Authorization header. */
  readonly caller?: Caller | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GitHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end or returned: the repository is held open by it. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface GitHttpParts {
  readonly context: ArtifactContext;
  readonly tokens: Tokens;
  /** Finds the caller of a key that is none of our tokens. */
  readonly authenticateKey: ((secret: string) => Promise<Caller | null>) | undefined;
}

type Service = "git-upload-pack" | "git-receive-pack";

const route = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/**
 * Git's smart HTTP protocol (gitprotocol-http): versions 2, 1 and 0 of fetch, and push. Files of a repository are not
 * served as such ("dumb" HTTP).
 */
export async function serveGit(parts: GitHttpParts, request: GitHttpRequest): Promise<GitHttpResponse> {
  try {
    const [, workspace, repo, action] = route.exec(request.path) ?? [];
    if (workspace === undefined || repo === undefined) return plain(404, "There is no such page.\n");
    const isAdvertisement = action === "info/refs";
    if (request.method !== (isAdvertisement ? "GET" : "POST")) return plain(405, "That method is not served here.\n");
    const service = isAdvertisement ? request.query.get("service") : action;
    if (service !== "git-upload-pack" && service !== "git-receive-pack") {
      return plain(403, "Only git's smart protocol is served: use git 1.6.6 or newer.\n");
    }
    const access = await authenticate(parts, request);
    if (access === null) return unauthenticated();
    if (access.workspace !== workspace || (access.repo !== null && access.repo !== repo)) {
      return plain(403, "This key or token is not for that repository.\n");
    }
    if (service === "git-receive-pack" && !access.canWrite) return plain(403, "This key or token may not push.\n");
    return isAdvertisement
      ? await advertise(parts, request, workspace, repo, service)
      : await answer(parts, request, access, repo, service);
  } catch (error) {
    return failure(error);
  }
}

async function authenticate(parts: GitHttpParts, request: GitHttpRequest): Promise<GitAccess | null> {
  if (request.caller) return accessOfCaller(request.caller);
  const secret = secretOf(header(request, "authorization"));
  if (secret === null) return null;
  const access = parts.tokens.find(secret);
  if (access) return access;
  const caller = await parts.authenticateKey?.(secret);
  return caller ? accessOfCaller(caller) : null;
}

/** The password of Basic, its user when there is no password, or a Bearer token. */
function secretOf(authorization: string): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return null;
  const pair = Buffer.from(basic, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return (colon < 0 ? pair : pair.slice(colon + 1) || pair.slice(0, colon)) || null;
}

async function advertise(
  parts: GitHttpParts,
  request: GitHttpRequest,
  workspace: string,
  repo: string,
  service: Service,
): Promise<GitHttpResponse> {
  const version = protocolVersion(request);
  const lease = parts.context.repositories.openIfThere(workspace, repo);
  // A push makes the repository: until it comes there is nothing to show.
  if (!lease && service === "git-upload-pack") return plain(404, `There is no repository ${repo}.\n`);
  const headers = { "content-type": `application/x-${service}-advertisement` };
  try {
    const first = Buffer.concat([pkt(`# service=${service}\n`), flushPkt]);
    if (service === "git-upload-pack" && version === 2) return ok(headers, [first, capabilityAdvertisement()]);
    const advertisement = lease ? await readAdvertisement(lease.repository) : nothingYet;
    const old = version === 1 ? 1 : 0;
    const lines =
      service === "git-upload-pack" ? refAdvertisement(advertisement, old) : pushAdvertisement(advertisement, old);
    return ok(headers, [first, lines]);
  } finally {
    lease?.release();
  }
}

const nothingYet: Advertisement = { refs: [], head: { target: null, oid: null } };

async function answer(
  parts: GitHttpParts,
  request: GitHttpRequest,
  access: GitAccess,
  repo: string,
  service: Service,
): Promise<GitHttpResponse> {
  if (header(request, "content-type") !== `application/x-${service}-request`) {
    return plain(415, `The body of this request is application/x-${service}-request.\n`);
  }
  const { context } = parts;
  const isPush = service === "git-receive-pack";
  const bytesMax = isPush ? artifactLimits.pushBytesMax : artifactLimits.fetchBodyBytesMax;
  const body = new ByteSource(inflated(request.body, header(request, "content-encoding")), bytesMax);
  const headers = { "content-type": `application/x-${service}-result` };
  const { clock, rng } = context;
  const { signal } = request;
  if (isPush) {
    // A probe for whether a large body would be let in: nothing but a flush.
    const push = await readPushRequest(body);
    if (push === null) return ok(headers, []);
    const lease = await context.repositories.openOrCreate(access.workspace, repo, "refs/heads/main");
    const rules = pushRules(parts, access, repo, lease);
    const onReport = (report: PushReport) => announce(context, access, repo, report);
    const frames = serveReceivePack(lease.repository, push, body, rules, { clock, rng, signal }, onReport);
    return ok(headers, guarded(frames, lease, body));
  }
  const lease = context.repositories.open(access.workspace, repo);
  const serve = protocolVersion(request) === 2 ? serveUploadPackV2 : serveUploadPackV0;
  return ok(headers, guarded(serve(lease.repository, body, clock, signal), lease, body));
}

/** Tells the client what goes wrong in the protocol's own way, and lets go of the repository at the end. */
async function* guarded(
  frames: AsyncGenerator<Buffer>,
  lease: RepositoryLease,
  body: ByteSource,
): AsyncGenerator<Buffer> {
  try {
    yield* frames;
  } catch (error) {
    yield pkt(`ERR ${formatErrorLine(toErrorFacts(error))}\n`);
  } finally {
    lease.release();
    await body.cancel();
  }
}

function pushRules(parts: GitHttpParts, access: GitAccess, repo: string, lease: RepositoryLease): PushRules {
  const readOnly = isReadOnly(lease.repository);
  const { context } = parts;
  const { repository } = lease;
  return {
    policyOf: (ref) => context.policyOf(repo, ref),
    refusalOf: (ref) => (readOnly ? "the repository is a read-only fork" : refRefusal(access, ref)),
    directory: access.directory,
    bytesMax: Math.max(0, context.quotaOf(repo) - repository.usage.measure()),
    async store(bytes, write) {
      checkQuota(context, repository, repo, bytes);
      const payer = { workspace: access.workspace, key: access.payer };
      repository.usage.add(await context.meter.store(payer, repo, bytes, write));
    },
  };
}

function announce(context: ArtifactContext, access: GitAccess, repo: string, report: PushReport): void {
  for (const { command, refusal } of report.results) {
    const { ref, from, to } = command;
    if (refusal !== null || from === to) continue;
    context.events.emit({ kind: "push", workspace: access.workspace, repo, ref, from, to, by: access.by });
  }
}

function protocolVersion(request: GitHttpRequest): number {
  const versions = header(request, "git-protocol")
    .split(":")
    .map((part) => /^version=(\d)$/.exec(part)?.[1]);
  return Math.max(0, ...versions.map(Number).filter((version) => version <= 2));
}

function header(request: GitHttpRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

const uncached = { "cache-control": "no-cache, max-age=0, must-revalidate", pragma: "no-cache", expires: "0" };

function ok(headers: Record<string, string>, body: Iterable<Buffer> | AsyncIterable<Buffer>): GitHttpResponse {
  return { status: 200, headers: { ...headers, ...uncached }, body: Readable.from(body, { objectMode: true }) };
}

function plain(status: number, text: string): GitHttpResponse {
  const headers = { "content-type": "text/plain; charset=utf-8", ...uncached };
  return { status, headers, body: Readable.from([Buffer.from(text)]) };
}

/** Git sends its credentials only after it was asked for them so. */
function unauthenticated(): GitHttpResponse {
  const response = plain(401, "Give a key or token as the password, or as a Bearer token.\n");
  return { ...response, headers: { ...response.headers, "www-authenticate": 'Basic realm="Switchyard"' } };
}

const statuses: Readonly<Record<string, number>> = {
  not_found: 404,
  forbidden: 403,
  unauthenticated: 401,
  too_large: 413,
  unavailable: 503,
  internal: 500,
};

function failure(error: unknown): GitHttpResponse {
  const facts = toErrorFacts(error);
  return plain(statuses[facts.code] ?? 400, `${formatErrorLine(facts)}\n`);
}
