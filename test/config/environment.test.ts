import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment.ts";

describe.skipIf(process.platform === "win32")("the data directory", () => {
  it("is SWITCHYARD_HOME, made absolute", () => {
    expect(readEnvironment({ SWITCHYARD_HOME: "/tmp/sy" }).dataDirectory).toBe("/tmp/sy");
    expect(readEnvironment({ SWITCHYARD_HOME: "sy" }).dataDirectory).toBe(join(process.cwd(), "sy"));
  });

  it("follows XDG_DATA_HOME when that is absolute, and ignores it when it is not", () => {
    expect(readEnvironment({ XDG_DATA_HOME: "/data" }).dataDirectory).toBe("/data/switchyard");
    expect(readEnvironment({ XDG_DATA_HOME: "data" }).dataDirectory).toBe(
      join(homedir(), ".local", "share", "switchyard"),
    );
  });

  it("takes an empty variable for an absent one", () => {
    expect(readEnvironment({ SWITCHYARD_HOME: "", OPENAI_API_KEY: "" }).get("OPENAI_API_KEY")).toBeUndefined();
  });
});
