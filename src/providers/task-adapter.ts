import type { Json } from "../core/json.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Usage } from "../core/usage.ts";
import type { ProviderFailure } from "./shapes/event.ts";
import type { Credentials, WireAnswer, WireRequest } from "./shapes/wire.ts";
import type { UnsupportedField } from "./unsupported.ts";

/** What one exchange, or a whole job, came to. */
export type Outcome<Result> = Succeeded<Result> | Failed;

export interface Failed {
  readonly failure: ProviderFailure;
  /** What was billed all the same. */
  readonly usage?: Usage | undefined;
}

export interface Succeeded<Result> {
  readonly result: Result;
  /** In the units the model is billed by. Empty when the provider gives none: the pipeline then estimates. */
  readonly usage: Usage;
  readonly requestId?: string | undefined;
  /** What the caller should know: what was changed, cut or kept back. */
  readonly warnings?: readonly string[] | undefined;
}

/** A task that one exchange answers. Pure converters, like everything in an adapter. */
export interface UnaryAdapter<Request, Result> {
  readonly kind: "unary";
  /** What the model cannot honour, empty when all is well. */
  check(request: Request, model: ModelCard): UnsupportedField[];
  /**
   * Parameters that the adapter fills in where the request has none, as far as the price depends on them: what is set
   * aside and charged is for what is made.
   */
  defaults?(request: Request, model: ModelCard): Readonly<Record<string, Json>>;
  /** Parts of a request that is too much for one exchange; they may be sent at the same time. Absent: one does. */
  split?(request: Request, model: ModelCard): readonly Request[];
  /** Files that the provider wants to have first. */
  uploads?(request: Request, model: ModelCard): readonly Upload<Request>[];
  /** @throws unsupported naming the field, as `check` does. */
  request(request: Request, model: ModelCard, credentials: Credentials): WireRequest;
  /** Reads a 2xx answer, which may still hold a failure. */
  decode(answer: WireAnswer, request: Request, model: ModelCard): Outcome<Result>;
}

/** A task that a provider works on while its caller asks how far it is. */
export interface JobAdapter<Request, Result> {
  readonly kind: "job";
  /** How often to ask, in milliseconds, as the provider advises. */
  readonly pollEveryMs: number;
  check(request: Request, model: ModelCard): UnsupportedField[];
  /**
   * Parameters that the adapter fills in where the request has none, as far as the price depends on them: what is set
   * aside and charged is for what is made.
   */
  defaults?(request: Request, model: ModelCard): Readonly<Record<string, Json>>;
  /** Files that the provider wants to have first. */
  uploads?(request: Request, model: ModelCard): readonly Upload<Request>[];
  /** @throws unsupported naming the field, as `check` does. */
  submit(request: Request, model: ModelCard, credentials: Credentials): WireRequest;
  submitted(answer: WireAnswer, request: Request, model: ModelCard): JobState<Result>;
  poll(job: Job, model: ModelCard, credentials: Credentials): WireRequest;
  polled(answer: WireAnswer, job: Job, model: ModelCard): JobState<Result>;
  /** Where a job that is `ready` keeps its result elsewhere: one more exchange. */
  fetch?(job: Job, model: ModelCard, credentials: Credentials): WireRequest;
  fetched?(answer: WireAnswer, job: Job, model: ModelCard): Outcome<Result>;
  /** Undefined where the provider cannot stop a job in this state. */
  cancel?(job: Job, model: ModelCard, credentials: Credentials): WireRequest | undefined;
}

/** A job at a provider. It is written down, so that whichever process is alive can ask for it: no secrets. */
export interface Job {
  readonly id: string;
  /** What else the adapter needs to know of it again. */
  readonly data?: Readonly<Record<string, Json>> | undefined;
}

export type JobState<Result> =
  /** `progress` from 0 to 1. */
  | { readonly state: "running"; readonly job: Job; readonly progress?: number | undefined }
  /** Done, its result still to be had through `fetch`. */
  | { readonly state: "ready"; readonly job: Job }
  | ({ readonly state: "succeeded" } & Succeeded<Result>)
  | ({ readonly state: "failed" } & Failed)
  | { readonly state: "cancelled" };

/** A file that has to be with the provider before the request can name it. */
export interface Upload<Request> {
  request(credentials: Credentials): WireRequest;
  /** The request with the provider's own reference in the file's place. */
  uploaded(answer: WireAnswer, request: Request): Request | { readonly failure: ProviderFailure };
}

export type TaskAdapter<Request, Result> = UnaryAdapter<Request, Result> | JobAdapter<Request, Result>;

/** How a model does a task: some providers answer at once for one model and by a job for another. */
export type TaskFor<Request, Result> = (model: ModelCard) => TaskAdapter<Request, Result> | undefined;
