import { expect, test } from 'vitest';
import { PROBE_HISTORY, ProbeHistory, ProbeRows } from './probe-history.ts';

const START = Date.UTC(2026, 0, 1);

test('the last probes are remembered, oldest first, with cause, duration and time', () => {
  const history = new ProbeHistory(new ProbeRows().open());
  for (let index = 0; index < 100; index += 1) {
    history.push(START + index * 30_000, index % 2 === 0 ? 'connected' : 'timeout', index / 1_000);
  }
  const list = history.list();
  expect(list).toHaveLength(PROBE_HISTORY);
  expect(list[0]).toEqual({ at: START + 40 * 30_000, cause: 'connected', seconds: 0.04 });
  expect(list.at(-1)).toEqual({ at: START + 99 * 30_000, cause: 'timeout', seconds: 0.099 });
});

test('nothing is remembered of an instance that was never probed', () => {
  expect(new ProbeHistory(new ProbeRows().open()).list()).toEqual([]);
});

test('what is longer than can be kept counts as the longest, and does no harm to its neighbours', () => {
  const history = new ProbeHistory(new ProbeRows().open());
  history.push(START, 'connected', 1);
  history.push(START + 86_400_000, 'timeout', 1_000);
  history.push(START + 86_430_000, 'connected', 1);
  expect(history.list().map(({ seconds }) => seconds)).toEqual([1, 65.535, 1]);
  expect(
    history
      .list()
      .slice(1)
      .map(({ at }) => at),
  ).toEqual([START + 86_400_000, START + 86_430_000]);
});
