import { expect, test } from "vitest";
import type { ArtifactEvent } from "../../src/artifacts/events.ts";
import { formatResourceUri, isResourceTouched, parseResourceUri } from "../../src/artifacts/resource.ts";
import { artifactLimits } from "../../src/core/limits.ts";
import { me, workbench } from "./support/workbench.ts";

test("a file's URI reads it at the revision it names", async () => {
  const { artifacts } = workbench();
  const files = {
    "a b/ü.txt": "old",
    bin: { base64: "AAE=" },
    large: "x".repeat(artifactLimits.checkoutTextBytesMax + 1),
  };
  const one = await artifacts.commit({ repo: "r", branch: "topic/x", files, message: "one" }, me);
  await artifacts.commit({ repo: "r", branch: "topic/x", files: { "a b/ü.txt": "new" }, message: "two" }, me);
  const uri = formatResourceUri({ repo: "r", ref: "topic/x", path: "a b/ü.txt" });
  expect(uri).toBe("artifact://r@topic%2Fx/a%20b/%C3%BC.txt");
  expect(await artifacts.readResource(uri, me)).toMatchObject({ text: "new" });
  expect(await artifacts.readResource(`artifact://r@${one.commit}/a%20b/%C3%BC.txt`, me)).toMatchObject({
    text: "old",
    commit: one.commit,
  });
  expect(await artifacts.readResource("artifact://r@topic%2Fx/bin", me)).toMatchObject({ base64: "AAE=" });
  const codes = {
    none: "not_found",
    "a%20b": "not_found",
    "..%2f..%2fx": "invalid_request",
    "%2e%2e/x": "invalid_request",
    "": "invalid_request",
    large: "too_large",
  };
  for (const [path, code] of Object.entries(codes)) {
    await expect(artifacts.readResource(`artifact://r@topic%2Fx/${path}`, me), path).rejects.toMatchObject({ code });
  }
  await expect(artifacts.readResource("file:///etc/passwd", me)).rejects.toMatchObject({ code: "invalid_request" });
  await expect(
    artifacts.readResource(uri, { ...me, rights: { ...me.rights, artifacts: "none" } }),
  ).rejects.toMatchObject({ code: "forbidden" });
});

test("an event touches the resources of the reference that moved", () => {
  const event: ArtifactEvent = {
    kind: "push",
    workspace: "default",
    repo: "r",
    ref: "refs/heads/main",
    from: null,
    to: null,
    by: null,
  };
  const touched = (uri: string, other: Partial<ArtifactEvent> = {}) => {
    const resource = parseResourceUri(uri);
    return resource !== null && isResourceTouched(resource, { ...event, ...other });
  };
  expect(
    ["artifact://r@main/x", "artifact://r@refs%2Fheads%2Fmain/x", "artifact://r@HEAD/x", "artifact://r@main"].map(
      (uri) => touched(uri),
    ),
  ).toEqual([true, true, true, true]);
  expect(
    ["artifact://s@main/x", "artifact://r@other/x", `artifact://r@${"1".repeat(40)}/x`].map((uri) => touched(uri)),
  ).toEqual([false, false, false]);
  expect(touched("artifact://r@other/x", { ref: null })).toBe(true);
  for (const uri of ["artifact://r/x", "artifact://R@main/x", "artifact://r@%E0%A4%A/x", "http://r@main/x"])
    expect(parseResourceUri(uri)).toBeNull();
});
