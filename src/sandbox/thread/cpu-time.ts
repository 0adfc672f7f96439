/** CPU time of this thread in milliseconds; wall time where Node cannot tell. */
export function threadCpuMs(): number {
  const read = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage;
  if (!read) return performance.now();
  const { user, system } = read.call(process);
  return (user + system) / 1_000;
}
