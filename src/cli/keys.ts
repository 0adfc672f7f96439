import { createHash } from "node:crypto";
import type { AccessKey } from "../config/settings.ts";
import { isoTime, systemClock, systemRng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { type Context, openContext } from "./context.ts";

export interface KeyOptions {
  readonly workspace: string;
  readonly models?: string;
  readonly memory: "none" | "read" | "write";
  readonly artifacts: "none" | "read" | "write";
  readonly sandbox: boolean;
}

/** `switchyard keys create`: prints the key, once. */
export async function createKey(name: string, options: KeyOptions): Promise<void> {
  const { key, record } = await addKey(openContext(), name, options);
  console.log(`${key}\n\nThis is key ${record.id} (${record.name}). It is not kept and will not be shown again.`);
}

/** Makes a key and keeps its hash in the settings. */
export async function addKey(
  context: Context,
  name: string,
  options: KeyOptions,
): Promise<{ key: string; record: AccessKey }> {
  const key = `sy_${Buffer.from(systemRng.bytes(24)).toString("base64url")}`;
  const record: AccessKey = {
    id: newId("key", systemRng),
    name,
    hash: hashKey(key),
    workspace: options.workspace,
    created_at: isoTime(systemClock.now()),
    ...(options.models === undefined
      ? {}
      : {
          models: options.models
            .split(",")
            .map((id) => id.trim())
            .filter(Boolean),
        }),
    memory: options.memory,
    artifacts: options.artifacts,
    sandbox: options.sandbox,
  };
  await context.settingsFile.update((settings) => {
    settings.keys.push(record);
  });
  return { key, record };
}

/** SHA-256, hexadecimal. A key has 192 random bits, so a fast hash gives nothing away. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export async function listKeys(): Promise<void> {
  const { keys } = await openContext().settings();
  if (keys.length === 0) console.log("There are no keys. Make one with: switchyard keys create <name>");
  for (const key of keys) {
    const models = key.models === undefined ? "all models" : key.models.join(", ");
    console.log(
      `${key.id}  ${key.name}  workspace ${key.workspace}  ${models}  memory ${key.memory}  artifacts ${key.artifacts}  ${key.sandbox ? "sandbox" : "no sandbox"}  since ${key.created_at}`,
    );
  }
}

export async function revokeKey(id: string): Promise<void> {
  const { settingsFile } = openContext();
  await settingsFile.update((settings) => {
    const at = settings.keys.findIndex((key) => key.id === id);
    if (at < 0) {
      throw new SwitchyardError("not_found", `there is no key ${id}`, {
        next: "`switchyard keys list` shows the ids",
        details: { id },
      });
    }
    settings.keys.splice(at, 1);
  });
  console.log(`${id} is revoked.`);
}
