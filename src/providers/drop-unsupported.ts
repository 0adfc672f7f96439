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
    // A field goes at most once, so every round makes the request smaller.
    left = without(left, first.field);
    warnings.push(`${first.field} was left out: ${first.reason}`);
  }
}

function without<Request extends Droppable>(request: Request, field: string): Request {
  const [outer = "", inner] = field.split(".");
  if (outer === "params" && inner !== undefined) {
    const { [inner]: _, ...params } = request.params as Record<string, unknown>;
    return { ...request, params };
  }
  const { [outer]: _, ...rest } = request as Record<string, unknown>;
  return rest as unknown as Request;
}
