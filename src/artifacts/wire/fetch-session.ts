import type { Clock } from "../../core/clock.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { Oid } from "../objects/object.ts";
import { newPacer, type Pacer } from "../pacer.ts";
import type { Repository } from "../store/repository.ts";
import { allReach } from "../walk/ancestry.ts";
import { canUseBitmaps, selectByBitmaps } from "../walk/bitmap-selection.ts";
import { CommitGraph } from "../walk/commit-graph.ts";
import { chooseCommits } from "../walk/commit-range.ts";
import { openDiskSource } from "../walk/disk-source.ts";
import type { ObjectSource } from "../walk/object-source.ts";
import { ObjectWalk } from "../walk/object-walk.ts";
import { Selection } from "../walk/selection.ts";
import { findBoundary, type ShallowBoundary } from "../walk/shallow.ts";
import type { AdvertisedRef } from "./advertised-refs.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { streamPack } from "./pack-stream.ts";

/** One request of a fetch: what the client has in common with us, and the pack it gets. */
export class FetchSession {
  readonly #repository: Repository;
  readonly #source: ObjectSource;
  readonly #graph: CommitGraph;
  readonly #pacer: Pacer;
  readonly #request: FetchRequest;
  readonly #refs: readonly AdvertisedRef[];
  readonly #common = new Set<Oid>();
  #boundary: ShallowBoundary | undefined;
  /** How many common commits the answer of `isReady` is for. */
  #readyFor = -1;
  #isReady = false;

  /** @throws invalid_request when a wanted object does not exist. */
  constructor(
    repository: Repository,
    request: FetchRequest,
    refs: readonly AdvertisedRef[],
    clock: Clock,
    signal?: AbortSignal,
  ) {
    this.#repository = repository;
    repository.objects.packs.refresh();
    this.#source = openDiskSource(repository.objects);
    this.#graph = new CommitGraph(this.#source);
    this.#pacer = newPacer(clock, signal);
    this.#request = request;
    this.#refs = refs;
    for (const want of request.wants) if (!this.#exists(want)) throw notOurs(want);
  }

  get common(): ReadonlySet<Oid> {
    return this.#common;
  }

  /** Takes a `have`. True when we have it too. */
  addHave(oid: Oid): boolean {
    if (!this.#source.isHere(oid)) return false;
    this.#common.add(oid);
    return true;
  }

  async addHaves(oids: readonly Oid[]): Promise<void> {
    for (const oid of oids) {
      this.addHave(oid);
      await this.#pacer.pause();
    }
  }

  /** Whether what is common is enough to make a small pack: every wanted commit comes from something common. */
  async isReady(): Promise<boolean> {
    if (this.#readyFor !== this.#common.size) {
      const wants = this.#request.wants.filter((oid) => this.#graph.find(oid) !== null);
      this.#readyFor = this.#common.size;
      this.#isReady = await allReach(this.#graph, wants, this.#common, this.#pacer);
    }
    return this.#isReady;
  }

  async boundary(): Promise<ShallowBoundary> {
    const { wants, clientShallow, deepen } = this.#request;
    this.#boundary ??= await findBoundary(this.#graph, wants, clientShallow, deepen, this.#pacer);
    return this.#boundary;
  }

  /** The `shallow` and `unshallow` lines that tell the client of its new boundary. */
  async shallowLines(): Promise<string[]> {
    const { cut, unshallow } = await this.boundary();
    const fresh = [...cut].filter((oid) => !this.#request.clientShallow.has(oid));
    return [...fresh.map((oid) => `shallow ${oid}`), ...unshallow.map((oid) => `unshallow ${oid}`)];
  }

  async select(): Promise<Selection> {
    const { wants, filter, includeTag } = this.#request;
    const { cut, behind } = await this.boundary();
    const selection = new Selection(this.#source);
    const walk = new ObjectWalk(this.#source, selection, this.#graph, filter, this.#pacer);
    const commits = new Set(behind);
    for (const want of wants) {
      const commit = await walk.addWanted(want);
      if (commit !== null) commits.add(commit);
    }
    await walk.addCommits(await this.#chooseCommits(commits, cut, selection), cut);
    if (includeTag) this.#addTags(selection);
    return selection;
  }

  /** Commits to walk. A clone of whole history is answered by a pack's bit maps, where there are some. */
  async #chooseCommits(include: ReadonlySet<Oid>, cut: ReadonlySet<Oid>, selection: Selection): Promise<Oid[]> {
    const { filter, clientShallow } = this.#request;
    if (this.#common.size === 0 && cut.size === 0 && canUseBitmaps(filter)) {
      const packs = this.#repository.objects.packs.packs;
      const left = await selectByBitmaps(this.#source, packs, this.#graph, include, filter, selection, this.#pacer);
      if (left !== null) return left;
    }
    const range = { include, exclude: this.#common, cut, excludeCut: clientShallow };
    return chooseCommits(this.#graph, range, this.#pacer);
  }

  pack(selection: Selection): AsyncGenerator<Buffer> {
    return streamPack(this.#source, selection, this.#request.ofsDelta, this.#pacer);
  }

  /** Annotated tags of what is sent go along. */
  #addTags(selection: Selection): void {
    for (const ref of this.#refs) {
      if (ref.peeled !== null && ref.name.startsWith("refs/tags/") && selection.has(ref.peeled))
        selection.addOid(ref.oid);
    }
  }

  #exists(oid: Oid): boolean {
    return this.#source.findPacked(Buffer.from(oid, "hex"), 0) !== null || this.#source.hasLoose(oid);
  }
}

function notOurs(oid: Oid): SwitchyardError {
  return new SwitchyardError("invalid_request", `upload-pack: not our ref ${oid}`, {
    next: "Fetch again: the reference may have moved",
  });
}
