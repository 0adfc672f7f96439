import { jsonArg, type Native, textArg } from "./native.ts";

const settable = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
type Settable = (typeof settable)[number];

function parts(url: URL): string {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return JSON.stringify({ href, origin, protocol, username, password, host, hostname, port, pathname, search, hash });
}

function parse(text: string, base: string | undefined): URL {
  if (!URL.canParse(text, base)) throw new TypeError(`Invalid URL: ${text.slice(0, 200)}`);
  return new URL(text, base);
}

export const urlNatives: Readonly<Record<string, Native>> = {
  "url.parse": (args) => {
    const base = jsonArg(args, 1);
    return parts(parse(textArg(args, 0), typeof base === "string" ? base : undefined));
  },

  "url.set": (args) => {
    const key = textArg(args, 1);
    const url = parse(textArg(args, 0), undefined);
    if (!settable.includes(key as Settable)) throw new TypeError(`a URL has no ${key} to set`);
    url[key as Settable] = textArg(args, 2);
    return parts(url);
  },

  "query.parse": (args) => JSON.stringify([...new URLSearchParams(textArg(args, 0))]),

  "query.format": (args) => {
    const pairs = jsonArg(args, 0) as unknown;
    if (!Array.isArray(pairs)) throw new TypeError("an argument is not a list of pairs");
    return JSON.stringify(
      new URLSearchParams((pairs as [unknown, unknown][]).map(([name, value]) => [`${name}`, `${value}`])).toString(),
    );
  },
};
