import type { Usage } from "../../../core/usage.ts";
import { type Jobs, jobs } from "../../media/jobs.ts";
import { type PrefixCache, prefixCache } from "../../model/prefix-cache.ts";
import { parseBody } from "../../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../../wire/reply.ts";
import { googleError, refuse, shapeError } from "../errors.ts";
import { jsonOf } from "../generate.ts";
import { transcriptionModels, videoModels } from "../models.data.ts";
import { geminiModel } from "../models.ts";
import { interactionEvents } from "./events.ts";
import { type Interaction, interactionBody, type Made } from "./interaction.ts";
import { makeTranscript, makeVideo } from "./media.ts";
import { type InteractionRequest, interactionRequest, type Step, stepsOf } from "./request.ts";
import { stepsIssue } from "./rules.ts";
import { makeText } from "./text.ts";

interface Stored {
  readonly interaction: Interaction;
  readonly history: readonly Step[];
}

/** `POST /interactions`, and what belongs to stored ones: poll, resume a stream, cancel, delete. */
export function interactionRoutes(context: WireContext): Route[] {
  const cache = prefixCache();
  const stored: Jobs<Stored> = jobs(context.paces, () => context.clock.now());
  const now = () => context.clock.now();

  function create(request: ProviderRequest): Reply {
    const parsed = parseBody(interactionRequest, jsonOf(request));
    if (!parsed.ok) throw new Refusal(shapeError(parsed.issue));
    const asked = parsed.value;
    const steps = [...historyOf(asked), ...stepsOf(asked.input)];
    const made = make(asked, steps, cache, context);
    const interaction: Interaction = {
      id: context.ids.next("v1_"),
      model: asked.model ?? "",
      createdAtMs: now(),
      made,
    };
    if (asked.background && asked.store === false) refuse("background requires store to be true");
    const billed: Usage = made.status === "failed" ? {} : made.usage;
    if (asked.store ?? true) {
      const history = [...steps, ...(made.steps as unknown as Step[])];
      const job = stored.submit(interaction.id, { interaction, history }, "succeeded");
      // What is answered at once has ended before anybody asks.
      if (!asked.background) job.state = "succeeded";
    }
    if (asked.stream) return streamReply(interactionEvents(interaction, now()), billed);
    const status = asked.background ? "in_progress" : made.status;
    return jsonReply(200, interactionBody(interaction, status, now()), { billed });
  }

  function historyOf({ previous_interaction_id: id }: InteractionRequest): readonly Step[] {
    if (id === undefined) return [];
    return stored.find(id)?.work.history ?? notFound(id);
  }

  function poll(request: ProviderRequest, id: string): Reply {
    const job = stored.poll(id);
    if (!job) return notFound(id);
    const { interaction } = job.work;
    if (request.query.get("stream") === "true") {
      const after = Number(request.query.get("last_event_id") ?? -1);
      return streamReply(interactionEvents(interaction, now(), after), {});
    }
    const status =
      job.state === "succeeded" ? interaction.made.status : job.state === "cancelled" ? "cancelled" : "in_progress";
    return jsonReply(200, interactionBody(interaction, status, now()));
  }

  return [
    { method: "POST", path: "/interactions", handle: create },
    {
      method: "POST",
      path: /^\/interactions\/([^/]+)\/cancel$/,
      handle(_request, [id = ""]) {
        const job = stored.find(id);
        if (!job) return notFound(id);
        const { usage } = job.work.interaction.made;
        const isCancelled = stored.cancel(id, ["queued", "running"]);
        const status = job.state === "cancelled" ? "cancelled" : job.work.interaction.made.status;
        return jsonReply(
          200,
          interactionBody(job.work.interaction, status, now()),
          isCancelled ? { billed: refund(usage) } : {},
        );
      },
    },
    { method: "GET", path: /^\/interactions\/([^/]+)$/, handle: (request, [id = ""]) => poll(request, id) },
    {
      method: "DELETE",
      path: /^\/interactions\/([^/]+)$/,
      handle(_request, [id = ""]) {
        if (!stored.find(id)) return notFound(id);
        stored.remove(id);
        return jsonReply(200, {});
      },
    },
  ];
}

/** Takes back what was charged when a job was submitted. */
function refund(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).map(([unit, amount]) => [unit, -(amount as number)])) as Usage;
}

function make(asked: InteractionRequest, steps: readonly Step[], cache: PrefixCache, context: WireContext): Made {
  const { model: id } = asked;
  if (id === undefined)
    return refuse(asked.agent ? `agent ${asked.agent} is not simulated` : "model or agent is required");
  const issue = stepsIssue(steps, geminiModel(id)?.signsCalls ?? false);
  if (issue) return refuse(issue);
  const model = geminiModel(id);
  if (model) return makeText(asked, steps, model, cache, context.ids);
  if (transcriptionModels.includes(id)) return makeTranscript(asked, steps, id);
  const video = videoModels.find(([name]) => name === id);
  if (video) return makeVideo(asked, steps, id, video[1], context);
  throw new Refusal(googleError(404, "NOT_FOUND", `model ${id} is not found or is not supported for interactions`));
}

function notFound(id: string): never {
  throw new Refusal(googleError(404, "NOT_FOUND", `interaction ${id} is not found`));
}
