import { Session } from 'node:inspector/promises';
import { wait } from './measure.ts';

/** Microseconds from one look at the stack to the next. */
const SAMPLE_EVERY = 500;

/**
 * The share of the time that this thread spends below functions of files whose address matches, from 0 to 1, by a profile
 * of the next `seconds`.
 */
export async function shareOfFrames(matches: RegExp, seconds: number): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY });
  await session.post('Profiler.start');
  await wait(seconds * 1_000);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const below = new Set<number>();
  const collect = (id: number): void => {
    below.add(id);
    for (const child of nodes.get(id)?.children ?? []) collect(child);
  };
  for (const { id, callFrame } of profile.nodes) if (matches.test(callFrame.url)) collect(id);
  const { samples = [], timeDeltas = [] } = profile;
  // A delta is the time before its sample.
  const spent = samples.reduce((sum, id, index) => sum + (below.has(id) ? (timeDeltas[index + 1] ?? 0) : 0), 0);
  return spent / (profile.endTime - profile.startTime);
}
