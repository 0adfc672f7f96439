/**
 * Opens many streams at once and reads each to its end, in a process of its own: a process may have only so many
 * files. Prints one line of JSON.
 *
 *     node bench/gateway/open-streams.ts URL MODEL COUNT
 */
import { Agent, request } from "undici";

const [url = "", model = "", count = "0"] = process.argv.slice(2);
const dispatcher = new Agent({ connections: Number(count), headersTimeout: 0, bodyTimeout: 0 });
const failures: string[] = [];
const body = JSON.stringify({ model, messages: [{ role: "user", content: "say 12 words" }], stream: true });

async function stream(): Promise<void> {
  const answer = await request(url, {
    method: "POST",
    dispatcher,
    headers: { "content-type": "application/json" },
    body,
  });
  let last = "";
  for await (const chunk of answer.body) last = String(chunk);
  if (answer.statusCode !== 200 || !last.includes("[DONE]"))
    throw new Error(`${answer.statusCode} ${last.slice(0, 200)}`);
}

await Promise.all(
  Array.from({ length: Number(count) }, () => stream().catch((error: unknown) => failures.push(String(error)))),
);
console.log(JSON.stringify({ failed: failures.length, ...(failures[0] ? { first: failures[0] } : {}) }));
await dispatcher.destroy();
