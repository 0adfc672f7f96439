import type { ModelCard } from "../core/model-card.ts";
import { refuseUnsupported, type UnsupportedField } from "./unsupported.ts";

/** A request of any task: what can be dropped is in `params`, or is a field of its own. */
interface Droppable {
  readonly params: object;
}

/**
 * Leaves out of a request what a model cannot honour, for callers who asked for that. What is left may allow or forbid
 * other fields, so it is checked again until nothing is refused.
 * @returns the request and a sentence for each field that was left out.
 * @throws unsupported for a field without which the request would mean something else.
 */
export function dropUnsupported<Request extends Droppable>(
  request: Request,
  model: ModelCard,
  check: (request: Request, model: ModelCard) => readonly UnsupportedField[],
): { readonly request: Request; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  let left = request;
  for (;;) {
    const found = check(left, model);
    const [first] = found;
    if (!first) return { request: left, warnings };
    refuseUnsupported(
      found.filter((field) => !field.droppable),
      model,
    );
    const smaller = without(left, first.field);
    // Every round makes the request smaller; what is not there to be left out is refused.
    if (!smaller) refuseUnsupported([{ ...first, droppable: false }], model);
    left = smaller ?? left;
    warnings.push(`${first.field} was left out: ${first.reason}`);
  }
}

function without<Request extends Droppable>(request: Request, field: string): Request | undefined {
  const [outer = "", inner] = field.split(".");
  if (outer === "params" && inner !== undefined) {
    if (!Object.hasOwn(request.params, inner)) return undefined;
    const { [inner]: _, ...params } = request.params as Record<string, unknown>;
    return { ...request, params };
  }
  if (!Object.hasOwn(request, outer)) return undefined;
  const { [outer]: _, ...rest } = request as Record<string, unknown>;
  return rest as unknown as Request;
}
