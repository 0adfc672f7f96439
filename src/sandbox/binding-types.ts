/**
 * The globals of a program in the sandbox as a TypeScript declaration file: what `switchyard types` prints, so that an
 * editor checks programs before they are sent. Which of them exist in a run depends on its caller's rights.
 */
export function bindingTypes(): string {
  return declarations;
}

const declarations = `// The globals of a program in Switchyard's sandbox. Written by \`switchyard types\`.

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What a failed call throws. */
interface SwitchyardError extends Error {
  name: "SwitchyardError";
  code: "invalid_request" | "unsupported" | "not_found" | "forbidden" | "unauthenticated" | "conflict"
    | "insufficient_credits" | "budget_exceeded" | "rate_limited" | "provider_error" | "provider_unavailable"
    | "content_refused" | "timeout" | "cancelled" | "evicted" | "too_large" | "unavailable" | "internal";
}

/** The call's \`input\`. */
declare const input: any;

interface Message {
  role: "system" | "user" | "assistant" | "tool";
  content: string | ({ type: string } & { [key: string]: any })[];
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}
interface ToolCall { id: string; name: string; arguments: any }
interface Media { blob: string; media_type: string; bytes: number; width?: number; height?: number; duration_s?: number; url?: string }

/** The arguments of infer, without \`model\`. A string is a prompt, a list is messages. */
interface InferInput {
  prompt?: string;
  messages?: Message[];
  system?: string;
  /** By task: max_output_tokens, temperature, reasoning_effort; n, size; voice; dimensions; ... */
  params?: { [name: string]: Json };
  tools?: { name: string; description?: string; parameters: Json }[];
  tool_choice?: Json;
  response_schema?: Json;
  fallbacks?: string[];
  /** US dollars, as a decimal string. */
  max_cost?: string;
  timeout_ms?: number;
  idempotency_key?: string;
  cache?: boolean | { ttl_s: number };
  provider_options?: Json;
}
interface InferResult {
  id: string;
  status: "succeeded" | "running" | "failed" | "cancelled";
  model: string;
  provider: string;
  output: {
    text?: string;
    json?: any;
    tool_calls?: ToolCall[];
    reasoning?: string;
    images?: Media[];
    video?: Media | Media[];
    audio?: Media | Media[];
    transcript?: { text: string; language?: string; segments?: any[] };
    embeddings?: number[][];
    ranking?: any[];
  };
  /** The assistant's message, to append to \`messages\`. */
  message?: Message;
  finish_reason?: "stop" | "length" | "tool_calls" | "content_filter";
  usage: { [unit: string]: number };
  cost: { total: string; list: string };
  warnings?: any[];
}
interface InferStream extends AsyncIterable<{ type: "text" | "reasoning"; text: string }> {
  /** The whole answer, once it is there. */
  result: Promise<InferResult>;
}
declare const AI: {
  run(model: string, input: string | Message[] | InferInput, options: { stream: true } & InferInput): InferStream;
  run(model: string, input: string | Message[] | InferInput, options?: InferInput): Promise<InferResult>;
};

interface Memory {
  id: string;
  content: string;
  kind: "fact" | "instruction" | "event" | "task";
  key?: string;
  profile: string;
  session?: string;
  occurred_at?: string;
  remembered_at: string;
  score?: number;
  why?: any;
  metadata?: Json;
}
declare const memory: {
  remember(args: { content?: string; memories?: Partial<Memory>[]; messages?: Message[]; profile?: string; session?: string; kind?: Memory["kind"]; key?: string }):
    Promise<{ memories: { id: string; status: "created" | "duplicate" | "superseded"; supersedes?: string }[] }>;
  recall(args: { query: string; profile?: string; profiles?: string[]; kinds?: Memory["kind"][]; session?: string; since?: string; until?: string; limit?: number; max_tokens?: number }):
    Promise<{ memories: Memory[] }>;
  forget(args: { ids?: string[]; key?: string; session?: string; profile?: string; all?: true; mode?: "retract" | "erase"; dry_run?: boolean }):
    Promise<{ count: number; ids: string[]; mode: string; dry_run: boolean }>;
  list(args?: { profile?: string; kinds?: Memory["kind"][]; session?: string; key?: string; limit?: number; cursor?: string }):
    Promise<{ memories: Memory[]; next_cursor?: string }>;
};

type FileContent = string | { base64: string } | { blob: string } | null;
declare const artifact: {
  commit(args: { repo: string; branch?: string; files: { [path: string]: FileContent }; message: string; expected_head?: string; from?: string }):
    Promise<{ repo: string; branch: string; commit: string; tree: string; parents: string[]; changed: any }>;
  checkout(args: { repo: string; ref?: string; path?: string; glob?: string; lines?: string; limit?: number; cursor?: string }):
    Promise<{ commit: string; tree: string; entries: { path: string; type: string; mode: string; bytes?: number; oid: string }[]; files: { [path: string]: { text?: string; base64?: string; truncated?: boolean } }; next_cursor?: string }>;
  log(args: { repo: string; ref?: string; path?: string; limit?: number; cursor?: string }): Promise<any>;
  diff(args: { repo: string; from: string; to: string; path?: string; format?: "unified" | "stat" | "data" }): Promise<any>;
  fork(args: { repo: string; ref?: string; as: string; read_only?: boolean }): Promise<any>;
  merge(args: { repo: string; into: string; from: string; mode?: "auto" | "ff_only" | "no_ff"; message?: string; expected_head?: string }): Promise<any>;
  list(args?: { kind?: "repos" | "branches" | "tags"; repo?: string; limit?: number; cursor?: string }): Promise<any>;
};

/** Other MCP servers: \`await mcp.github.create_issue({ ... })\`. Results are data: structured content, else parsed text. */
declare const mcp: {
  search(query: string, options?: { server?: string; limit?: number }): Promise<{ name: string; description: string }[]>;
  describe(name: string): Promise<{ name: string; description: string; call: string; input: Json; output?: Json }>;
} & { [server: string]: { [tool: string]: (args?: any) => Promise<any> } };

/** Work that the host does many times faster than the guest could. */
declare const fast: {
  hash(algorithm: "md5" | "sha1" | "sha256" | "sha384" | "sha512", data: string | ArrayBuffer | Uint8Array): string;
  hmac(algorithm: "md5" | "sha1" | "sha256" | "sha384" | "sha512", key: string | Uint8Array, data: string | ArrayBuffer | Uint8Array): string;
  parseCsv(text: string, options?: { header?: true; separator?: string }): { [column: string]: string }[];
  parseCsv(text: string, options: { header: false; separator?: string }): string[][];
  formatCsv(rows: any[][] | { [column: string]: any }[], options?: { separator?: string }): string;
  diffLines(before: string, after: string): { op: "same" | "added" | "removed"; lines: string[] }[];
  gzip(data: string | ArrayBuffer | Uint8Array): Uint8Array;
  gunzip(data: ArrayBuffer | Uint8Array): Uint8Array;
};

// The web's own, as far as they are there.
declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): number;
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): number;
declare function clearTimeout(id?: number): void;
declare function clearInterval(id?: number): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare function btoa(text: string): string;
declare function atob(text: string): string;
declare const console: { [method in "log" | "info" | "debug" | "warn" | "error" | "trace" | "dir" | "table" | "group" | "groupEnd" | "time" | "timeEnd" | "count"]: (...args: any[]) => void } & { assert(condition: any, ...args: any[]): void };
declare const performance: { now(): number; readonly timeOrigin: number };
declare const crypto: { getRandomValues<T extends ArrayBufferView>(view: T): T; randomUUID(): string; subtle: { digest(algorithm: string | { name: string }, data: ArrayBuffer | ArrayBufferView): Promise<ArrayBuffer> } };
declare class TextEncoder { encode(text?: string): Uint8Array; encodeInto(text: string, target: Uint8Array): { read: number; written: number }; readonly encoding: string }
declare class TextDecoder { constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }); decode(data?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string }
declare class URLSearchParams { constructor(init?: string | [string, string][] | { [name: string]: string } | URLSearchParams); append(name: string, value: string): void; delete(name: string, value?: string): void; get(name: string): string | null; getAll(name: string): string[]; has(name: string): boolean; set(name: string, value: string): void; sort(): void; readonly size: number; keys(): IterableIterator<string>; values(): IterableIterator<string>; entries(): IterableIterator<[string, string]>; [Symbol.iterator](): IterableIterator<[string, string]>; forEach(callback: (value: string, name: string) => void): void; toString(): string }
declare class URL { constructor(url: string | URL, base?: string | URL); static canParse(url: string, base?: string): boolean; static parse(url: string, base?: string): URL | null; href: string; readonly origin: string; protocol: string; username: string; password: string; host: string; hostname: string; port: string; pathname: string; search: string; hash: string; readonly searchParams: URLSearchParams; toString(): string; toJSON(): string }

// Where the settings name hosts that programs may reach.
declare class Headers { constructor(init?: { [name: string]: string } | [string, string][] | Headers); append(name: string, value: string): void; delete(name: string): void; get(name: string): string | null; has(name: string): boolean; set(name: string, value: string): void; entries(): IterableIterator<[string, string]>; [Symbol.iterator](): IterableIterator<[string, string]>; forEach(callback: (value: string, name: string) => void): void }
declare class Response { private constructor(); readonly url: string; readonly status: number; readonly statusText: string; readonly ok: boolean; readonly redirected: boolean; readonly bodyUsed: boolean; readonly headers: Headers; text(): Promise<string>; json(): Promise<any>; arrayBuffer(): Promise<ArrayBuffer>; bytes(): Promise<Uint8Array> }
declare function fetch(url: string | URL, options?: { method?: string; headers?: { [name: string]: string } | [string, string][] | Headers; body?: string | ArrayBuffer | Uint8Array | URLSearchParams }): Promise<Response>;
`;
