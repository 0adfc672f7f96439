import type { Bridge } from "./bridge.ts";
import type { Bytes } from "./bytes.ts";
import type { NativeCall, Realm } from "./realm.ts";

/** `fetch`, `Headers` and `Response`, for runs that may reach some hosts. The host does the asking. */
export function installFetch(realm: Realm, native: NativeCall, bridge: Bridge, { bytesOf, data, put }: Bytes) {
  const { stringify, parse, isArray } = realm;

  class Headers {
    #pairs: [string, string][] = [];
    constructor(init?: unknown) {
      if (typeof init !== "object" || init === null) return;
      const pairs =
        init instanceof Headers || isArray(init) ? [...(init as Iterable<[string, string]>)] : Object.entries(init);
      for (const [name, value] of pairs) this.append(name, value);
    }
    append(name: unknown, value: unknown) {
      const key = `${name}`.toLowerCase();
      const held = this.#pairs.find(([known]) => known === key);
      if (held) held[1] += `, ${value}`;
      else this.#pairs.push([key, `${value}`]);
    }
    set(name: unknown, value: unknown) {
      this.delete(name);
      this.append(name, value);
    }
    delete(name: unknown) {
      this.#pairs = this.#pairs.filter(([known]) => known !== `${name}`.toLowerCase());
    }
    get(name: unknown) {
      return this.#pairs.find(([known]) => known === `${name}`.toLowerCase())?.[1] ?? null;
    }
    has(name: unknown) {
      return this.get(name) !== null;
    }
    forEach(callback: (value: string, name: string, headers: Headers) => void) {
      for (const [name, value] of this.#pairs) callback(value, name, this);
    }
    *entries(): Generator<[string, string]> {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toJSON() {
      return Object.fromEntries(this.#pairs);
    }
  }

  interface Answer {
    url: string;
    redirected: boolean;
    status: number;
    statusText: string;
    headers: [string, string][];
    text?: string;
    base64?: string;
  }

  class Response {
    #answer: Answer;
    #isUsed = false;
    readonly headers: Headers;
    constructor(answer: Answer) {
      this.#answer = answer;
      this.headers = new Headers(answer.headers);
    }
    get url() {
      return this.#answer.url;
    }
    get status() {
      return this.#answer.status;
    }
    get statusText() {
      return this.#answer.statusText;
    }
    get ok() {
      return this.#answer.status >= 200 && this.#answer.status < 300;
    }
    get redirected() {
      return this.#answer.redirected;
    }
    get bodyUsed() {
      return this.#isUsed;
    }
    #use() {
      if (this.#isUsed) throw new realm.TypeError("the body has been read already");
      this.#isUsed = true;
      return this.#answer;
    }
    async text() {
      const { text, base64 } = this.#use();
      return text ?? new TextDecoder().decode(native("base64.decode", stringify(base64)) as ArrayBuffer);
    }
    async json() {
      return parse(await this.text());
    }
    async arrayBuffer() {
      const { text, base64 } = this.#use();
      return base64 === undefined ? bytesOf(text) : (native("base64.decode", stringify(base64)) as ArrayBuffer);
    }
    async bytes() {
      return new Uint8Array(await this.arrayBuffer());
    }
  }

  function bodyOf(body: unknown, headers: Headers) {
    if (body === undefined || body === null) return undefined;
    if (typeof body === "string") {
      if (!headers.has("content-type")) headers.set("content-type", "text/plain;charset=UTF-8");
      return { text: body };
    }
    if (body instanceof URLSearchParams) {
      if (!headers.has("content-type")) {
        headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
      }
      return { text: `${body}` };
    }
    return { base64: data("base64.encode", bytesOf(body), "false") };
  }

  async function fetch(target: unknown, options: { method?: unknown; headers?: unknown; body?: unknown } = {}) {
    const headers = new Headers(options.headers);
    const body = bodyOf(options.body, headers);
    const asked = { method: `${options.method ?? "GET"}`, headers: [...headers], body };
    return new Response((await bridge.call("fetch", [`${target}`, asked])) as Answer);
  }

  put(globalThis, "fetch", fetch);
  put(globalThis, "Headers", Headers);
  put(globalThis, "Response", Response);
}
