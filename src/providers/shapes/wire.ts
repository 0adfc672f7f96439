/** What goes to a provider and comes back, as adapters see it: no sockets, no time. */

export interface Credentials {
  readonly apiKey: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Extra headers of the provider's own, such as an organisation. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Lower-case names. */
export type WireHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface WireRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Headers that hold a UUID made anew for each sending. An adapter has no randomness: the wire fills them in. */
  readonly freshIdHeaders?: readonly string[] | undefined;
}

/** A whole answer with a 2xx status. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: WireHeaders;
  readonly body: Uint8Array;
}

export interface ServerSentEvent {
  readonly event?: string | undefined;
  readonly data: string;
}
