import type { ProviderName } from "../../../src/simulator/provider.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import { headersFor } from "./simulator.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** Sends a request and reads all of the answer. A body that is an object goes as JSON, a form or bytes as they are. */
export async function send(
  simulator: Simulator,
  provider: ProviderName,
  method: string,
  path: string,
  body?: object | FormData | Buffer,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const isPlain = body !== undefined && !(body instanceof FormData) && !Buffer.isBuffer(body);
  const { "content-type": json, ...auth } = headersFor(simulator, provider);
  const response = await fetch(`${simulator.baseUrl(provider)}${path}`, {
    method,
    headers: { ...auth, ...(isPlain && json ? { "content-type": json } : {}), ...headers },
    ...(body === undefined ? {} : { body: isPlain ? JSON.stringify(body) : (body as FormData | Buffer<ArrayBuffer>) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, bytes, json: parsed };
}

/** Asks until an answer is what is waited for, at most ten times; jobs here get on by being asked about. */
export async function pollUntil(
  ask: () => Promise<Answered>,
  isThere: (answer: Answered) => boolean,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let polls = 0; polls < 10; polls += 1) {
    const answer = await ask();
    answers.push(answer);
    if (isThere(answer)) return answers;
  }
  throw new Error(`still not there after ten polls: ${answers.at(-1)?.bytes.toString("utf8")}`);
}

/** The value at a path of names and numbers, `a.0.b`. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What is behind a link. */
export async function fetchLink(url: unknown): Promise<{ status: number; type: string | null; bytes: Buffer }> {
  const response = await fetch(String(url));
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}
