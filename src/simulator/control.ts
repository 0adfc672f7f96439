import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { simulatorLimits } from "../core/limits.ts";
import type { Book } from "./book.ts";
import { faultChanceSchema, faultRuleSchema } from "./faults/fault.ts";
import type { FaultPlan } from "./faults/plan.ts";
import type { LatencyPlan } from "./latency.ts";
import type { Files } from "./media/files.ts";
import type { JobPaces } from "./media/jobs.ts";
import { readBody } from "./wire/read-body.ts";

const faultsBody = z.strictObject({
  script: z.array(faultRuleSchema).optional(),
  chance: z.strictObject({ seed: z.number().int(), chances: z.array(faultChanceSchema) }).optional(),
  clear: z.boolean().optional(),
});

const latencyBody = z.strictObject({
  provider: z.string().optional(),
  headersMs: z.number().min(0).optional(),
  chunkMs: z.number().min(0).optional(),
});

const jobsBody = z.strictObject({
  queuedPolls: z.number().int().min(0).optional(),
  runningPolls: z.number().int().min(0).optional(),
});

export interface Controlled {
  readonly faults: FaultPlan;
  readonly latency: LatencyPlan;
  readonly book: Book;
  readonly files: Files;
  readonly jobs: JobPaces;
}

/** The path that steers a simulator from another process. */
export const controlPath = "/__sim/";

/**
 * `POST /__sim/faults` {clear?, script?, chance?}; `POST /__sim/latency` {provider?, headersMs?, chunkMs?};
 * `POST /__sim/jobs` {queuedPolls?, runningPolls?}; `POST /__sim/files/expire`; `GET /__sim/book` {entries, totals, providers}; `DELETE /__sim/book`; `GET /__sim/bodies`.
 */
export async function control(request: IncomingMessage, response: ServerResponse, sim: Controlled): Promise<void> {
  const route = `${request.method} ${request.url?.slice(controlPath.length - 1)}`;
  const answer = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)));
  };
  const body = await readBody(request, simulatorLimits.controlBodyBytesMax);
  if (body === null) return answer(413, { error: `at most ${simulatorLimits.controlBodyBytesMax} bytes` });
  try {
    switch (route) {
      case "POST /faults": {
        const asked = faultsBody.parse(JSON.parse(body.toString("utf8")));
        if (asked.clear) sim.faults.clear();
        if (asked.script) sim.faults.script(asked.script);
        if (asked.chance) sim.faults.chance(asked.chance.chances, asked.chance.seed);
        return answer(200, { pending: sim.faults.pending });
      }
      case "POST /latency": {
        const { provider, headersMs, chunkMs } = latencyBody.parse(JSON.parse(body.toString("utf8")));
        sim.latency.set(
          { ...(headersMs === undefined ? {} : { headersMs }), ...(chunkMs === undefined ? {} : { chunkMs }) },
          provider,
        );
        return answer(200, {});
      }
      case "POST /jobs": {
        const { queuedPolls, runningPolls } = jobsBody.parse(JSON.parse(body.toString("utf8")));
        sim.jobs.set({
          ...(queuedPolls === undefined ? {} : { queuedPolls }),
          ...(runningPolls === undefined ? {} : { runningPolls }),
        });
        return answer(200, {});
      }
      case "POST /files/expire":
        sim.files.expire();
        return answer(200, {});
      case "GET /book": {
        const names = [...new Set(sim.book.entries.map(({ provider }) => provider))];
        const providers = Object.fromEntries(names.map((name) => [name, sim.book.totals(name)]));
        return answer(200, { entries: sim.book.entries, totals: sim.book.totals(), providers });
      }
      case "DELETE /book":
        sim.book.clear();
        return answer(200, {});
      case "GET /bodies":
        return answer(200, { bodies: sim.book.bodies() });
      default:
        return answer(404, { error: `there is no ${route} here` });
    }
  } catch (error) {
    return answer(400, { error: error instanceof Error ? error.message : "the request was not understood" });
  }
}
