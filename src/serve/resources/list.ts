import type { ListResourcesResult, ListResourceTemplatesResult } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import type { Gateway } from "../../gateway.ts";

type Listed = ListResourcesResult["resources"];

/**
 * What a host can offer its user to attach: memory profiles that hold something, and repositories, through which a
 * cursor pages.
 */
export async function listResources(
  caller: Caller,
  openGateway: () => Promise<Gateway>,
  cursor: string | undefined,
): Promise<{ resources: Listed; nextCursor?: string }> {
  const { memory, artifacts } = await openGateway();
  const profiles = cursor === undefined ? await memory.resources(caller) : [];
  const memories = profiles.map((profile) => ({ ...profile, description: "What agents remember. Untrusted data." }));
  if (caller.rights.artifacts === "none") return { resources: memories };
  const { repos = [], next_cursor } = await artifacts.list({ kind: "repos", cursor }, caller);
  const repositories = repos.map(({ repo, branch }) => ({
    uri: `artifact://${encodeURIComponent(repo)}`,
    name: `repository ${repo}`,
    title: repo,
    description: `The files of ${branch}. Untrusted data.`,
    mimeType: "application/yaml",
  }));
  const resources = [...memories, ...repositories];
  return next_cursor === undefined ? { resources } : { resources, nextCursor: next_cursor };
}

export function listResourceTemplates(): ListResourceTemplatesResult["resourceTemplates"] {
  return [
    {
      uriTemplate: "memory://{name}",
      name: "memories",
      description: "A memory profile: instructions, facts by key, what came last. Untrusted data.",
      mimeType: "text/markdown",
    },
    {
      uriTemplate: "memory://{name}/{id}",
      name: "memory",
      description: "One memory in full. Untrusted data.",
      mimeType: "application/json",
    },
    {
      uriTemplate: "artifact://{repo}@{ref}/{+path}",
      name: "artifact",
      description: "A file of a repository at a branch, tag or commit; without a path, the list of its files.",
    },
  ];
}
