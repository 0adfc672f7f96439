import { tools } from "../../tools/index.ts";
import { type Environment, readEnvironment } from "../config/environment.ts";
import type { Settings } from "../config/settings.ts";
import { openSettingsFile, type SettingsFile } from "../config/settings-file.ts";
import type { Gateway } from "../gateway.ts";

/** What every command works with: the environment, the settings, and the gateway once it is needed. */
export interface Context {
  readonly environment: Environment;
  readonly settingsFile: SettingsFile;
  settings(): Promise<Settings>;
  /** Opens the gateway at the first call, and only then loads what it is made of. */
  gateway(): Promise<Gateway>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly environment?: Environment;
  /** The keeper runs calls itself; everyone else hands those to it that `keeper.runs` in the settings names. */
  readonly isKeeper?: boolean;
  /** Where this process serves HTTP, once it does. */
  readonly serverUrl?: (() => string | undefined) | undefined;
}

export function openContext(options: ContextOptions = {}): Context {
  const { environment = readEnvironment(), isKeeper = false, serverUrl } = options;
  const settingsFile = openSettingsFile(environment.dataDirectory);
  let opening: Promise<Gateway> | undefined;

  async function open(): Promise<Gateway> {
    const [{ openGateway }, { spawnKeeper }, settings] = await Promise.all([
      import("../open-gateway.ts"),
      import("./spawn-keeper.ts"),
      settingsFile.read(),
    ]);
    const { dataDirectory } = environment;
    const keeper = isKeeper ? {} : { spawnKeeper: () => spawnKeeper(dataDirectory) };
    return await openGateway({
      dataDirectory,
      settings,
      tools,
      environment: environment.get,
      log,
      serverUrl,
      ...keeper,
    });
  }

  /** What the rooms have to say besides their answers; stdout is the protocol's. */
  function log(line: string): void {
    process.stderr.write(`switchyard: ${line}\n`);
  }

  return {
    environment,
    settingsFile,
    settings: () => settingsFile.read(),
    gateway() {
      opening ??= open().catch((error: unknown) => {
        // A fault that its user can mend (a broken settings file) must not outlive the mending.
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
