import type { TextParams, TextRequest } from "../providers/shapes/text.ts";
import { refuseUnsupported, type UnsupportedField } from "../providers/unsupported.ts";
import type { Candidate } from "./attempts/candidate.ts";

export type OnUnsupported = "error" | "drop";

/**
 * The request as a model can honour it. With `drop`, fields that change how and not what is answered are left out, and
 * every one is named in `warnings`.
 * @throws unsupported naming the fields that the model cannot honour.
 */
export function fitToModel(
  request: TextRequest,
  { adapter, card }: Candidate,
  onUnsupported: OnUnsupported,
): { readonly request: TextRequest; readonly warnings: readonly string[] } {
  const check = (one: TextRequest) => adapter.text?.check?.(one, card) ?? [];
  let fitted = request;
  const warnings: string[] = [];
  for (let fields = check(fitted); fields.length > 0; fields = check(fitted)) {
    const lighter = onUnsupported === "drop" ? without(fitted, fields) : fitted;
    if (lighter === fitted) refuseUnsupported(fields, card);
    warnings.push(...fields.map(({ field, reason }) => `${field} was left out for ${card.id}: ${reason}`));
    fitted = lighter;
  }
  return { request: fitted, warnings };
}

/** The same request when one of the fields cannot be left out. */
function without(request: TextRequest, fields: readonly UnsupportedField[]): TextRequest {
  if (!fields.every(({ field, droppable }) => droppable && isKnown(request, field))) return request;
  const params: Partial<TextParams> = { ...request.params };
  let { tool_choice } = request;
  for (const { field } of fields) {
    if (field === "tool_choice") tool_choice = undefined;
    else delete params[paramOf(field)];
  }
  return { ...request, params, tool_choice };
}

/** Whether a field is there and is one that can be taken out: each round leaves out at least one, so that rounds end. */
function isKnown(request: TextRequest, field: string): boolean {
  return field === "tool_choice" ? request.tool_choice !== undefined : request.params[paramOf(field)] !== undefined;
}

function paramOf(field: string): keyof TextParams {
  return field.replace(/^params\./, "") as keyof TextParams;
}
