/**
 * Opens many streams at once through the library in one process, where each takes one file and not two, and reads each to
 * its end. Prints one line of JSON.
 *
 *     node bench/gateway/library-streams.ts DATA_DIRECTORY MODEL COUNT
 */
import { openSwitchyard } from "../../src/index.ts";

const [dataDirectory = "", model = "", count = "0"] = process.argv.slice(2);
const { AI, close } = await openSwitchyard({ dataDirectory });
await AI.run(model, "say 1 words");
const before = process.memoryUsage().rss;
let peak = before;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 200);
const failures: string[] = [];

async function stream(): Promise<void> {
  const answer = await AI.run(model, "say 12 words", { stream: true });
  let text = "";
  for await (const chunk of answer) if (chunk.type === "text") text += chunk.text;
  await answer.result();
  if (text.split(" ").length < 12) throw new Error(`an answer is short: ${text}`);
}

await Promise.all(
  Array.from({ length: Number(count) }, () => stream().catch((error: unknown) => failures.push(String(error)))),
);
clearInterval(watch);
await close();
const first = failures[0] ? { first: failures[0] } : {};
console.log(JSON.stringify({ failed: failures.length, bytes: peak - before, ...first }));
