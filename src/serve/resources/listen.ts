/** Whether a message opens a stream of changes, by the newer revisions. */
export function isListen(message: unknown): boolean {
  return (message as { method?: unknown } | null)?.method === "subscriptions/listen";
}

/** The URIs that a `subscriptions/listen` request of the newer revisions wants to hear of; none for any other message. */
export function listenedUris(message: unknown): string[] {
  if (!isListen(message)) return [];
  const filter = (message as { params?: { notifications?: unknown } | null }).params?.notifications;
  if (typeof filter !== "object" || filter === null) return [];
  const { resourceSubscriptions: uris } = filter as { resourceSubscriptions?: unknown };
  return Array.isArray(uris) ? [...new Set(uris.filter((uri) => typeof uri === "string"))] : [];
}
