import type { Credentials, WireAnswer, WireRequest } from "./wire.ts";

/** What a provider says of a model in its own list. */
export interface ListedModel {
  /** As it goes on the wire. */
  readonly id: string;
  readonly context?: number | undefined;
  readonly maxOutput?: number | undefined;
}

/** How to ask a provider for its models. */
export interface ModelListing {
  request(credentials: Credentials): WireRequest;
  /** Undefined when the answer is no list of models. */
  decode(answer: WireAnswer): readonly ListedModel[] | undefined;
}
