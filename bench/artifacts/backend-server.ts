// Serves the same repositories with `git http-backend`, as a CGI: `node backend-server.ts <directory>`. Prints its URL;
// answers each line on its input with the CPU time that git's processes have used: that of this process is left out.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gitEnvironment } from "./run-git.ts";

const [directory = ""] = process.argv.slice(2);
let running = 0;
const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const env = {
    ...gitEnvironment,
    GIT_PROJECT_ROOT: join(directory, "default"),
    GIT_HTTP_EXPORT_ALL: "1",
    GIT_CONFIG_COUNT: "4",
    GIT_CONFIG_KEY_0: "http.receivepack",
    GIT_CONFIG_VALUE_0: "true",
    GIT_CONFIG_KEY_1: "uploadpack.allowFilter",
    GIT_CONFIG_VALUE_1: "true",
    GIT_CONFIG_KEY_2: "transfer.fsckObjects",
    GIT_CONFIG_VALUE_2: "true",
    GIT_CONFIG_KEY_3: "receive.autogc",
    GIT_CONFIG_VALUE_3: "false",
    REQUEST_METHOD: request.method ?? "GET",
    PATH_INFO: url.pathname.replace("/default", ""),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: request.headers["content-type"] ?? "",
    HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    REMOTE_ADDR: "127.0.0.1",
  };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "inherit"] });
  running += 1;
  child.on("close", () => {
    running -= 1;
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  let head = Buffer.alloc(0);
  let isStarted = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (isStarted) {
      if (!response.write(chunk)) {
        child.stdout.pause();
        response.once("drain", () => child.stdout.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    isStarted = true;
    for (const line of head.toString("latin1", 0, end).split("\r\n")) {
      const [name = "", value = ""] = line.split(": ");
      if (name === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/default`);
});
process.stdin.on("data", async () => {
  // A process counts when it has ended.
  while (running > 0) await setTimeout(5);
  // The 16th and 17th fields: time of children that were waited for, in hundredths of a second.
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  console.log(JSON.stringify({ cpuMs: (Number(fields[13]) + Number(fields[14])) * 10, rssBytes: 0 }));
});
process.stdin.on("end", () => process.exit(0));
