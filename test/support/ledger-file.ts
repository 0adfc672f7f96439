import { open } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";

/** Reads the file past the ledger's own code. */
export function query<R>(path: string, sql: string, ...values: (string | number | bigint)[]): R[] {
  const database = new DatabaseSync(path);
  try {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values) as R[];
  } finally {
    database.close();
  }
}

/** Overwrites pages of a closed file with nonsense, from the first byte of one to the last of another. */
export async function damagePages(path: string, firstPage: number, lastPage: number): Promise<void> {
  const pageBytes = 4096;
  const file = await open(path, "r+");
  const bytes = (lastPage - firstPage + 1) * pageBytes;
  await file.write(Buffer.alloc(bytes, 0xa5), 0, bytes, (firstPage - 1) * pageBytes);
  await file.close();
}

/** Overwrites the root page of a table of a closed file. */
export async function damageTable(path: string, table: string): Promise<void> {
  const [root] = query<{ rootpage: bigint }>(path, "SELECT rootpage FROM sqlite_schema WHERE name = ?", table);
  await damagePages(path, Number(root?.rootpage), Number(root?.rootpage));
}
