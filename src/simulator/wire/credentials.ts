import { parseMultipart } from "../media/multipart.ts";
import type { ProviderRequest } from "../provider.ts";

/** The key of an `Authorization: Bearer` header, or null. */
export function bearerKey(request: ProviderRequest): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null;
}

/** The `model` of a JSON body, or null. */
export function modelIn(body: unknown): string | null {
  const model = typeof body === "object" && body !== null ? (body as { model?: unknown }).model : undefined;
  return typeof model === "string" ? model : null;
}

/** A header that is there once, or null. */
export function headerOf(request: ProviderRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" ? value : null;
}

/** The model a request names in its JSON or its form, or null. */
export function modelOfRequest(request: ProviderRequest): string | null {
  if (!request.headers["content-type"]?.startsWith("multipart/")) return modelIn(request.json());
  const parts = parseMultipart(request.headers["content-type"], request.body);
  return parts?.find(({ name }) => name === "model")?.data.toString("utf8") ?? null;
}
