/** After this many probes a program is compiled, as far as that can be waited for. */
export const WARM_PROBES = 6_000;

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** @param share 0 to 100 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((share / 100) * sorted.length))] ?? Number.NaN;
}

export interface Run {
  /** Calls answered per second. */
  readonly rate: number;
  /** CPU time of this process per call, in microseconds. */
  readonly microseconds: number;
}

/** Counts the results of `calls` for a while, after a few seconds of warm-up. */
export async function measureRate(calls: () => number, seconds: number): Promise<Run> {
  await wait(3_000);
  const [before, cpuBefore, startedAt] = [calls(), process.cpuUsage(), performance.now()];
  await wait(seconds * 1_000);
  const [after, cpu, took] = [calls(), process.cpuUsage(cpuBefore), (performance.now() - startedAt) / 1_000];
  return { rate: (after - before) / took, microseconds: (cpu.user + cpu.system) / (after - before) };
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
