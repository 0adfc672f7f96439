interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** What each host's config file should contain to start the given command. */
export function hostConfigs({ command, args }: Command): { host: string; file: string; text: string }[] {
  const standard = JSON.stringify({ mcpServers: { switchyard: { command, args } } }, null, 2);
  const quoted = [command, ...args].map((part) => (/^[\w./:@-]+$/.test(part) ? part : JSON.stringify(part))).join(" ");
  return [
    { host: "Claude Code", file: "run in a terminal", text: `claude mcp add switchyard -- ${quoted}` },
    { host: "Claude Desktop", file: claudeDesktopFile(), text: standard },
    { host: "Cursor", file: "~/.cursor/mcp.json or .cursor/mcp.json in a project", text: standard },
    {
      host: "VS Code",
      file: ".vscode/mcp.json",
      text: JSON.stringify({ servers: { switchyard: { type: "stdio", command, args } } }, null, 2),
    },
    {
      host: "Codex",
      file: "~/.codex/config.toml",
      text: `[mcp_servers.switchyard]\ncommand = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}`,
    },
  ];
}

function claudeDesktopFile(): string {
  if (process.platform === "darwin") return "~/Library/Application Support/Claude/claude_desktop_config.json";
  if (process.platform === "win32") return "%APPDATA%\\Claude\\claude_desktop_config.json";
  return "~/.config/Claude/claude_desktop_config.json";
}
