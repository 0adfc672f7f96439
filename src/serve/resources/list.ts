import type { ListResourcesResult, ListResourceTemplatesResult } from "@modelcontextprotocol/server";
import type { Caller } from "../../core/caller.ts";
import { memoryUri } from "./uri.ts";

/** What a host can offer its user to attach: the memory profiles that the caller's key names, else the default one. */
export function listResources({ rights }: Caller): ListResourcesResult["resources"] {
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
