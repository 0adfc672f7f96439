import { expect, test } from "vitest";
import { parseResourceUri } from "../../../src/serve/resources/uri.ts";

test.each([
  ["memory://default/mem_1", { kind: "memory" }],
  ["artifact://docs", { kind: "artifact", repo: "docs" }],
  ["artifact://docs@main", { kind: "artifact", repo: "docs", ref: "main" }],
  ["artifact://docs@main/", { kind: "artifact", repo: "docs", ref: "main" }],
  ["artifact://docs/a/b.md", { kind: "artifact", repo: "docs", path: "a/b.md" }],
  [
    "artifact://docs@feature%2Fx/a%20b/c%23.md",
    { kind: "artifact", repo: "docs", ref: "feature/x", path: "a b/c#.md" },
  ],
  ["artifact://docs@main/a@b.md", { kind: "artifact", repo: "docs", ref: "main", path: "a@b.md" }],
])("%s names %j", (uri, name) => {
  expect(parseResourceUri(uri)).toEqual(name);
});

test.each([
  "",
  "memory:",
  "artifact://@main",
  "artifact://docs@",
  "artifact://%zz",
  "file:///etc/passwd",
  "https://x/y",
])("%j names nothing", (uri) => {
  expect(parseResourceUri(uri)).toBeUndefined();
});
