import type { AccessKey } from "../config/settings.ts";
import { isoTime, systemClock, systemRng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { newSecret, revoked, rotated } from "../credits/keys.ts";
import { type Context, openContext } from "./context.ts";

/** A year: a secret that is good for longer has not been replaced. */
const graceHoursMax = 8_760;

export interface KeyOptions {
  readonly workspace: string;
  readonly models?: string;
  readonly profiles?: string;
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
  const { secret: key, hash } = newSecret(systemRng);
  const record: AccessKey = {
    id: newId("key", systemRng),
    name,
    hash,
    workspace: options.workspace,
    created_at: isoTime(systemClock.now()),
    ...(options.profiles === undefined ? {} : { profiles: listed(options.profiles) }),
    ...(options.models === undefined ? {} : { models: listed(options.models) }),
    memory: options.memory,
    artifacts: options.artifacts,
    sandbox: options.sandbox,
  };
  await context.settingsFile.update((settings) => {
    settings.keys.push(record);
  });
  return { key, record };
}

export async function listKeys(): Promise<void> {
  const { keys } = await openContext().settings();
  if (keys.length === 0) console.log("There are no keys. Make one with: switchyard keys create <name>");
  for (const key of keys) {
    const models = key.models === undefined ? "all models" : key.models.join(", ");
    console.log(
      `${key.id}  ${key.name}  workspace ${key.workspace}  ${models}  memory ${key.memory}  artifacts ${key.artifacts}  ${key.sandbox ? "sandbox" : "no sandbox"}  since ${key.created_at}${key.revoked_at === undefined ? "" : `  REVOKED ${key.revoked_at}`}`,
    );
  }
}

/** `switchyard keys rotate`: prints the new secret, once. */
export async function rotateKey(id: string, options: { grace: string }): Promise<void> {
  const hours = Number(options.grace);
  if (!Number.isFinite(hours) || hours < 0 || hours > graceHoursMax) {
    throw new SwitchyardError("invalid_request", `--grace ${options.grace} is not a number of hours`, {
      next: `Give 0 to ${graceHoursMax}; 0 makes the old secret useless at once`,
    });
  }
  let secret = "";
  await changeKey(id, (key) => {
    const next = rotated(key, hours * 3_600_000, { clock: systemClock, rng: systemRng });
    secret = next.secret;
    return next.record;
  });
  console.log(`${secret}\n\nThis is the new secret of ${id}. It is not kept and will not be shown again.`);
}

/** `switchyard keys revoke`. The record stays, so that history and reports can name the key. */
export async function revokeKey(id: string): Promise<void> {
  await changeKey(id, (key) => revoked(key, systemClock));
  const context = openContext();
  const ended = (await context.gateway()).artifacts.tokens.forgetKey(id);
  await context.close();
  const tokens = ended === 0 ? "" : `, with ${ended} git ${ended === 1 ? "token" : "tokens"} made with it`;
  console.log(`${id} is revoked${tokens}.`);
}

async function changeKey(id: string, change: (key: AccessKey) => AccessKey): Promise<void> {
  await openContext().settingsFile.update((settings) => {
    const at = settings.keys.findIndex((key) => key.id === id);
    const key = settings.keys[at];
    if (!key) {
      throw new SwitchyardError("not_found", `there is no key ${id}`, {
        next: "`switchyard keys list` shows the ids",
        details: { id },
      });
    }
    settings.keys[at] = change(key);
  });
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}
