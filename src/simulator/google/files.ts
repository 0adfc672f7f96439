import { filesPath } from "../media/files.ts";
import type { PathParameters, ProviderRequest, WireContext } from "../provider.ts";
import type { Reply } from "../wire/reply.ts";
import { googleError } from "./errors.ts";

const lifetimeMs = 48 * 3_600_000;

export interface GoogleFiles {
  /** Stores what `make` makes and answers its download link, which wants the API key. */
  put(make: () => Buffer, contentType: string): string;
  /** `GET /files/{id}:download?alt=media`. */
  download(request: ProviderRequest, parameters: PathParameters): Reply;
}

/** Files of the Gemini API: like links, but below the API and with its key. */
export function googleFiles(context: WireContext): GoogleFiles {
  return {
    put(make, contentType) {
      const link = new URL(context.files.putLazily(make, contentType, lifetimeMs, "mp4"));
      const id = link.pathname.slice(filesPath.length, -".mp4".length);
      return `${context.origin()}/google/v1beta/files/${id}:download?alt=media`;
    },
    download(request, [id = ""]) {
      const file = context.files.get(`${filesPath}${id}.mp4`);
      if (request.query.get("alt") !== "media" || file === null || file === "expired") {
        return googleError(404, "NOT_FOUND", `File ${id} not found or it has expired.`);
      }
      return { type: "bytes", status: 200, contentType: file.contentType, body: file.bytes };
    },
  };
}
