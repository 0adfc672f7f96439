import { extname } from "node:path/posix";
import type { ReadResourceResult } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { Gateway } from "../../gateway.ts";
import { toYaml } from "../yaml.ts";
import { parseResourceUri, type ResourceName } from "./uri.ts";

export type ResourceContents = ReadResourceResult["contents"][number];

/**
 * What is behind a resource's URI, under the caller's rights.
 * @throws not_found when there is nothing; what the room throws otherwise.
 */
export async function readResource(
  uri: string,
  gateway: Gateway,
  caller: Caller,
  signal?: AbortSignal,
): Promise<ResourceContents> {
  const name = parseResourceUri(uri);
  if (name === undefined) {
    throw new SwitchyardError("not_found", `there is no resource ${uri.slice(0, 200)}`, {
      next: "Resources are memory://name, memory://name/id and artifact://repo@ref/path",
    });
  }
  switch (name.kind) {
    case "memory":
      return { ...(await gateway.memory.readResource(uri, caller, { signal })) };
    case "artifact":
      return artifact(uri, name, gateway, caller, signal);
  }
}

async function artifact(
  uri: string,
  { repo, ref, path }: Extract<ResourceName, { kind: "artifact" }>,
  gateway: Gateway,
  caller: Caller,
  signal: AbortSignal | undefined,
): Promise<ResourceContents> {
  const found = await gateway.artifacts.checkout({ repo, ref, path }, caller, { signal });
  const file = path === undefined ? undefined : found.files[path];
  if (file === undefined) return yaml(uri, { ...found, files: undefined });
  if (file.base64 !== undefined) return { uri, mimeType: "application/octet-stream", blob: file.base64 };
  const cut = file.truncated === true ? { _meta: { "switchyard/truncated": true } } : {};
  return { uri, mimeType: textTypes[extname(path ?? "").toLowerCase()] ?? "text/plain", text: file.text ?? "", ...cut };
}

const textTypes: Readonly<Record<string, string>> = {
  ".md": "text/markdown",
  ".json": "application/json",
  ".html": "text/html",
  ".css": "text/css",
  ".csv": "text/csv",
  ".js": "text/javascript",
  ".xml": "application/xml",
  ".yaml": "application/yaml",
  ".yml": "application/yaml",
  ".svg": "image/svg+xml",
};

function yaml(uri: string, value: unknown): ResourceContents {
  return { uri, mimeType: "application/yaml", text: toYaml(value) };
}
