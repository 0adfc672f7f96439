/** How one upstream MCP server is reached, with every secret filled in. */
export interface UpstreamConfig {
  /** Its name in `mcp.<name>`. */
  readonly name: string;
  readonly reach: UpstreamReach;
  /** How long one call of a tool may take. The default of the limits, unless given. */
  readonly timeoutMs?: number | undefined;
  /** An environment variable that it needs and that is not set: it is not reached then. */
  readonly missing?: string | undefined;
  /** Values of the environment that it is given: taken out of what it answers, so that no program sees them. */
  readonly secrets?: readonly string[] | undefined;
}

export type UpstreamReach =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** Beside the few variables that every process needs (PATH, HOME and the like). */
      readonly env: Readonly<Record<string, string>>;
      readonly cwd?: string | undefined;
    }
  | { readonly kind: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> };
