import type { FormPart } from "./multipart.ts";
import type { JsonObject } from "./narrow.ts";

/** Members of a body as fields of a form: lists are repeated as `name[]`, objects are JSON. */
export function formFields(body: JsonObject): FormPart[] {
  return Object.entries(body).flatMap<FormPart>(([name, value]) => {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((item) => ({ name: `${name}[]`, value: fieldText(item) }));
    return [{ name, value: fieldText(value) }];
  });
}

function fieldText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
