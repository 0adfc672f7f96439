import { SwitchyardError } from "../../core/errors.ts";
import { MalformedData } from "../objects/malformed.ts";
import { isOid, type Oid } from "../objects/object.ts";
import { everything, type ObjectFilter, parseObjectFilter } from "../walk/object-filter.ts";
import { type Deepen, infiniteDepth } from "../walk/shallow.ts";

/** What a client asks of `git fetch`, whichever protocol version carried it. */
export interface FetchRequest {
  readonly wants: readonly Oid[];
  readonly haves: readonly Oid[];
  readonly clientShallow: ReadonlySet<Oid>;
  readonly deepen: Deepen | null;
  readonly filter: ObjectFilter;
  readonly done: boolean;
  readonly includeTag: boolean;
  readonly ofsDelta: boolean;
  readonly noProgress: boolean;
}

/** Gathers a request line by line. */
export class FetchRequestBuilder {
  readonly wants = new Set<Oid>();
  readonly haves: Oid[] = [];
  readonly clientShallow = new Set<Oid>();
  readonly deepenNot: string[] = [];
  depth: number | undefined;
  isRelative = false;
  since: number | undefined;
  filter: ObjectFilter = everything;
  done = false;
  readonly flags = new Set<string>();

  /** Takes one line. False when it is none of a fetch's. @throws invalid_request when its argument is bad. */
  add(line: string): boolean {
    const space = line.indexOf(" ");
    const word = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? "" : line.slice(space + 1);
    switch (word) {
      case "want":
        this.wants.add(readOid(rest, line));
        return true;
      case "have":
        this.haves.push(readOid(rest, line));
        return true;
      case "shallow":
        this.clientShallow.add(readOid(rest, line));
        return true;
      case "deepen":
        this.depth = readNumber(rest, line);
        return true;
      case "deepen-relative":
        this.isRelative = true;
        return true;
      case "deepen-since":
        this.since = readNumber(rest, line);
        return true;
      case "deepen-not":
        this.deepenNot.push(rest);
        return true;
      case "filter":
        this.filter = parseObjectFilter(rest);
        return true;
      case "done":
        this.done = true;
        return true;
      default:
        if (!plainFlags.has(line)) return false;
        this.flags.add(line);
        return true;
    }
  }

  /** @param resolve finds the commit of a reference that is to be left out, or null. */
  async build(resolve: (ref: string) => Promise<Oid | null>): Promise<FetchRequest> {
    const not: Oid[] = [];
    for (const ref of this.deepenNot) {
      const oid = await resolve(ref);
      if (oid === null)
        throw new MalformedData(`deepen-not names ${JSON.stringify(ref.slice(0, 100))}, which does not exist`);
      not.push(oid);
    }
    return {
      wants: [...this.wants],
      haves: this.haves,
      clientShallow: this.clientShallow,
      deepen: this.#deepen(not),
      filter: this.filter,
      done: this.done,
      includeTag: this.flags.has("include-tag"),
      ofsDelta: this.flags.has("ofs-delta"),
      noProgress: this.flags.has("no-progress"),
    };
  }

  #deepen(not: readonly Oid[]): Deepen | null {
    if (this.depth !== undefined && this.depth > 0) {
      if (this.since !== undefined || not.length > 0) {
        throw new SwitchyardError("invalid_request", "deepen and deepen-since or deepen-not do not go together", {
          next: "Use one of them",
        });
      }
      return { kind: "depth", depth: Math.min(this.depth, infiniteDepth), isRelative: this.isRelative };
    }
    if (this.since === undefined && not.length === 0) return null;
    return { kind: "since", since: this.since ?? null, not };
  }
}

const plainFlags: ReadonlySet<string> = new Set(["thin-pack", "no-progress", "include-tag", "ofs-delta"]);

function readOid(text: string, line: string): Oid {
  if (isOid(text)) return text;
  throw new MalformedData(`the line ${JSON.stringify(line.slice(0, 100))} has no id`);
}

function readNumber(text: string, line: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new MalformedData(`the line ${JSON.stringify(line.slice(0, 100))} has no number`);
}
