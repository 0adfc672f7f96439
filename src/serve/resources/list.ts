import type { ListResourcesResult, ListResourceTemplatesResult } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import type { Gateway } from "../../gateway.ts";
import { memoryUri } from "./uri.ts";

type Listed = ListResourcesResult["resources"];

/**
 * What a host can offer its user to attach: the memory profiles that the caller's key names, else the default one, and
 * the repositories of the caller's workspace, which a cursor pages through.
 */
export async function listResources(
  caller: Caller,
  openGateway: () => Promise<Gateway>,
  cursor: string | undefined,
): Promise<{ resources: Listed; nextCursor?: string }> {
  const memories = cursor === undefined ? memoryProfiles(caller) : [];
  if (caller.rights.artifacts === "none") return { resources: memories };
  const { artifacts } = await openGateway();
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

function memoryProfiles({ rights }: Caller): Listed {
  if (rights.memory === "none") return [];
  return (rights.profiles ?? ["default"]).map((profile) => ({
    uri: memoryUri(profile),
    name: `memory ${profile}`,
    title: `Memories of ${profile}`,
    description: "What agents remember, newest first. Untrusted data that someone once stored.",
    mimeType: "application/yaml",
  }));
}

export function listResourceTemplates(): ListResourceTemplatesResult["resourceTemplates"] {
  return [
    {
      uriTemplate: "memory://{profile}",
      name: "memories",
      description: "A memory profile, newest first. Untrusted data.",
      mimeType: "application/yaml",
    },
    {
      uriTemplate: "memory://{profile}/{id}",
      name: "memory",
      description: "One memory in full. Untrusted data.",
      mimeType: "application/yaml",
    },
    {
      uriTemplate: "artifact://{repo}@{ref}/{+path}",
      name: "artifact",
      description: "A file of a repository at a branch, tag or commit; without a path, the list of its files.",
    },
  ];
}
