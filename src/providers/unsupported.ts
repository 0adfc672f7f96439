import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";

/** A field of a request that a model cannot honour. */
export interface UnsupportedField {
  /** Where it is: `params.seed`, `messages[2].content[0]`. */
  readonly field: string;
  /** Why, as a clause that follows the field's name. */
  readonly reason: string;
  /** What the model takes in its place: values, or words. */
  readonly allowed?: readonly unknown[] | string | undefined;
  /** Whether the request still means the same without it, so that a caller may have it left out. */
  readonly droppable: boolean;
  /** It would do with the bytes in the URL's place: the pipeline fetches them. */
  readonly needsBytes?: true;
}

/**
 * The error for fields that a model cannot honour; it names the first and lists all.
 * @throws unsupported unless the list is empty.
 */
export function refuseUnsupported(fields: readonly UnsupportedField[], model: ModelCard): void {
  const [first] = fields;
  if (!first) return;
  const { field, reason, allowed } = first;
  throw new SwitchyardError("unsupported", `${model.id} cannot take ${field}: ${reason}`, {
    next: nextStep(
      first,
      fields.every((one) => one.droppable),
    ),
    details: {
      field,
      model: model.id,
      ...(allowed !== undefined && { allowed }),
      fields: fields.map(({ droppable: _, needsBytes: __, ...facts }) => facts),
    },
  });
}

function nextStep({ field, allowed, droppable }: UnsupportedField, allDroppable: boolean): string {
  const takes = typeof allowed === "string" ? allowed : allowed?.map((value) => JSON.stringify(value)).join(", ");
  const instead = takes ? `Give ${takes}` : droppable ? `Leave out ${field}` : `Choose a model that takes ${field}`;
  return allDroppable ? `${instead}, or set on_unsupported to "drop"` : instead;
}
