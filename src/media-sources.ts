import type { Artifacts } from "./artifacts/artifacts.ts";
import { SwitchyardError } from "./core/errors.ts";
import type { MediaFetch } from "./fetch-media.ts";
import type { MediaSources } from "./infer/tasks/media-input.ts";
import type { Blobs } from "./store/blobs.ts";

const reference = /^([^@:\s]+)(?:@([^:\s]+))?:(.+)$/;

/**
 * Where what callers pass to models leads: the blob store and the repositories, under the caller's rights, and the web
 * as far as it may be reached.
 */
export function mediaSources(blobs: Blobs, artifacts: Artifacts, web: MediaFetch): MediaSources {
  return {
    isLocal: web.isLocal,
    fetch: web.fetch,
    blob: (caller, handle) => blobs.get(caller.workspace, handle),
    async artifact(caller, text) {
      const [, repo, ref, path] = reference.exec(text) ?? [];
      if (repo === undefined || path === undefined) {
        throw new SwitchyardError(
          "invalid_request",
          `${JSON.stringify(text.slice(0, 200))} does not name a file of an artifact`,
          {
            next: 'Write it as "repo:path" or "repo@ref:path"',
          },
        );
      }
      const { files } = await artifacts.checkout({ repo, path, ...(ref === undefined ? {} : { ref }) }, caller);
      const file = files[path];
      if (file?.text !== undefined && !file.truncated) return Buffer.from(file.text, "utf8");
      if (file?.base64 !== undefined && !file.truncated) return Buffer.from(file.base64, "base64");
      throw new SwitchyardError(
        file ? "too_large" : "not_found",
        `${text} ${file ? "is too large to be handed to a model" : "is not a file"}`,
        {
          next: file ? "Use a smaller file, or a URL" : "artifact.checkout lists what there is",
        },
      );
    },
  };
}
