/** What a data URL holds, or null when it is not one of base64. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | null {
  const comma = url.indexOf(",");
  const head = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.-]+)*;base64$/.exec(url.slice(0, comma));
  const data = url.slice(comma + 1);
  if (comma < 0 || !head?.[1] || !isBase64(data)) return null;
  return { mediaType: head[1], data };
}

/** Whether a text is base64 that holds at least one byte. */
export function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
