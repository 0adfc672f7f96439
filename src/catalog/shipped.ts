import type { CatalogRow } from "./row.ts";

/** The rows that ship with Switchyard. Loaded when a catalog is first needed: 408 rows cost a few milliseconds. */
export async function shippedRows(): Promise<readonly CatalogRow[]> {
  const module = await import("./models.data.json", { with: { type: "json" } });
  return module.default as unknown as readonly CatalogRow[];
}
