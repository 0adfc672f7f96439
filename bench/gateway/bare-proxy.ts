/**
 * The floor of any gateway on Node: a server that reads each request, sends it on with the key, takes the answer's events
 * apart and writes them again. It keeps no books, retries nothing and forgets everything.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createParser } from "eventsource-parser";
import { Pool } from "undici";

const [baseUrl = "", key = ""] = process.argv.slice(2);
const { origin, pathname } = new URL(baseUrl);
const pool = new Pool(origin, { connections: 1_000, pipelining: 1 });

const server = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const upstream = await pool.request({
    method: "POST",
    path: `${pathname}/chat/completions`,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(JSON.parse(Buffer.concat(pieces).toString())),
  });
  response.writeHead(upstream.statusCode, { "content-type": "text/event-stream" });
  let out = "";
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: ({ data }) => {
      out += `data: ${data === "[DONE]" ? data : JSON.stringify(JSON.parse(data))}\n\n`;
    },
  });
  for await (const piece of upstream.body) {
    out = "";
    parser.feed(decoder.decode(piece as Uint8Array, { stream: true }));
    if (out !== "") response.write(out);
  }
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`Ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
