// A process of its own that serves git clients: `node server-process.ts <directory>`. Prints its URL.
import { openArtifacts } from "../../../src/artifacts/artifacts.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { serveGitOverHttp } from "./git-server.ts";

const [directory = ""] = process.argv.slice(2);
const artifacts = openArtifacts({ directory, clock: systemClock, rng: systemRng });
const { url } = await serveGitOverHttp(artifacts, localCaller);
process.stdout.write(`${url}\n`);
