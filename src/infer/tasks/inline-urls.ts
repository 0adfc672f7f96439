import type { ModelCard } from "../../core/model-card.ts";
import type { TextAdapter } from "../../providers/adapter.ts";
import type { MediaPart, Message, MessagePart } from "../../providers/shapes/message.ts";
import type { TextRequest } from "../../providers/shapes/text.ts";
import type { AnyTaskAdapter, AnyTaskRequest } from "./any-task.ts";
import { fetchMedia, type MediaData, type MediaSources } from "./media-input.ts";

/** Fetches each URL once for a call, whichever of its models need it. */
export class UrlInliner {
  readonly #sources: MediaSources;
  readonly #signal: AbortSignal | undefined;
  readonly #fetched = new Map<string, Promise<MediaData>>();

  constructor(sources: MediaSources, signal?: AbortSignal) {
    this.#sources = sources;
    this.#signal = signal;
  }

  /** The request with the bytes of what its provider does not fetch. @throws forbidden, too_large, unavailable. */
  async text(request: TextRequest, adapter: TextAdapter, card: ModelCard): Promise<TextRequest> {
    const needs = (part: MessagePart): part is MediaPart =>
      part.type !== "text" &&
      part.type !== "reasoning" &&
      isWebUrl(part.url) &&
      card.input.includes(part.type) &&
      adapter.fetchesUrl?.(part, card) === false;
    if (!request.messages.some(({ content }) => typeof content !== "string" && content.some(needs))) return request;
    const messages = await Promise.all(
      request.messages.map(async (message, at): Promise<Message> => {
        if (typeof message.content === "string") return message;
        const content = await Promise.all(
          message.content.map(async (part, inner): Promise<MessagePart> => {
            if (!needs(part)) return part;
            return { type: part.type, ...(await this.#fetch(part, `messages[${at}].content[${inner}]`)) };
          }),
        );
        return { ...message, content };
      }),
    );
    return { ...request, messages };
  }

  /** The same for other tasks, going by what the adapter refuses for want of bytes. */
  async task(request: AnyTaskRequest, adapter: AnyTaskAdapter, card: ModelCard): Promise<AnyTaskRequest> {
    const wanted = adapter.check(request, card).flatMap(({ field, needsBytes }) => (needsBytes ? [field] : []));
    if (wanted.length === 0) return request;
    const params: Record<string, unknown> = { ...request.params };
    for (const field of wanted) {
      const [, name = "", index] = /^params\.(\w+)(?:\[(\d+)\])?$/.exec(field) ?? [];
      const given = index === undefined ? params[name] : (params[name] as readonly unknown[])[Number(index)];
      if (!isUrlInput(given)) continue;
      const data = await this.#fetch(given, field);
      params[name] =
        index === undefined
          ? data
          : (params[name] as readonly unknown[]).map((one, at) => (at === Number(index) ? data : one));
    }
    return { ...request, params };
  }

  #fetch({ url = "", media_type }: UrlInput, field: string): Promise<MediaData> {
    const key = `${media_type ?? ""} ${url}`;
    const known = this.#fetched.get(key) ?? fetchMedia(url, media_type, field, this.#sources, this.#signal);
    this.#fetched.set(key, known);
    return known;
  }
}

interface UrlInput {
  readonly url?: string | undefined;
  readonly media_type?: string | undefined;
}

function isUrlInput(value: unknown): value is UrlInput {
  return typeof value === "object" && value !== null && isWebUrl((value as UrlInput).url);
}

function isWebUrl(url: string | undefined): boolean {
  return url !== undefined && /^https?:/i.test(url);
}
