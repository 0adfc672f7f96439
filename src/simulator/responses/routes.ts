import { simulatorLimits } from "../../core/limits.ts";
import type { Usage } from "../../core/usage.ts";
import type { ChatError } from "../chat/dialect.ts";
import { contextError, usageOf } from "../chat/respond.ts";
import { answerTo } from "../model/answer.ts";
import { prefixCache } from "../model/prefix-cache.ts";
import { parseBody } from "../parse.ts";
import type { ProviderRequest, Route, WireContext } from "../provider.ts";
import { jsonReply, Refusal, type Reply, streamReply } from "../wire/reply.ts";
import type { ResponsesDialect, ResponsesModel } from "./dialect.ts";
import { type ResponseStream, responseEvents } from "./events.ts";
import { endedResponse, type OutputItem, openedResponse, outputItems } from "./output.ts";
import { promptOfResponse } from "./prompt.ts";
import type { InputItem, ResponsesRequest } from "./request.ts";
import { responsesRuleError } from "./rules.ts";

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
export function responsesRoutes<M extends ResponsesModel>(dialect: ResponsesDialect<M>, context: WireContext): Route[] {
  const cache = prefixCache();
  const stored = new Map<string, StoredResponse>();
  const refuse = (error: ChatError, request: ProviderRequest): never => {
    throw new Refusal(dialect.error(error, request));
  };
  const find = (id: string, request: ProviderRequest): StoredResponse =>
    stored.get(id) ?? refuse({ message: `Response with id '${id}' not found.`, param: "id", status: 404 }, request);
  const isStoredItem = (id: string) =>
    [...stored.values()].some(({ stream }) => stream.items.some((item) => item.id === id));

  function create(request: ProviderRequest): Reply {
    const body = request.json();
    if (body === undefined) refuse({ message: "We could not parse the JSON body of your request." }, request);
    const parsed = parseBody(dialect.schema, body);
    if (!parsed.ok) return refuse(dialect.shapeError(parsed.issue), request);
    const asked = parsed.value;
    const model = dialect.model(asked.model);
    if (model === null) throw new Refusal(dialect.modelNotFound(asked.model, request));
    const items = [...historyOf(asked, request), ...inputOf(asked)];
    if (items.length === 0)
      refuse(
        { message: "Missing required parameter: 'input'.", param: "input", code: "missing_required_parameter" },
        request,
      );
    const ruleError =
      dialect.ruleError(asked, model) ??
      responsesRuleError(asked, items, model, isStoredItem, dialect.strictSchemaIssue);
    if (ruleError) refuse(ruleError, request);

    const prompt = promptOfResponse(asked, items, model, dialect.provider);
    const answer = answerTo(prompt);
    const reportsCacheWrites = dialect.reportsCacheWrites?.(model) ?? false;
    const used = usageOf(prompt, answer, { id: model.id, reportsCacheWrites }, cache, asked.prompt_cache_key ?? "");
    const usage = dialect.charge?.(used, model) ?? used;
    if ((usage.inputTokens ?? 0) > model.context)
      refuse({ ...contextError(model.context, usage.inputTokens ?? 0), param: "input" }, request);
    const output = outputItems(answer, asked, context.ids);
    const opened = openedResponse(context.ids.next("resp_"), Math.floor(context.clock.now() / 1_000), asked);
    const stream: ResponseStream = {
      opened,
      ended: endedResponse(opened, answer, output, usage, dialect.usageExtras?.(usage) ?? {}),
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

  function historyOf(asked: ResponsesRequest, request: ProviderRequest): readonly InputItem[] {
    if (asked.previous_response_id == null) return [];
    const previous = stored.get(asked.previous_response_id);
    return (
      previous?.history ??
      refuse(
        {
          message: `Previous response with id '${asked.previous_response_id}' not found.`,
          param: "previous_response_id",
          code: "previous_response_not_found",
        },
        request,
      )
    );
  }

  function retrieve(request: ProviderRequest, id: string): Reply {
    const found = find(id, request);
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

  function cancel(request: ProviderRequest, id: string): Reply {
    const found = find(id, request);
    if (found.stream.opened.background !== true) {
      refuse({ message: "Only background responses can be cancelled.", param: "id" }, request);
    }
    found.cancelled ||= found.pollsLeft > 0;
    return jsonReply(200, found.cancelled ? { ...found.stream.opened, status: "cancelled" } : found.stream.ended);
  }

  return [
    { method: "POST", path: "/responses", handle: create },
    { method: "POST", path: /^\/responses\/([^/]+)\/cancel$/, handle: (request, [id = ""]) => cancel(request, id) },
    { method: "GET", path: /^\/responses\/([^/]+)$/, handle: (request, [id = ""]) => retrieve(request, id) },
    {
      method: "DELETE",
      path: /^\/responses\/([^/]+)$/,
      handle(request, [id = ""]) {
        find(id, request);
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
