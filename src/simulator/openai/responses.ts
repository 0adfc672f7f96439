import { simulatorLimits } from "../../core/limits.ts";
import type { Usage } from "../../core/usage.ts";
import { contextError, usageOf } from "../chat/respond.ts";
import { answerTo } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import { modelNotFound, openAiError, refuse, shapeError } from "./errors.ts";
import { openAiModel } from "./models.ts";
import { type ResponseStream, responseEvents } from "./responses-events.ts";
import { endedResponse, type OutputItem, openedResponse, outputItems } from "./responses-output.ts";
import { promptOfResponse } from "./responses-prompt.ts";
import { type InputItem, type ResponsesRequest, responsesRequest } from "./responses-request.ts";
import { responsesRuleError } from "./responses-rules.ts";

interface StoredResponse {
  readonly stream: ResponseStream;
  readonly history: readonly InputItem[];
  readonly usage: Usage;
  /** Polls of a background response until it has ended; each poll takes one. */
  pollsLeft: number;
  cancelled: boolean;
}

/** Polls after which a background response has ended. */
const backgroundPolls = 2;

/** `POST /responses`, and what belongs to stored responses: retrieve, resume a stream, cancel, delete. */
export function responsesRoutes(context: WireContext): Route[] {
  const cache = prefixCache();
  const stored = new Map<string, StoredResponse>();
  const find = (id: string): StoredResponse => {
    const found = stored.get(id);
    return found ?? refuse({ message: `Response with id '${id}' not found.`, param: "id" }, 404);
  };
  const isStoredItem = (id: string) =>
    [...stored.values()].some(({ stream }) => stream.items.some((item) => item.id === id));

  function create(request: ProviderRequest): Reply {
    const body = request.json();
    if (body === undefined)
      throw new Refusal(openAiError(400, { message: "We could not parse the JSON body of your request." }));
    const parsed = parseBody(responsesRequest, body);
    if (!parsed.ok) refuse(shapeError(parsed.issue));
    const asked = parsed.value;
    const model = openAiModel(asked.model);
    if (model === null) throw new Refusal(modelNotFound(asked.model));
    const items = [...historyOf(asked), ...inputOf(asked)];
    if (items.length === 0)
      refuse({ message: "Missing required parameter: 'input'.", param: "input", code: "missing_required_parameter" });
    const ruleError = responsesRuleError(asked, items, model, isStoredItem);
    if (ruleError) refuse(ruleError);

    const prompt = promptOfResponse(asked, items, model);
    const answer = answerTo(prompt);
    const usage = usageOf(prompt, answer, model, cache, asked.prompt_cache_key ?? "");
    if ((usage.inputTokens ?? 0) > model.context)
      refuse({ ...contextError(model.context, usage.inputTokens ?? 0), param: "input" });
    const output = outputItems(answer, asked, context.ids);
    const opened = openedResponse(context.ids.next("resp_"), Math.floor(context.clock.now() / 1_000), asked);
    const stream: ResponseStream = {
      opened,
      ended: endedResponse(opened, answer, output, usage),
      items: output,
      reasoningTokens: answer.reasoningTokens,
      outputTokens: answer.outputTokens,
      usagePlacement: request.usagePlacement,
      after: -1,
    };
    if (asked.store ?? true) {
      const history = [...items, ...output.map(asInput)];
      stored.set(opened.id, { stream, history, usage, pollsLeft: backgroundPolls, cancelled: false });
      for (const oldest of stored.keys()) {
        if (stored.size <= simulatorLimits.storedResponsesMax) break;
        stored.delete(oldest);
      }
    }
    if (asked.stream) return streamReply(responseEvents(stream), usage);
    if (asked.background) return jsonReply(200, { ...opened, status: "queued" });
    return jsonReply(200, stream.ended, { billed: usage });
  }

  function historyOf(asked: ResponsesRequest): readonly InputItem[] {
    if (asked.previous_response_id == null) return [];
    const previous = stored.get(asked.previous_response_id);
    return (
      previous?.history ??
      refuse({
        message: `Previous response with id '${asked.previous_response_id}' not found.`,
        param: "previous_response_id",
        code: "previous_response_not_found",
      })
    );
  }

  function retrieve(request: ProviderRequest, id: string): Reply {
    const found = find(id);
    if (request.query.get("stream") === "true") {
      const after = Number(request.query.get("starting_after") ?? -1);
      return { ...streamReply(responseEvents({ ...found.stream, after }), {}), billed: {} };
    }
    if (found.cancelled) return jsonReply(200, { ...found.stream.opened, status: "cancelled" });
    const isBackground = found.stream.opened.background === true;
    if (isBackground && found.pollsLeft > 0) {
      found.pollsLeft -= 1;
      if (found.pollsLeft > 0) return jsonReply(200, found.stream.opened);
      // A background response is charged once, when it ends.
      return jsonReply(200, found.stream.ended, { billed: found.usage });
    }
    return jsonReply(200, found.stream.ended);
  }

  function cancel(id: string): Reply {
    const found = find(id);
    if (found.stream.opened.background !== true) {
      refuse({ message: "Only background responses can be cancelled.", param: "id" });
    }
    found.cancelled ||= found.pollsLeft > 0;
    return jsonReply(200, found.cancelled ? { ...found.stream.opened, status: "cancelled" } : found.stream.ended);
  }

  return [
    { method: "POST", path: "/responses", handle: create },
    { method: "POST", path: /^\/responses\/([^/]+)\/cancel$/, handle: (_request, [id = ""]) => cancel(id) },
    { method: "GET", path: /^\/responses\/([^/]+)$/, handle: (request, [id = ""]) => retrieve(request, id) },
    {
      method: "DELETE",
      path: /^\/responses\/([^/]+)$/,
      handle(_request, [id = ""]) {
        find(id);
        stored.delete(id);
        return jsonReply(200, { id, object: "response", deleted: true });
      },
    },
  ];
}

function inputOf(asked: ResponsesRequest): readonly InputItem[] {
  if (asked.input === undefined) return [];
  return typeof asked.input === "string" ? [{ role: "user", content: asked.input }] : asked.input;
}

/** What a model made, as it stands in the input of the next request. */
function asInput(item: OutputItem): InputItem {
  if (item.type === "message") {
    return { type: "message", id: item.id, role: "assistant", content: item.content.map((part) => ({ ...part })) };
  }
  if (item.type === "reasoning") return { ...item, summary: [...item.summary] };
  return item;
}
