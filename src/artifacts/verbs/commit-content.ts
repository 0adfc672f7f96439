import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import type { ArtifactContext } from "../context.ts";
import { isDotGitmodules } from "../objects/forbidden-name.ts";
import { gitmodulesProblem } from "../objects/gitmodules.ts";
import { type IdentifiedObject, identify } from "../objects/object.ts";
import { newPacer } from "../pacer.ts";
import { badPath, parsePath } from "../path.ts";
import { addEdit, type EditNode, newEditNode } from "../tree-edit.ts";

/** What a file becomes: text, either bytes in base64 or the bytes behind a blob handle, or nothing. */
export type FileContent = string | { readonly base64?: string | undefined; readonly blob?: string | undefined } | null;

export interface CommitContent {
  readonly edits: EditNode;
  readonly blobs: readonly IdentifiedObject[];
}

/**
 * Checks every path and reads every content of a commit.
 * @throws invalid_request, too_large, not_found (a blob handle)
 */
export async function readCommitContent(
  files: Readonly<Record<string, FileContent>>,
  context: ArtifactContext,
  workspace: string,
): Promise<CommitContent> {
  const paths = Object.keys(files);
  if (paths.length > artifactLimits.filesPerCommitMax) {
    throw tooLarge(`${paths.length} files are too many for one commit`, artifactLimits.filesPerCommitMax, "files");
  }
  const edits = newEditNode();
  const blobs = new Map<string, IdentifiedObject>();
  let total = 0;
  const pacer = newPacer(context.clock);
  for (const path of paths) {
    await pacer.pause();
    const content = files[path];
    if (content === undefined) continue;
    const components = parsePath(path);
    if (content === null) {
      addEdit(edits, path, components, null);
      continue;
    }
    const bytes = await readContent(path, content, context, workspace);
    if (bytes.length > artifactLimits.fileBytesMax) {
      throw tooLarge(`${path} has ${bytes.length} bytes`, artifactLimits.fileBytesMax, "bytes in a file");
    }
    total += bytes.length;
    if (total > artifactLimits.commitBytesMax) {
      throw tooLarge("the files together are too large", artifactLimits.commitBytesMax, "bytes in a commit");
    }
    const modules = components.some(isDotGitmodules) ? gitmodulesProblem(bytes) : null;
    if (modules !== null) throw badPath(path, `is refused by git: ${modules}`);
    const blob = identify("blob", bytes);
    blobs.set(blob.oid, blob);
    addEdit(edits, path, components, { oid: blob.oid });
  }
  return { edits, blobs: [...blobs.values()] };
}

async function readContent(
  path: string,
  content: NonNullable<FileContent>,
  context: ArtifactContext,
  workspace: string,
): Promise<Buffer> {
  if (typeof content === "string") {
    if (content.isWellFormed()) return Buffer.from(content, "utf8");
    throw badContent(path, "has half of a surrogate pair in its text", 'Send bytes that are not text as {"base64": …}');
  }
  const { base64, blob } = content;
  if ((base64 === undefined) === (blob === undefined)) {
    throw badContent(path, "has neither base64 nor blob, or both", "Give one of them");
  }
  if (base64 !== undefined) {
    const bytes = Buffer.from(base64, "base64");
    // Buffer skips what is not base64; what was meant is then not what is stored.
    const canonical = base64.replace(/\s+/g, "").replace(/=+$/, "");
    if (bytes.toString("base64").replace(/=+$/, "") === canonical) return bytes;
    throw badContent(path, "is not valid base64", "Encode the bytes in standard base64");
  }
  if (context.readBlob === undefined) {
    throw badContent(path, "is given as a blob handle, and there are none here", "Send the bytes as base64");
  }
  return Buffer.from(await context.readBlob(blob ?? "", workspace));
}

function badContent(path: string, what: string, next: string): SwitchyardError {
  const error = badPath(path, what);
  return new SwitchyardError("invalid_request", error.message, { next, details: error.details });
}

function tooLarge(what: string, max: number, unit: string): SwitchyardError {
  return new SwitchyardError("too_large", `${what}; at most ${max} ${unit} are accepted`, {
    next: "Split it into several commits, or push it with git",
    details: { max },
  });
}
