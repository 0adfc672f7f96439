import { SwitchyardError } from "../../core/errors.ts";
import type { ModelFacts } from "../../infer/models.ts";
import { anthropicModel, anthropicModelList } from "../anthropic/model-list.ts";
import { type Endpoint, headerOf } from "../api/exchange.ts";
import { answerJson } from "../http-answer.ts";
import { openAiErrors } from "./error.ts";

/** The models that can be called now. Anthropic's libraries ask at the same path and want another shape. */
export const modelList: Endpoint = {
  method: "GET",
  pattern: /^\/v1\/models$/,
  errors: openAiErrors,
  async handle({ request, response, gateway, caller }) {
    const models = (await gateway.models.search({ usable: true, limit: modelsMax }, caller)).models;
    const mine = models.filter(({ id }) => isAllowed(id, caller.rights.models));
    const isAnthropic = headerOf(request, "anthropic-version") !== undefined;
    answerJson(response, 200, isAnthropic ? anthropicModelList(mine) : { object: "list", data: mine.map(openAiModel) });
  },
};

export const modelById: Endpoint = {
  method: "GET",
  pattern: /^\/v1\/models\/(?<id>.+)$/,
  errors: openAiErrors,
  async handle({ request, response, gateway, caller, path }) {
    const [model] = (await gateway.models.search({ id: decodeURIComponent(path.id ?? "") }, caller)).models;
    if (model === undefined) throw new SwitchyardError("not_found", "there is no such model", { next: "List them" });
    const isAnthropic = headerOf(request, "anthropic-version") !== undefined;
    answerJson(response, 200, isAnthropic ? anthropicModel(model) : openAiModel(model));
  },
};

const modelsMax = 10_000;

function openAiModel(model: ModelFacts): object {
  return { id: model.id, object: "model", created: 0, owned_by: model.id.split("/", 1)[0], switchyard: model };
}

function isAllowed(id: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true;
  return allowed.some((rule) => (rule.endsWith("*") ? id.startsWith(rule.slice(0, -1)) : id === rule));
}
