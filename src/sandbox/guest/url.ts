import type { Bytes } from "./bytes.ts";
import type { Realm } from "./realm.ts";

/** `URL` and `URLSearchParams`, parsed by the host as the WHATWG standard says. */
export function installUrl(realm: Realm, { data, put }: Bytes) {
  const { stringify, define } = realm;
  type Parts = Record<string, string>;

  /** Parameters of a URL: what is changed in them is changed in it, and the other way. */
  let linked: (query: string, onChange: (text: string) => void) => URLSearchParams;
  let refresh: (params: URLSearchParams, query: string) => void;

  class URLSearchParams {
    #pairs: [string, string][];
    #onChange: (() => void) | undefined;

    constructor(init: unknown = "") {
      if (typeof init === "object" && init !== null) {
        const pairs: [string, string][] = [];
        if (Symbol.iterator in init) {
          for (const [name, value] of init as Iterable<[unknown, unknown]>) pairs.push([`${name}`, `${value}`]);
        } else {
          for (const name of realm.keys(init)) pairs.push([name, `${(init as Record<string, unknown>)[name]}`]);
        }
        this.#pairs = pairs;
      } else this.#pairs = read(`${init}`);
    }

    static {
      linked = (query, onChange) => {
        const params = new URLSearchParams(query);
        params.#onChange = () => onChange(params.toString());
        return params;
      };
      refresh = (params, query) => {
        params.#pairs = read(query);
      };
    }
    #changed() {
      this.#onChange?.();
    }
    get size() {
      return this.#pairs.length;
    }
    append(name: unknown, value: unknown) {
      this.#pairs.push([`${name}`, `${value}`]);
      this.#changed();
    }
    delete(name: unknown, value?: unknown) {
      this.#pairs = this.#pairs.filter(
        ([key, held]) => key !== `${name}` || (value !== undefined && held !== `${value}`),
      );
      this.#changed();
    }
    get(name: unknown) {
      return this.#pairs.find(([key]) => key === `${name}`)?.[1] ?? null;
    }
    getAll(name: unknown) {
      return this.#pairs.filter(([key]) => key === `${name}`).map(([, value]) => value);
    }
    has(name: unknown) {
      return this.#pairs.some(([key]) => key === `${name}`);
    }
    set(name: unknown, value: unknown) {
      const at = this.#pairs.findIndex(([key]) => key === `${name}`);
      const rest = this.#pairs.filter(([key], index) => key !== `${name}` || index === at);
      if (at < 0) rest.push([`${name}`, `${value}`]);
      else rest[at] = [`${name}`, `${value}`];
      this.#pairs = rest;
      this.#changed();
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed();
    }
    forEach(callback: (value: string, name: string, params: URLSearchParams) => void) {
      for (const [name, value] of this.#pairs) callback(value, name, this);
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    *entries(): Generator<[string, string]> {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return data("query.format", stringify(this.#pairs)) as string;
    }
  }

  function read(query: string): [string, string][] {
    return data("query.parse", stringify(query)) as [string, string][];
  }

  let part: (url: URL, name: string) => string;
  let change: (url: URL, name: string, value: unknown) => void;

  class URL {
    #parts: Parts;
    #params: URLSearchParams | undefined;

    constructor(url: unknown, base?: unknown) {
      const from = base === undefined ? null : `${base}`;
      this.#parts = data("url.parse", stringify(`${url}`), stringify(from)) as Parts;
    }
    static canParse(url: unknown, base?: unknown) {
      return URL.parse(url, base) !== null;
    }
    static parse(url: unknown, base?: unknown) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    }
    static {
      part = (url, name) => url.#parts[name] as string;
      change = (url, name, value) => {
        const args = [stringify(url.#parts.href), stringify(name), stringify(`${value}`)] as const;
        url.#parts = data("url.set", ...args) as Parts;
        if (url.#params) refresh(url.#params, part(url, "search"));
      };
    }
    get searchParams() {
      this.#params ??= linked(part(this, "search"), (text) => {
        const args = [stringify(this.#parts.href), stringify("search"), stringify(text)] as const;
        this.#parts = data("url.set", ...args) as Parts;
      });
      return this.#params;
    }
    toString() {
      return part(this, "href");
    }
    toJSON() {
      return part(this, "href");
    }
  }

  const names = "href origin protocol username password host hostname port pathname search hash";
  for (const name of names.split(" ")) {
    define(URL.prototype, name, {
      get(this: URL) {
        return part(this, name);
      },
      ...(name === "origin"
        ? {}
        : {
            set(this: URL, value: unknown) {
              change(this, name, value);
            },
          }),
      enumerable: true,
      configurable: true,
    });
  }
  put(globalThis, "URL", URL);
  put(globalThis, "URLSearchParams", URLSearchParams);
}
