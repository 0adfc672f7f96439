import { closestName } from "../arguments/did-you-mean.ts";
import type { Tool } from "../tool.ts";

export type ToolNames = "underscore" | "dotted";

/**
 * The name a tool is listed under. Several hosts reject a dot in a tool name, and one bad name hides all tools; so the
 * dotted name is the title, and the listed name has `_` unless dotted names are asked for.
 */
export function listedName(name: string, style: ToolNames): string {
  return style === "dotted" ? name : name.replaceAll(".", "_");
}

export interface ToolIndex {
  /** A tool by either spelling of its name. */
  find(name: string): Tool | undefined;
  /** The listed name that `name` was probably meant to be. */
  closest(name: string): string | undefined;
  readonly listed: readonly string[];
}

/** @throws Error when two tools would answer to one name: that is a mistake in the definitions. */
export function indexTools(tools: readonly Tool[], style: ToolNames): ToolIndex {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    for (const name of new Set([tool.name, listedName(tool.name, "underscore")])) {
      if (byName.has(name)) throw new Error(`two tools answer to the name ${name}`);
      byName.set(name, tool);
    }
  }
  const listed = tools.map((tool) => listedName(tool.name, style));
  return {
    find: (name) => byName.get(name),
    closest: (name) => closestName(name, listed),
    listed,
  };
}
