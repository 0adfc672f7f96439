import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { shippedRows } from "../src/catalog/shipped.ts";

/** Writes the list of models by task that types `AI.run` of the library. */
const page = fileURLToPath(new URL("../src/catalog/model-tasks.data.ts", import.meta.url));

const rows = (await shippedRows()).filter(({ task }) => task !== "realtime");
const lines = rows.map(({ id, task }) => `  ${JSON.stringify(id)}: ${JSON.stringify(task)};`);
await writeFile(
  page,
  `/** What each model that ships with Switchyard does, for types alone. Written by \`node scripts/model-tasks.ts\`. */\nexport interface ModelTasks {\n${[...new Set(lines)].join("\n")}\n}\n`,
);
