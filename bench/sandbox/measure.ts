/** Milliseconds that `work` takes. */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The median of `count` times in milliseconds. */
export async function median(count: number, work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < count; round++) times.push(await time(work));
  times.sort((a, b) => a - b);
  return times[Math.floor(count / 2)] ?? 0;
}

export function show(what: string, value: string, note = ""): void {
  console.log(`  ${what.padEnd(46)} ${value.padStart(14)}  ${note}`);
}

export const ms = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(3)} ms`;
export const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(2)} MB`;
