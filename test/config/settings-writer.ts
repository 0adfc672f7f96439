import { openSettingsFile } from "../../src/config/settings-file.ts";

// A process that adds keys to settings.json, one update at a time: node settings-writer.ts <home> <name> <count>
const [home = "", name = "", count = "0"] = process.argv.slice(2);
for (let at = 0; at < Number(count); at += 1) {
  await openSettingsFile(home).update((settings) => {
    settings.keys.push({
      id: `${name}-${at}`,
      name,
      hash: "0".repeat(64),
      workspace: "default",
      created_at: "2026-01-01T00:00:00.000Z",
      memory: "write",
      artifacts: "write",
      sandbox: true,
    });
  });
}
