import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { deadline, sleep } from './clock.ts';
import { StallDetector } from './stall-detector.ts';

describe('sleeping', () => {
  it('ends with the time, or with the signal', async () => {
    const clock = new SimulatedClock();
    const controller = new AbortController();
    const ended: string[] = [];
    void sleep(clock, 1000, controller.signal).then(() => ended.push('time'));
    void sleep(clock, 60_000, controller.signal).then(() => ended.push('signal'));
    await clock.run(1000);
    expect(ended).toEqual(['time']);
    controller.abort();
    await clock.run(0);
    expect(ended).toEqual(['time', 'signal']);
  });
});

describe('a deadline', () => {
  it('aborts when the time is up, and is expired only then, not when its parent aborts', async () => {
    const clock = new SimulatedClock();
    const parent = new AbortController();
    const short = deadline(clock, parent.signal, 1000);
    const long = deadline(clock, parent.signal, 60_000);
    await clock.run(1000);
    expect([short.signal.aborted, short.expired()]).toEqual([true, true]);
    parent.abort();
    expect([long.signal.aborted, long.expired()]).toEqual([true, false]);
  });

  it('does nothing after it was disposed of', async () => {
    const clock = new SimulatedClock();
    const parent = new AbortController();
    const disposed = deadline(clock, parent.signal, 1000);
    disposed.dispose();
    await clock.run(5000);
    parent.abort();
    expect(disposed.signal.aborted).toBe(false);
  });
});

function startDetector(onBeat?: (late: number) => void) {
  const clock = new SimulatedClock();
  const stalls = new StallDetector(clock, onBeat);
  stalls.start();
  return { clock, stalls };
}

describe('the stall detector', () => {
  it('sees a process that stood still even before its own timer runs', async () => {
    const { clock, stalls } = startDetector();
    await clock.run(10_000);
    const before = clock.now();
    expect(stalls.stalledSince(before)).toBe(false);
    const seen: boolean[] = [];
    clock.after(100, () => seen.push(stalls.stalledSince(before)));
    await clock.stall(5_000);
    expect(seen).toEqual([true]);
    await clock.run(1_000);
    expect(stalls.stalledSince(clock.now() - 500)).toBe(false);
  });

  it.each([
    [900, 1_000, true],
    [900, 10_000, false],
    [500, 1_000, false],
    [1_500, 10_000, true],
  ])('a standstill of %i ms matters for a deadline of %i ms: %s', async (standstill, deadline, matters) => {
    const { clock, stalls } = startDetector();
    await clock.run(10_000);
    const before = clock.now();
    await clock.stall(standstill);
    await clock.run(1_000);
    expect(stalls.stalledSince(before, deadline)).toBe(matters);
    expect(stalls.stalledSince(clock.now() - 500, deadline)).toBe(false);
  });

  it('reports with each beat how late the event loop was', async () => {
    const late: number[] = [];
    const { clock } = startDetector((by) => late.push(by));
    await clock.run(400);
    await clock.stall(350);
    await clock.run(200);
    expect(late).toEqual([0, 0, 150, 0]);
  });

  it('sees a machine that was suspended, by the wall clock running ahead', async () => {
    const { clock, stalls } = startDetector();
    await clock.run(10_000);
    clock.step = 60_000;
    expect(stalls.stalledSince(clock.now())).toBe(true);
    await clock.run(10_000);
    expect(stalls.stalledSince(clock.now() - 5_000)).toBe(false);
  });
});
